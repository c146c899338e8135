//! Files and folders of configuration: which count, what is wrong with them, what is missing, and what is made to do
//! harm. Everything ends in a problem and an exit code of ours.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::program::{Folder, Ran, run, run_with};

const GROUP: &str =
    "resource \"aws_lb_target_group\" \"t\" {\n  port = 80\n  protocol = \"HTTP\"\n  vpc_id = \"vpc-1\"\n";

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        std::fs::create_dir_all(Path::new(&folder.path(name)).parent().unwrap()).unwrap();
        folder.file(name, text);
    }
    folder
}

fn check(files: &[(&str, &str)], more: &[&str]) -> Ran {
    let folder = folder(files);
    run(&[&["check", folder.path("").trim_end_matches('/')], more].concat())
}

/// How many instances a run has seen.
fn resources(files: &[(&str, &str)], more: &[&str]) -> u64 {
    check(files, &[&["-o", "json"], more].concat()).json()["inputs"][0]["resources"].as_u64().unwrap()
}

#[test]
fn an_unparsable_file_does_not_stop_the_others() {
    let group = format!("{GROUP}}}\n");
    let ran = check(&[("main.tf", &group), ("bad.tf", "locals {\n  a = 'x'\n}\n")], &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("bad.tf:2:7: error: is not valid HCL: a text begins with a single quote"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("not all that was asked could be judged"), "{}", ran.stdout);
    let lonely = check(&[("bad.tf", "locals {\n")], &[]);
    assert_eq!(lonely.code, 2);
    assert!(lonely.stderr.contains("the file ends in the middle"), "{}", lonely.stderr);
    let used = check(&[("main.tf", &format!("{GROUP}  name = local.a\n}}\n")), ("bad.tf", "locals {\n")], &[]);
    assert_eq!(
        used.stderr.matches(": error: ").count() + used.stderr.matches(": warning: ").count(),
        1,
        "{}",
        used.stderr
    );
}

#[test]
fn nothing_to_judge() {
    let empty = check(&[], &[]);
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("holds no Terraform configuration"), "{}", empty.stderr);
    let plan = check(&[("plan.json", "{}")], &[]);
    assert_eq!(plan.code, 2);
    assert!(plan.stderr.contains("if plan.json is a plan: plangate check "), "{}", plan.stderr);
}

#[test]
fn what_is_missing_is_said_once() {
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"terraform-aws-modules/alb/aws\"\n}}\n");
    let ran = check(&[("main.tf", &format!("{}{}variable \"v\" {{}}\n", call("a"), call("b")))], &[]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stderr.matches("terraform init").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("module.a (terraform-aws-modules/alb/aws), module.b"), "{}", ran.stderr);
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"a","Source":"registry.terraform.io/x/y/z","Dir":".terraform/modules/a"},
        {"Key":"a.b","Source":"registry.terraform.io/x/y/z","Dir":".terraform/modules/a.b"}]}"#;
    let group = format!("{GROUP}}}\n");
    let files = [
        ("main.tf", "module \"a\" {\n  source = \"x/y/z\"\n}\n"),
        (".terraform/modules/modules.json", manifest),
        (".terraform/modules/a/main.tf", "module \"b\" {\n  source = \"x/y/z\"\n}\n"),
        (".terraform/modules/a.b/main.tf", &group),
    ];
    assert_eq!(resources(&files, &[]), 1);
}

#[test]
fn a_local_module_reads_its_own_files_wherever_it_lies() {
    let group = |health: &str| format!("{GROUP}  health_check {{\n    path = {health}\n  }}\n}}\n");
    let path_of = |health: &str| {
        let folder = folder(&[
            ("live/main.tf", "module \"a\" {\n  source = \"../modules/a\"\n}\n"),
            ("modules/a/main.tf", &group(health)),
            ("modules/a/path.txt", "/own"),
            ("elsewhere/path.txt", "/not"),
        ]);
        let ran = run(&["paths", &folder.path("live"), "-o", "json"]);
        ran.json()["paths"][0]["health_check"]["path"].clone()
    };
    assert_eq!(path_of("file(\"${path.module}/path.txt\")"), "/own");
    assert!(path_of("file(\"${path.module}/../../elsewhere/path.txt\")").is_null());
}

