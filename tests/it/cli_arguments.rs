//! The command line as it is spoken: help, wrong flags, colours, exit codes of what cannot be judged.

use crate::program::{run, run_with};

#[test]
fn help_goes_to_standard_output() {
    let output = run(&["--help"]);
    assert_eq!(output.code, 0);
    assert_eq!(output.stderr, "");
    for command in ["check", "paths", "explain", "comment", "init", "policies", "completions"] {
        assert!(output.stdout.contains(&format!("\n  {command} ")), "{command}");
    }
    assert!(output.stdout.contains("terraform show -json plan.bin | plangate check -"));
}

#[test]
fn every_command_has_help_with_its_flags() {
    let flags = ["--policy", "--only", "--skip", "--param", "--fail-on", "--undecided", "--output", "--quiet"];
    let help = run(&["check", "--help"]).stdout;
    flags.iter().for_each(|flag| assert!(help.contains(flag), "{flag}"));
    ["--parameters", "--region", "--account"].iter().for_each(|flag| assert!(help.contains(flag), "{flag}"));
    for command in [&["paths"][..], &["explain"], &["policies"], &["policies", "list"], &["policies", "test"]] {
        let output = run(&[command, &["--help"]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{command:?}");
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let wrong: &[&[&str]] = &[
        &[],
        &["frobnicate"],
        &["check", "--colour"],
        &["check", "--fail-on", "severe", "x.json"],
        &["check", "--undecided", "maybe", "x.json"],
        &["check", "-o", "yaml", "x.json"],
        &["check", "-o", "json=", "x.json"],
        &["check", "-q", "-v", "x.json"],
        &["check", "--param", "no-value", "x.json"],
        &["check", "--param", ".name=1", "x.json"],
        &["check", "-o", "text", "-o", "json", "x.json"],
        &["check", "-o", "text=a", "-o", "json=a", "x.json"],
        &["check", "-", "-"],
        &["check", "--parameters", "", "x.json"],
        &["check", "--parameters", "ParameterKey=A", "x.json"],
        &["check", "--region", "Frankfurt", "x.json"],
        &["check", "--account", "12345", "x.json"],
        &["policies", "test"],
        &["explain"],
        &["comment"],
        &["comment", "--body", "x", "--tag", "a b"],
        &["comment", "--body", "x", "--forge", "gitea"],
        &["comment", "--body", "x", "--timeout", "0"],
        &["completions", "tcl"],
        &["init", "--ci", "jenkins"],
        &["check", "--watch", "-"],
    ];
    for arguments in wrong {
        let output = run(arguments);
        assert_eq!(output.code, 2, "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn each_command_names_the_formats_it_can_write() {
    for (command, near) in
        [(&["check"][..], "jsn"), (&["paths"], "jsn"), (&["explain", "x"], "txt"), (&["policies"], "txt")]
    {
        let help = run(&[&command[..1], &["--help"]].concat()).stdout;
        let formats = help.split("Report as one of ").nth(1).unwrap().split(", to a file").next().unwrap();
        let formats = formats.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(formats.starts_with("text, json"), "{command:?}: {formats}");
        let output = run(&[command, &["-o", near]].concat());
        assert_eq!(output.code, 2);
        let meant = if near == "txt" { "text" } else { "json" };
        let said = format!("`{near}` is not one of {formats}; did you mean `{meant}`?");
        assert!(output.stderr.contains(&said), "{}", output.stderr);
    }
}

#[test]
fn files_of_a_configuration_are_its_folder_once() {
    let folder = crate::program::testdata("configurations/ec2-asg-nginx");
    let (one, other) = (format!("{folder}/alb.tf"), format!("{folder}/asg.tf"));
    let whole = run(&["check", &folder, "-o", "json"]);
    assert_eq!(run(&["check", &folder, &one, &other, "-o", "json"]).stdout, whole.stdout);
    assert!(whole.stdout.contains("\"form\": \"terraform-configuration\""), "{}", &whole.stdout[..400]);
}

#[test]
fn an_unknown_policy_is_an_error() {
    let output = run(&["explain", "no-such-policy-anywhere"]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("error: there is no policy `no-such-policy-anywhere`"));
}

#[test]
fn what_cannot_be_judged_exits_with_2_in_every_format() {
    let missing = ["check", "no-such-plan.json"];
    let text = run(&missing);
    assert_eq!(text.code, 2);
    assert!(text.stdout.contains("looked at nothing\nexit 2: "));
    assert!(text.stderr.contains("error: "));
    let json = run(&[&missing[..], &["-o", "json"]].concat());
    assert_eq!(json.code, 2);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["problems"][0]["level"], "error");
    assert_eq!(run(&["paths", "no-such-plan.json"]).code, 2);
}

#[test]
fn reports_go_to_files_whole_and_without_colours() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (text, json) = (format!("text={}", file("a.txt")), format!("json={}", file("a.json")));
    let output = run(&["check", "no-such-plan.json", "--color", "always", "-o", &text, "-o", &json]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    let text = plangate::source::disk::read_text(&file("a.txt")).unwrap();
    assert!(text.starts_with("looked at nothing\n"));
    let json = plangate::source::disk::read_text(&file("a.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

#[test]
fn a_report_that_cannot_be_written_exits_with_2() {
    let output = run(&["policies", "-o", "json=/no/such/folder/report.json"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("/no/such/folder/report.json: error: cannot write"));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let escape = '\u{1b}';
    let wrong = ["check", "no-such-plan.json"];
    assert!(!run(&wrong).stderr.contains(escape));
    let always = run(&[&wrong[..], &["--color", "always"]].concat());
    assert!(always.stderr.contains(escape) && always.stdout.contains(escape));
    let never = run_with(&[&wrong[..], &["--color", "never"]].concat(), b"", &[("CLICOLOR_FORCE", "1")]);
    assert!(!never.stderr.contains(escape) && !never.stdout.contains(escape));
    let forced = run_with(&wrong, b"", &[("CLICOLOR_FORCE", "1")]);
    assert!(forced.stderr.contains(escape));
    let refused = run_with(&wrong, b"", &[("NO_COLOR", "1")]);
    assert!(!refused.stderr.contains(escape) && !refused.stdout.contains(escape));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.code, 0, "{shell}");
        assert!(output.stdout.contains("explain"), "{shell}");
    }
}

#[test]
fn the_manual_page_has_every_command_on_it() {
    let page = run(&["completions", "man"]).stdout;
    assert!(page.contains(".TH plangate 1"), "{page}");
    for command in ["CHECK", "PATHS", "EXPLAIN", "COMMENT", "INIT", "POLICIES", "COMPLETIONS"] {
        assert!(page.contains(&format!(".SH \"PLANGATE {command}\"\n")), "{command}");
    }
    assert!(page.contains("\\-\\-dry\\-run") && page.contains("Exit codes:"), "{page}");
    // Pages of their own there are none.
    assert!(!page.contains("check(1)"));
}
