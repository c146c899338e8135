//! Policy files: what is wrong with them is said with line and column, and a good one gives verdicts.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use plangate::catalog::{Severity, Subject};
use plangate::graph::{Address, Data, Map, Place, Reason, Text, Unknown, Value};
use plangate::policy::{self, Message, Policy, PolicySet, Precedents, Ruling, Said, Wanted, expression::Scope};

const GOOD: &str = r#"id: timeout-below-interval
title: The health check answers before the next one starts
severity: high
why: >
  A check that may take longer than the interval
  overlaps the next one.
fix:
  summary: "set timeout below {target_group.health_check.interval} s"
  terraform: |
    health_check {
      timeout = 5
    }
references:
  - title: Health checks
    url: https://docs.aws.amazon.com/elasticloadbalancing/
subject: target_group
params:
  margin:
    type: int
    default: 0
    doc: seconds to spare
variables:
  - name: room
    expression: target_group.health_check.interval - target_group.health_check.timeout
when: forwards.from_application
validations:
  - expression: variables.room > params.margin
    message: "a check may take {target_group.health_check.timeout} s, one starts every {target_group.health_check.interval} s"
examples:
  - name: five of thirty
    verdict: pass
    terraform: |
      resource "aws_lb_target_group" "a" {}
  - name: margin
    verdict: fail
    params:
      margin: 100
    terraform: x
"#;

fn good() -> Policy {
    let (policy, problems) = Policy::parse(GOOD, "policies/health/timeout-below-interval.yaml", "health");
    assert_eq!(problems, []);
    policy.unwrap()
}

fn said(text: &str) -> Vec<String> {
    let (policy, problems) = Policy::parse(text, "policies/x.yaml", "policies");
    assert!(policy.is_none(), "a faulty policy must not be used");
    problems.iter().map(ToString::to_string).collect()
}

fn unknown() -> Value {
    let place = Place::new(&Address::from("aws_ssm_parameter.t"), "value");
    Value::unknown(Unknown::at(Reason::AfterApply, place))
}

fn map(entries: &[(&str, Value)]) -> Value {
    entries.iter().map(|(key, value)| (Text::from(*key), value.clone())).collect::<Map>().into()
}

fn group(timeout: Value, interval: Value) -> Value {
    map(&[("health_check", map(&[("timeout", timeout), ("interval", interval)]))])
}

fn hold(timeout: Value, interval: Value, applies: Value) -> policy::Evaluation {
    let (group, forwards) = (group(timeout, interval), map(&[("from_application", applies)]));
    policy::evaluate(&good(), &[("target_group", &group), ("forwards", &forwards)])
}

#[test]
fn a_good_policy_is_read_whole() {
    let policy = good();
    assert_eq!(policy.severity, Severity::High);
    assert_eq!(policy.subject, Subject::parse("target_group").unwrap());
    assert_eq!(policy.area, "health");
    assert_eq!(&*policy.why, "A check that may take longer than the interval overlaps the next one.");
    assert_eq!(policy.fix.terraform.as_deref(), Some("health_check {\n  timeout = 5\n}"));
    assert_eq!(policy.params[0].doc, "seconds to spare");
    assert_eq!(policy.examples[1].verdict, Wanted::Fail);
    assert_eq!(policy.examples[1].params, [("margin".to_owned(), Value::from(100))]);
    assert_eq!(policy.examples[0].line, 33);
}

#[test]
fn verdicts() {
    assert_eq!(hold(5.into(), 30.into(), true.into()).ruling, Ruling::Pass);
    assert_eq!(hold(30.into(), 5.into(), false.into()).ruling, Ruling::NotApplicable);
    let failed = hold("30".into(), 30.into(), true.into());
    assert_eq!(failed.ruling, Ruling::Fail { message: "a check may take 30 s, one starts every 30 s".into() });
    assert_eq!(failed.fix, "set timeout below 30 s");
    let reads: Vec<String> =
        failed.reads.iter().map(|read| format!("{}.{} = {}", read.variable, read.path, read.value)).collect();
    assert_eq!(reads, ["target_group.health_check.interval = 30", "target_group.health_check.timeout = 30"]);
}

