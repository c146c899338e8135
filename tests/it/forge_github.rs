//! Comments on GitHub: what is asked of its API, and what its answers lead to.

use plangate::forge::{Done, Forge, Kind, Remark, Reviewed, Tag};
use serde_json::{Value, json};
use std::time::Duration;

use crate::forge_server::{Reply, START, Server, Still, TOKEN};

const COMMENTS: &str = "/repos/shop/infra/issues/7/comments";

fn comment(id: u64, user: &str, kind: &str, body: &str) -> Value {
    let url = format!("https://github.com/shop/infra/pull/7#issuecomment-{id}");
    let user = json!({ "id": user.len(), "login": user, "type": kind });
    json!({ "id": id, "node_id": "x", "html_url": url, "user": user, "body": body })
}

fn made() -> Reply {
    Reply::json(201, comment(9, "github-actions[bot]", "Bot", "…"))
}

fn marked(text: &str) -> String {
    format!("<!-- plangate:comment default -->\n{text}")
}

#[test]
fn the_first_run_writes_a_comment() {
    let list = Reply::json(200, json!([comment(1, "ann", "User", "nice")]));
    let server = Server::of(&[(&format!("GET {COMMENTS}"), list), (&format!("POST {COMMENTS}"), made())]);
    let clock = Still::new();
    let done = server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "all well\r\n\n").unwrap();
    assert_eq!(done, Done::Created("https://github.com/shop/infra/pull/7#issuecomment-9".into()));
    let lines = [format!("GET {COMMENTS}?per_page=100&page=1"), format!("POST {COMMENTS}")];
    assert_eq!(server.lines(), lines);
    let asked = server.last();
    assert_eq!(asked.body, json!({ "body": marked("all well") }));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(asked.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(asked.header("x-github-api-version"), Some("2022-11-28"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert!(asked.header("user-agent").unwrap().starts_with("plangate/"));
    assert!(clock.slept().is_empty());
}

#[test]
fn a_later_run_updates_its_own_comment_and_nobody_elses() {
    let quoted = format!("> {}", marked("old"));
    let list = json!([
        comment(1, "ann", "User", &quoted),
        comment(2, "mallory", "User", &marked("a forged one")),
        comment(3, "github-actions[bot]", "Bot", "<!-- plangate:comment prod -->\nold"),
        comment(4, "github-actions[bot]", "Bot", &marked("old"))
    ]);
    // A workflow's token is no user's.
    let nobody = Reply::json(403, json!({ "message": "Resource not accessible by integration" }));
    let server = Server::of(&[
        (&format!("GET {COMMENTS}"), Reply::json(200, list)),
        ("GET /user", nobody),
        ("PATCH /repos/shop/infra/issues/comments/4", made()),
    ]);
    let done = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "new").unwrap();
    assert!(matches!(done, Done::Updated(url) if url.ends_with("-4")));
    assert_eq!(server.last().body, json!({ "body": marked("new") }));
    assert_eq!(server.lines().iter().filter(|line| !line.starts_with("GET")).count(), 1);
}

#[test]
fn with_a_users_token_only_that_users_comment_is_ours() {
    let list = json!([comment(1, "other-bot", "Bot", &marked("x")), comment(2, "ann", "User", &marked("x"))]);
    let server = Server::of(&[
        (&format!("GET {COMMENTS}"), Reply::json(200, list)),
        ("GET /user", Reply::json(200, json!({ "id": 3, "login": "ann", "type": "User" }))),
        ("PATCH /repos/shop/infra/issues/comments/2", made()),
    ]);
    let done = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "new").unwrap();
    assert!(matches!(done, Done::Updated(url) if url.ends_with("-2")));
}

#[test]
fn a_comment_that_says_the_same_is_left_alone() {
    // GitHub gives line breaks back as a browser sends them.
    let list = json!([comment(4, "github-actions[bot]", "Bot", &marked("one\r\ntwo\r\n").replace("-->\n", "-->\r\n"))]);
    let nobody = Reply::json(403, json!({}));
    let server = Server::of(&[(&format!("GET {COMMENTS}"), Reply::json(200, list)), ("GET /user", nobody)]);
    let done = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "one\ntwo\n").unwrap();
    assert!(matches!(done, Done::Unchanged(_)));
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}

