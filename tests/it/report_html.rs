//! The page: that it needs nothing but itself, that everything is in it and escaped, and that the same gives the same.
//! How it behaves in a browser is tried in one.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use base64::Engine as _;
use plangate::judge::{Assessment, Cause, Exempt, Finding, Origin};
use plangate::report::{check_html, paths_html};
use sha2::{Digest, Sha256};

use crate::program::{run, testdata};
use crate::report_pictures::many;
use crate::report_sample::{SECRET, evidence, fail, secret, shop};

#[test]
fn it_needs_nothing_but_itself() {
    let page = page(&shop());
    for reference in [" src=", " href=\"h", "@import", "url(", "<link", "<iframe", "<base", " onclick", " style="] {
        assert!(!page.contains(reference), "{reference}");
    }
    // Every address in it is the name of SVG itself.
    assert_eq!(page.matches("://").count(), page.matches("\"http://www.w3.org/2000/svg\"").count());
}

#[test]
fn the_policy_admits_its_own_style_and_script_and_no_other() {
    let page = page(&shop());
    // The template escapes slashes, and browsers read them back.
    let head = page.replace("&#x2f;", "/");
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        let said = between(&head, &format!("{directive} "), ";");
        assert_eq!(said, format!("'sha256-{hash}'"));
        assert_eq!(page.matches(&format!("<{tag}>")).count(), 1);
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_finding_is_in_it_once_with_its_paths() {
    let mut shop = shop();
    let cause = Cause {
        origin: Origin::Inline,
        reason: Some("known & accepted".into()),
        until: plangate::graph::Day::parse("2027-01-31"),
        file: "main.tf".into(),
        position: None,
    };
    shop.exempt = vec![Exempt { finding: fail("idle-timeout-in-range"), cause }];
    shop.fixed = vec![fail("matcher-valid")];
    let page = page(&shop);
    // One path has none of its own.
    assert_eq!(page.matches("<article ").count(), shop.findings.len() + 1 + 2);
    for (verdict, number) in [("broken", 2), ("advice", 1), ("undecided", 3), ("fixed", 1), ("exempt", 1), ("holds", 1)]
    {
        assert_eq!(page.matches(&format!("data-verdict=\"{verdict}\"")).count(), number, "{verdict}");
    }
    assert!(page.contains("until 2027-01-31): known &amp; accepted"));
    assert!(page.contains("data-policy=\"security-group-admits-traffic\" data-path=\"p1\""));
}

#[test]
fn a_finding_names_all_paths_it_is_on() {
    let mut assessment = many(3);
    let path = Some(assessment.paths[0].path.clone());
    assessment.findings = vec![Finding { path, more_paths: 2, ..fail("idle-timeout-in-range") }];
    assert!(page(&assessment).contains("data-policy=\"idle-timeout-in-range\" data-path=\"p1 p2 p3\""));
}

#[test]
fn everything_from_outside_is_escaped() {
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {% raw %} </style> '";
    let mut shop = shop();
    for finding in &mut shop.findings {
        for text in [&mut finding.policy, &mut finding.message, &mut finding.fix] {
            *text = evil.into();
        }
        finding.subject = evil.into();
        finding.why = evil.into();
        finding.hangs_on = Some(evil.into());
        finding.construct = Some(evil.into());
        finding.evidence.push(evidence(evil, evil, evil.into()));
    }
    for view in &mut shop.paths {
        view.note = Some(evil.into());
        view.traffic.because = evil.into();
        view.path.target = Some(evil.into());
    }
    shop.inputs[0].path = evil.into();
    shop.problems[0].message = evil.into();
    let page = check_html(&shop, &[], false, Some(evil));
    assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains(">49<"));
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.matches("{{ 7*7 }}").count() > 20);
}

#[test]
fn sensitive_values_are_on_no_page() {
    let mut shop = shop();
    shop.findings.iter_mut().for_each(|one| one.evidence.push(evidence("aws_lb.web", "name", secret())));
    let page = page(&shop);
    assert!(!page.contains(SECRET) && page.contains("sensitive"));
}

#[test]
fn the_same_input_gives_the_same_page() {
    let file = testdata("faulty-edge/plan.json");
    let of = |command: &str| run(&[command, &file, "-o", "html"]).stdout;
    for command in ["check", "paths"] {
        let page = of(command);
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{command}");
        assert_eq!(page, of(command));
    }
}

#[test]
fn nothing_to_show_is_said() {
    assert!(check_html(&Assessment::default(), &[], true, None).contains("Nothing to check"));
    assert!(paths_html(&Assessment::default(), &[]).contains("No request path found"));
}

fn page(assessment: &Assessment) -> String {
    check_html(assessment, &[], false, None)
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}
