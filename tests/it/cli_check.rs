//! `check` on real plans: exit codes, thresholds, choices, outputs, and what the last lines promise.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{Folder, Ran, bytes_of, feed, run, testdata};

const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];

fn check(stack: &str, more: &[&str]) -> Ran {
    let plan = testdata(&format!("{stack}/plan.json"));
    run(&[&["check", plan.as_str()], more].concat())
}

fn last_line(ran: &Ran) -> &str {
    ran.stdout.lines().last().unwrap_or_default()
}

/// How many findings of a JSON report have this verdict and at least this severity.
fn counted(report: &Value, verdict: &str, least: usize) -> usize {
    let findings = report["findings"].as_array().unwrap();
    let severity = |finding: &Value| SEVERITIES.iter().position(|name| finding["severity"] == *name).unwrap();
    findings.iter().filter(|finding| finding["verdict"] == verdict && severity(finding) >= least).count()
}

#[test]
fn the_threshold_decides_the_exit_code() {
    for stack in ["faulty", "fargate", "secrets", "faulty-edge"] {
        let report = check(stack, &["-o", "json"]).json();
        for (least, severity) in SEVERITIES.iter().enumerate() {
            let failed = counted(&report, "fail", least);
            let ran = check(stack, &["--fail-on", severity]);
            assert_eq!(ran.code, i32::from(failed > 0), "{stack} at {severity}");
            if failed > 0 {
                assert_eq!(last_line(&ran), format!("exit 1: {failed} failed at or above {severity}"));
            } else if counted(&report, "fail", 0) > 0 {
                assert_eq!(last_line(&ran), format!("exit 0: nothing failed at or above {severity}"));
            }
        }
        assert_eq!(check(stack, &["--fail-on", "never"]).code, 0);
        let usual = check(stack, &[]);
        assert_eq!(usual.code, check(stack, &["--fail-on", "medium"]).code);
    }
    assert_eq!(last_line(&check("faulty", &["--fail-on", "never"])), "exit 0: nothing counts with --fail-on never");
}

#[test]
fn undecided_checks_are_reported_counted_or_hidden() {
    let report = check("unknown-values", &["-o", "json"]).json();
    let undecided = counted(&report, "undecided", 2);
    assert!(undecided > 0 && counted(&report, "fail", 2) == 0, "the stack is not what it was");
    let usual = check("unknown-values", &[]);
    assert_eq!((usual.code, &usual.stdout), (0, &check("unknown-values", &["--undecided", "report"]).stdout));
    let failing = check("unknown-values", &["--undecided", "fail"]);
    let line = format!("exit 1: {undecided} undecided at or above medium");
    assert_eq!((failing.code, last_line(&failing)), (1, line.as_str()));
    assert_eq!(check("unknown-values", &["--undecided", "fail", "--fail-on", "never"]).code, 0);
    assert_eq!(check("unknown-values", &["--undecided", "fail", "--fail-on", "critical"]).code, 0);
    let hidden = check("unknown-values", &["--undecided", "hide"]);
    assert_eq!(hidden.code, 0);
    let all = report["summary"]["undecided"].as_u64().unwrap();
    let words = hidden.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!(" {all} undecided (not shown)")), "{words}");
    let hidden = check("unknown-values", &["--undecided", "hide", "-o", "json"]).json();
    assert_eq!((counted(&hidden, "undecided", 0), &hidden["summary"]), (0, &report["summary"]));
}

#[test]
fn policies_are_chosen_by_name() {
    let only = "health-check-timeout-below-interval";
    let report = check("faulty", &["--only", only, "-o", "json"]).json();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["policy"] == only));
    assert_eq!(report["summary"]["policies"], 1);
    let all = check("faulty", &["-o", "json"]).json();
    let report = check("faulty", &["--skip", only, "-o", "json"]).json();
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["policy"] != only));
    let number = |report: &Value| report["summary"]["policies"].as_u64().unwrap();
    assert_eq!(number(&report) + 1, number(&all));
}

