//! What several changes are together: none is offered for what another one cures already, and what one refuses may be
//! right after another.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::fix::{self, Bench, Origin};
use plangate::judge::{Assessment, Finding};
use plangate::load::{Inputs, load};
use plangate::policy::PolicySet;
use plangate::report::{MarkdownOptions, check_markdown};

use crate::fix_texts::{after, only, terraform};
use crate::program::Folder;

/// As many resources as any of these proofs looks at.
const ALL: usize = 1000;

const PORTS: &[&str] = &["health-check-on-traffic-port", "security-group-admits-health-check"];

/// The checks ask a port that no rule admits and no request goes to.
const ELSEWHERE: &str = r#"resource "aws_lb" "web" {
  security_groups = [aws_security_group.alb.id]
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}
resource "aws_lb_target_group" "app" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
  health_check {
    port = 9000
  }
}
resource "aws_lb_target_group_attachment" "app" {
  target_group_arn = aws_lb_target_group.app.arn
  target_id        = aws_instance.app.id
}
resource "aws_instance" "app" {
  vpc_security_group_ids = [aws_security_group.app.id]
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "alb" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.alb.id]
  }
}
"#;

#[test]
fn no_rule_is_added_for_a_port_that_another_change_moves_away() {
    let wanted = ELSEWHERE.replacen("port = 9000", "port = \"traffic-port\"", 1);
    assert_eq!(terraform(ELSEWHERE, PORTS), wanted);
    // By itself the rule is what it takes.
    let ruled = terraform(ELSEWHERE, &PORTS[1..]);
    assert!(ruled.contains("from_port       = 9000") && ruled.contains("port = 9000\n"), "{ruled}");
}

#[test]
fn a_rule_is_added_where_the_port_stays() {
    // Nothing may move the port: an expression decides it.
    let main = ELSEWHERE.replacen("port = 9000", "port = 4500 * 2", 1);
    let (texts, left) = after(&[("main.tf", &main)], ".", &Inputs::default(), PORTS);
    assert_eq!(left, ["an expression decides it (main.tf:18)"]);
    assert!(texts["main.tf"].contains("from_port       = 9000"), "{texts:?}");
}

/// What a report shows of each finding, its policy and the texts that are put in, and what it says besides.
fn shown(folder: &Folder, policies: &PolicySet, most: usize) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let (inputs, path) = (Inputs::default(), folder.path(""));
    let (loaded, _) = load(&path, &inputs, &[]).unwrap();
    let mut assessment = plangate::judge::judge_all(&loaded.graphs().collect::<Vec<_>>(), &loaded.beside, policies);
    let types: Vec<&str> = loaded.graph.resources().map(|(_, resource)| &*resource.type_name).collect();
    let origin = Origin::Path(&path, &inputs);
    fix::attach(&Bench { origin, policies, types: &types, judged: Some(&loaded) }, ".", &mut assessment, most);
    let edits = |finding: &Finding| finding.edits.iter().map(|edit| edit.replacement.clone()).collect();
    let shown = assessment.findings.iter().map(|finding| (finding.policy.to_string(), edits(finding))).collect();
    (shown, assessment.problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_report_shows_the_change_that_spares_the_rule() {
    let folder = Folder::new();
    folder.file("main.tf", ELSEWHERE);
    let (shown, _) = shown(&folder, &only(PORTS), ALL);
    let edits: Vec<_> = shown.iter().flat_map(|(_, edits)| edits).collect();
    assert_eq!(edits, ["\"traffic-port\""; 2]);
}

#[test]
fn a_report_shows_no_change_that_is_right_only_with_another_one() {
    let idle = only(&["idle-timeout-in-range"]);
    let main = |second: i32| {
        format!(
            "resource \"aws_lb\" \"a\" {{\n  idle_timeout = 9000\n}}\nresource \"aws_lb\" \"b\" {{\n  idle_timeout = {second}\n}}\n\
             resource \"aws_lb\" \"c\" {{\n  idle_timeout = aws_lb.a.idle_timeout == aws_lb.b.idle_timeout ? 60 : 9000\n}}\n"
        )
    };
    let cured = |main: &str| {
        let folder = Folder::new();
        folder.file("main.tf", main);
        shown(&folder, &idle, ALL).0.into_iter().map(|(_, edits)| edits.concat()).collect::<Vec<_>>()
    };
    // Each alone breaks the third load balancer, and both together do not.
    assert_eq!(cured(&main(9000)), ["", ""]);
    assert_eq!(terraform(&main(9000), &["idle-timeout-in-range"]), main(4000).replacen("9000", "4000", 1));
    // Here one alone is right, for the third as well.
    assert_eq!(cured(&main(4000)), ["4000", ""]);
    assert_eq!(cured(&main(9000).replacen("== aws_lb.b.idle_timeout", "> 0", 1)), ["4000", "4000"]);
}

#[test]
fn of_very_many_findings_a_report_shows_the_edits_of_the_gravest() {
    let folder = Folder::new();
    folder.file("main.tf", "resource \"aws_lb\" \"a\" {\n  idle_timeout = 9000\n}\nresource \"aws_lb\" \"b\" {\n  idle_timeout = 9000\n}\n");
    let policies = only(&["idle-timeout-in-range", "deletion-protection-on"]);
    let with = |most: usize| {
        let (mut shown, said) = shown(&folder, &policies, most);
        shown.retain(|(_, edits)| !edits.is_empty());
        (shown.into_iter().map(|(policy, _)| policy).collect::<Vec<_>>().join(" "), said.join(""))
    };
    let none = |findings: &str| {
        format!(
            ".: note: no edits are shown for {findings}: there are too many to prove each alone\n  help: plangate fix ."
        )
    };
    let (idle, off) = ("idle-timeout-in-range", "deletion-protection-on");
    assert_eq!(with(8), (format!("{idle} {idle} {off} {off}"), String::new()));
    assert_eq!(with(7), (format!("{idle} {idle} {off}"), none("1 finding")));
    assert_eq!(with(5), (format!("{idle} {idle}"), none("2 findings")));
    assert_eq!(with(1), (String::new(), none("4 findings")));
    let many = Assessment { unproven: 2, ..Assessment::default() };
    let options = MarkdownOptions { limit: MarkdownOptions::LIMIT, passed: false, outcome: None };
    let comment = check_markdown(&many, &[], &options);
    assert_eq!(comment.matches("No edits are shown for 2 findings").count(), 1, "{comment}");
}
