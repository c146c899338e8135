//! GitLab's REST API, version 4, gitlab.com and self-managed alike.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use super::client::{Client, Fault, Manners};
use super::clock::Clock;
use super::environment::Target;
use super::host::{Author, Comment, Host, Remark};
use super::patch::ChangedLines;

/// One merge request on GitLab.
pub(super) struct GitLab<'c> {
    client: Client<'c>,
    repository: String,
    number: u64,
}

impl<'c> GitLab<'c> {
    pub(super) fn new(target: Target, clock: &'c dyn Clock, timeout: Duration) -> GitLab<'c> {
        let manners = Manners { name: "GitLab", headers: &[("accept", "application/json")], help };
        let client = Client::new(&target.api, target.token, manners, clock, timeout);
        GitLab { client, repository: target.repository, number: target.number }
    }

    fn of_request(&self, what: &str) -> String {
        format!("/projects/{}/merge_requests/{}/{what}", self.repository.replace('/', "%2F"), self.number)
    }
}

fn help(status: u16) -> Option<&'static str> {
    Some(match status {
        401 => {
            "the token is wrong, expired or revoked: GITLAB_TOKEN has to be a project, group or personal access token with \
             the scope `api` (CI_JOB_TOKEN may not write comments)"
        }
        403 => {
            "the token needs the scope `api` and at least the role Reporter in the project the merge request goes to; \
             pipelines of a fork run without that project's variables, so run this job in the parent project's pipeline"
        }
        404 => {
            "there is no such project or merge request, or the token may not see it (GitLab answers both alike): look at \
             --repo and --pr, and at the token's scope (`api`) and project"
        }
        400 | 422 => {
            "GitLab does not take it as it is: the merge request may have got a new commit meanwhile; run again on its \
             newest one"
        }
        _ => return None,
    })
}

#[derive(Deserialize)]
struct NoteWire {
    id: u64,
    body: String,
    author: UserWire,
    /// Whether GitLab itself wrote it ("added 1 commit").
    #[serde(default)]
    system: bool,
    /// Notes of a diff have one.
    position: Option<Value>,
}

#[derive(Deserialize)]
struct UserWire {
    id: u64,
    #[serde(default)]
    username: String,
}

#[derive(Deserialize)]
struct DiffWire {
    old_path: String,
    new_path: String,
    #[serde(default)]
    diff: String,
}

#[derive(Deserialize)]
struct VersionWire {
    base_commit_sha: String,
    head_commit_sha: String,
    start_commit_sha: String,
}

impl Host for GitLab<'_> {
    fn limit(&self) -> usize {
        1_000_000
    }

    fn called(&self) -> String {
        format!("{}!{}", self.repository, self.number)
    }

    fn comments(&self) -> Result<Vec<Comment>, Fault> {
        let notes: Vec<NoteWire> = self.client.list(&self.of_request("notes"), "list the comments")?;
        let ours = notes.into_iter().filter(|note| !note.system && note.position.is_none());
        let mut comments: Vec<Comment> = ours
            .map(|note| Comment {
                id: note.id,
                body: note.body,
                url: format!("note {}", note.id),
                author: Author { id: note.author.id, name: note.author.username, bot: false },
            })
            .collect();
        // They come newest first.
        comments.sort_by_key(|comment| comment.id);
        Ok(comments)
    }

    fn is_ours(&self, author: &Author) -> Result<bool, Fault> {
        let user: UserWire = self.client.get("/user", "ask whose token this is")?;
        Ok(user.id == author.id)
    }

    fn create(&self, body: &str) -> Result<String, Fault> {
        let body = json!({ "body": body });
        let made: NoteWire = self.client.send(&Method::POST, &self.of_request("notes"), &body, "write the comment")?;
        Ok(format!("note {}", made.id))
    }

    fn update(&self, id: u64, body: &str) -> Result<(), Fault> {
        let path = self.of_request(&format!("notes/{id}"));
        let body = json!({ "body": body });
        self.client.send::<Value>(&Method::PUT, &path, &body, "update the comment").map(drop)
    }

    fn changed_lines(&self) -> Result<ChangedLines, Fault> {
        let diffs: Vec<DiffWire> = self.client.list(&self.of_request("diffs"), "list the changed files")?;
        let mut changed = ChangedLines::default();
        // A diff that is too large comes empty.
        diffs.iter().for_each(|diff| changed.add(&diff.new_path, Some(&diff.old_path), &diff.diff));
        Ok(changed)
    }

    fn remarks(&self) -> Result<Vec<String>, Fault> {
        let notes: Vec<NoteWire> = self.client.list(&self.of_request("notes"), "list the comments on lines")?;
        Ok(notes.into_iter().filter(|note| !note.system).map(|note| note.body).collect())
    }

    fn remark(&self, remarks: &[(&Remark, String)], changed: &ChangedLines) -> Result<(), Fault> {
        let versions: Vec<VersionWire> =
            self.client.get(&self.of_request("versions"), "read the versions of the merge request")?;
        // The newest comes first. Without any there is nothing changed and nothing to say about it.
        let Some(version) = versions.first() else { return Ok(()) };
        for (remark, body) in remarks {
            // GitLab wants both paths, of a new file the same one twice, and no line of before for one that is new.
            let position = json!({
                "position_type": "text",
                "base_sha": version.base_commit_sha,
                "head_sha": version.head_commit_sha,
                "start_sha": version.start_commit_sha,
                "old_path": changed.former(&remark.path),
                "new_path": remark.path,
                "new_line": remark.last,
            });
            let thread = json!({ "body": body, "position": position });
            let doing = "write a comment on a line";
            self.client.send::<Value>(&Method::POST, &self.of_request("discussions"), &thread, doing)?;
        }
        Ok(())
    }

    /// The comment hangs on the last line; lines above it are counted.
    fn suggestion(&self, remark: &Remark, lines: &str) -> String {
        format!("suggestion:-{}+0\n{lines}", remark.last.saturating_sub(remark.first))
    }
}