#[test]
fn a_module_that_was_installed_from_another_source_is_missing() {
    let group = format!("{GROUP}}}\n");
    let seen = |written: &str, noted: &str| {
        let main = format!("module \"a\" {{\n  source = {written:?}\n}}\n");
        let manifest = format!(r#"{{"Modules":[{{"Key":"a","Source":{noted:?},"Dir":".terraform/modules/a"}}]}}"#);
        let files = [
            ("main.tf", main.as_str()),
            (".terraform/modules/modules.json", &manifest),
            (".terraform/modules/a/m.tf", &group),
        ];
        let ran = check(&files, &["-o", "json"]);
        let problems = ran.json()["problems"].to_string();
        let stale = problems.contains("is installed from another source") && problems.contains("terraform init");
        assert_eq!(ran.json()["inputs"][0]["resources"] == 0, stale, "{written} {noted}: {}", ran.stdout);
        !stale
    };
    // As `terraform init` notes them down.
    assert!(seen("o/alb/aws", "registry.terraform.io/o/alb/aws"));
    assert!(seen("o/alb/aws", "registry.opentofu.org/o/alb/aws"));
    assert!(seen("app.example.com/o/alb/aws//modules/x", "app.example.com/o/alb/aws//modules/x"));
    assert!(seen("github.com/o/alb", "git::https://github.com/o/alb.git"));
    assert!(seen("github.com/o/alb//m?ref=v1", "git::https://github.com/o/alb.git//m?ref=v1"));
    assert!(seen("git@github.com:o/alb.git?ref=v1", "git::ssh://git@github.com/o/alb.git?ref=v1"));
    assert!(seen("git::https://example.com/alb.git", "git::https://example.com/alb.git"));
    assert!(seen("s3::https://s3.amazonaws.com/b/m.zip", "s3::https://s3.amazonaws.com/b/m.zip"));
    assert!(!seen("o/nlb/aws", "registry.terraform.io/o/alb/aws"));
    assert!(!seen("o/alb/aws//modules/y", "registry.terraform.io/o/alb/aws//modules/x"));
    assert!(!seen("github.com/o/alb?ref=v2", "git::https://github.com/o/alb.git?ref=v1"));
    assert!(!seen("github.com/o/alb", "registry.terraform.io/o/alb/aws"));
}

#[test]
fn the_folder_of_terraforms_own_things_can_be_elsewhere() {
    let group = format!("{GROUP}  count = terraform.workspace == \"blue\" ? 2 : 1\n}}\n");
    let manifest = r#"{"Modules":[{"Key":"a","Source":"registry.terraform.io/x/y/z","Dir":"kept/modules/a"}]}"#;
    let folder = folder(&[
        ("main.tf", "module \"a\" {\n  source = \"x/y/z\"\n}\n"),
        ("kept/modules/modules.json", manifest),
        ("kept/modules/a/main.tf", &group),
        ("kept/environment", "blue"),
    ]);
    let path = folder.path("").trim_end_matches('/').to_owned();
    for said in ["kept", &folder.path("kept")] {
        let ran = run_with(&["check", &path, "-o", "json"], b"", &[("TF_DATA_DIR", said)]);
        assert_eq!(ran.json()["inputs"][0]["resources"], 2, "{}", ran.stdout);
    }
}

#[test]
fn later_values_win_on_the_command_line() {
    let main = format!("variable \"n\" {{\n  type = number\n}}\n{GROUP}  count = var.n\n}}\n");
    let files = [("main.tf", main.as_str()), ("three.tfvars", "n = 3\n"), (".terraform/environment", "blue")];
    let folder = folder(&files);
    let file = folder.path("three.tfvars");
    assert_eq!(resources(&files, &["--var", "n=2", "--var-file", &file]), 3);
    assert_eq!(resources(&files, &["--var-file", &file, "--var=n=2"]), 2);
    assert_eq!(resources(&files, &["--var-file", &file, "--var", "n=2", "--var", "n=4"]), 4);
    let path = folder.path("").trim_end_matches('/').to_owned();
    let ran = run_with(&["check", &path, "-o", "json"], b"", &[("TF_VAR_n", "5")]);
    assert_eq!(ran.json()["inputs"][0]["resources"], 5);
}

#[test]
fn which_files_count() {
    let counted = |count: u32| format!("{GROUP}  count = {count}\n}}\n");
    let (one, two) = (counted(1), counted(2));
    assert_eq!(resources(&[("a.tf", &one), ("a.tofu", &two)], &[]), 2);
    assert_eq!(resources(&[("a.tf.json", "{\"x\""), ("a.tofu.json", "{}"), ("b.tf", &two)], &[]), 2);
    assert_eq!(resources(&[("a.tf", &format!("\u{feff}{}", two.replace('\n', "\r\n")))], &[]), 2);
    let workspace = format!("{GROUP}  count = terraform.workspace == \"blue\" ? 3 : 1\n}}\n");
    assert_eq!(resources(&[("a.tf", &workspace), (".terraform/environment", "blue\n")], &[]), 3);
    assert_eq!(resources(&[("a.tf", &workspace), (".terraform/environment", "blue\n")], &["--workspace", "red"]), 1);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere() {
    let folder = folder(&[("main.tf", &format!("{GROUP}}}\n"))]);
    std::os::unix::fs::symlink(folder.path("loop.tf"), folder.path("loop.tf")).unwrap();
    let ran = run(&["check", folder.path("").trim_end_matches('/')]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("loop.tf: error: is no file that can be read"), "{}", ran.stderr);
}

#[test]
fn what_is_made_to_do_harm_ends_in_a_problem() {
    let tagged = |value: &str, before: &str| format!("{before}{GROUP}  tags = {{ a = {value} }}\n}}\n");
    let list = format!(
        "locals {{\n  a = [{}]\n  b = [{2}]\n  c = [{3}]\n  d = [{4}]\n{1}",
        "1, ".repeat(99) + "1",
        "}\n",
        ["local.a"; 99].join(", "),
        ["local.b"; 99].join(", "),
        ["local.c"; 99].join(", ")
    );
    let nested =
        |open: &str, close: &str| format!("locals {{\n  a = {}1{}\n}}\n", open.repeat(5000), close.repeat(5000));
    let cases = [
        ("alias", tagged("jsonencode(local.d)", &list), "values"),
        ("range", tagged("range(0, 1e9)", ""), "range()"),
        ("count", format!("{GROUP}  count = 1000000\n}}\n"), "more than 20000 instances"),
        ("product", tagged("length(setproduct(local.a, local.a, local.a, local.a))", &list), "setproduct()"),
        ("self", "module \"m\" {\n  source = \"./.\"\n}\n".to_owned(), "calls itself"),
        ("parentheses", nested("(", ")"), "nests too deep"),
        ("lists", nested("[", "]"), "nests too deep"),
        ("templates", nested("\"${", "}\""), "nests too deep"),
        ("blocks", "a {\n".repeat(5000) + &"}\n".repeat(5000), "nests too deep"),
        ("signs", nested("!", ""), "nests too deep"),
    ];
    for (name, text, expected) in cases {
        let ran = check(&[("main.tf", &text)], &[]);
        assert!(ran.stderr.contains(expected), "{name}: {}", ran.stderr);
    }
}
