//! `plangate fix` as it is run: how it ends, what it writes and when it writes nothing at all.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use plangate::source::disk::{self, Rewrite};

use crate::program::{Folder, Ran, run_in, testdata};

const SLOW: &str = "resource \"aws_lb\" \"web\" {\n  idle_timeout = 9000\n}\n";

/// Fixes what is in a folder, as one policy would have it.
fn fix(folder: &Folder, arguments: &[&str]) -> Ran {
    let all = [&["fix", "--only", "idle-timeout-in-range"], arguments].concat();
    run_in(Path::new(&folder.path("")), &all, &[])
}

fn text(folder: &Folder, name: &str) -> String {
    disk::read_text(&folder.path(name)).unwrap()
}

#[test]
fn it_ends_as_check_would_on_the_files_as_they_are_then() {
    let folder = Folder::new();
    folder.file("main.tf", SLOW.replace("9000", "60"));
    let ran = fix(&folder, &["."]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "nothing fails, so there is nothing to fix\n"));

    folder.file("main.tf", SLOW);
    let shown = fix(&folder, &["."]);
    assert_eq!(shown.code, 1, "what is only shown is still wrong");
    assert!(shown.stdout.starts_with("--- a/main.tf\n+++ b/main.tf\n@@ -1,3 +1,3 @@\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("1 finding: 1 cured by 1 edit in 1 file (not written yet: add --write)"));
    assert_eq!(text(&folder, "main.tf"), SLOW);

    let written = fix(&folder, &[".", "--write"]);
    assert_eq!(written.code, 0, "{}", written.all());
    assert!(written.stdout.contains("1 finding: 1 cured by 1 edit in 1 file (written)"), "{}", written.stdout);
    assert_eq!(text(&folder, "main.tf"), SLOW.replace("9000", "4000"));
}

#[test]
fn what_is_left_is_told_and_counts() {
    let folder = Folder::new();
    let more = "resource \"aws_lb\" \"other\" {\n  idle_timeout = 3000 + 3000\n}\n";
    folder.file("main.tf", format!("{SLOW}{more}"));
    let ran = fix(&folder, &[".", "--write"]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not edited:"), "{words}");
    assert!(words.contains("why not an expression decides it (main.tf:5)"), "{words}");
    assert!(words.contains("2 findings: 1 cured by 1 edit in 1 file (written), 1 left to you"), "{words}");
    assert_eq!(text(&folder, "main.tf"), format!("{}{more}", SLOW.replace("9000", "4000")));
    let none = fix(&folder, &[".", "--fail-on", "never"]);
    assert_eq!(none.code, 0, "{}", none.all());
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let folder = Folder::new();
    let missing = fix(&folder, &["no/such.tf"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(missing.stderr.contains("no/such.tf"), "{}", missing.stderr);
    folder.file("main.tf", "resource \"aws_lb\" {{\n");
    assert_eq!(fix(&folder, &[".", "--write"]).code, 2);
    assert_eq!(text(&folder, "main.tf"), "resource \"aws_lb\" {{\n");
}

#[test]
fn a_file_that_was_changed_meanwhile_stops_them_all() {
    let folder = Folder::new();
    let (first, second) = (folder.file("a.tf", "a = 1\n"), folder.file("b.tf", "somebody else's\n"));
    let problem = disk::rewrite(&[
        Rewrite { path: &first, before: "a = 1\n", after: "a = 2\n" },
        Rewrite { path: &second, before: "b = 1\n", after: "b = 2\n" },
    ])
    .unwrap_err();
    assert!(problem.to_string().contains("was changed after it was read, so nothing is written"), "{problem}");
    assert!(problem.to_string().contains(&second), "{problem}");
    assert_eq!((text(&folder, "a.tf").as_str(), text(&folder, "b.tf").as_str()), ("a = 1\n", "somebody else's\n"));
    assert_eq!(disk::names_in(&folder.path("")).unwrap(), ["a.tf", "b.tf"], "nothing half-written is left");
}

#[test]
fn one_file_that_cannot_be_written_stops_them_all() {
    let folder = Folder::new();
    let first = folder.file("a.tf", "a = 1\n");
    std::fs::create_dir(folder.path("b.tf")).unwrap();
    for second in [folder.path("gone/b.tf"), folder.path("b.tf")] {
        let rewrites = [
            Rewrite { path: &first, before: "a = 1\n", after: "a = 2\n" },
            Rewrite { path: &second, before: "b = 1\n", after: "b = 2\n" },
        ];
        let problem = disk::rewrite(&rewrites).unwrap_err().to_string();
        assert!(problem.contains("cannot write") && problem.contains(&second), "{problem}");
        assert_eq!(text(&folder, "a.tf"), "a = 1\n");
        assert_eq!(disk::names_in(&folder.path("")).unwrap(), ["a.tf"], "nothing half-written is left");
    }
    let only = [Rewrite { path: &first, before: "a = 1\n", after: "a = 2\n" }];
    disk::rewrite(&only).unwrap();
    assert_eq!(text(&folder, "a.tf"), "a = 2\n");
}

#[test]
fn a_plan_is_fixed_in_the_configuration_beside_it_and_alone_only_described() {
    let folder = Folder::new();
    let source = String::from_utf8(crate::program::bytes_of("faulty-edge/main.tf")).unwrap();
    folder.file("main.tf", &source);
    let plan = folder.file("plan.json", crate::program::bytes_of("faulty-edge/plan.json"));
    let beside = fix(&folder, &["plan.json", "--write"]);
    assert!(beside.stdout.contains("--- a/main.tf\n+++ b/main.tf\n"), "{}", beside.all());
    assert!(beside.stdout.contains("1 finding: 1 cured by 1 edit in 1 file (written)"), "{}", beside.stdout);
    assert_eq!(text(&folder, "main.tf"), source.replacen("= 4001", "= 4000", 1));

    let alone = Folder::new();
    alone.file("plan.json", disk::read(&plan).unwrap());
    let told = fix(&alone, &["plan.json", "--write"]);
    assert_eq!(told.code, 1);
    let words = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.starts_with("not edited: "), "{words}");
    assert!(words.contains("aws_lb.edge"), "{words}");
    let why = "why not a plan has no text: name the configuration it was made from with --source";
    assert!(words.contains(why) && words.contains("1 finding: 1 left to you"), "{words}");
    assert_eq!(disk::names_in(&alone.path("")).unwrap(), ["plan.json"]);
}

#[test]
fn a_plan_from_elsewhere_is_fixed_where_its_source_is_named() {
    let (plan, source) = (testdata("faulty-edge/plan.json"), testdata("faulty-edge"));
    let ran = fix(&Folder::new(), &[&plan, "--source", &source]);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.stdout.contains("-  idle_timeout      = 4001\n+  idle_timeout      = 4000\n"), "{}", ran.stdout);
}

/// Applies a diff as a user would.
fn apply(folder: &Folder, diff: &str) {
    let file = folder.file("change.diff", format!("{diff}\n"));
    let git = std::process::Command::new("git")
        .args(["apply", "--check", "--verbose", &file])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert!(git.status.success(), "{}\n{diff}", String::from_utf8_lossy(&git.stderr));
}

#[test]
fn a_diff_shows_no_secret_that_stands_beside_a_change_and_still_applies() {
    let folder = Folder::new();
    let main = "variable \"pin\" {\n  sensitive = true\n  default   = \"hunter1\"\n}\nresource \"aws_lb\" \"web\" {\n  idle_timeout = 9000\n  internal     = true\n  tags = { db_password = \"hunter2\" }\n}\n# token: hunter3\nresource \"aws_lb\" \"other\" {\n  name         = \"other\"\n  idle_timeout = 8000\n}\nresource \"aws_sqs_queue\" \"q\" {\n  pin = \"hunter4\"\n}\n";
    folder.file("main.tf", main);
    let ran = fix(&folder, &["."]);
    assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
    let wanted = "--- a/main.tf\n+++ b/main.tf\n@@ -5,3 +5,3 @@\n resource \"aws_lb\" \"web\" {\n-  idle_timeout = 9000\n+  idle_timeout = 4000\n   internal     = true\n@@ -11,5 +11,5 @@\n";
    assert!(ran.stdout.starts_with(wanted), "{}", ran.stdout);
    apply(&folder, ran.stdout.split_once("\n\n").unwrap().0);
}

#[test]
fn a_change_that_cannot_be_shown_without_a_secret_is_told_and_can_be_written() {
    let folder = Folder::new();
    let main = "resource \"aws_lb\" \"web\" {\n  idle_timeout = 9000\n  customer_secret = \"hunter2\"\n}\n";
    folder.file("main.tf", main);
    let ran = fix(&folder, &["."]);
    assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "not shown: the changes of main.tf stand beside what may be a secret; they are made by --write";
    assert!(words.starts_with(told), "{words}");
    assert!(!fix(&folder, &[".", "--write"]).all().contains("hunter"));
    assert_eq!(text(&folder, "main.tf"), main.replace("9000", "4000"));
}

#[test]
fn no_echo_defaults_stay_out_of_a_diff() {
    let folder = Folder::new();
    let template = "Parameters:\n  Pin:\n    Type: String\n    NoEcho: true\n    Default: hunter1\n  Idle:\n    Type: Number\n    Default: 9000\nResources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      LoadBalancerAttributes:\n        - {Key: idle_timeout.timeout_seconds, Value: !Ref Idle}\n";
    folder.file("t.yaml", template);
    let ran = fix(&folder, &["t.yaml"]);
    assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
    apply(&folder, ran.stdout.split_once("\n\n").unwrap().0);
    // The values of that parameter in a file beside it are none to show either.
    let given = "{\n  \"Pin\": \"hunter2\",\n  \"Idle\": 9000,\n  \"Zone\": \"a\"\n}\n";
    let template = template.replacen("Resources:", "  Zone: {Type: String}\nResources:", 1);
    folder.file("t.yaml", template);
    folder.file("p.json", given);
    let ran = fix(&folder, &["t.yaml", "--parameters", "p.json"]);
    assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
    assert!(ran.stdout.starts_with("--- a/p.json\n+++ b/p.json\n@@ -3,3 +3,3 @@\n"), "{}", ran.stdout);
    apply(&folder, ran.stdout.split_once("\n\n").unwrap().0);
}

#[test]
fn a_value_that_is_declared_secret_stays_out_of_a_diff_whatever_it_is_called() {
    let lb = |inner: &str| {
        format!("resource \"aws_lb\" \"web\" {{\n  {inner}\n  name         = \"web\"\n  idle_timeout = 9000\n}}\n")
    };
    let shown = |files: &[(&str, &str)], arguments: &[&str]| {
        let folder = Folder::new();
        files.iter().for_each(|(name, text)| drop(folder.file(name, text)));
        let ran = fix(&folder, arguments);
        assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
        assert!(ran.stdout.contains("+  idle_timeout = 4000"), "{}", ran.stdout);
        apply(&folder, ran.stdout.split_once("\n\n").unwrap().0);
    };
    let variable = "variable \"pin\" {\n  sensitive = true\n  default   = \"hunter22\"\n}\n";
    let main = lb("preserve = \"x-hunter22\"");
    shown(&[("vars.tf", variable), ("main.tf", &main)], &["."]);
    // Given by a file, and by a flag.
    let bare = "variable \"pin\" { sensitive = true }\n";
    shown(&[("vars.tf", bare), ("terraform.tfvars", "pin = \"hunter22\"\n"), ("main.tf", &main)], &["."]);
    shown(&[("vars.tf", bare), ("main.tf", &main)], &[".", "--var", "pin=hunter22"]);
    let json = "{\"variable\": {\"pin\": {\"sensitive\": true, \"default\": \"hunter22\"}}}\n";
    shown(&[("vars.tf.json", json), ("main.tf", &main)], &["."]);
    // What a function makes of one is one, and so is what somebody calls one.
    shown(&[("main.tf", &lb("preserve = sensitive(\"hunter22\")"))], &["."]);
}

#[test]
fn a_no_echo_default_that_is_written_out_elsewhere_stays_out_of_a_diff() {
    let folder = Folder::new();
    let template = "Parameters:\n  Pin:\n    Type: String\n    NoEcho: true\n    Default: hunter22\nResources:\n  Web:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n      Scheme: internal\n      Tags: [{Key: a, Value: hunter22}]\n      Name: web\n      LoadBalancerAttributes:\n        - {Key: idle_timeout.timeout_seconds, Value: 9000}\n";
    folder.file("t.yaml", template);
    let ran = fix(&folder, &["t.yaml"]);
    assert!(!ran.all().contains("hunter"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Value: 4000"), "{}", ran.stdout);
    apply(&folder, ran.stdout.split_once("\n\n").unwrap().0);
}