#[test]
fn undecided_says_what_it_hangs_on() {
    let open = hold(unknown(), 30.into(), true.into());
    let message = "a check may take (known after apply) s, one starts every 30 s".into();
    assert_eq!(open.ruling, Ruling::Undecided { message });
    assert_eq!(open.unknowns.len(), 1);
    assert_eq!(open.unknowns[0].to_string(), "known after apply: aws_ssm_parameter.t.value");

    // Whether it applies is not known: kept anyway is a pass, broken is undecided.
    assert_eq!(hold(5.into(), 30.into(), unknown()).ruling, Ruling::Pass);
    let perhaps = hold(30.into(), 30.into(), unknown());
    assert!(matches!(perhaps.ruling, Ruling::Undecided { .. }), "{perhaps:?}");
    assert_eq!(perhaps.unknowns.len(), 1);
}

#[test]
fn the_same_words_are_found_once_and_nothing_unknown_is_the_same() {
    let text = GOOD.replace("{target_group.health_check.interval} s\"\n", "{target_group.name}\"\n");
    let policy = Policy::parse(&text, "policies/health/timeout-below-interval.yaml", "health").0.unwrap();
    let mut precedents = Precedents::new([&policy]);
    let mut said = |name: &str, timeout: Value| {
        let check = map(&[("timeout", timeout), ("interval", 30.into())]);
        let group = map(&[("health_check", check), ("name", name.into())]);
        let forwards = map(&[("from_application", true.into())]);
        let variables = [("target_group", &group), ("forwards", &forwards)];
        let mut held = false;
        let variable =
            |name: &str, _: &[String]| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        precedents.turn();
        let said = precedents.say(0, variable, || {
            held = true;
            policy::evaluate(&policy, &variables)
        });
        let words = match said {
            Said::NotApplicable => "not about this".to_owned(),
            Said::Pass => "pass".to_owned(),
            Said::Words(evaluation) => format!("{:?} {}", evaluation.ruling, evaluation.fix),
        };
        (words, held)
    };
    let (first, held) = said("a", 30.into());
    assert!(held && first.ends_with("set timeout below a"), "{first}");
    assert_eq!(said("a", 30.into()), (first, false));
    let (other, held) = said("b", 30.into());
    assert!(held && other.ends_with("set timeout below b"), "{other}");
    assert_eq!((said("a", 5.into()).1, said("b", 5.into())), (true, ("pass".to_owned(), false)));
    assert!(said("a", unknown()).1 && said("a", unknown()).1);
}

#[test]
fn an_attribute_that_is_not_set_is_undecided_and_named() {
    let forwards = map(&[("from_application", true.into())]);
    let group = map(&[("health_check", map(&[("interval", 30.into())]))]);
    let open = policy::evaluate(&good(), &[("target_group", &group), ("forwards", &forwards)]);
    let message = "this cannot be told: `target_group.health_check.timeout` is not set".into();
    assert_eq!(open.ruling, Ruling::Undecided { message });
    assert!(open.unknowns.is_empty());
}

#[test]
fn a_secret_is_compared_but_never_shown() {
    let mut secret = Value::from(31);
    secret.marks.sensitive = true;
    let failed = hold(secret, 30.into(), true.into());
    assert_eq!(failed.ruling, Ruling::Fail { message: "a check may take (sensitive) s, one starts every 30 s".into() });
}

