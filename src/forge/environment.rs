//! Which pull request, on which forge, with which token: what flags say, else what the CI's environment says. A token
//! comes from the environment alone: a flag would show it in process lists and logs.

use serde_json::Value;

use super::token::Token;
use crate::source::{Problem, disk};

/// A forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// GitHub, github.com or Enterprise.
    GitHub,
    /// GitLab, gitlab.com or self-managed.
    GitLab,
}

/// What was said on the command line.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The forge.
    pub forge: Option<Kind>,
    /// `owner/name`, or a GitLab project's path or number.
    pub repository: Option<String>,
    /// The number of the pull or merge request.
    pub number: Option<u64>,
    /// Where the API is.
    pub api: Option<String>,
}

/// The pull request to comment on.
#[derive(Clone, Debug)]
pub struct Target {
    /// The forge.
    pub kind: Kind,
    /// Where its API is, e.g. `https://api.github.com`.
    pub api: String,
    /// `owner/name`, or a GitLab project's path or number.
    pub repository: String,
    /// The number of the pull or merge request.
    pub number: u64,
    /// Who we are.
    pub token: Token,
}

/// Reads an environment variable.
pub type Surroundings<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Puts flags and environment together.
///
/// # Errors
/// Everything that is missing or wrong, each with the variable and the flag that would say it.
pub fn find(asked: &Asked, environment: Surroundings<'_>) -> Result<Target, Vec<Problem>> {
    let set = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
    let kind = asked.forge.or_else(|| recognised(&set)).ok_or_else(|| {
        let help = "give --forge github or --forge gitlab, with --repo and --pr";
        vec![Problem::error("no forge: this runs neither in GitHub Actions nor in GitLab CI").help(help)]
    })?;
    let parts = match kind {
        Kind::GitHub => github(asked, &set),
        Kind::GitLab => gitlab(asked, &set),
    };
    let mut problems = Vec::new();
    let mut keep = |problem| problems.push(problem);
    let api = address(&parts.api).map_err(&mut keep).ok();
    let repository = parts.repository.map_err(&mut keep).ok();
    let number = parts.number.map_err(&mut keep).ok();
    let token = parts.token.map_err(&mut keep).ok();
    match (api, repository, number, token) {
        (Some(api), Some(repository), Some(number), Some(token)) => Ok(Target { kind, api, repository, number, token }),
        _ => Err(problems),
    }
}

struct Parts {
    api: String,
    repository: Result<String, Problem>,
    number: Result<u64, Problem>,
    token: Result<Token, Problem>,
}

fn recognised(set: Surroundings<'_>) -> Option<Kind> {
    let any = |names: &[&str]| names.iter().any(|name| set(name).is_some());
    if any(&["GITHUB_ACTIONS", "GITHUB_REPOSITORY"]) {
        Some(Kind::GitHub)
    } else if any(&["GITLAB_CI", "CI_PROJECT_ID"]) {
        Some(Kind::GitLab)
    } else {
        match (any(&["GITHUB_TOKEN", "GH_TOKEN"]), any(&["GITLAB_TOKEN"])) {
            (true, false) => Some(Kind::GitHub),
            (false, true) => Some(Kind::GitLab),
            _ => None,
        }
    }
}

fn github(asked: &Asked, set: Surroundings<'_>) -> Parts {
    let repository = asked.repository.clone().or_else(|| set("GITHUB_REPOSITORY")).ok_or_else(|| {
        Problem::error("no repository: GITHUB_REPOSITORY is not set").help("give it: --repo OWNER/NAME")
    });
    let repository = repository.and_then(|name| match name.split_once('/') {
        Some((owner, rest)) if !rest.contains('/') && is_path(owner) && is_path(rest) => Ok(name),
        _ => Err(Problem::error(format!("`{name}` is not OWNER/NAME")).in_file("--repo")),
    });
    let number = match asked.number {
        Some(number) => Ok(number),
        None => github_number(set),
    };
    let token = token(&["GITHUB_TOKEN", "GH_TOKEN"], set).and_then(|token| {
        token.ok_or_else(|| {
            Problem::error("no token: GITHUB_TOKEN is not set (GH_TOKEN serves as well)").help(
                "in a workflow: `env: { GITHUB_TOKEN: \"${{ github.token }}\" }` at the step and \
                 `permissions: { contents: read, pull-requests: write }` at the job",
            )
        })
    });
    let api = asked.api.clone().or_else(|| set("GITHUB_API_URL"));
    Parts { api: api.unwrap_or_else(|| "https://api.github.com".to_owned()), repository, number, token }
}

