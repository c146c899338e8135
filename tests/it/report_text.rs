//! The text reports, as they look.

use plangate::catalog::Severity;
use plangate::graph::Value;
use plangate::judge::{Assessment, Finding, Hop, Input, Origin, PathRef, Summary, Verdict};
use plangate::report::{Detail, Look, TextOptions, check_text, paths_text};

use crate::report_sample::{SECRET, evidence, exempt, fail, plain, secret, shop, view};

#[test]
fn check_groups_fails_by_path_and_undecided_ones_by_value() {
    insta::assert_snapshot!(plain(&check_text(&shop(), &options(Detail::Usual))), @r#"
    path  aws_lb.web :443 HTTPS → ✗ aws_lb_target_group.api :8080 HTTP ✗→ ecs aws_ecs_service.api
          idle 60 s · check HTTP :8080 /health expects 200, every 30 s, timeout 30 s,
          unhealthy after 2 · traffic blocked · health checks blocked

      ✗ high  security-group-admits-traffic  aws_ecs_service.api
          Nothing admits tcp 8080 from aws_lb.web into aws_security_group.app: its ingress rules admit
          tcp 80 only.
          why  The load balancer's packets are dropped, so every health check times out and every
               request ends in 504 or, once all targets are out, 503.
          fix  Add an ingress rule for tcp 8080 from aws_security_group.lb to aws_security_group.app.
          at   aws_security_group.app ingress[0].from_port = 80
               aws_security_group.app ingress[0].to_port = 80
               aws_lb_target_group.api port = 8080

      ✗ medium  health-check-timeout-below-interval  aws_lb_target_group.api + 3 more paths
          The health check waits 30 s for an answer but is due again after 30 s.
          why  AWS refuses a timeout that is not below the interval, so the apply stops halfway.
          fix  Set health_check.timeout below 30, for instance:
                 timeout = 5
          at   aws_lb_target_group.api health_check.timeout = 30
               aws_lb_target_group.api health_check.interval = 30 (provider default)

    aws_lb.internal

      ✗ low  load-balancer-spans-zones
          The load balancer has subnets in one zone only.
          fix  Give it a subnet in a second zone.

    3 checks are undecided before apply, for want of 1 value:

    ? module.checkout.random_integer.port.result — known after apply
        medium  security-group-admits-traffic       module.checkout.aws_autoscaling_group.this
        medium  security-group-admits-health-check  module.checkout.aws_autoscaling_group.this
            and 1 more

    ? 2 of 3 request paths have no failed check (1 with undecided ones)

    looked at 32 resources, 3 request paths, 26 policies: 310 checks, 304 passed, 3 failed, 3 undecided
    "#);
}

#[test]
fn check_quiet_prints_fails_and_the_closing_line() {
    insta::assert_snapshot!(plain(&check_text(&only_low(), &options(Detail::Fails))), @r#"
    aws_lb.internal

      ✗ low  load-balancer-spans-zones
          The load balancer has subnets in one zone only.
          fix  Give it a subnet in a second zone.

    looked at 32 resources, 3 request paths, 26 policies: 20 checks, 18 passed, 1 failed, 1 undecided
      (not shown)
    "#);
}

#[test]
fn check_verbose_lists_undecided_ones_and_clean_paths() {
    let mut shop = shop();
    shop.findings.retain(|finding| finding.verdict == Verdict::Undecided);
    insta::assert_snapshot!(plain(&check_text(&shop, &options(Detail::All))), @r#"
    3 checks are undecided before apply, for want of 1 value:

    ? module.checkout.random_integer.port.result — known after apply
        medium  security-group-admits-traffic  module.checkout.aws_autoscaling_group.this
            Whether the security groups admit the port is not known: the port is not.
            at   module.checkout.aws_lb_target_group.this["blue"] port = (known after apply:
                   module.checkout.random_integer.port.result)
        medium  security-group-admits-health-check  module.checkout.aws_autoscaling_group.this
            Whether the security groups admit the port is not known: the port is not.
            at   module.checkout.aws_lb_target_group.this["blue"] port = (known after apply:
                   module.checkout.random_integer.port.result)
        medium  security-group-admits-health-check  module.checkout.aws_autoscaling_group.spare
            Whether the security groups admit the port is not known: the port is not.
            at   module.checkout.aws_lb_target_group.this["blue"] port = (known after apply:
                   module.checkout.random_integer.port.result)

    ? 3 of 3 request paths have no failed check (1 with undecided ones)

    path  aws_lb.web :443 HTTPS → aws_lb_target_group.api :8080 HTTP → ecs aws_ecs_service.api
          idle 60 s · check HTTP :8080 /health expects 200, every 30 s, timeout 30 s,
          unhealthy after 2 · traffic blocked · health checks blocked

    path  module.edge.aws_lb.this["public"] :443 HTTPS
          → rule module.edge.aws_lb_listener_rule.this["checkout"]
          → module.checkout.aws_lb_target_group.this["blue"] :? HTTP
          → asg module.checkout.aws_autoscaling_group.this
          idle 60 s · check HTTP :? /health expects 200, every 30 s, timeout 5 s, unhealthy after 2 ·
          traffic ? · health checks ?
          the rule's target group goes through local.color, which a plan does not contain

    path  (no listener) → aws_lb_target_group.old :80 HTTP → (no target visible)
          check HTTP :80 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2

    read plan.json (terraform-plan): 32 resources
    looked at 32 resources, 3 request paths, 26 policies: 310 checks, 304 passed, 3 failed, 3 undecided
    "#);
}

#[test]
fn check_quiet_still_prints_undecided_ones_when_they_count() {
    let quiet = options(Detail::Fails);
    assert!(!check_text(&shop(), &quiet).contains("random_integer"));
    let counting = TextOptions { undecided_counts: true, ..quiet };
    assert!(check_text(&shop(), &counting).contains("random_integer"));
}

#[test]
fn check_without_paths_says_that_none_was_judged() {
    let nothing = Assessment { inputs: shop().inputs, ..Assessment::default() };
    insta::assert_snapshot!(plain(&check_text(&nothing, &options(Detail::Usual))), @r#"
    no request path found: nothing here leads from a load balancer to a target group, so no path was
    judged
    looked at 0 resources, 0 request paths, 0 policies: nothing to check
    "#);
}

#[test]
fn check_without_inputs_claims_nothing() {
    let nothing = Assessment::default();
    assert_eq!(plain(&check_text(&nothing, &options(Detail::Usual))), "looked at nothing\n");
    assert_eq!(plain(&paths_text(&nothing, Look::colored(100))), "looked at nothing\n");
}

#[test]
fn hidden_undecided_ones_are_still_counted() {
    let mut shop = shop();
    shop.findings.retain(|finding| finding.verdict == Verdict::Fail);
    let report = plain(&check_text(&shop, &options(Detail::Usual)));
    assert!(report.replace("\n  ", " ").contains("3 failed, 3 undecided (not shown)\n"));
}

#[test]
fn exempt_ones_are_counted() {
    let mut shop = shop();
    shop.summary.exempt = 2;
    let report = plain(&check_text(&shop, &options(Detail::Usual)));
    assert!(report.replace("\n  ", " ").contains("3 undecided, 2 exempt\n"));
}

#[test]
fn every_broken_hop_is_marked_on_the_drawn_line() {
    let path = PathRef {
        load_balancer: Some("lb".into()),
        listener: Some("listener".into()),
        rule: Some("rule".into()),
        target_group: "tg".into(),
        target: Some("ecs".into()),
    };
    let drawn = |hop, subject: &str| {
        let finding = Finding { path: Some(path.clone()), hop, subject: subject.into(), ..fail("p") };
        let assessment = Assessment { findings: vec![finding], paths: vec![view(path.clone(), None, 80)], ..shop() };
        let report = plain(&check_text(&assessment, &options(Detail::Usual)));
        report.lines().next().unwrap_or_default().to_owned()
    };
    let rest = "→ rule rule → tg :80 HTTP → ecs";
    assert_eq!(drawn(Hop::Clients, "sg"), format!("path  clients ✗→ lb :443 HTTPS {rest}"));
    assert_eq!(drawn(Hop::LoadBalancer, "lb"), format!("path  ✗ lb :443 HTTPS {rest}"));
    assert_eq!(drawn(Hop::Listener, "listener"), format!("path  lb ✗ :443 HTTPS {rest}"));
    assert_eq!(drawn(Hop::Listener, "rule"), "path  lb :443 HTTPS → rule ✗ rule → tg :80 HTTP → ecs");
    assert_eq!(drawn(Hop::TargetGroup, "tg"), "path  lb :443 HTTPS → rule rule → ✗ tg :80 HTTP → ecs");
    assert_eq!(drawn(Hop::Connection, "ecs"), "path  lb :443 HTTPS → rule rule → tg :80 HTTP ✗→ ecs");
    assert_eq!(drawn(Hop::Target, "ecs"), "path  lb :443 HTTPS → rule rule → tg :80 HTTP → ✗ ecs");
}

#[test]
fn a_path_that_shares_the_broken_hop_is_not_called_clean() {
    let mut shop = shop();
    let mut twin = shop.paths[0].clone();
    twin.path.rule = Some("aws_lb_listener_rule.twin".into());
    shop.paths.push(twin);
    shop.summary.paths += 1;
    let report = plain(&check_text(&shop, &options(Detail::Usual)));
    assert!(report.contains("? 2 of 4 request paths have no failed check"));
}

#[test]
fn the_same_why_is_explained_once() {
    let findings = ["aws_lb.a", "aws_lb.b"].map(|subject| Finding { subject: subject.into(), ..fail("p") });
    let report = plain(&check_text(&Assessment { findings: findings.into(), ..shop() }, &options(Detail::Usual)));
    assert_eq!(report.matches("It breaks requests.").count(), 1);
    assert_eq!(report.matches("as above").count(), 1);
}

#[test]
fn one_unknown_does_not_print_forty_lines() {
    let open = |at: usize| Finding {
        verdict: Verdict::Undecided,
        subject: format!("aws_lb.n{}", at % 7).into(),
        hangs_on: Some("aws_x.y.z — known after apply".into()),
        ..fail(&format!("policy-{}", at / 7))
    };
    let many = Assessment { findings: (0..70).map(open).collect(), paths: vec![], ..shop() };
    insta::assert_snapshot!(plain(&check_text(&many, &options(Detail::Usual))), @r#"
    70 checks are undecided before apply, for want of 1 value:

    ? aws_x.y.z — known after apply
        medium  policy-0  aws_lb.n0 and 6 more
        medium  policy-1  aws_lb.n0 and 6 more
        medium  policy-2  aws_lb.n0 and 6 more
        medium  policy-3  aws_lb.n0 and 6 more
        medium  policy-4  aws_lb.n0 and 6 more
        and 35 more checks (-v prints all)

    looked at 32 resources, 3 request paths, 26 policies: 310 checks, 304 passed, 3 failed, 3 undecided
    "#);
    let all = plain(&check_text(&many, &options(Detail::All)));
    assert_eq!(all.matches("It is wrong.").count(), 70);
}

#[test]
fn many_unknown_values_are_cut_short_with_a_count() {
    let open = |at: usize| Finding {
        verdict: Verdict::Undecided,
        hangs_on: Some(format!("aws_x.n{at}.z — known after apply").into()),
        ..fail("p")
    };
    let many = Assessment { findings: (0..30).map(open).collect(), ..shop() };
    let usual = plain(&check_text(&many, &options(Detail::Usual)));
    assert_eq!(usual.matches("known after apply").count(), 10);
    assert!(usual.contains("and 20 more values (-v prints all)"));
    let all = plain(&check_text(&many, &options(Detail::All)));
    assert_eq!(all.matches("— known after apply").count(), 30);
}

#[test]
fn paths_show_every_number() {
    insta::assert_snapshot!(plain(&paths_text(&shop(), Look::colored(100))), @r#"
    load balancer aws_lb.web
    └─ listener aws_lb_listener.https :443 HTTPS
       └─ target group ✗ aws_lb_target_group.api :8080 HTTP ✗ health-check-timeout-below-interval
          └─ ✗→ ECS service aws_ecs_service.api
    load balancer module.edge.aws_lb.this["public"]
    └─ listener module.edge.aws_lb_listener.this["https"] :443 HTTPS
       └─ rule module.edge.aws_lb_listener_rule.this["checkout"]
          └─ target group module.checkout.aws_lb_target_group.this["blue"] :? HTTP
             └─ ?→ Auto Scaling group module.checkout.aws_autoscaling_group.this
    listener (no listener)
    └─ target group aws_lb_target_group.old :80 HTTP
       └─ target (no target visible)

    aws_lb.web :443 HTTPS → ✗ aws_lb_target_group.api :8080 HTTP ✗→ ecs aws_ecs_service.api
      listener      aws_lb_listener.https (default action)
      idle timeout  60 s
      health check  HTTP :8080 /health expects 200, every 30 s, timeout 30 s, healthy after 3,
                    unhealthy after 2
      traffic       blocked — aws_security_group.app admits tcp 80 only, from aws_security_group.lb
      checks        blocked — aws_security_group.app admits tcp 80 only, from aws_security_group.lb
      broken        ✗ health-check-timeout-below-interval (target group) ✗ security-group-admits-traffic
                    (way to the ECS service)

    module.edge.aws_lb.this["public"] :443 HTTPS
      → rule module.edge.aws_lb_listener_rule.this["checkout"]
      → module.checkout.aws_lb_target_group.this["blue"] :? HTTP
      → asg module.checkout.aws_autoscaling_group.this
      possible      the rule's target group goes through local.color, which a plan does not contain
      listener      module.edge.aws_lb_listener.this["https"]
      idle timeout  60 s
      health check  HTTP :? /health expects 200, every 30 s, timeout 5 s, healthy after 3,
                    unhealthy after 2
      traffic       ? — hangs on module.checkout.random_integer.port.result
      checks        ? — hangs on module.checkout.random_integer.port.result
      undecided     ? security-group-admits-traffic (way to the Auto Scaling group) ?
                    security-group-admits-health-check (way to the Auto Scaling group) ?
                    security-group-admits-health-check (way to the Auto Scaling group)

    (no listener) → aws_lb_target_group.old :80 HTTP → (no target visible)
      health check  HTTP :80 /health expects 200, every 30 s, timeout 5 s, healthy after 3,
                    unhealthy after 2
      traffic       does not apply — nothing is registered
      checks        does not apply — nothing is registered

    3 request paths in 32 resources
    "#);
}

#[test]
fn lines_keep_to_the_width_and_addresses_stay_whole() {
    for width in [40, 60, 100, 120] {
        let options = TextOptions { look: Look::colored(width), ..options(Detail::All) };
        for report in [check_text(&shop(), &options), paths_text(&shop(), Look::colored(width))] {
            let report = plain(&report);
            assert!(report.contains("module.checkout.aws_lb_target_group.this[\"blue\"]"));
            assert!(report.contains("module.edge.aws_lb_listener_rule.this[\"checkout\"]"));
            for line in report.lines() {
                let breakable = line.trim_start().contains(' ') && !line.contains("aws_");
                assert!(line.chars().count() <= width || !breakable, "{width}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn escape_sequences_from_the_input_do_not_reach_the_terminal() {
    let mut evil = only_low();
    let address = "aws_lb.x[\"\u{1b}[2J\u{202e}\"]";
    evil.findings[0].subject = address.into();
    evil.findings[0].message = "line one\u{7}\nline two\u{1b}]0;title\u{7}".into();
    evil.findings[0].evidence = vec![evidence(address, "name", Value::from("\u{1b}[31mred"))];
    let report = plain(&check_text(&evil, &options(Detail::All)));
    let raw = check_text(&evil, &options(Detail::All));
    for bad in ["\u{1b}[2J", "\u{202e}", "\u{7}", "\u{1b}]"] {
        assert!(!raw.contains(bad), "{bad:?}");
    }
    assert!(report.contains("aws_lb.x[\"\\u{1b}[2J\\u{202e}\"]"));
}

#[test]
fn sensitive_values_never_show() {
    let mut shop = shop();
    for finding in &mut shop.findings {
        finding.evidence.push(evidence("aws_lb.web", "name", secret()));
        finding.evidence.push(evidence("aws_lb.web", "names", Value::from(vec![Value::from(1), secret()])));
    }
    for view in &mut shop.paths {
        crate::report_sample::make_secret(view);
    }
    for detail in [Detail::Fails, Detail::Usual, Detail::All] {
        assert!(!check_text(&shop, &options(detail)).contains(SECRET));
    }
    assert!(!paths_text(&shop, Look::colored(100)).contains(SECRET));
    assert!(check_text(&shop, &options(Detail::Usual)).contains("(sensitive)"));
}

fn options(detail: Detail) -> TextOptions {
    TextOptions { look: Look::colored(100), detail, undecided_counts: false, outcome: None }
}

/// One low finding and nothing else.
fn only_low() -> Assessment {
    let mut one = shop();
    one.findings.retain(|finding| finding.severity == Severity::Low);
    one.summary = Summary { checks: 20, pass: 18, fail: 1, undecided: 1, ..one.summary };
    one
}

#[test]
fn what_is_exempt_is_one_line_and_with_more_detail_its_causes() {
    let exempt = vec![exempt("matcher-valid", Origin::Inline), exempt("access-logs-on", Origin::Baseline)];
    let input = Input { path: "plan.json".into(), form: "terraform-plan", resources: 2 };
    let summary = Summary { resources: 2, paths: 1, policies: 2, checks: 2, exempt: 2, ..Summary::default() };
    let assessment = Assessment { inputs: vec![input], summary, exempt, ..Assessment::default() };
    let usual = plain(&check_text(&assessment, &options(Detail::Usual)));
    assert_eq!(
        usual,
        "2 exempt: 1 inline, 1 in the baseline (-v shows them)\n\n\
         looked at 2 resources, 1 request path, 2 policies: 2 checks, 0 passed, 0 failed, 0 undecided, 2\n  exempt\n"
    );
    let all = plain(&check_text(&assessment, &options(Detail::All)));
    assert!(all.contains("exempt inline (main.tf:12, until 2027-01-31): ops decided so"), "{all}");
    assert!(all.contains("exempt in the baseline (baseline.json:4)"), "{all}");
}

#[test]
fn colours_are_all_that_a_plain_text_lacks() {
    for detail in [Detail::Fails, Detail::Usual, Detail::All] {
        let colored = options(detail);
        let without = TextOptions { look: Look::plain(100), ..colored.clone() };
        assert_eq!(plain(&check_text(&shop(), &colored)), check_text(&shop(), &without));
    }
    assert_eq!(plain(&paths_text(&shop(), Look::colored(60))), paths_text(&shop(), Look::plain(60)));
}

#[test]
fn many_findings_stand_in_their_order_with_a_gap_between() {
    let on = |number: usize| Finding { subject: format!("aws_lb.number_{number}").into(), ..fail("many") };
    let findings: Vec<Finding> = (0..500).map(on).collect();
    let subjects: Vec<String> = findings.iter().map(|finding| finding.subject.to_string()).collect();
    let whole = Assessment { findings, ..shop() };
    let text = check_text(&whole, &TextOptions { look: Look::plain(100), ..options(Detail::Fails) });
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("aws_lb.number_")).collect();
    assert_eq!(headings, subjects);
    assert!(!text.starts_with('\n') && !text.contains("\n\n\n"));
    assert_eq!(text.matches("as above").count(), 499);
}
