//! What several changes are together: none is offered for what another one cures already, and what one refuses may be
//! right after another.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::fix::{self, Bench, Origin};
use plangate::load::{Inputs, load};

use crate::fix_texts::{after, only, terraform};
use crate::program::Folder;

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

#[test]
fn a_report_shows_the_change_that_spares_the_rule() {
    let folder = Folder::new();
    folder.file("main.tf", ELSEWHERE);
    let (inputs, policies, path) = (Inputs::default(), only(PORTS), folder.path(""));
    let (loaded, _) = load(&path, &inputs, &[]).unwrap();
    let mut assessment = plangate::judge::judge_all(&loaded.graphs().collect::<Vec<_>>(), &loaded.beside, &policies);
    let types: Vec<&str> = loaded.graph.resources().map(|(_, resource)| &*resource.type_name).collect();
    let origin = Origin::Path(&path, &inputs);
    fix::attach(&Bench { origin, policies: &policies, types: &types, judged: Some(&loaded) }, &mut assessment);
    let edits: Vec<&str> =
        assessment.findings.iter().flat_map(|finding| &finding.edits).map(|edit| &*edit.replacement).collect();
    assert_eq!(edits, ["\"traffic-port\""; 2]);
}
