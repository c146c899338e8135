//! Pictures of request paths: what is on them, that they stay within what Mermaid takes, and that no name is read as more
//! than a name. What Mermaid itself says about them is asked by hand (`testdata/consumers_mermaid.mjs`).

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::catalog::Severity;
use plangate::judge::{Assessment, Finding, Hop, PathRef};
use plangate::report::{paths_html, paths_mermaid, paths_svg};

use crate::program::{run, testdata};
use crate::report_sample::{SECRET, fail, make_secret, shop, view};

#[test]
fn every_hop_has_its_numbers_and_its_verdict() {
    insta::assert_snapshot!("shop_mermaid", paths_mermaid(&shop()));
    insta::assert_snapshot!("shop_svg", paths_svg(&shop()));
}

#[test]
fn pictures_of_stacks() {
    for stack in ["fargate", "faulty-edge", "weighted-forward"] {
        let ran = run(&["paths", &testdata(&format!("{stack}/plan.json")), "-o", "mermaid"]);
        insta::assert_snapshot!(format!("{stack}_mermaid"), ran.stdout);
    }
}

#[test]
fn broken_is_told_by_more_than_colour() {
    let svg = paths_svg(&shop());
    assert!(svg.contains("✗ security-group-admits-traffic"));
    assert!(svg.contains(">✗ broken</text>"));
    assert!(paths_mermaid(&shop()).contains("--x|\"traffic blocked<br/>health checks blocked<br/>✗ security"));
}

#[test]
fn what_paths_share_is_drawn_once() {
    let assessment = many(20);
    let chart = paths_mermaid(&assessment);
    assert_eq!(chart.matches("load balancer<br/>").count(), 1);
    assert_eq!(chart.matches("listener<br/>aws#95;").count() + chart.matches("listener<br/>aws_").count(), 1);
    assert_eq!(chart.matches("rule<br/>").count(), 20);
    assert_eq!(paths_svg(&assessment).matches("class=\"node ").count(), 1 + 1 + 1 + 3 * 20);
}

#[test]
fn more_than_mermaid_takes_is_left_out_and_counted() {
    let mut assessment = many(900);
    // The last path is the broken one: it is what has to stay.
    let last = assessment.paths.last().unwrap().path.clone();
    let target = last.target.clone().unwrap();
    let broken = Finding { path: Some(last), hop: Hop::Target, severity: Severity::High, ..fail("broken-target") };
    assessment.findings = vec![broken];
    let chart = paths_mermaid(&assessment);
    let drawn = chart.matches("rule<br/>").count();
    assert!(chart.len() <= 50_000 && drawn > 20, "{} characters, {drawn} paths", chart.len());
    assert!(chart.lines().filter(|line| line.contains("--> ") || line.contains("-->|")).count() <= 500);
    assert!(chart.contains(&format!("{} more request paths are left out", 900 - drawn)), "{chart}");
    assert!(chart.contains("✗ broken-target") && chart.contains(&*target), "the broken path is left out");
    // A picture as a file has no such limit.
    assert!(paths_svg(&assessment).contains(&*target));
}

#[test]
fn one_path_of_enormous_names_still_fits() {
    let mut assessment = many(1);
    assessment.paths[0].path.target = Some("x".repeat(200_000).into());
    let chart = paths_mermaid(&assessment);
    assert!(chart.len() < 5_000 && chart.contains("xxx…"), "{}", chart.len());
}

#[test]
fn names_are_only_names() {
    let hostile =
        "end\"]; n9[x] --> n1 %%{init}%% <script>alert(1)</script> `\u{1b}[2J\u{202e} 中文 #35; $$x$$ </svg> &amp;";
    let mut assessment = many(1);
    assessment.paths[0].path.target_group = hostile.into();
    assessment.paths[0].path.target = Some(hostile.into());
    let chart = paths_mermaid(&assessment);
    // Beside our own brackets, quotes and line breaks there is nothing that any language could read.
    for line in chart.lines().skip(1) {
        let label = line.split('"').nth(1).unwrap_or_default().replace("<br/>", "");
        assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || " .,_/-#;✓✗…".contains(c)), "{label}");
        assert!(line.matches('"').count() <= 2, "{line}");
        assert!(!label.contains("35;") || label.contains("#35;35#59;"), "{label}");
    }
    for page in [paths_svg(&assessment), paths_html(&assessment, &[])] {
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
        assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
        assert!(page.contains("\\u{1b}"));
    }
    let svg = paths_svg(&assessment);
    assert_eq!(svg.matches("</svg>").count(), 1);
    assert!(roxmltree_reads(&svg));
}

#[test]
fn nothing_to_draw_is_said() {
    assert_eq!(paths_mermaid(&Assessment::default()), "flowchart LR\n  none[\"no request path found\"]\n");
    assert!(paths_svg(&Assessment::default()).contains(">no request path found</text>"));
}

#[test]
fn sensitive_values_are_on_no_picture() {
    let mut shop = shop();
    shop.paths.iter_mut().for_each(make_secret);
    for picture in [paths_mermaid(&shop), paths_svg(&shop), paths_html(&shop, &[])] {
        assert!(!picture.contains(SECRET));
        assert!(picture.contains("sensitive"));
    }
}

/// Paths of one load balancer with a rule each.
pub(crate) fn many(paths: usize) -> Assessment {
    let path = |at: usize| PathRef {
        load_balancer: Some("aws_lb.web".into()),
        listener: Some("aws_lb_listener.https".into()),
        rule: Some(format!("aws_lb_listener_rule.r{at}").into()),
        target_group: format!("aws_lb_target_group.g{at}").into(),
        target: Some(format!("aws_ecs_service.s{at}").into()),
    };
    let mut assessment = shop();
    assessment.findings.clear();
    assessment.paths = (0..paths).map(|at| view(path(at), Some("ecs_service"), 8080)).collect();
    assessment.summary.paths = paths;
    assessment
}

/// Whether it is XML.
fn roxmltree_reads(text: &str) -> bool {
    roxmltree::Document::parse(text).is_ok()
}
