//! Assessments built by hand, for the tests of the reports. Not a test itself.

use plangate::catalog::Severity;
use plangate::graph::{Address, Certainty, Day, DefaultOf, Place, Reason, Unknown, Value};
use plangate::judge::{
    Answer, Assessment, Cause, Evidence, Exempt, Finding, HealthCheckView, Hop, Input, Origin, PathRef, PathView,
    Reach, Summary, Verdict,
};
use plangate::source::{Position, Problem};

/// A value nobody may ever see in a report.
pub(crate) const SECRET: &str = "hunter2-hunter2";

/// Two paths of a shop: one broken twice, one clean but for something undecided; a third without a listener.
pub(crate) fn shop() -> Assessment {
    let api = PathRef {
        load_balancer: Some("aws_lb.web".into()),
        listener: Some("aws_lb_listener.https".into()),
        rule: None,
        target_group: "aws_lb_target_group.api".into(),
        target: Some("aws_ecs_service.api".into()),
    };
    let blue = PathRef {
        load_balancer: Some("module.edge.aws_lb.this[\"public\"]".into()),
        listener: Some("module.edge.aws_lb_listener.this[\"https\"]".into()),
        rule: Some("module.edge.aws_lb_listener_rule.this[\"checkout\"]".into()),
        target_group: "module.checkout.aws_lb_target_group.this[\"blue\"]".into(),
        target: Some("module.checkout.aws_autoscaling_group.this".into()),
    };
    let orphan = PathRef {
        load_balancer: None,
        listener: None,
        rule: None,
        target_group: "aws_lb_target_group.old".into(),
        target: None,
    };
    let mut orphan_view = view(orphan, None, 80);
    orphan_view.listener_port = None;
    orphan_view.listener_protocol = None;
    orphan_view.idle_timeout = None;
    orphan_view.traffic = reach(Answer::NotApplicable, "nothing is registered");
    orphan_view.health = reach(Answer::NotApplicable, "nothing is registered");
    let mut api_view = view(api.clone(), Some("ecs_service"), 8080);
    api_view.health_check.timeout = Some(Value::from(30));
    api_view.traffic = reach(Answer::No, "aws_security_group.app admits tcp 80 only, from aws_security_group.lb");
    api_view.health = reach(Answer::No, "aws_security_group.app admits tcp 80 only, from aws_security_group.lb");
    let mut blue_view = view(blue.clone(), Some("autoscaling_group"), 0);
    blue_view.certainty = Certainty::Possible;
    blue_view.note = Some("the rule's target group goes through local.color, which a plan does not contain".into());
    blue_view.port = Some(after_apply("module.checkout.random_integer.port", "result"));
    blue_view.health_check.port = Some(after_apply("module.checkout.random_integer.port", "result"));
    blue_view.traffic = reach(Answer::Unknown, "hangs on module.checkout.random_integer.port.result");
    blue_view.health = reach(Answer::Unknown, "hangs on module.checkout.random_integer.port.result");

    let mut findings = vec![
        Finding {
            path: Some(api.clone()),
            hop: Hop::Connection,
            severity: Severity::High,
            subject: "aws_ecs_service.api".into(),
            message: "Nothing admits tcp 8080 from aws_lb.web into aws_security_group.app: its ingress rules admit \
                      tcp 80 only."
                .into(),
            why: "The load balancer's packets are dropped, so every health check times out and every request ends in \
                  504 or, once all targets are out, 503."
                .into(),
            fix: "Add an ingress rule for tcp 8080 from aws_security_group.lb to aws_security_group.app.".into(),
            evidence: vec![
                evidence("aws_security_group.app", "ingress[0].from_port", Value::from(80)),
                evidence("aws_security_group.app", "ingress[0].to_port", Value::from(80)),
                evidence("aws_lb_target_group.api", "port", Value::from(8080)),
            ],
            ..fail("security-group-admits-traffic")
        },
        Finding {
            path: Some(api.clone()),
            more_paths: 3,
            hop: Hop::TargetGroup,
            severity: Severity::Medium,
            subject: "aws_lb_target_group.api".into(),
            message: "The health check waits 30 s for an answer but is due again after 30 s.".into(),
            why: "AWS refuses a timeout that is not below the interval, so the apply stops halfway.".into(),
            fix: "Set health_check.timeout below 30, for instance:\n  timeout = 5".into(),
            evidence: vec![
                evidence("aws_lb_target_group.api", "health_check.timeout", Value::from(30)),
                evidence(
                    "aws_lb_target_group.api",
                    "health_check.interval",
                    Value::from(30).defaulted(DefaultOf::Provider),
                ),
            ],
            ..fail("health-check-timeout-below-interval")
        },
        Finding {
            severity: Severity::Low,
            subject: "aws_lb.internal".into(),
            hop: Hop::LoadBalancer,
            message: "The load balancer has subnets in one zone only.".into(),
            why: "When that zone fails, every request fails.".into(),
            fix: "Give it a subnet in a second zone.".into(),
            evidence: vec![evidence("aws_lb.internal", "subnets", Value::from(vec![Value::from("subnet-1")]))],
            ..fail("load-balancer-spans-zones")
        },
    ];
    for (policy, subject) in [
        ("security-group-admits-traffic", "module.checkout.aws_autoscaling_group.this"),
        ("security-group-admits-health-check", "module.checkout.aws_autoscaling_group.this"),
        ("security-group-admits-health-check", "module.checkout.aws_autoscaling_group.spare"),
    ] {
        let mut one = fail(policy);
        one.verdict = Verdict::Undecided;
        one.path = Some(blue.clone());
        one.hop = Hop::Connection;
        one.subject = subject.into();
        one.message = "Whether the security groups admit the port is not known: the port is not.".into();
        one.hangs_on = Some("module.checkout.random_integer.port.result — known after apply".into());
        let port = after_apply("module.checkout.random_integer.port", "result");
        one.evidence = vec![evidence("module.checkout.aws_lb_target_group.this[\"blue\"]", "port", port)];
        findings.push(one);
    }
    Assessment {
        inputs: vec![Input { path: "plan.json".into(), form: "terraform-plan", resources: 32 }],
        summary: Summary {
            resources: 32,
            paths: 3,
            policies: 26,
            checks: 310,
            pass: 304,
            fail: 3,
            undecided: 3,
            exempt: 0,
            introduced: 0,
            fixed: 0,
        },
        exempt: Vec::new(),
        fixed: Vec::new(),
        findings,
        paths: vec![api_view, blue_view, orphan_view],
        problems: vec![
            Problem::warning("the plan was made by a newer Terraform than this knows").in_file("plan.json").at(3, 14),
        ],
        unproven: 0,
    }
}