/// The event's own number is right where `GITHUB_REF` is not: `pull_request_target`, `workflow_run`, a comment.
fn github_number(set: Surroundings<'_>) -> Result<u64, Problem> {
    let event = match set("GITHUB_EVENT_PATH") {
        Some(path) => {
            let bytes = disk::read(&path)?;
            serde_json::from_slice(&bytes).map_err(|_| Problem::error("is not JSON").in_file("GITHUB_EVENT_PATH"))?
        }
        None => Value::Null,
    };
    let at = |pointer: &str| event.pointer(pointer).and_then(Value::as_u64);
    let of_issue = || event.pointer("/issue/pull_request").and_then(|_| at("/issue/number"));
    let of_run = || at("/workflow_run/pull_requests/0/number");
    let of_ref = || set("GITHUB_REF")?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
    at("/pull_request/number").or_else(of_issue).or_else(of_run).or_else(of_ref).ok_or_else(|| {
        let what = set("GITHUB_EVENT_NAME").map(|name| format!(" (the event is `{name}`)")).unwrap_or_default();
        Problem::error(format!("no pull request: this run is not of one{what}")).help(
            "run the step for pull requests only, `if: github.event_name == 'pull_request'`, or give the number: --pr",
        )
    })
}

fn gitlab(asked: &Asked, set: Surroundings<'_>) -> Parts {
    // A pipeline of a fork runs in the fork; the merge request lives in the project it goes to.
    let told = || set("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| set("CI_PROJECT_ID"));
    let repository = asked.repository.clone().or_else(told).ok_or_else(|| {
        Problem::error("no project: CI_PROJECT_ID is not set").help("give it: --repo GROUP/PROJECT, or its number")
    });
    let repository = repository.and_then(|name| {
        if name.split('/').all(is_path) {
            return Ok(name);
        }
        Err(Problem::error(format!("`{name}` is neither GROUP/PROJECT nor a project's number")).in_file("--repo"))
    });
    let iid = || set("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse().ok());
    let number = asked.number.or_else(iid).or_else(|| only_open(&set("CI_OPEN_MERGE_REQUESTS")?)).ok_or_else(|| {
        Problem::error("no merge request: CI_MERGE_REQUEST_IID is not set, so this pipeline is not of one").help(
            "run the job in merge request pipelines only, `rules: [{if: '$CI_PIPELINE_SOURCE == \
             \"merge_request_event\"'}]`, or give the number: --pr",
        )
    });
    let token = token(&["GITLAB_TOKEN"], set).and_then(|token| {
        token.ok_or_else(|| {
            let job = if set("CI_JOB_TOKEN").is_some() { "; CI_JOB_TOKEN may not write comments" } else { "" };
            Problem::error(format!("no token: GITLAB_TOKEN is not set{job}")).help(
                "make a project access token (Settings > Access tokens, role Reporter, scope `api`) and set it as the \
                 masked CI/CD variable GITLAB_TOKEN; a protected variable is not there on unprotected branches",
            )
        })
    });
    let api = asked.api.clone().or_else(|| set("CI_API_V4_URL"));
    Parts { api: api.unwrap_or_else(|| "https://gitlab.com/api/v4".to_owned()), repository, number, token }
}

/// `group/project!12`, when there is but one.
fn only_open(list: &str) -> Option<u64> {
    let (_, number) = list.split_once('!').filter(|_| !list.contains(','))?;
    number.parse().ok()
}

fn token(names: &[&str], set: Surroundings<'_>) -> Result<Option<Token>, Problem> {
    for name in names {
        if let Some(text) = set(name) {
            let wrong = |words| Problem::error(format!("{name} {words}"));
            return Token::new(&text).map_err(wrong);
        }
    }
    Ok(None)
}

fn is_path(part: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !part.is_empty() && !matches!(part, "." | "..") && part.bytes().all(fits)
}

/// An address that a path can follow. Its user and password, if any, are not repeated.
fn address(text: &str) -> Result<String, Problem> {
    let wrong = |words: &str| {
        let help = "GitHub Enterprise: https://HOST/api/v3; GitLab: https://HOST/api/v4";
        Problem::error(format!("the address of the API {words}")).in_file("--api-url").help(help)
    };
    let uri: ureq::http::Uri = text.trim().parse().map_err(|_| wrong("cannot be read"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("does not begin with https://"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("has a user in it; the token comes from the environment"));
    }
    if uri.query().is_some() {
        return Err(wrong("has a `?` in it"));
    }
    Ok(text.trim().trim_end_matches('/').to_owned())
}