#[test]
fn what_is_derived_from_a_secret_is_secret() {
    let mut secret = Value::from("hunter2");
    secret.marks.sensitive = true;
    let x = map(&[("s", secret.clone()), ("l", vec![secret, "b".into()].into())]);
    let texts = [
        "{x.s}",
        "{x.s + '!'}",
        "{x.s.upperAscii()}",
        "{size(x.s)}",
        "{[x.s]}",
        "{x.l[0]}",
        "{x.l.map(e, e + '.')}",
        "{x.l.join('')}",
        "{x.s == 'hunter2'}",
        "{x.s == 'hunter2' ? 'yes' : 'no'}",
        "{x.l.exists(e, e.startsWith('hunter'))}",
        "{{'k': x.s}.k}",
        "{[1].filter(i, x.s == 'hunter2')}",
        "{true && x.s == 'hunter2'}",
        "{'hunter2' in x.l}",
        "{string(x.s)}",
        "{int(x.s)}",
    ];
    let scope = Scope::default().with("x", policy::expression::Ty::Any);
    for text in texts {
        let text = text.replace("{{'k'", "{ {'k'");
        let message = Message::compile(&text, &scope).unwrap();
        let variables = [("x", &x)];
        let mut evaluator = policy::expression::Evaluator::new(&variables, None, &[]);
        let shown = message.render(&mut evaluator);
        assert!(!shown.contains("hunter2") && !shown.contains("HUNTER2"), "{text} shows {shown}");
        assert!(shown.contains("(sensitive)") || shown.contains("cannot"), "{text} shows {shown}");
    }
}

#[test]
fn an_error_never_tells_a_secret() {
    let mut secret = Value::from("hunter2");
    secret.marks.sensitive = true;
    let x = map(&[("s", secret), ("m", map(&[("a", 1.into())]))]);
    let scope = Scope::default().with("x", policy::expression::Ty::Any);
    for text in
        ["x.m[x.s]", "int(x.s)", "x.s < 1", "x.s.y", "x.s && true", "matcherWidth(x.s)", "'a'.matches('(' + x.s)"]
    {
        let answer = policy::expression::Expression::compile(text, &scope).unwrap().evaluate(&[("x", &x)]);
        let policy::expression::Outcome::Error(failure) = answer.outcome else { panic!("{text}") };
        assert!(!failure.message.contains("hunter2"), "{text}: {}", failure.message);
        assert!(!format!("{:?}", answer.reads).contains("hunter2"), "{text}");
    }
}

#[test]
fn has_looks_through_a_named_path() {
    let text = GOOD.replace(
        "target_group.health_check.interval - target_group.health_check.timeout",
        "target_group.health_check.timeout",
    );
    let text =
        text.replace("variables.room > params.margin", "(!has(variables.room)) || variables.room > params.margin");
    let (policy, problems) = Policy::parse(&text, "timeout-below-interval.yaml", "");
    assert_eq!(problems, []);
    let (group, forwards) = (map(&[("health_check", map(&[]))]), map(&[("from_application", true.into())]));
    let held = policy::evaluate(&policy.unwrap(), &[("target_group", &group), ("forwards", &forwards)]);
    assert_eq!(held.ruling, Ruling::Pass);
}

#[test]
fn a_misspelt_attribute_is_told_with_its_place() {
    let text = "id: x\ntitle: t\nseverity: low\nwhy: w\nfix:\n  summary: s\nreferences: []\nsubject: target_group\n\nwhen: forwards.present\nvalidations:\n  - expression: target_group.health_check.timeot < 5\n    message: m\n";
    let said = said(text);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].starts_with("policies/x.yaml:12:43: error: `target_group.health_check` has no attribute `timeot`; did you mean `timeout`?"), "{}", said[0]);
}

