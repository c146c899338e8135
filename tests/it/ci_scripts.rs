//! What CI systems run of this repository, run by the shells they use: GitLab's jobs, the steps of the action, the script
//! for every other CI and the step of Atlantis.

#![cfg(unix)]

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::forge_server::{Reply, Server, TOKEN};
use crate::program::{Folder, bytes_of, run_in, testdata};

fn yaml(path: &str) -> Value {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_saphyr::from_str(&plangate::source::disk::read_text(&path).unwrap()).unwrap()
}

/// Runs a script in a folder, with the program on the PATH and what else is in `bin`.
fn shell(words: &[&str], folder: &Folder, environment: &[(&str, String)]) -> Output {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_plangate")).parent().unwrap().display();
    let path = format!("{}:{program}:{}", folder.path("bin"), std::env::var("PATH").unwrap());
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder.path("")).env("PATH", path).env_remove("GITLAB_TOKEN");
    command.envs(environment.iter().map(|(name, value)| (*name, value.as_str()))).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn a_plan() -> Folder {
    let folder = Folder::new();
    folder.file("plan.json", bytes_of("ecs-dynamic-ports/plan.json"));
    folder
}

#[test]
fn gitlab_jobs_leave_their_reports_and_end_as_the_judgement_did() {
    for (name, variable, value) in [
        ("terraform", "DIRECTORY", ".".to_owned()),
        ("cloudformation", "TEMPLATE", testdata("faulty/template.yaml")),
        ("cdk", "DIRECTORY", testdata("cdk")),
    ] {
        let folder = a_plan();
        let job = &yaml(&format!("ci/gitlab/{name}.yml"))["plangate"];
        assert!(job["variables"].get(variable).is_some());
        let lines: Vec<&str> = job["script"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let ran = shell(&["sh", "-e", "-c", &lines.join("\n")], &folder, &[(variable, value)]);
        assert_eq!(ran.status.code(), Some(1), "{name}: {}", said(&ran));
        for file in ["plangate.md", "plangate.json", "gl-code-quality-report.json"] {
            assert!(plangate::source::disk::is_file(&folder.path(file)), "{name}: no {file}");
        }
    }
}

#[test]
fn where_plangate_is_built_from_has_to_be_filled_in() {
    let folder = Folder::new();
    let mut lines = Vec::new();
    for name in ["terraform", "cdk", "cloudformation"] {
        let script = yaml(&format!("ci/gitlab/{name}.yml"))["plangate"]["script"].clone();
        lines.extend(script.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()));
    }
    for name in ["terraform", "cdk", "cloudformation", "forks"] {
        let jobs = yaml(&format!("ci/github/{name}.yml"))["jobs"].clone();
        let steps = jobs.as_object().unwrap().values().flat_map(|job| job["steps"].as_array().unwrap().clone());
        lines.extend(steps.filter_map(|step| step["run"].as_str().map(str::to_owned)));
    }
    let installs: Vec<String> = lines.into_iter().filter(|line| line.contains("cargo install")).collect();
    assert_eq!(installs.len(), 7);
    // Nothing that builds, and nothing that could be built: only the shell's own words.
    let asked = "command() { return 1; }; cargo() { echo cargo \"$@\"; }; ";
    for line in installs {
        let script = format!("{asked}{line}");
        let empty = shell(&["sh", "-e", "-c", &script], &folder, &[("PLANGATE_REPOSITORY", String::new())]);
        assert!(!empty.status.success() && said(&empty).contains("PLANGATE_REPOSITORY: has to be filled in"), "{line}");
        let ran = shell(&["sh", "-e", "-c", &script], &folder, &[("PLANGATE_REPOSITORY", "../kept here".to_owned())]);
        assert!(said(&ran).ends_with(" --git ../kept here plangate\n"), "{line}: {}", said(&ran));
    }
}

