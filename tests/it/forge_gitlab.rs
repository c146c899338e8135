//! Comments on GitLab: what is asked of its API, and what its answers lead to. What is the same on every forge is
//! tested with GitHub.

use plangate::forge::{Done, Kind, Remark, Reviewed, Tag};
use serde_json::{Value, json};

use crate::forge_server::{Reply, Server, Still, TOKEN};

const REQUEST: &str = "/projects/shop%2Fweb%2Finfra/merge_requests/7";

fn note(id: u64, author: u64, body: &str) -> Value {
    json!({ "id": id, "type": null, "body": body, "system": false, "resolvable": false, "noteable_iid": 7,
            "author": { "id": author, "username": "someone", "state": "active" } })
}

fn marked(text: &str) -> String {
    format!("<!-- plangate:comment default -->\n{text}")
}

#[test]
fn the_first_run_writes_a_note() {
    let notes = format!("{REQUEST}/notes");
    let made = Reply::json(201, note(302, 1, "…"));
    let server =
        Server::of(&[(&format!("GET {notes}"), Reply::json(200, json!([]))), (&format!("POST {notes}"), made)]);
    let done = server.forge(Kind::GitLab, &Still::new()).comment(&Tag::default(), "all well").unwrap();
    assert_eq!(done, Done::Created("note 302".into()));
    assert_eq!(server.lines(), [format!("GET {notes}?per_page=100&page=1"), format!("POST {notes}")]);
    let asked = server.last();
    assert_eq!(asked.body, json!({ "body": marked("all well") }));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
}

#[test]
fn a_later_run_updates_the_oldest_note_of_its_own() {
    let mut system = note(1, 5, &marked("added 1 commit"));
    system["system"] = json!(true);
    let mut on_line = note(2, 5, &marked("on a line"));
    on_line["position"] = json!({ "new_line": 3 });
    let notes =
        json!([note(9, 5, &marked("later")), note(4, 5, &marked("old")), note(3, 6, &marked("x")), on_line, system]);
    let server = Server::of(&[
        (&format!("GET {REQUEST}/notes"), Reply::json(200, notes)),
        ("GET /user", Reply::json(200, json!({ "id": 5, "username": "project_1_bot" }))),
        (&format!("PUT {REQUEST}/notes/4"), Reply::json(200, note(4, 5, "…"))),
    ]);
    let done = server.forge(Kind::GitLab, &Still::new()).comment(&Tag::default(), "new").unwrap();
    assert_eq!(done, Done::Updated("note 4".into()));
    assert_eq!(server.last().body, json!({ "body": marked("new") }));
}