#[test]
fn a_comment_on_a_later_page_is_found() {
    let server = Server::new(|asked, _| match asked.line().as_str() {
        "GET /repos/shop/infra/issues/7/comments?per_page=100&page=1" => {
            // Where the link leads to is not followed: pages are counted.
            let link =
                "<https://elsewhere.example/?page=2>; rel=\"next\", <https://elsewhere.example/?page=2>; rel=\"last\"";
            Reply::json(200, json!([comment(1, "ann", "User", "hello")])).with("Link", link)
        }
        "GET /repos/shop/infra/issues/7/comments?per_page=100&page=2" => {
            Reply::json(200, json!([comment(2, "x[bot]", "Bot", &marked("old"))]))
                .with("Link", "<x?page=1>; rel=\"prev\"")
        }
        "PATCH /repos/shop/infra/issues/comments/2" => made(),
        _ => Reply::json(404, json!({ "message": "Not Found" })),
    });
    let done = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "new").unwrap();
    assert!(matches!(done, Done::Updated(_)));
}

#[test]
fn tags_keep_comments_apart() {
    let list = json!([comment(4, "x[bot]", "Bot", &marked("old"))]);
    let server =
        Server::of(&[(&format!("GET {COMMENTS}"), Reply::json(200, list)), (&format!("POST {COMMENTS}"), made())]);
    let prod = Tag::parse("prod").unwrap();
    let done = server.forge(Kind::GitHub, &Still::new()).comment(&prod, "new").unwrap();
    assert!(matches!(done, Done::Created(_)));
    assert_eq!(server.last().body["body"], "<!-- plangate:comment prod -->\nnew");
    ["", "a b", "a-->", "a--b", &"x".repeat(65)].iter().for_each(|tag| assert!(Tag::parse(tag).is_err(), "{tag}"));
}

#[test]
fn nothing_is_written_in_a_dry_run() {
    let server = Server::of(&[(&format!("GET {COMMENTS}"), Reply::json(200, json!([])))]);
    let clock = Still::new();
    let forge = Forge::new(server.target(Kind::GitHub), &clock, Duration::from_secs(9), true);
    assert_eq!(forge.comment(&Tag::default(), "new"), Ok(Done::Created("shop/infra#7".into())));
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}

#[test]
fn a_body_that_is_too_long_is_not_sent() {
    let server = Server::of(&[]);
    let long = "x".repeat(65_536);
    let problem = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), &long).unwrap_err();
    assert!(problem.message.contains("65570 characters, and the forge takes 65536"), "{problem}");
    assert!(server.asked().is_empty());
}

#[test]
fn what_github_refuses_is_said_with_what_to_do() {
    let cases = [
        (401, "Bad credentials", "the token is wrong or has expired"),
        (403, "Resource not accessible by integration", "pull-requests: write"),
        (404, "Not Found", "the token may not see it"),
        (410, "Issues are disabled for this repo", ""),
        (422, "Validation Failed", "run again"),
    ];
    for (status, message, help) in cases {
        let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest" });
        let server = Server::new(move |_, _| Reply::json(status, body.clone()));
        let clock = Still::new();
        let problem = server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "x").unwrap_err();
        let said = format!("cannot list the comments: GitHub answered {status}: {message}");
        assert_eq!(problem.message, said);
        assert!(problem.help.unwrap_or_default().contains(help), "{status}");
        assert_eq!((server.asked().len(), clock.slept()), (1, vec![]), "{status} is not asked again");
    }
}

#[test]
fn a_validation_error_names_its_field() {
    let errors = json!([{ "resource": "PullRequestReviewComment", "code": "custom", "message": "line is too long" }]);
    let refused = Reply::json(422, json!({ "message": "Validation Failed", "errors": errors }));
    let server = Server::of(&[
        (&format!("GET {COMMENTS}"), Reply::json(200, json!([]))),
        (&format!("POST {COMMENTS}"), refused),
    ]);
    let problem = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.contains("Validation Failed, code custom, message line is too long"), "{problem}");
}

#[test]
fn faults_of_the_server_are_tried_again_and_waited_for() {
    for status in [500, 502, 503, 504, 0] {
        let server = Server::new(move |asked, before| match (before, asked.method.as_str()) {
            (0..=2, _) if status == 0 => Reply::nothing(),
            (0..=2, _) => Reply::text(status, "<html>oops</html>"),
            (_, "GET") => Reply::json(200, json!([])),
            _ => made(),
        });
        let clock = Still::new();
        assert!(server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "x").is_ok(), "{status}");
        assert_eq!(clock.slept(), [1, 2, 4], "{status}");
    }
}

