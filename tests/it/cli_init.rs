//! `plangate init`: finds what there is to judge, writes what is not there, and touches nothing that is.

use crate::ci_files::hold;
use crate::program::{Folder, Ran, run, run_in};

const TEMPLATE: &str = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n";

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        let path = folder.path(name);
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        folder.file(name, text);
    }
    folder
}

fn init(folder: &Folder, flags: &[&str]) -> Ran {
    run(&[&["init", &folder.path("")], flags].concat())
}

fn text(folder: &Folder, name: &str) -> String {
    plangate::source::disk::read_text(&folder.path(name)).unwrap()
}

fn exists(folder: &Folder, name: &str) -> bool {
    plangate::source::disk::exists(&folder.path(name))
}

#[test]
fn a_terraform_repository_on_github() {
    let origin = "[remote \"origin\"]\n\turl = git@github.com:shop/infra.git\n";
    let folder = folder(&[
        (".git/config", origin),
        ("infra/prod/main.tf", ""),
        ("infra/prod/modules/alb/main.tf", ""),
        ("infra/test-eu/main.tf", ""),
        (".terraform/modules/x/main.tf", ""),
    ]);
    let ran = init(&folder, &[]);
    let told = "found Terraform configuration: infra/prod, and 1 more\nwrote plangate.yaml\nwrote .github/workflows/plangate.yml\n\
                fill in PLANGATE_REPOSITORY in .github/workflows/plangate.yml: the Git address you have plangate from\n\
                next: plangate check\n";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, told, ""));
    let config = text(&folder, "plangate.yaml");
    assert!(config.contains("inputs:\n  - infra/prod\n  - infra/test-eu\n\n"), "{config}");
    // With the example of an exemption, too.
    for text in [config.clone(), config.replace("# exempt:", "exempt:").replace("#   ", "  ")] {
        let read = plangate::config::Config::parse(&text, "plangate.yaml").unwrap();
        assert_eq!(read.inputs, ["infra/prod", "infra/test-eu"]);
        assert_eq!(read.exempt.len(), usize::from(text != config));
    }
    let workflow = text(&folder, ".github/workflows/plangate.yml");
    assert!(workflow.contains("\n  DIRECTORY: infra/prod #"), "{workflow}");
    hold(&workflow, "github-workflow.json", "the workflow");
}

#[test]
fn what_is_there_stays_as_it_is() {
    let folder = folder(&[
        ("main.tf", ""),
        ("plangate.yaml", "mine"),
        (".gitlab-ci.yml", "mine"),
        (".gitlab/plangate.yml", "mine"),
    ]);
    let ran = init(&folder, &[]);
    assert_eq!(ran.code, 0);
    for name in ["plangate.yaml", ".gitlab-ci.yml", ".gitlab/plangate.yml"] {
        assert!(ran.stdout.contains(&format!("{name} is there already and stays as it is\n")), "{}", ran.stdout);
        assert_eq!(text(&folder, name), "mine");
    }
    assert!(
        ran.stdout.contains("add to .gitlab-ci.yml:\ninclude:\n  - local: .gitlab/plangate.yml\n"),
        "{}",
        ran.stdout
    );
    assert!(!exists(&folder, ".github"));
}

#[test]
fn a_dry_run_shows_the_files_and_writes_none() {
    let folder = folder(&[("stacks/my web/template.yaml", TEMPLATE), ("values.yaml", "Resources: {}\n")]);
    let ran = init(&folder, &["--dry-run", "--ci", "gitlab"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("would write plangate.yaml:\n\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("inputs:\n  - \"stacks/my web/template.yaml\"\n\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("    TEMPLATE: \"stacks/my web/template.yaml\"\n"), "{}", ran.stdout);
    assert!(["plangate.yaml", ".gitlab", ".gitlab-ci.yml"].iter().all(|name| !exists(&folder, name)));
}

#[test]
fn a_cdk_app_is_judged_by_what_it_makes() {
    let folder = folder(&[("app/cdk.json", "{}"), ("app/cdk.out/a.template.json", "{}"), (".github/x", "")]);
    let ran = init(&folder, &[]);
    assert!(
        ran.stdout.starts_with("found CDK app: app\n")
            && ran.stdout.ends_with("next: cdk synth, then plangate check\n")
    );
    assert!(text(&folder, "plangate.yaml").contains("inputs:\n  - app/cdk.out\n"));
    let workflow = text(&folder, ".github/workflows/plangate.yml");
    assert!(workflow.contains("  DIRECTORY: app #"), "{workflow}");
    hold(&workflow, "github-workflow.json", "the workflow");
}

#[test]
fn what_cdk_made_is_enough_and_what_is_written_is_judged() {
    let stack = r#"{"type": "aws:cloudformation:stack", "properties": {"templateFile": "Web.template.json"}}"#;
    let folder = folder(&[
        ("main.tf", "resource \"aws_lb\" \"a\" {\n  idle_timeout = 9000\n}\n"),
        ("app/cdk.out/manifest.json", &format!("{{\"version\": \"36.0.0\", \"artifacts\": {{\"Web\": {stack}}}}}")),
        ("app/cdk.out/Web.template.json", r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#),
    ]);
    let ran = init(&folder, &["--ci", "none"]);
    assert!(ran.stdout.starts_with("found CDK app: app\nfound Terraform configuration: .\n"), "{}", ran.stdout);
    let judged = run_in(folder.path("").as_ref(), &["check", "-o", "json"], &[]);
    let inputs: Vec<String> =
        judged.json()["inputs"].as_array().unwrap().iter().map(|input| input["form"].to_string()).collect();
    assert_eq!((judged.code, inputs), (1, vec!["\"cdk-output\"".to_owned(), "\"terraform-configuration\"".to_owned()]));
}

#[test]
fn no_workflow_is_guessed_and_nothing_is_written_for_nothing() {
    let tf = folder(&[("main.tf", "")]);
    let ran = init(&tf, &[]);
    assert!(ran.stdout.contains("no CI was recognised: --ci github, gitlab or atlantis"), "{}", ran.stdout);
    assert!(exists(&tf, "plangate.yaml") && !exists(&tf, ".github"));
    let atlantis = init(&tf, &["--ci", "atlantis"]).stdout;
    assert!(atlantis.contains("- run: plangate --color never check \"$SHOWFILE\""), "{atlantis}");
    let empty = folder(&[("README.md", "")]);
    let ran = init(&empty, &["--ci", "github"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("error: nothing to judge was found"), "{}", ran.stderr);
    assert!(!exists(&empty, "plangate.yaml"));
}