#[test]
fn the_steps_of_the_action_report_and_end_as_the_judgement_did() {
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let folder = a_plan();
    let (output, summary) = (folder.file("output", ""), folder.file("summary", ""));
    let action = yaml("action.yml");
    let step = |id: &str| -> String {
        let steps = action["runs"]["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id || step["name"] == id).unwrap()["run"].as_str().unwrap().to_owned()
    };
    let environment = |input: &str, args: &str| {
        [
            ("GITHUB_OUTPUT", output.clone()),
            ("GITHUB_STEP_SUMMARY", summary.clone()),
            ("RUNNER_TEMP", folder.path("")),
            ("RUNNER_TOOL_CACHE", folder.path("tools")),
            ("ACTION", env!("CARGO_MANIFEST_DIR").to_owned()),
            ("ROOT", folder.path("tools/plangate")),
            ("INPUT", input.to_owned()),
            ("ARGS", args.to_owned()),
            ("ANNOTATE", "true".to_owned()),
        ]
    };
    let bash = |script: &str, environment: &[(&str, String)]| {
        shell(&["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], &folder, environment)
    };
    let find = bash(&step("find"), &environment("", ""));
    assert!(find.status.success(), "{}", said(&find));
    // Several inputs and flags, on lines of their own.
    let judge = bash(&step("check"), &environment("\n  plan.json\nplan.json\n", "--fail-on\n  high --new-only"));
    assert!(judge.status.success(), "{}", said(&judge));
    assert!(said(&judge).contains("looked at 26 resources") && said(&judge).contains("::error "), "{}", said(&judge));
    let told = plangate::source::disk::read_text(&output).unwrap();
    let of = |name: &str| told.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned));
    assert_eq!((of("there").as_deref(), of("exit-code").as_deref()), (Some("true"), Some("1")));
    assert_eq!(of("of").unwrap().len(), 40);
    for report in ["json", "markdown", "sarif"] {
        assert!(plangate::source::disk::is_file(&of(report).unwrap()), "{told}");
    }
    assert!(plangate::source::disk::read_text(&summary).unwrap().contains("plangate"));
    let end = bash(&step("Say how it went"), &[("CODE", of("exit-code").unwrap())]);
    assert_eq!(end.status.code(), Some(1));
}

#[test]
fn every_other_ci_plans_and_judges() {
    let folder = a_plan();
    std::fs::create_dir(folder.path("bin")).unwrap();
    let stand_in = format!(
        "#!/bin/sh\ncase \"$*\" in *show*) cat '{}' ;; *) echo terraform \"$@\" ;; esac\n",
        testdata("ecs-dynamic-ports/plan.json")
    );
    let terraform = folder.file("bin/terraform", stand_in);
    std::fs::set_permissions(terraform, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let script = format!("{}/ci/any.sh", env!("CARGO_MANIFEST_DIR"));
    let ran = shell(&["sh", &script], &folder, &[]);
    assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
    assert!(said(&ran).starts_with("terraform -chdir=. init -input=false\nterraform -chdir=. plan "), "{}", said(&ran));
    let atlantis = yaml("ci/atlantis.yaml");
    let steps = atlantis["workflows"]["default"]["plan"]["steps"].as_array().unwrap();
    let line = steps.iter().find_map(|step| step["run"].as_str()).unwrap();
    folder.file("main.tf", bytes_of("ecs-dynamic-ports/main.tf"));
    let ran = shell(&["sh", "-c", line], &folder, &[("SHOWFILE", folder.path("plan.json"))]);
    assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
    assert!(said(&ran).contains("main.tf:45:3"), "{}", said(&ran));
}

/// What GitHub answers to whoever may write, and to whoever may only read.
fn github(may_write: bool) -> Server {
    let user = json!({ "id": 41898282, "login": "github-actions[bot]", "type": "Bot" });
    let made = json!({ "id": 9, "html_url": "https://github.com/c/9", "body": "", "user": user });
    let refused = || Reply::json(403, json!({ "message": "Resource not accessible by integration" }));
    let written = |code: u16, body: Value| if may_write { Reply::json(code, body) } else { refused() };
    let lines = plangate::source::disk::read_text(&testdata("ecs-dynamic-ports/main.tf")).unwrap();
    let lines: Vec<String> = lines.lines().map(|line| format!("+{line}")).collect();
    let patch = format!("@@ -0,0 +1,{} @@\n{}", lines.len(), lines.join("\n"));
    let files = json!([{ "filename": "main.tf", "status": "added", "patch": patch }]);
    Server::of(&[
        ("GET /repos/shop/infra/issues/7/comments", Reply::json(200, json!([]))),
        ("POST /repos/shop/infra/issues/7/comments", written(201, made)),
        ("GET /repos/shop/infra/pulls/7/files", Reply::json(200, files)),
        ("GET /repos/shop/infra/pulls/7/comments", Reply::json(200, json!([]))),
        ("GET /repos/shop/infra/pulls/7", Reply::json(200, json!({ "head": { "sha": "abc" } }))),
        ("POST /repos/shop/infra/pulls/7/reviews", written(200, json!({ "id": 1 }))),
    ])
}

#[test]
fn the_comment_steps_write_with_a_token_that_may_and_say_why_with_one_that_may_not() {
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let folder = a_plan();
    folder.file("main.tf", bytes_of("ecs-dynamic-ports/main.tf"));
    let reports = ["-o", "markdown=plangate.md", "-o", "json=plangate.json"];
    run_in(folder.path("").as_ref(), &[&["check", "plan.json"], &reports[..]].concat(), &[]);
    let step = |steps: &Value| -> String {
        let mut steps = steps.as_array().unwrap().iter();
        steps.find(|step| step["name"] == "Comment").unwrap()["run"].as_str().unwrap().to_owned()
    };
    let action = step(&yaml("action.yml")["runs"]["steps"]);
    let workflow = step(&yaml("ci/github/terraform.yml")["jobs"]["plangate"]["steps"]);
    let event = folder.file("event.json", r#"{"pull_request": {"number": 7}}"#);
    let comment = |script: &str, server: &Server, reference: &str, review: &str| {
        let environment = [
            ("ROOT", folder.path("nowhere")),
            ("MARKDOWN", folder.path("plangate.md")),
            ("JSON", folder.path("plangate.json")),
            ("REVIEW", review.to_owned()),
            ("TAG", "prod".to_owned()),
            ("GITHUB_TOKEN", TOKEN.to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_REPOSITORY", "shop/infra".to_owned()),
            ("GITHUB_REF", reference.to_owned()),
            ("GITHUB_EVENT_PATH", if reference.contains("pull") { event.clone() } else { String::new() }),
            ("GITHUB_API_URL", server.address.clone()),
            ("NO_PROXY", "127.0.0.1".to_owned()),
        ];
        let ran = shell(&["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], &folder, &environment);
        assert!(!said(&ran).contains(TOKEN));
        (ran.status.code(), said(&ran))
    };
    let pull = "refs/pull/7/merge";
    for (script, review, remarks) in [(&action, "true", true), (&action, "false", false), (&workflow, "", true)] {
        let server = github(true);
        let (code, told) = comment(script, &server, pull, review);
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(told.contains("wrote 4 comments on changed lines"), remarks, "{told}");
        assert!(told.ends_with("shop/infra#7: wrote the comment (https://github.com/c/9)\n"), "{told}");
        let body = server.last().body["body"].as_str().unwrap().to_owned();
        let tag = if *script == action { "prod" } else { "default" };
        assert!(body.starts_with(&format!("<!-- plangate:comment {tag} -->\n## ❌ plangate: ")), "{body}");
        assert!(server.asked().iter().all(|asked| asked.header("authorization") == Some(&format!("Bearer {TOKEN}"))));
    }
    for script in [&action, &workflow] {
        let (code, told) = comment(script, &github(false), pull, "false");
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("GitHub answered 403: Resource not accessible by integration"), "{told}");
        assert!(told.contains("pull-requests: write") && told.contains("from a fork"), "{told}");
        // A push to a branch has no pull request.
        let server = github(true);
        let (code, told) = comment(script, &server, "refs/heads/main", "false");
        assert_eq!((code, server.lines().len()), (Some(2), 0), "{told}");
        assert!(told.contains("--pr"), "{told}");
    }
}