#[test]
fn positions_inside_every_kind_of_scalar() {
    let cases = [
        ("plain", "when: forwards.present && nope.x\n", (9, 27)),
        ("single", "when: 'forwards.present && \"it''s\" == nope.x'\n", (9, 39)),
        ("double", "when: \"forwards.present && \\\"\\\\t\\\" == nope.x\"\n", (9, 39)),
        ("literal", "when: |\n  forwards.present &&\n    nope.x\n", (11, 5)),
        ("folded", "when: >-\n  forwards.present &&\n  nope.x\n", (11, 3)),
        ("plain on two lines", "when: forwards.present &&\n  nope.x\n", (10, 3)),
        ("wide characters", "when: forwards.because == 'é€' && nope.x\n", (9, 35)),
    ];
    for (name, when, (line, column)) in cases {
        let text = format!(
            "id: x\ntitle: t\nseverity: low\nwhy: w\nfix:\n  summary: s\nreferences: []\nsubject: target_group\n{when}validations:\n  - expression: \"true\"\n    message: m\n"
        );
        let (_, problems) = Policy::parse(&text, "x.yaml", "");
        let found = problems.iter().find(|problem| problem.message.contains("nope")).unwrap();
        let position = found.position.unwrap();
        assert_eq!((position.line, position.column), (line, column), "{name}: {found}");
    }
}

#[test]
fn every_fault_of_a_file_is_told_in_order() {
    let said = said(
        "id: Not_Kebab\ntitel: t\nseverity: hihg\nwhy: w\nfix:\n  sumary: s\nsubject: target_groop\nselect: $.x\nparams:\n  a:\n    type: itn\n    default: 1\n  b:\n    type: int\n    default: many\nwhen: [1]\nvalidations: []\nexamples:\n  - name: n\n    verdict: passes\n    terraform: x\n",
    );
    let wanted = [
        ":1:1: error: a policy needs the field `title`",
        ":1:5: error: `Not_Kebab` is not lower-case words",
        ":1:5: error: the id `Not_Kebab` must be the name of the file, `x`",
        ":2:1: error: a policy has no field `titel`; did you mean `title`?",
        ":3:11: error: severity `hihg` is not one of info, low, medium, high, critical; did you mean `high`?",
        ":6:3: error: `fix` needs the field `summary`",
        ":6:3: error: `fix` has no field `sumary`; did you mean `summary`?",
        ":7:10: error: there is no subject `target_groop`; did you mean `target_group`?",
        ":11:11: error: there is no type `itn`; did you mean `int`?",
        ":15:14: error: the default must be of type int, this is text",
        ":16:7: error: `when` must be text, this is a list",
        ":17:14: error: `validations` has no entry",
        ":20:14: error: a verdict is pass, fail or undecided, not `passes`; did you mean `pass`?",
    ];
    for wanted in wanted {
        assert!(said.iter().any(|said| said.starts_with(&format!("policies/x.yaml{wanted}"))), "{wanted}\n{said:#?}");
    }
    assert_eq!(said.len(), wanted.len(), "{said:#?}");
}

#[test]
fn hostile_files_end_in_a_problem() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for i in 1..12 {
        bomb += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(","));
    }
    let deep = (0..5000).map(|i| format!("{}a:\n", " ".repeat(i % 400))).collect::<String>();
    let texts = ["[".repeat(200_000), bomb, "{a: ".repeat(5000), deep, "- ".repeat(100_000), "x".repeat(2 << 20)];
    for text in texts {
        let start = std::time::Instant::now();
        let said = said(&text);
        assert!(!said.is_empty());
        assert!(said[0].contains("error"), "{said:?}");
        assert!(start.elapsed().as_secs() < 5, "{} took {:?}", &text[..20], start.elapsed());
    }
}

#[test]
fn yaml_faults_have_places_and_help() {
    let (_, problems) = Policy::parse("id: x\nid: y\n", "x.yaml", "");
    assert_eq!(problems[0].to_string(), "x.yaml:2:1: error: duplicate mapping key: id");
    for text in ["id: x\nwhen: !has(a.b)\n", "id: x\nwhen: !has(a.b) || c\n"] {
        let (_, problems) = Policy::parse(text, "x.yaml", "");
        assert!(problems[0].to_string().contains("must stand in quotes"), "{}", problems[0]);
    }
    let (_, problems) = Policy::parse("", "x.yaml", "");
    assert!(!problems.is_empty());
    let (_, problems) = Policy::parse("- a\n", "x.yaml", "");
    assert!(!problems.is_empty());
}