#[test]
fn wrong_names_are_errors_and_nothing_is_judged() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["--only", "health-check-timout-below-interval"],
            "--only: error: there is no policy `health-check-timout-below-interval`; did you mean `health-check-timeout-below-interval`?",
        ),
        (
            &["--skip", "matcher-vaild"],
            "--skip: error: there is no policy `matcher-vaild`; did you mean `matcher-valid`?",
        ),
        (
            &["--param", "matcher-vaild.x=1"],
            "--param: error: there is no policy `matcher-vaild`; did you mean `matcher-valid`?",
        ),
        (&["--param", "unhealthy-target-detected-quickly.limt=1"], "did you mean `limit`?"),
        (&["--param", "unhealthy-target-detected-quickly.limit=soon"], "must be"),
    ];
    for (arguments, wanted) in cases {
        let ran = check("faulty", arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        let first = ran.stderr.lines().next().unwrap_or_default();
        assert!(first.contains(wanted), "{first}");
        assert!(ran.stdout.starts_with("looked at nothing\n"), "{}", ran.stdout);
    }
    let none = check("faulty", &["--only", "matcher-valid", "--skip", "matcher-valid"]);
    assert_eq!(none.code, 2);
    let missing = check("faulty", &["--policy", "no/such/folder"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.starts_with("no/such/folder: error: "), "{}", missing.stderr);
}

#[test]
fn parameters_change_the_verdict() {
    let of = |limit: &str| {
        let param = format!("unhealthy-target-detected-quickly.limit={limit}");
        let only = ["--only", "unhealthy-target-detected-quickly", "--fail-on", "low", "--param", &param];
        check("secrets", &only).code
    };
    assert_eq!((of("60"), of("90"), of("89")), (1, 0, 1));
}

#[test]
fn several_inputs_and_one_that_cannot_be_read() {
    let (good, other) = (testdata("fargate/plan.json"), testdata("lambda/plan.json"));
    let number = |report: &Value, what: &str| report["summary"][what].as_u64().unwrap();
    let one = run(&["check", &good, "-o", "json"]).json();
    let two = run(&["check", &other, "-o", "json"]).json();
    let folder = Folder::new();
    let bad = folder.file("bad.json", "{");
    for inputs in [[&good, &bad, &other], [&bad, &good, &other], [&good, &other, &bad]] {
        let ran = run(&["check", inputs[0], inputs[1], inputs[2], "-o", "json"]);
        assert_eq!(ran.code, 2);
        let both = ran.json();
        assert_eq!(both["inputs"].as_array().unwrap().len(), 2);
        assert_eq!(both["problems"].as_array().unwrap().len(), 1);
        assert_eq!(both["problems"][0]["file"], bad.as_str());
        for what in ["resources", "paths", "checks"] {
            assert_eq!(number(&both, what), number(&one, what) + number(&two, what), "{what}");
        }
    }
    let text = run(&["check", &good, &bad]);
    assert_eq!(last_line(&text), "exit 2: not all that was asked could be judged (1 error on standard error)");
    let whole = run(&["check", &good, &other]);
    assert_eq!((whole.code, whole.stderr.as_str()), (0, ""));
    assert_eq!(run(&["paths", &good, &bad]).code, 2);
}

#[test]
fn standard_input_is_an_input() {
    let source = testdata("faulty");
    let piped = feed(&["check", "-", "--source", &source, "-o", "json"], bytes_of("faulty/plan.json"));
    assert_eq!((piped.code, piped.stderr.as_str()), (1, ""));
    let mut piped = piped.json();
    assert_eq!(piped["inputs"][0]["path"], "<stdin>");
    let mut named = check("faulty", &["-o", "json"]).json();
    piped["inputs"] = Value::Null;
    named["inputs"] = Value::Null;
    assert_eq!(piped, named);
    let both = feed(&["check", "-", &testdata("fargate/plan.json"), "-o", "json"], bytes_of("faulty/plan.json")).json();
    assert_eq!(both["inputs"].as_array().unwrap().len(), 2);
}

#[test]
fn reports_go_to_files_whole() {
    let folder = Folder::new();
    let json = folder.file("report.json", "x".repeat(1 << 20));
    let ran = check("faulty", &["-o", "text", "-o", &format!("json={json}")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(ran.stdout, check("faulty", &[]).stdout);
    let written = plangate::source::disk::read_text(&json).unwrap();
    assert_eq!(written, check("faulty", &["-o", "json"]).stdout, "nothing of the old file is left");
    let left: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    // Also when nothing could be judged, and when it cannot be written.
    let ran = run(&["check", "no-such-file", "-o", &format!("json={json}")]);
    assert_eq!(ran.code, 2);
    let report: Value = serde_json::from_str(&plangate::source::disk::read_text(&json).unwrap()).unwrap();
    assert_eq!(report["problems"].as_array().unwrap().len(), 1);
    let nowhere = check("fargate", &["-o", &format!("json={}", folder.path("no/such/report.json"))]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("error: cannot write: "), "{}", nowhere.stderr);
}

#[test]
fn quiet_and_verbose() {
    let usual = check("faulty", &[]).stdout;
    let quiet = check("faulty", &["-q"]).stdout;
    let verbose = check("faulty", &["-v"]).stdout;
    let lines = |more: &[&str]| check("unknown-values", more).stdout.lines().count();
    assert!(lines(&["-q"]) < lines(&[]) && lines(&[]) < lines(&["-v"]));
    // What failed is in all of them, and so is how it ended.
    for text in [&quiet, &usual, &verbose] {
        assert_eq!(text.matches("✗ high").count() + text.matches("✗ medium").count(), 16);
        assert!(text.ends_with("exit 1: 16 failed at or above medium\n"), "{text}");
    }
    // Warnings are left out, errors are not.
    assert!(check("target-flag", &[]).stderr.contains("warning: is a partial plan"));
    assert_eq!(check("target-flag", &["-q"]).stderr, "");
    assert!(run(&["check", "-q", "no-such-file"]).stderr.contains("error: "));
}

#[test]
fn colours() {
    let escape = '\u{1b}';
    for more in [&["-v"][..], &["-q"], &["-o", "json"]] {
        let never = check("faulty", &[more, &["--color", "never"]].concat());
        assert!(!never.all().contains(escape), "{more:?}");
        let auto = check("faulty", more);
        assert_eq!(auto.stdout, never.stdout, "{more:?}: a pipe is no terminal");
    }
    let always = check("faulty", &["--color", "always"]).stdout;
    assert!(always.contains(escape));
    let plain = anstream::adapter::strip_str(&always).to_string();
    assert_eq!(plain, check("faulty", &[]).stdout, "colours change no word");
}

#[test]
fn a_reader_that_has_seen_enough() {
    let plan = testdata("faulty/plan.json");
    for (format, code) in [("json", 1), ("text", 1)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plangate"))
            .args(["check", plan.as_str(), plan.as_str(), plan.as_str(), "-v", "-o", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        // The pipe is closed now, long before all was written.
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(code), ""), "{format}");
    }
}

#[test]
fn nothing_to_judge_does_not_look_like_success() {
    let destroy = check("destroy", &[]);
    assert_eq!((destroy.code, destroy.stderr.as_str()), (0, ""));
    assert!(destroy.stdout.starts_with("no request path found: "), "{}", destroy.stdout);
    assert!(last_line(&destroy).starts_with("looked at 0 resources, 0 request paths, "), "{}", destroy.stdout);
    assert!(last_line(&destroy).ends_with(": nothing to check"), "{}", destroy.stdout);
    assert!(!destroy.stdout.contains('✓') && !destroy.stdout.contains("passed"), "{}", destroy.stdout);
    let report = check("destroy", &["-o", "json"]).json();
    assert_eq!((&report["summary"]["paths"], &report["summary"]["checks"]), (&0.into(), &0.into()));
    assert_eq!(check("destroy", &["-q"]).stdout, destroy.stdout);
}

/// The numbers of the closing line are those of the JSON, and add up.
#[test]
fn the_closing_line_counts_what_was_looked_at() {
    for stack in ["fargate", "faulty", "target-flag", "unknown-values", "nested-modules", "destroy"] {
        let summary = &check(stack, &["-o", "json"]).json()["summary"];
        let number = |what: &str| summary[what].as_u64().unwrap();
        assert_eq!(
            number("checks"),
            number("pass") + number("fail") + number("undecided") + number("exempt"),
            "{stack}"
        );
        let text = check(stack, &[]).stdout;
        let many = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let looked =
            format!("looked at {}, {}, ", many(number("resources"), "resource"), many(number("paths"), "request path"));
        assert!(text.contains(&looked), "{stack}: {looked}: {text}");
        // Nothing else in the report counts paths that the closing line does not know.
        if number("paths") == 0 {
            assert!(!text.contains("request path has no failed check"), "{stack}: {text}");
        } else if text.contains("no failed check") {
            let of = format!(" of {}", many(number("paths"), "request path"));
            assert!(text.contains(&of), "{stack}: {of}: {text}");
        }
    }
}

/// A report is written as any program writes a file: to what a link leads to, with the permissions that are usual or
/// that were there, and into a pipe or device, not over it.
#[cfg(unix)]
#[test]
fn a_report_takes_the_place_of_a_file_and_of_nothing_else() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let folder = Folder::new();
    folder.file("usual", "");
    folder.file("old.json", "old");
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(folder.path("old.json"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(folder.path("old.json"), folder.path("link.json")).unwrap();
    let pipe = folder.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || plangate::source::disk::read_text(&pipe).map(|text| text.len())
    });
    let to = |format: &str, name: &str| format!("{format}={}", folder.path(name));
    let outputs = [to("json", "new.json"), to("json", "link.json"), to("sarif", "pipe")];
    let more: Vec<&str> = outputs.iter().flat_map(|output| ["-o", output]).collect();
    let ran = check("fargate", &more);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(mode("new.json"), mode("usual"));
    assert_eq!(mode("old.json"), 0o640);
    assert!(std::fs::symlink_metadata(folder.path("link.json")).unwrap().file_type().is_symlink());
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().unwrap() > 1000);
}
