//! GitHub's REST API, github.com and Enterprise Server alike.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use super::client::{Client, Fault, Manners};
use super::clock::Clock;
use super::environment::Target;
use super::host::{Author, Comment, Host, Remark};
use super::patch::ChangedLines;

/// One pull request on GitHub.
pub(super) struct GitHub<'c> {
    client: Client<'c>,
    repository: String,
    number: u64,
}

impl<'c> GitHub<'c> {
    pub(super) fn new(target: Target, clock: &'c dyn Clock, timeout: Duration) -> GitHub<'c> {
        let manners = Manners {
            name: "GitHub",
            headers: &[("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")],
            help,
        };
        let client = Client::new(&target.api, target.token, manners, clock, timeout);
        GitHub { client, repository: target.repository, number: target.number }
    }

    fn of_issue(&self) -> String {
        format!("/repos/{}/issues/{}/comments", self.repository, self.number)
    }

    fn of_pull(&self, what: &str) -> String {
        format!("/repos/{}/pulls/{}{what}", self.repository, self.number)
    }
}

fn help(status: u16) -> Option<&'static str> {
    Some(match status {
        401 => "the token is wrong or has expired; in a workflow: `env: { GITHUB_TOKEN: \"${{ github.token }}\" }`",
        403 => {
            "give the job `permissions: { contents: read, pull-requests: write }` (a fine-grained token: Pull requests, \
             read and write). In a pull request from a fork the workflow's token can only read, whatever the job asks \
             for: keep the reports as an artifact and run `plangate comment` in a workflow on `workflow_run`"
        }
        404 => {
            "there is no such repository or pull request, or the token may not see it (GitHub answers both alike): look \
             at --repo and --pr, and give the job `permissions: { contents: read, pull-requests: write }`"
        }
        422 => {
            "GitHub does not take it as it is: the pull request may have got a new commit meanwhile; run again on its \
             newest one"
        }
        _ => return None,
    })
}

#[derive(Deserialize)]
struct CommentWire {
    id: u64,
    body: Option<String>,
    #[serde(default)]
    html_url: String,
    user: Option<UserWire>,
}

#[derive(Deserialize)]
struct UserWire {
    id: u64,
    login: String,
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct FileWire {
    filename: String,
    previous_filename: Option<String>,
    patch: Option<String>,
}

#[derive(Deserialize)]
struct PullWire {
    head: HeadWire,
}

#[derive(Deserialize)]
struct HeadWire {
    sha: String,
}

impl From<CommentWire> for Comment {
    fn from(wire: CommentWire) -> Comment {
        // The account of a comment may be gone.
        let user = wire.user.unwrap_or(UserWire { id: 0, login: "ghost".to_owned(), kind: String::new() });
        let author = Author { id: user.id, name: user.login, bot: user.kind == "Bot" };
        Comment { id: wire.id, body: wire.body.unwrap_or_default(), url: wire.html_url, author }
    }
}

impl Host for GitHub<'_> {
    fn limit(&self) -> usize {
        65_536
    }

    fn called(&self) -> String {
        format!("{}#{}", self.repository, self.number)
    }

    fn comments(&self) -> Result<Vec<Comment>, Fault> {
        let wire: Vec<CommentWire> = self.client.list(&self.of_issue(), "list the comments")?;
        Ok(wire.into_iter().map(Comment::from).collect())
    }

    fn is_ours(&self, author: &Author) -> Result<bool, Fault> {
        let doing = "ask whose token this is";
        let answer = self.client.look("/user", doing)?;
        // The token of a workflow or an app is no user's, and its comments are a bot's.
        if matches!(answer.status, 403 | 404) {
            return Ok(author.bot);
        }
        let user: UserWire = self.client.parse(answer, doing)?;
        Ok(user.id == author.id)
    }

    fn create(&self, body: &str) -> Result<String, Fault> {
        let body = json!({ "body": body });
        let made: CommentWire = self.client.send(&Method::POST, &self.of_issue(), &body, "write the comment")?;
        Ok(made.html_url)
    }

    fn update(&self, id: u64, body: &str) -> Result<(), Fault> {
        let path = format!("/repos/{}/issues/comments/{id}", self.repository);
        let body = json!({ "body": body });
        self.client.send::<Value>(&Method::PATCH, &path, &body, "update the comment").map(drop)
    }

    fn changed_lines(&self) -> Result<ChangedLines, Fault> {
        let files: Vec<FileWire> = self.client.list(&self.of_pull("/files"), "list the changed files")?;
        let mut changed = ChangedLines::default();
        for file in &files {
            // Without a patch: binary, or too large to be shown and commented on.
            if let Some(patch) = &file.patch {
                changed.add(&file.filename, file.previous_filename.as_deref(), patch);
            }
        }
        Ok(changed)
    }

    fn remarks(&self) -> Result<Vec<String>, Fault> {
        let wire: Vec<CommentWire> = self.client.list(&self.of_pull("/comments"), "list the comments on lines")?;
        Ok(wire.into_iter().filter_map(|comment| comment.body).collect())
    }

    /// All in one review: whoever follows the pull request gets one mail, not one for each.
    fn remark(&self, remarks: &[(&Remark, String)], _: &ChangedLines) -> Result<(), Fault> {
        let pull: PullWire = self.client.get(&self.of_pull(""), "read the pull request")?;
        let one = |(remark, body): &(&Remark, String)| {
            let mut one = json!({ "path": remark.path, "line": remark.last, "side": "RIGHT", "body": body });
            if let Some(fields) = one.as_object_mut().filter(|_| remark.first < remark.last) {
                fields.insert("start_line".to_owned(), remark.first.into());
                fields.insert("start_side".to_owned(), "RIGHT".into());
            }
            one
        };
        let comments: Vec<Value> = remarks.iter().map(one).collect();
        let review = json!({ "commit_id": pull.head.sha, "event": "COMMENT", "comments": comments });
        let doing = "write the comments on lines";
        self.client.send::<Value>(&Method::POST, &self.of_pull("/reviews"), &review, doing).map(drop)
    }

    fn suggestion(&self, _: &Remark, lines: &str) -> String {
        format!("suggestion\n{lines}")
    }
}