#[test]
fn what_gitlab_refuses_is_said_with_what_to_do() {
    let cases = [
        (401, json!({ "message": "401 Unauthorized" }), "401 Unauthorized", "scope `api`"),
        (403, json!({ "error": "insufficient_scope" }), "insufficient_scope", "role Reporter"),
        (404, json!({ "message": "404 Project Not Found" }), "404 Project Not Found", "may not see it"),
        (400, json!({ "message": { "body": ["is too long"] } }), "body is too long", "run again"),
        (422, json!({ "error": "unprocessable" }), "unprocessable", "run again"),
    ];
    for (status, body, said, help) in cases {
        let server = Server::new(move |_, _| Reply::json(status, body.clone()));
        let problem = server.forge(Kind::GitLab, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
        assert_eq!(problem.message, format!("cannot list the comments: GitLab answered {status}: {said}"));
        assert!(problem.help.unwrap().contains(help), "{status}");
    }
}

#[test]
fn a_rate_limit_is_waited_for() {
    let limited = Reply::text(429, "Retry later\n").with("Retry-After", 9).with("RateLimit-Remaining", 0);
    let server = Server::new(move |asked, before| match (before, asked.method.as_str()) {
        (0, _) => limited.clone(),
        (_, "GET") => Reply::json(200, json!([])),
        _ => Reply::json(201, note(1, 1, "…")),
    });
    let clock = Still::new();
    assert!(server.forge(Kind::GitLab, &clock).comment(&Tag::default(), "x").is_ok());
    assert_eq!(clock.slept(), [9]);
}

#[test]
fn remarks_are_threads_on_the_newest_version() {
    let diffs = json!([
        { "old_path": "old.tf", "new_path": "main.tf", "renamed_file": true, "diff": "@@ -1 +1,3 @@\n a\n+b\n+c\n" },
        { "old_path": "huge.tf", "new_path": "huge.tf", "too_large": true, "diff": "" }
    ]);
    let version = |head: &str| json!({ "id": 1, "base_commit_sha": "base", "head_commit_sha": head, "start_commit_sha": "start" });
    let thread = Reply::json(201, json!({ "id": "6a9c", "individual_note": false, "notes": [] }));
    let server = Server::of(&[
        (&format!("GET {REQUEST}/diffs"), Reply::json(200, diffs)),
        (&format!("GET {REQUEST}/notes"), Reply::json(200, json!([note(1, 5, "x <!-- plangate:finding 0a -->")]))),
        (&format!("GET {REQUEST}/versions"), Reply::json(200, json!([version("new"), version("old")]))),
        (&format!("POST {REQUEST}/discussions"), thread),
    ]);
    let clock = Still::new();
    let forge = server.forge(Kind::GitLab, &clock);
    let changed = forge.changed_lines().unwrap();
    let remark = |key: &str, first: u32, suggestion: Option<&str>| Remark {
        key: key.into(),
        path: "main.tf".into(),
        first,
        last: 3,
        text: "wrong".into(),
        suggestion: suggestion.map(str::to_owned),
    };
    let remarks = [remark("0a", 3, None), remark("0b", 2, Some("B\nC")), remark("0c", 3, None)];
    let reviewed = forge.review(&remarks, &changed).unwrap();
    assert_eq!(reviewed, Reviewed { written: 2, there: 1, left_out: 0 });
    let threads: Vec<Value> =
        server.asked().into_iter().filter(|asked| asked.method == "POST").map(|asked| asked.body).collect();
    assert_eq!(threads[0]["body"], "wrong\n\n```suggestion:-1+0\nB\nC\n```\n\n<!-- plangate:finding 0b -->");
    assert_eq!(
        threads[0]["position"],
        json!({ "position_type": "text", "base_sha": "base", "head_sha": "new", "start_sha": "start",
                "old_path": "old.tf", "new_path": "main.tf", "new_line": 3 })
    );
    assert_eq!(threads.len(), 2);
}

#[test]
fn threads_that_were_written_before_it_broke_off_are_not_written_again() {
    let server = Server::new(|asked, before| {
        let path = asked.path.split('?').next().unwrap();
        match (asked.method.as_str(), path.rsplit('/').next().unwrap()) {
            ("GET", "notes") if before > 3 => Reply::json(200, json!([note(1, 5, "x <!-- plangate:finding 0a -->")])),
            ("GET", "notes") => Reply::json(200, json!([])),
            ("GET", "versions") => {
                let version = json!({ "base_commit_sha": "b", "head_commit_sha": "h", "start_commit_sha": "s" });
                Reply::json(200, json!([version]))
            }
            ("POST", _) if before == 3 => Reply::text(502, ""),
            _ => Reply::json(201, json!({ "id": "x" })),
        }
    });
    let remark = |key: &str| Remark {
        key: key.into(),
        path: "a.tf".into(),
        first: 1,
        last: 1,
        text: key.into(),
        suggestion: None,
    };
    let clock = Still::new();
    let reviewed = server.forge(Kind::GitLab, &clock).review(&[remark("0a"), remark("0b")], &Default::default());
    assert_eq!(reviewed, Ok(Reviewed { written: 2, there: 0, left_out: 0 }));
    let posts =
        server.asked().into_iter().filter(|asked| asked.method == "POST").map(|asked| asked.body["body"].clone());
    let keys: Vec<String> = posts.map(|body| body.as_str().unwrap()[..2].to_owned()).collect();
    assert_eq!(keys, ["0a", "0b", "0b"]);
}