#[test]
fn a_server_that_stays_broken_is_given_up() {
    let server = Server::new(|_, _| Reply::text(503, "down"));
    let clock = Still::new();
    let problem = server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "x").unwrap_err();
    assert_eq!(problem.message, "cannot list the comments: GitHub answered 503");
    assert_eq!((server.asked().len(), clock.slept()), (6, vec![1, 2, 4, 8, 16]));
}

#[test]
fn a_write_that_may_have_worked_is_looked_for_before_it_is_repeated() {
    for written in [true, false] {
        let server = Server::new(move |asked, before| match (asked.method.as_str(), asked.path.as_str(), before) {
            ("POST", _, 1) => Reply::text(502, ""),
            ("GET", "/user", _) => Reply::json(403, json!({})),
            ("GET", _, 2..) if written => Reply::json(200, json!([comment(4, "x[bot]", "Bot", &marked("new"))])),
            ("GET", ..) => Reply::json(200, json!([])),
            _ => made(),
        });
        let done = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "new").unwrap();
        assert_eq!(matches!(done, Done::Unchanged(_)), written);
        let posts = server.asked().iter().filter(|asked| asked.method == "POST").count();
        assert_eq!(posts, if written { 1 } else { 2 });
    }
}

#[test]
fn rate_limits_are_waited_for_as_long_as_they_say() {
    let used_up = |status| Reply::json(status, json!({ "message": "API rate limit exceeded" }));
    let reset = (START + 20).to_string();
    let cases = [
        (used_up(429).with("Retry-After", 7), 7),
        (used_up(403).with("Retry-After", 7), 7),
        (used_up(403).with("X-RateLimit-Remaining", 0).with("X-RateLimit-Reset", &reset), 21),
        // The secondary limit, which names no time.
        (Reply::json(403, json!({ "message": "You have exceeded a secondary rate limit." })), 60),
        (Reply::json(503, json!({})).with("Retry-After", 3), 3),
    ];
    for (reply, wait) in cases {
        let server = Server::new(move |asked, before| match (before, asked.method.as_str()) {
            (0, _) => reply.clone(),
            (2, "POST") => made(),
            _ => Reply::json(200, json!([])),
        });
        let clock = Still::new();
        assert!(server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "x").is_ok());
        assert_eq!(clock.slept(), [wait]);
    }
}

#[test]
fn a_rate_limit_beyond_the_time_there_is_is_not_waited_for() {
    let reset = (START + 3000).to_string();
    let limited = Reply::json(403, json!({ "message": "API rate limit exceeded" }))
        .with("X-RateLimit-Remaining", 0)
        .with("X-RateLimit-Reset", reset);
    let server = Server::new(move |_, _| limited.clone());
    let clock = Still::new();
    let problem = server.forge(Kind::GitHub, &clock).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.contains("403: API rate limit exceeded"), "{problem}");
    assert_eq!(
        problem.help.unwrap(),
        "GitHub has to be asked again in 3001 s, and all of it may take 120 s (--timeout)"
    );
    assert!(clock.slept().is_empty());
}

#[test]
fn the_token_goes_to_no_other_host_and_is_not_repeated() {
    let elsewhere = Server::of(&[]);
    let to = format!("{}/steal?token={TOKEN}", elsewhere.address.replace("127.0.0.1", "localhost"));
    let server = Server::new(move |_, _| Reply::text(302, "").with("Location", &to));
    let problem = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.contains("GitHub redirects to localhost"), "{problem}");
    assert!(elsewhere.asked().is_empty());

    let echo = Reply::json(401, json!({ "message": format!("Bearer {TOKEN} is bad\u{1b}[31m") }));
    let server = Server::new(move |_, _| echo.clone());
    let problem = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.ends_with("Bearer (token) is bad[31m"), "{problem}");
    assert!(!format!("{:?}", server.target(Kind::GitHub)).contains(TOKEN));
}