#[test]
fn parameters_are_set_by_their_type() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("timeout-below-interval.yaml");
    plangate::source::disk::write_whole(file.to_str().unwrap(), GOOD.as_bytes()).unwrap();
    let (mut set, problems) = PolicySet::load(folder.path().to_str().unwrap());
    assert_eq!(problems, []);
    let id = "timeout-below-interval";
    set.set_param(id, "margin", "25").unwrap();
    assert_eq!(set.get(id).unwrap().params[0].value, Value::from(25));
    let (group, forwards) = (group(5.into(), 30.into()), map(&[("from_application", true.into())]));
    let held = policy::evaluate(set.get(id).unwrap(), &[("target_group", &group), ("forwards", &forwards)]);
    assert!(matches!(held.ruling, Ruling::Fail { .. }));
    let error =
        |set: &mut PolicySet, id: &str, name: &str, text: &str| set.set_param(id, name, text).unwrap_err().message;
    assert!(error(&mut set, id, "margin", "wide").contains("must be a whole number"));
    assert!(error(&mut set, id, "margn", "1").contains("did you mean `margin`?"));
    assert!(
        error(&mut set, "timeout-below-intervall", "margin", "1").contains("did you mean `timeout-below-interval`?")
    );

    let twice = set.clone();
    let problems = set.merge(twice);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("is taken by"));
}

const RAW: &str = r#"id: redirect-not-permanent
title: t
severity: low
why: w
fix:
  summary: "change {selected.status_code}"
subject: resource
type: aws_lb_listener
select: $.default_action[?@.type == "redirect"].redirect[*]
validations:
  - expression: selected.status_code != "HTTP_301"
    message: "{resource.port} answers {selected.status_code}"
"#;

#[test]
fn selected_parts_of_raw_resources() {
    let (policy, problems) = Policy::parse(RAW, "redirect-not-permanent.yaml", "");
    assert_eq!(problems, []);
    let policy = policy.unwrap();
    let action =
        |ty: Value, code: Value| map(&[("type", ty), ("redirect", vec![map(&[("status_code", code)])].into())]);
    let listener = map(&[
        ("port", 80.into()),
        (
            "default_action",
            vec![
                action("forward".into(), "HTTP_301".into()),
                action("redirect".into(), "HTTP_301".into()),
                action("redirect".into(), "HTTP_302".into()),
                action(unknown(), "HTTP_301".into()),
                action(unknown(), "HTTP_302".into()),
                action("redirect".into(), unknown()),
            ]
            .into(),
        ),
    ]);
    let selected = policy::evaluate_selected(&policy, &listener);
    let shown: Vec<(String, Ruling)> =
        selected.iter().map(|selected| (selected.path.clone(), selected.evaluation.ruling.clone())).collect();
    let path = |at: usize| format!("default_action.{at}.redirect.0");
    assert_eq!(
        shown,
        [
            (path(1), Ruling::Fail { message: "80 answers HTTP_301".into() }),
            (path(2), Ruling::Pass),
            (path(3), Ruling::Undecided { message: "80 answers HTTP_301".into() }),
            (path(4), Ruling::Pass),
            (path(5), Ruling::Undecided { message: "80 answers (known after apply)".into() }),
        ]
    );
    assert_eq!(selected[2].evaluation.unknowns.len(), 1);
    assert_eq!(selected[0].evaluation.reads[0].path, "default_action.1.redirect.0.status_code");
    assert_eq!(selected[0].evaluation.reads[0].variable, "resource");

    // All of it is unknown: one node, which may not be there.
    let listener = map(&[("port", 80.into()), ("default_action", unknown())]);
    let selected = policy::evaluate_selected(&policy, &listener);
    assert_eq!(selected.len(), 1);
    assert!(matches!(selected[0].evaluation.ruling, Ruling::Undecided { .. }));
}

