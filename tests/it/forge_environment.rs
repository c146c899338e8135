//! Which pull request, with which token: what CI systems set, what flags say, and what is said when something lacks.

use std::collections::BTreeMap;

use plangate::forge::{Asked, Kind, Target, find};

use crate::forge_server::TOKEN;
use crate::program::Folder;

fn found(asked: &Asked, set: &[(&str, &str)]) -> Result<Target, String> {
    let set: BTreeMap<&str, &str> = set.iter().copied().collect();
    let target = find(asked, &|name| set.get(name).map(|value| (*value).to_owned()));
    target.map_err(|problems| problems.iter().map(|problem| format!("{problem}\n")).collect())
}

fn told(set: &[(&str, &str)]) -> Result<(Kind, String, String, u64), String> {
    found(&Asked::default(), set).map(|target| (target.kind, target.api, target.repository, target.number))
}

#[test]
fn github_actions_says_all_of_it() {
    let folder = Folder::new();
    let actions = |event: &str| {
        let event = folder.file("event.json", event);
        told(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_TOKEN", TOKEN),
            ("GITHUB_REPOSITORY", "shop/infra"),
            ("GITHUB_API_URL", "https://github.shop.example/api/v3/"),
            ("GITHUB_REF", "refs/pull/5/merge"),
            ("GITHUB_EVENT_PATH", &event),
        ])
    };
    let is =
        |number| Ok((Kind::GitHub, "https://github.shop.example/api/v3".to_owned(), "shop/infra".to_owned(), number));
    assert_eq!(actions(r#"{ "pull_request": { "number": 7 } }"#), is(7));
    assert_eq!(actions(r#"{ "issue": { "number": 8, "pull_request": {} } }"#), is(8));
    assert_eq!(actions(r#"{ "workflow_run": { "pull_requests": [{ "number": 9 }] } }"#), is(9));
    assert_eq!(actions("{}"), is(5));
    assert!(actions("{").unwrap_err().contains("GITHUB_EVENT_PATH: error: is not JSON"));
}

#[test]
fn gitlab_ci_says_all_of_it() {
    let ci = |more: &[(&str, &str)]| {
        let all = [("GITLAB_CI", "true"), ("GITLAB_TOKEN", TOKEN), ("CI_API_V4_URL", "https://git.example/api/v4")];
        told(&[&all[..], &[("CI_PROJECT_ID", "40")], more].concat())
    };
    let is =
        |project: &str, number| Ok((Kind::GitLab, "https://git.example/api/v4".to_owned(), project.to_owned(), number));
    assert_eq!(ci(&[("CI_MERGE_REQUEST_IID", "7")]), is("40", 7));
    // A fork's pipeline: the merge request is the parent's.
    assert_eq!(ci(&[("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_PROJECT_ID", "39")]), is("39", 7));
    assert_eq!(ci(&[("CI_OPEN_MERGE_REQUESTS", "shop/infra!12")]), is("40", 12));
    assert!(ci(&[("CI_OPEN_MERGE_REQUESTS", "shop/infra!12,shop/infra!13")]).unwrap_err().contains("no merge request"));
}

#[test]
fn flags_outweigh_the_environment() {
    let asked = Asked {
        forge: Some(Kind::GitLab),
        repository: Some("shop/web/infra".into()),
        number: Some(3),
        api: Some("http://localhost:8080/api/v4".into()),
    };
    let set =
        [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "a/b"), ("GITLAB_TOKEN", TOKEN), ("CI_API_V4_URL", "x")];
    let target = found(&asked, &set).unwrap();
    assert_eq!((target.kind, target.api.as_str()), (Kind::GitLab, "http://localhost:8080/api/v4"));
    assert_eq!((target.repository.as_str(), target.number), ("shop/web/infra", 3));
    let by_token = found(&Asked { forge: None, ..asked }, &[("GITLAB_TOKEN", TOKEN)]).unwrap();
    assert_eq!(by_token.kind, Kind::GitLab);
}

#[test]
fn everything_that_lacks_is_said_at_once_and_how_to_give_it() {
    let said = told(&[("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")]);
    let said = said.unwrap_err();
    let all = [
        "GITHUB_REPOSITORY is not set",
        "GITHUB_TOKEN is not set",
        "pull-requests: write",
        "the event is `push`",
        "--pr",
    ];
    all.iter().for_each(|words| assert!(said.contains(words), "{words}: {said}"));
    let said = told(&[("GITLAB_CI", "true"), ("CI_JOB_TOKEN", TOKEN), ("CI_PROJECT_ID", "1")]).unwrap_err();
    let all = ["GITLAB_TOKEN is not set; CI_JOB_TOKEN may not write comments", "CI_MERGE_REQUEST_IID is not set"];
    all.iter().for_each(|words| assert!(said.contains(words), "{words}: {said}"));
    assert!(told(&[]).unwrap_err().contains("--forge github"));
    assert!(told(&[("GH_TOKEN", TOKEN), ("GITLAB_TOKEN", TOKEN)]).unwrap_err().contains("no forge"));
}

#[test]
fn what_is_wrong_is_refused_and_no_token_is_repeated() {
    let asked = |repository: &str, api: &str| Asked {
        forge: None,
        repository: Some(repository.into()),
        number: Some(1),
        api: Some(api.into()),
    };
    let set = [("GITHUB_ACTIONS", "true"), ("GITHUB_TOKEN", TOKEN)];
    let good = "https://api.github.com";
    for repository in ["infra", "a/b/c", "a/..", "a/b?x=1", "a/b%2f", "/b", "a/ b"] {
        assert!(found(&asked(repository, good), &set).unwrap_err().contains("is not OWNER/NAME"), "{repository}");
    }
    for api in ["api.github.com", "ftp://x", "https://me:secret@host/api", "https://host/api?x=1", "not an address"] {
        let said = found(&asked("a/b", api), &set).unwrap_err();
        assert!(said.contains("--api-url: error: the address of the API"), "{api}: {said}");
        assert!(!said.contains("secret"));
    }
    let damaged = format!("{TOKEN} and\nmore");
    let said = found(&asked("a/b", good), &[("GITHUB_ACTIONS", "true"), ("GITHUB_TOKEN", &damaged)]).unwrap_err();
    assert!(said.contains("GITHUB_TOKEN holds characters that no token has") && !said.contains(TOKEN), "{said}");
}