/// A path with everything as the provider sets it.
pub(crate) fn view(path: PathRef, target_kind: Option<&'static str>, port: i32) -> PathView {
    PathView {
        path,
        target_kind,
        certainty: Certainty::Certain,
        note: None,
        listener_port: Some(Value::from(443)),
        listener_protocol: Some(Value::from("HTTPS")),
        weight: None,
        idle_timeout: Some(Value::from(60).defaulted(DefaultOf::Provider)),
        protocol: Some(Value::from("HTTP")),
        port: Some(Value::from(port)),
        target_type: Some(Value::from("ip")),
        health_check: HealthCheckView {
            enabled: Some(Value::from(true)),
            protocol: Some(Value::from("HTTP")),
            port: Some(Value::from(port)),
            path: Some(Value::from("/health")),
            matcher: Some(Value::from("200")),
            interval: Some(Value::from(30)),
            timeout: Some(Value::from(5)),
            healthy_threshold: Some(Value::from(3)),
            unhealthy_threshold: Some(Value::from(2)),
        },
        traffic: reach(Answer::Yes, "aws_security_group.app admits tcp 0-65535"),
        health: reach(Answer::Yes, "aws_security_group.app admits tcp 0-65535"),
        keep_alive: None,
    }
}

/// A failed finding with as little in it as can be.
pub(crate) fn fail(policy: &str) -> Finding {
    Finding {
        policy: policy.into(),
        verdict: Verdict::Fail,
        severity: Severity::Medium,
        change: None,
        input: 0,
        subject: "aws_lb.web".into(),
        construct: None,
        spot: None,
        path: None,
        more_paths: 0,
        hop: Hop::LoadBalancer,
        title: format!("title of {policy}").into(),
        message: "It is wrong.".into(),
        why: "It breaks requests.".into(),
        fix: "Change it.".into(),
        evidence: Vec::new(),
        cure: Vec::new(),
        edits: Vec::new(),
        presumed: false,
        hangs_on: None,
        fingerprint: "00ff".into(),
    }
}

/// A finding that does not count, and why.
pub(crate) fn exempt(policy: &str, origin: Origin) -> Exempt {
    let cause = match origin {
        Origin::Baseline => Cause {
            origin,
            reason: None,
            until: None,
            file: "baseline.json".into(),
            position: Some(Position { line: 4, column: 1 }),
        },
        _ => Cause {
            origin,
            reason: Some("ops decided so".into()),
            until: Day::parse("2027-01-31"),
            file: "main.tf".into(),
            position: Some(Position { line: 12, column: 3 }),
        },
    };
    Exempt { finding: fail(policy), cause }
}

/// One deciding value.
pub(crate) fn evidence(address: &str, attribute: &str, value: Value) -> Evidence {
    Evidence { address: address.into(), attribute: attribute.into(), value, spot: None }
}

/// A value that is known after apply.
pub(crate) fn after_apply(address: &str, attribute: &str) -> Value {
    Value::unknown(Unknown::at(Reason::AfterApply, Place::new(&Address::from(address), attribute)))
}

/// The secret, marked as one.
pub(crate) fn secret() -> Value {
    let mut value = Value::from(SECRET);
    value.marks.sensitive = true;
    value
}

/// A report without its colours.
pub(crate) fn plain(report: &str) -> String {
    anstream::adapter::strip_str(report).to_string()
}

fn reach(answer: Answer, because: &str) -> Reach {
    Reach { answer, because: because.into() }
}

/// Puts the secret into every value of the path.
pub(crate) fn make_secret(view: &mut PathView) {
    let check = &mut view.health_check;
    let values = [
        &mut view.listener_port,
        &mut view.listener_protocol,
        &mut view.weight,
        &mut view.idle_timeout,
        &mut view.protocol,
        &mut view.port,
        &mut view.target_type,
        &mut check.enabled,
        &mut check.protocol,
        &mut check.port,
        &mut check.path,
        &mut check.matcher,
        &mut check.interval,
        &mut check.timeout,
        &mut check.healthy_threshold,
        &mut check.unhealthy_threshold,
    ];
    values.into_iter().for_each(|value| *value = Some(secret()));
}
