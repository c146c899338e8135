//! `plangate comment` as a CI job runs it: reports in, requests out, words on the terminal.

use serde_json::{Value, json};

use crate::forge_server::{Reply, Server, TOKEN};
use crate::program::{Folder, Ran, run_in, run_with, testdata};

const BODY: &str = "## 2 paths\n\nall well\n";

fn environment(server: &Server) -> [(&str, &str); 7] {
    [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_TOKEN", TOKEN),
        ("GITHUB_REPOSITORY", "shop/infra"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_EVENT_PATH", ""),
        ("GITHUB_API_URL", server.address.as_str()),
        ("NO_PROXY", "127.0.0.1"),
    ]
}

fn comment(server: &Server, arguments: &[&str], input: &str) -> Ran {
    let ran = run_with(&[&["comment"], arguments].concat(), input, &environment(server));
    assert!(!ran.all().contains(TOKEN));
    ran
}

fn github(files: Value) -> Server {
    let made = json!({ "id": 9, "html_url": "https://github.com/shop/infra/pull/7#issuecomment-9", "body": "…" });
    Server::of(&[
        ("GET /repos/shop/infra/issues/7/comments", Reply::json(200, json!([]))),
        ("POST /repos/shop/infra/issues/7/comments", Reply::json(201, made)),
        ("GET /repos/shop/infra/pulls/7/files", Reply::json(200, files)),
        ("GET /repos/shop/infra/pulls/7/comments", Reply::json(200, json!([]))),
        ("GET /repos/shop/infra/pulls/7", Reply::json(200, json!({ "head": { "sha": "abc" } }))),
        ("POST /repos/shop/infra/pulls/7/reviews", Reply::json(200, json!({ "id": 1 }))),
    ])
}

#[test]
fn the_body_comes_from_a_file_or_from_standard_input() {
    let folder = Folder::new();
    let file = folder.file("body.md", BODY);
    for (body, input) in [(file.as_str(), ""), ("-", BODY)] {
        let server = github(json!([]));
        let ran = comment(&server, &["--body", body, "--tag", "prod"], input);
        let told = "shop/infra#7: wrote the comment (https://github.com/shop/infra/pull/7#issuecomment-9)\n";
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, told, ""));
        let sent = server.last().body["body"].clone();
        assert_eq!(sent, "<!-- plangate:comment prod -->\n## 2 paths\n\nall well");
    }
}

#[test]
fn a_dry_run_shows_what_would_be_written() {
    let server = github(json!([]));
    let ran = comment(&server, &["--body", "-", "--dry-run"], BODY);
    assert_eq!((ran.code, ran.stdout), (0, format!("shop/infra#7: would write a comment\n\n{BODY}")));
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}

#[test]
fn what_cannot_be_done_exits_with_2() {
    let server = Server::new(|_, _| Reply::json(403, json!({ "message": "Resource not accessible by integration" })));
    let ran = comment(&server, &["--body", "-"], BODY);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let said =
        "error: cannot list the comments: GitHub answered 403: Resource not accessible by integration\n  help: give";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    assert!(ran.stderr.contains("from a fork"));
    let server = github(json!([]));
    assert!(comment(&server, &["--body", "-"], " \n").stderr.contains("<stdin>: error: is empty"));
    assert!(comment(&server, &["--review", "-"], "[]").stderr.contains("error: is not a check report"));
    let other = r#"{ "schema": "plangate/check/9", "findings": [] }"#;
    assert!(comment(&server, &["--review", "-"], other).stderr.contains("is `plangate/check/9`"));
    assert!(comment(&server, &[], "").stderr.contains("--body"));
    assert_eq!(comment(&server, &["--body", "-", "--review", "-"], "").code, 2);
    assert!(server.asked().is_empty());
}

/// A patch of a new file with these lines.
fn patch(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("+{line}")).collect();
    format!("@@ -0,0 +1,{} @@\n{}", lines.len(), lines.join("\n"))
}

#[test]
fn findings_on_changed_lines_become_remarks_and_the_others_stay_in_the_comment() {
    let plan = testdata("ecs-dynamic-ports/plan.json");
    let report = run_with(&["check", &plan, "-o", "json"], "", &[]);
    let failed = report.json()["findings"].as_array().unwrap().iter().filter(|one| one["verdict"] == "fail").count();
    assert!(failed > 2);
    let source = String::from_utf8(crate::program::bytes_of("ecs-dynamic-ports/main.tf")).unwrap();
    // Of the source's lines only those from the load balancer on are new.
    let (old, new) = source.split_at(source.find("resource \"aws_lb\" \"internal\"").unwrap());
    let start = old.lines().count() + 1;
    let added = patch(new).replace("@@ -0,0 +1,", &format!("@@ -{},0 +{start},", start - 1));
    let file = json!({ "filename": "testdata/ecs-dynamic-ports/main.tf", "status": "modified", "patch": added });
    let server = github(json!([file]));
    let ran = comment(&server, &["--review", "-"], &report.stdout);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let review = server.last();
    assert_eq!(review.path, "/repos/shop/infra/pulls/7/reviews");
    let remarks = review.body["comments"].as_array().unwrap();
    assert_eq!(remarks.len(), failed);
    let lines: Vec<u64> = remarks.iter().map(|one| one["line"].as_u64().unwrap()).collect();
    assert!(lines.iter().all(|line| *line >= start as u64), "{lines:?}");
    let first = remarks[0]["body"].as_str().unwrap();
    assert!(first.starts_with("**high** `dynamic-host-ports-admitted` on `aws_lb_target_group.worker`\n\n"), "{first}");
    assert!(first.contains("\n**Why:** ") && first.contains("\n**Fix:** "), "{first}");

    // A file that is another one in the pull request: its lines would be the wrong ones.
    let other = patch(&source.replace('\n', " \n"));
    let file = json!({ "filename": "testdata/ecs-dynamic-ports/main.tf", "status": "added", "patch": other });
    let ran = comment(&github(json!([file])), &["--review", "-"], &report.stdout);
    let told = format!(
        "shop/infra#7: no new comments on changed lines; {failed} findings are not on lines that this change writes\n"
    );
    assert_eq!((ran.code, ran.stdout), (0, told));
}