#[test]
fn a_renamed_repository_is_followed_on_the_same_host() {
    let server = Server::new(|asked, _| match asked.line().as_str() {
        "GET /repos/shop/infra/issues/7/comments?per_page=100&page=1" => {
            let host = asked.header("host").unwrap();
            Reply::text(301, "").with("Location", format!("http://{host}/repositories/1/issues/7/comments?page=1"))
        }
        "GET /repositories/1/issues/7/comments?page=1" => Reply::json(200, json!([])),
        _ => made(),
    });
    assert!(server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").is_ok());
    let circle = Server::new(|asked, _| {
        Reply::text(307, "").with("Location", format!("http://{}/again", asked.header("host").unwrap()))
    });
    let problem = circle.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.contains("redirects in circles"), "{problem}");
}

#[test]
fn an_answer_that_is_no_api_says_so() {
    let server = Server::new(|_, _| Reply::text(200, "<html>log in</html>"));
    let problem = server.forge(Kind::GitHub, &Still::new()).comment(&Tag::default(), "x").unwrap_err();
    assert!(problem.message.contains("is not what its API answers"), "{problem}");
    assert!(problem.help.unwrap().contains("https://HOST/api/v3"));
}

fn remark(key: &str, first: u32, last: u32, suggestion: Option<&str>) -> Remark {
    let suggestion = suggestion.map(str::to_owned);
    Remark { key: key.into(), path: "main.tf".into(), first, last, text: format!("about {key}\n"), suggestion }
}

#[test]
fn remarks_are_written_once_in_one_review() {
    let files = json!([
        { "filename": "main.tf", "status": "modified", "patch": "@@ -1 +1,3 @@\n a\n+b\n+c" },
        { "filename": "huge.tf", "status": "modified" }
    ]);
    // An outdated comment has no line any more; it is still ours.
    let there = json!([{ "id": 5, "line": null, "body": "gone\n\n<!-- plangate:finding 0a -->", "user": null }]);
    let server = Server::of(&[
        ("GET /repos/shop/infra/pulls/7/files", Reply::json(200, files)),
        ("GET /repos/shop/infra/pulls/7/comments", Reply::json(200, there)),
        ("GET /repos/shop/infra/pulls/7", Reply::json(200, json!({ "number": 7, "head": { "sha": "abc" } }))),
        ("POST /repos/shop/infra/pulls/7/reviews", Reply::json(200, json!({ "id": 80 }))),
    ]);
    let clock = Still::new();
    let forge = server.forge(Kind::GitHub, &clock);
    let changed = forge.changed_lines().unwrap();
    assert_eq!(changed.lines("main.tf", 2, 3), Some(vec!["b", "c"]));
    let remarks = [remark("0a", 2, 2, None), remark("0b", 3, 3, None), remark("0c", 2, 3, Some("x = \"```\""))];
    let reviewed = forge.review(&remarks, &changed).unwrap();
    assert_eq!(reviewed, Reviewed { written: 2, there: 1, left_out: 0 });
    let suggestion = "about 0c\n\n````suggestion\nx = \"```\"\n````\n\n<!-- plangate:finding 0c -->";
    assert_eq!(
        server.last().body,
        json!({ "commit_id": "abc", "event": "COMMENT", "comments": [
            { "path": "main.tf", "line": 3, "side": "RIGHT", "body": "about 0b\n\n<!-- plangate:finding 0b -->" },
            { "path": "main.tf", "start_line": 2, "start_side": "RIGHT", "line": 3, "side": "RIGHT", "body": suggestion }
        ] })
    );
}

#[test]
fn more_remarks_than_a_reader_takes_are_left_out() {
    let server = Server::of(&[
        ("GET /repos/shop/infra/pulls/7/comments", Reply::json(200, json!([]))),
        ("GET /repos/shop/infra/pulls/7", Reply::json(200, json!({ "head": { "sha": "abc" } }))),
        ("POST /repos/shop/infra/pulls/7/reviews", Reply::json(200, json!({ "id": 80 }))),
    ]);
    let remarks: Vec<Remark> = (0..60).map(|at| remark(&format!("k{at}"), 2, 2, None)).collect();
    let clock = Still::new();
    let reviewed = server.forge(Kind::GitHub, &clock).review(&remarks, &Default::default()).unwrap();
    assert_eq!(reviewed, Reviewed { written: 50, there: 0, left_out: 10 });
    assert_eq!(server.last().body["comments"].as_array().unwrap().len(), 50);
    assert_eq!(server.forge(Kind::GitHub, &clock).review(&[], &Default::default()), Ok(Reviewed::default()));
}
