//! The comment on a pull request: what stands where, that it stays whole under a limit, and that nothing in it is more
//! than text.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::catalog::Severity;
use plangate::judge::{Assessment, Cause, Change, Cure, Exempt, Finding, Origin};
use plangate::report::{MarkdownOptions, check_html, check_markdown};
use plangate::source::Edit;

use crate::program::{run, testdata};
use crate::report_pictures::many;
use crate::report_sample::{SECRET, evidence, fail, make_secret, secret, shop};

#[test]
fn a_comment_on_a_shop() {
    let mut shop = shop();
    shop.findings[0].change = Some(Change::Introduced);
    shop.findings[1].change = Some(Change::Existing);
    shop.findings[2].change = Some(Change::Existing);
    shop.summary.introduced = 1;
    shop.fixed = vec![Finding { change: Some(Change::Fixed), ..fail("matcher-valid") }];
    shop.summary.fixed = 1;
    shop.exempt = vec![exempt()];
    shop.summary.exempt = 1;
    insta::assert_snapshot!("shop_markdown", comment(&shop, false));
}

#[test]
fn comments_on_stacks() {
    for (stack, file) in [("fargate", "plan.json"), ("faulty-edge", "template.yaml"), ("update", "plan.json")] {
        let ran = run(&["check", &testdata(&format!("{stack}/{file}")), "-o", "markdown"]);
        let shown = ran.stdout.replace(env!("CARGO_MANIFEST_DIR"), "");
        // How many policies there are is not what this is about.
        let counts = |line: &&str| !line.starts_with("<sub>") && !line.ends_with(" passed");
        let shown = shown.lines().filter(counts).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(format!("{stack}_markdown"), shown);
    }
}

#[test]
fn the_fix_is_in_the_language_of_the_input() {
    let of = |file: &str| run(&["check", &testdata(file), "-o", "markdown"]).stdout;
    let (terraform, template) = (of("faulty-edge/plan.json"), of("faulty-edge/template.yaml"));
    assert!(terraform.contains("```hcl\n") && !terraform.contains("```yaml\n"));
    assert!(template.contains("```yaml\n") && !template.contains("```hcl\n"));
}

#[test]
fn edits_that_cure_a_finding_are_shown_without_what_stands_around_them() {
    let text = format!("password = \"{SECRET}\"\n  idle_timeout = 60 # {SECRET}\ntoken = \"{SECRET}\"\n");
    let at = text.find("60").unwrap();
    let end = text.find("token").unwrap();
    let mut shop = shop();
    shop.findings[0].edits = vec![
        Edit::new("main.tf", &text, at..at + 2, "75".into()),
        Edit::new("main.tf", &text, end..end, "drop_invalid = true\r\n".into()),
    ];
    let diff =
        "@@ main.tf:2 @@\n-  idle_timeout = 60 …\n+  idle_timeout = 75 …\n@@ main.tf:3 @@\n+drop_invalid = true\n";
    let shown = comment(&shop, false);
    assert!(shown.contains(&format!("This cures it:\n\n```diff\n{diff}```\n")), "{shown}");
    is_whole(&shown);
    let page = check_html(&shop, &[], false, None);
    assert!(page.contains("<span class=\"removed\">-  idle_timeout = 60 …</span>\n<span class=\"added\">+"), "{page}");
    assert!(!shown.contains(SECRET) && !page.contains(SECRET));
    // Where it is said that what goes is a secret, not even that.
    let (address, attribute) = ("aws_lb.web".to_owned(), "idle_timeout".to_owned());
    shop.findings[0].cure = vec![Cure::Set { address, attribute, old: Some(secret()), new: 75.into() }];
    assert!(!comment(&shop, false).contains("```diff"));
}

#[test]
fn thousands_of_findings_stay_under_the_limit_and_whole() {
    let mut crowd = many(1500);
    for at in 0..crowd.paths.len() {
        let path = Some(crowd.paths[at].path.clone());
        let subject = format!("aws_ecs_service.s{at}").into();
        let severity = if at % 3 == 0 { Severity::Low } else { Severity::High };
        let why = format!("{} {at}", "It breaks. ".repeat(30));
        crowd.findings.push(Finding { path, subject, severity, why: why.into(), ..fail("p") });
    }
    crowd.summary.fail = crowd.findings.len();
    let whole = comment(&crowd, false);
    assert!(whole.len() > 999_000, "the whole comment fits: {}", whole.len());
    let mut left = Vec::new();
    for limit in [8_000, MarkdownOptions::LIMIT, 400_000, 900_000] {
        let text = limited(&crowd, limit);
        assert!(text.len() <= limit, "{} of {limit}", text.len());
        is_whole(&text);
        assert!(text.starts_with("## ❌ plangate: 1500 checks failed\n"));
        assert!(text.contains("Left out for want of room: "), "{limit}");
        left.push([
            text.matches("```mermaid").count(),
            text.matches("<summary>Why").count(),
            text.matches("**low**").count(),
            text.matches("**high**").count(),
        ]);
    }
    // Pictures go first, then explanations, then what breaks nothing, and what breaks requests goes last.
    for [pictures, whys, low, grave] in left {
        assert!(pictures == 0 || (whys == 1000 && low == 500 && grave == 1000), "{pictures} {whys} {low} {grave}");
        assert!(whys == 0 || (low == 500 && grave == 1000), "{whys} {low} {grave}");
        assert!(low == 0 || grave == 1000, "{low} {grave}");
        assert!(grave > 0);
    }
    assert_eq!(limited(&crowd, MarkdownOptions::LIMIT), limited(&crowd, MarkdownOptions::LIMIT));
}