#[test]
fn the_edit_of_a_run_becomes_the_suggestion_of_its_remark() {
    let folder = Folder::new();
    let root = folder.path("");
    let root = std::path::Path::new(&root);
    let made = std::process::Command::new("git").args(["init", "-q"]).current_dir(root).status().unwrap();
    assert!(made.success());
    let text = "resource \"aws_lb\" \"web\" {\n  name         = \"web\"\n  idle_timeout = 9000 # ms?\n}\n";
    folder.file("main.tf", text);
    let report = run_in(root, &["check", ".", "-o", "json", "--only", "idle-timeout-in-range"], &[]);
    assert_eq!(report.code, 1, "{}", report.all());
    assert_eq!(report.json()["findings"][0]["edits"][0]["replacement"], "4000");
    let report = folder.file("report.json", &report.stdout);

    let server = github(json!([{ "filename": "main.tf", "status": "added", "patch": patch(text) }]));
    let ran = run_in(root, &["comment", "--review", &report], &environment(&server));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let review = server.last().body;
    let [remark] = review["comments"].as_array().unwrap().as_slice() else { panic!("{review}") };
    assert_eq!((&remark["path"], &remark["line"]), (&json!("main.tf"), &json!(3)));
    let body = remark["body"].as_str().unwrap();
    assert!(body.contains("\n\n```suggestion\n  idle_timeout = 4000 # ms?\n```\n"), "{body}");
    // What is suggested is what `fix` does.
    let fixed = run_in(root, &["fix", ".", "--write", "--only", "idle-timeout-in-range"], &[]);
    assert_eq!(fixed.code, 0, "{}", fixed.all());
    let now = plangate::source::disk::read_text(&folder.path("main.tf")).unwrap();
    assert_eq!(now, text.replacen("  idle_timeout = 9000 # ms?", "  idle_timeout = 4000 # ms?", 1));
}

#[test]
fn an_edit_becomes_a_suggestion_of_whole_lines() {
    let edit = |line: u32, column: u32, end: (u32, u32), text: &str| json!({ "file": "no/such.tf", "line": line, "column": column, "end_line": end.0, "end_column": end.1, "replacement": text });
    let finding = |key: &str, edits: Value| {
        json!({ "policy": "p", "verdict": "fail", "severity": "high", "change": "introduced", "subject": "aws_lb.a",
                "message": "ask @ann about <b>_x_</b>", "why": "", "fix": "do:\n  x = 1", "fingerprint": key, "file": "no/such.tf", "line": 1,
                "evidence": [{ "file": null, "line": null }], "edits": edits })
    };
    let mut fixed = finding("05", json!([]));
    fixed["change"] = json!("fixed");
    let report = json!({ "schema": "plangate/check/1", "findings": [
        finding("01", json!([edit(2, 7, (2, 8), "30")])),
        finding("02", json!([edit(2, 7, (2, 8), "5"), edit(3, 3, (3, 3), "é = 1\r\n  ")])),
        finding("03", json!([edit(9, 1, (9, 1), "x")])),
        fixed
    ] });
    let patch = "@@ -0,0 +1,3 @@\n+resource {\n+  a = 1\r\n+  b = 2\n";
    let server = github(json!([{ "filename": "no/such.tf", "patch": patch }]));
    let ran = comment(&server, &["--review", "-"], &report.to_string());
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "shop/infra#7: wrote 3 comments on changed lines\n"),
        "{}",
        ran.stderr
    );
    let review = server.last().body;
    let body = |at: usize| review["comments"][at]["body"].as_str().unwrap().to_owned();
    let text = "**high** `p` on `aws_lb.a`\n\nask @\u{200b}ann about &lt;b&gt;\\_x\\_&lt;/b&gt;\n\n**Fix:** do:\n\n```\n  x = 1\n```";
    assert_eq!(body(0), format!("{text}\n\n```suggestion\n  a = 30\n```\n\n<!-- plangate:finding 01 -->"));
    assert_eq!(review["comments"][0]["line"], 2);
    assert_eq!(
        body(1),
        format!("{text}\n\n```suggestion\n  a = 5\n  é = 1\n  b = 2\n```\n\n<!-- plangate:finding 02 -->")
    );
    assert_eq!((&review["comments"][1]["start_line"], &review["comments"][1]["line"]), (&json!(2), &json!(3)));
    // Its edit is elsewhere; it is still said, where its subject is.
    assert_eq!(body(2), format!("{text}\n\n<!-- plangate:finding 03 -->"));
    assert_eq!(review["comments"][2]["line"], 1);
}