#[test]
fn json_path_follows_the_rfc() {
    let numbers = |from: i64, to: i64| Value::from((from..to).map(Value::from).collect::<Vec<_>>());
    let root = map(&[
        ("a", numbers(0, 5)),
        ("b", map(&[("x", 1.into()), ("y", map(&[("x", "two".into())]))])),
        ("n", Value::null()),
    ]);
    let cases = [
        ("$", vec![""]),
        ("$.a[1:4:2]", vec!["a.1", "a.3"]),
        ("$.a[::-2]", vec!["a.4", "a.2", "a.0"]),
        ("$.a[-1]", vec!["a.4"]),
        ("$.a[-9]", vec![]),
        ("$..x", vec!["b.x", "b.y.x"]),
        ("$.b.*", vec!["b.x", "b.y"]),
        ("$['a','b'][?@ == 1]", vec!["a.1", "b.x"]),
        ("$.a[?@ > 3 || @ < 1]", vec!["a.0", "a.4"]),
        ("$[?@.x]", vec!["b"]),
        ("$[?!@.x]", vec!["a", "n"]),
        ("$[?@ == null]", vec!["n"]),
        ("$[?@.none == $.also_none]", vec!["a", "b", "n"]),
        ("$[?length(@) == 5]", vec!["a"]),
        ("$[?count(@.*) == 2]", vec!["b"]),
        ("$.b.y[?match(@, 't.o')]", vec!["b.y.x"]),
        ("$.b.y[?match(@, 'w')]", vec![]),
        ("$.b.y[?search(@, 'w')]", vec!["b.y.x"]),
    ];
    for (path, wanted) in cases {
        let select = policy::Select::parse(path).unwrap();
        let found: Vec<String> = select.nodes(&root).nodes.iter().map(|node| node.path.clone()).collect();
        assert_eq!(found, wanted, "{path}");
    }
    for wrong in [
        "a",
        "$[",
        "$[?in(@.a, @.b)]",
        "$[?match(@, '(')]",
        &"$[?@.a".repeat(600),
        &format!("$[?{}@.a{}]", "(".repeat(100), ")".repeat(100)),
    ] {
        assert!(policy::Select::parse(wrong).is_err(), "{wrong}");
    }
    let wide = Value::from((0..300).map(|_| numbers(0, 300)).collect::<Vec<_>>());
    let select = policy::Select::parse("$..[?@..*]..*..*").unwrap();
    assert!(select.nodes(&wide).failure.is_some());
}

#[test]
fn control_characters_never_reach_a_terminal() {
    let scope = Scope::default().with("x", policy::expression::Ty::Any);
    let message = Message::compile("a {x} {{b}}", &scope).unwrap();
    let x = Value::from("\u{1b}[31mred\nnext");
    let variables = [("x", &x)];
    let shown = message.render(&mut policy::expression::Evaluator::new(&variables, None, &[]));
    assert_eq!(shown, "a \\u{1b}[31mred\\nnext {b}");
    let list =
        Value::from(vec![Value::from("a"), Value::new(Data::Unknown(Arc::new(Unknown::because(Reason::AfterApply))))]);
    let variables = [("x", &list)];
    let shown = message.render(&mut policy::expression::Evaluator::new(&variables, None, &[]));
    assert_eq!(shown, "a a, (known after apply) {b}");
}

#[test]
fn faults_in_messages_have_their_place() {
    let scope = Scope::of(Subject::parse("target_group").unwrap());
    let faults = Message::compile("a } b {target_group.nam} c {1 +} d {target_group.name", &scope).unwrap_err();
    let at: Vec<usize> = faults.iter().map(|fault| fault.at).collect();
    assert_eq!(at, [2, 20, 31, 53], "{faults:?}");
    assert!(faults[1].message.contains("did you mean `name`?"));
}

#[test]
fn the_built_in_policies_are_sound() {
    let (_, problems) = PolicySet::builtin();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said, [""; 0]);
}