#[test]
fn a_run_that_passed_never_says_the_word_atlantis_looks_for() {
    let word = "Failover @fail `fail` <FAIL> faiL.";
    let mut shop = shop();
    shop.inputs[0].path = format!("{word}/plan.json");
    for finding in &mut shop.findings {
        finding.severity = Severity::Medium;
        finding.policy = "fail-closed".into();
        (finding.subject, finding.message, finding.why, finding.fix) =
            (word.into(), word.into(), word.into(), word.into());
        finding.hangs_on = finding.hangs_on.as_ref().map(|_| word.into());
        finding.construct = Some(word.into());
        if let Some(path) = &mut finding.path {
            path.target_group = word.into();
        }
        finding.evidence.push(evidence(word, "failover", word.into()));
    }
    shop.paths[0].path.target_group = word.into();
    shop.fixed = vec![Finding { subject: word.into(), ..fail("fail") }];
    shop.exempt = vec![exempt()];
    shop.problems[0].message = word.into();
    let text = check_markdown(
        &shop,
        &[],
        &MarkdownOptions { outcome: Some("exit 0: nothing failed".into()), ..options(true) },
    );
    if let Some(at) = text.to_lowercase().find("fail") {
        panic!("{}", text.chars().skip(text[..at].chars().count().saturating_sub(80)).take(160).collect::<String>());
    }
    // It is there to be read all the same.
    assert!(text.contains("F&#97;ilover") && text.contains("<code>f&#97;il-closed</code>") && text.contains("f#97;il"));
    // A run that did not pass says it.
    for undecided in [false, true] {
        let mut broken = shop_without_fails();
        broken.summary.fail = usize::from(!undecided);
        assert!(comment(&broken, false).contains("fail"));
    }
}

#[test]
fn a_clean_stack_passes_without_the_word() {
    let ran = run(&["check", &testdata("fargate/plan.json"), "-o", "markdown"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.stdout.to_lowercase().contains("fail"), "{}", ran.stdout);
}

#[test]
fn names_from_outside_are_only_text() {
    let ran = run(&["check", &testdata("names"), "-o", "markdown"]);
    is_whole(&ran.stdout);
    let prose = without_code(&ran.stdout);
    for markup in ["<script", "@admin", " #123", "!4 ", "GH-5", "<!--", "**bold**", "~~gone~~", "_under_"] {
        assert!(!prose.contains(markup), "{markup}");
    }
    assert!(ran.stdout.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn sensitive_values_are_in_no_comment() {
    let mut shop = shop();
    shop.findings.iter_mut().for_each(|one| one.evidence.push(evidence("aws_lb.web", "name", secret())));
    shop.paths.iter_mut().for_each(make_secret);
    let text = comment(&shop, false);
    assert!(!text.contains(SECRET) && text.contains("(sensitive"));
}

/// Fences and folds are closed in the order they were opened.
fn is_whole(text: &str) {
    let mut fence: Option<&str> = None;
    let mut folds = 0;
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(&line[..ticks]),
            None => {
                let prose: String = line.replace("\\`", "").split('`').step_by(2).collect();
                folds += prose.matches("<details>").count();
                let closed = prose.matches("</details>").count();
                assert!(folds >= closed, "{line}");
                folds -= closed;
            }
        }
    }
    assert!(fence.is_none() && folds == 0, "a fence or a fold is open at the end");
}

/// The text without fences and code.
fn without_code(text: &str) -> String {
    let mut prose = String::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(&line[..ticks]),
            None => {
                let line = line.replace("\\`", "");
                prose.extend(line.split('`').step_by(2));
                prose.push('\n');
            }
        }
    }
    prose
}

fn shop_without_fails() -> Assessment {
    let mut shop = shop();
    shop.findings.clear();
    shop
}

fn exempt() -> Exempt {
    let cause = Cause {
        origin: Origin::Config,
        reason: Some("goes away with @team's migration".into()),
        until: plangate::graph::Day::parse("2027-01-31"),
        file: "plangate.yaml".into(),
        position: None,
    };
    Exempt { finding: fail("idle-timeout-in-range"), cause }
}

fn options(passed: bool) -> MarkdownOptions {
    MarkdownOptions { passed, outcome: None, limit: usize::MAX / 2 }
}

fn comment(assessment: &Assessment, passed: bool) -> String {
    check_markdown(assessment, &[], &options(passed))
}

fn limited(assessment: &Assessment, limit: usize) -> String {
    check_markdown(assessment, &[], &MarkdownOptions { limit, ..options(false) })
}
