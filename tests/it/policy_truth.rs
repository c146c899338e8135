//! The three-valued semantics of conditions: every operator against true, false, unknown and error; what macros,
//! equality and membership make of unknowns inside; and that nothing decided is ever taken back.

#![allow(clippy::unwrap_used, clippy::panic)]

use plangate::graph::{Address, Data, Map, Place, Reason, Text, Unknown, Value};
use plangate::policy::expression::{Answer, Expression, Outcome, Scope, Ty};
use proptest::prelude::*;

fn unknown(name: &str) -> Value {
    Value::unknown(Unknown::at(Reason::AfterApply, Place::new(&Address::from(name), "id")))
}

fn map(entries: &[(&str, Value)]) -> Value {
    entries.iter().map(|(key, value)| (Text::from(*key), value.clone())).collect::<Map>().into()
}

fn answer(text: &str, variables: &[(&str, &Value)]) -> Answer {
    let scope = variables.iter().fold(Scope::default(), |scope, (name, _)| scope.with(name, Ty::Any));
    let scope = scope.with("absent", Ty::Any);
    Expression::compile(text, &scope).unwrap_or_else(|faults| panic!("{text}: {faults:?}")).evaluate(variables)
}

/// `T`, `F`, `U`, `E`, or the value.
fn letter(text: &str) -> String {
    let (u, v, t, f) = (unknown("u"), unknown("v"), Value::from(true), Value::from(false));
    let l = Value::from(vec![unknown("a"), 5.into()]);
    let m = map(&[("k", unknown("k")), ("n", Value::null()), ("s", "x".into())]);
    let variables = [("u", &u), ("v", &v), ("t", &t), ("f", &f), ("l", &l), ("m", &m)];
    match answer(text, &variables).outcome {
        Outcome::Known(Value { data: Data::Bool(true), .. }) => "T".to_owned(),
        Outcome::Known(Value { data: Data::Bool(false), .. }) => "F".to_owned(),
        Outcome::Known(value) => value.to_string(),
        Outcome::Unknown(unknowns) => {
            assert!(!unknowns.is_empty(), "{text} hangs on nothing");
            "U".to_owned()
        }
        Outcome::Error(_) => "E".to_owned(),
    }
}

/// True, false, unknown, error.
const OPERANDS: [&str; 4] = ["t", "f", "u", "(1 / 0 == 1)"];

#[test]
fn every_operator_on_truth_values() {
    let tables = [
        ("&&", ["TFUE", "FFFF", "UFUU", "EFUE"]),
        ("||", ["TTTT", "TFUE", "TUUU", "TEUE"]),
        ("==", ["TFUE", "FTUE", "UUUU", "EEUE"]),
        ("!=", ["FTUE", "TFUE", "UUUU", "EEUE"]),
        ("<", ["FFUE", "TFUE", "UUUU", "EEUE"]),
        ("<=", ["TFUE", "TTUE", "UUUU", "EEUE"]),
        (">", ["FTUE", "FFUE", "UUUU", "EEUE"]),
        (">=", ["TTUE", "FTUE", "UUUU", "EEUE"]),
    ];
    for (operator, rows) in tables {
        for (left, row) in OPERANDS.iter().zip(rows) {
            for (right, wanted) in OPERANDS.iter().zip(row.chars()) {
                let text = format!("{left} {operator} {right}");
                assert_eq!(letter(&text), wanted.to_string(), "{text}");
            }
        }
    }
    for (operand, wanted) in OPERANDS.iter().zip("FTUE".chars()) {
        assert_eq!(letter(&format!("!{operand}")), wanted.to_string());
    }
    // A list is a value although what is in it is unknown, so the error on the left is all there can ever be.
    for (left, row) in OPERANDS.iter().zip(["TFUE", "FTUE", "UUUU", "EEEE"]) {
        for (right, wanted) in OPERANDS.iter().zip(row.chars()) {
            assert_eq!(letter(&format!("{left} in [{right}]")), wanted.to_string(), "{left} in [{right}]");
        }
    }
}

#[test]
fn every_operator_on_numbers() {
    let operands = ["7", "2", "u", "(1 / 0)"];
    for (operator, known) in [("+", "9"), ("-", "5"), ("*", "14"), ("/", "3"), ("%", "1")] {
        for (left, row) in operands.iter().zip(["KKUE", "KKUE", "UUUU", "EEUE"]) {
            for (right, wanted) in operands.iter().zip(row.chars()) {
                let text = format!("{left} {operator} {right}");
                let got = letter(&text);
                match wanted {
                    'K' => assert!(got.parse::<i64>().is_ok(), "{text} is {got}"),
                    _ => assert_eq!(got, wanted.to_string(), "{text}"),
                }
            }
        }
        assert_eq!(letter(&format!("7 {operator} 2")), known);
    }
    assert_eq!(letter("-(7)"), "-7");
    assert_eq!(letter("-u"), "U");
    assert_eq!(letter("-(1 / 0)"), "E");
    for overflow in ["9223372036854775807 + 1", "-9223372036854775808 - 1", "9223372036854775807 * 2"] {
        assert_eq!(letter(overflow), "E", "{overflow}");
    }
    for overflow in ["-(-9223372036854775808)", "-9223372036854775808 / -1", "1 % 0"] {
        assert_eq!(letter(overflow), "E", "{overflow}");
    }
}

#[test]
fn the_rest_of_the_language() {
    let cases = [
        // ?: takes one arm, or both when it cannot know.
        ("t ? 1 : 1 / 0", "1"),
        ("f ? 1 / 0 : 2", "2"),
        ("u ? 1 : 1", "1"),
        ("u ? 1 : 2", "U"),
        ("u ? 1 : u", "U"),
        ("u ? [1, 2] : [1, 2]", "[1, 2]"),
        ("u ? l : l", "U"),
        ("u ? 1 : 1 / 0", "U"),
        ("1 / 0 == 1 ? 1 : 1", "E"),
        ("(u ? 1 : 1) == 1", "T"),
        // Chains absorb alike wherever the deciding part stands.
        ("u && 1 / 0 == 1 && f", "F"),
        ("1 / 0 == 1 || u || t", "T"),
        ("u && 1 / 0 == 1", "U"),
        ("(u || f) && (v || t)", "U"),
        // Equality and membership look inside.
        ("[u, 1] == [u, 2]", "F"),
        ("[u, 1] == [v, 1]", "U"),
        ("[u] == [u, 1]", "F"),
        ("l == [1, 5]", "U"),
        ("l == [1, 6]", "F"),
        ("l == 5", "F"),
        ("{'a': u, 'b': 1} == {'a': 2, 'b': 2}", "F"),
        ("{'a': u, 'b': 1} == {'a': 2, 'b': 1}", "U"),
        ("{'a': u} == {'b': 1}", "F"),
        ("{'a': u} == {}", "U"),
        ("[[u]] == [[1], [2]]", "F"),
        ("1 in [u, 1]", "T"),
        ("2 in [u, 1]", "U"),
        ("u in []", "F"),
        ("u in [1]", "U"),
        ("1 in u", "U"),
        ("'s' in m", "T"),
        ("'k' in m", "U"),
        ("'z' in m", "F"),
        ("u in m", "U"),
        // Macros fold.
        ("[u, 5].exists(x, x == 5)", "T"),
        ("[u, 5].exists(x, x == 6)", "U"),
        ("[u, 5].all(x, x == 6)", "F"),
        ("[u, 5].all(x, x == 5)", "U"),
        ("l.exists(x, x == 5)", "T"),
        ("[1, 0].exists(x, 1 / x == 1)", "T"),
        ("[0, 1].exists(x, 1 / x == 1)", "T"),
        ("[0, 2].exists(x, 1 / x == 1)", "E"),
        ("[0, u].exists(x, 1 / x == 1)", "U"),
        ("[0, 2].all(x, 1 / x == 1)", "F"),
        ("[].all(x, u)", "T"),
        ("[].exists(x, u)", "F"),
        ("[5, u, 5].exists_one(x, x == 5)", "F"),
        ("[5, u].exists_one(x, x == 5)", "U"),
        ("[5, 6].exists_one(x, x == 5)", "T"),
        ("[5, 0].exists_one(x, 5 / x == 1)", "E"),
        ("u.all(x, true)", "U"),
        ("u.exists(x, false)", "U"),
        ("u.map(x, 1)", "U"),
        ("u.filter(x, true)", "U"),
        ("l.map(x, 7) == [7, 7]", "T"),
        ("l.map(x, x * 2)[1]", "10"),
        ("l.map(x, x * 2)[0]", "U"),
        ("size(l.map(x, x * 2))", "2"),
        ("l.map(x, x > 5, 1)", "U"),
        ("[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"),
        ("l.filter(x, x == 5)", "U"),
        ("size(l.filter(x, true))", "2"),
        ("l.filter(x, false)", "[]"),
        ("m.all(k, k != 'zz')", "T"),
        ("m.exists(k, k == 's')", "T"),
        ("m.exists(k, k == 'k')", "U"),
        ("m.all(k, k != 'k')", "U"),
        ("l.all(x, l.exists(y, y == 5))", "T"),
        // Lists, maps, text.
        ("size(l)", "2"),
        ("size(u)", "U"),
        ("size(m)", "U"),
        ("l[1]", "5"),
        ("l[0]", "U"),
        ("l[2]", "E"),
        ("l[u]", "U"),
        ("u[0]", "U"),
        ("u[1 / 0]", "U"),
        ("u.a.b", "U"),
        ("'a' + u", "U"),
        ("u + 'a' == 'b'", "U"),
        ("l + [1]", "[(known after apply: a.id), 5, 1]"),
        ("(l + [1]).exists(x, x == 1)", "T"),
        ("['a', u].join(',')", "U"),
        ("u.startsWith('a')", "U"),
        ("'a'.startsWith(u)", "U"),
        ("math.greatest(1, u)", "U"),
        ("math.least([1, u])", "U"),
        // Absent and null.
        ("has(m.s)", "T"),
        ("has(m.k)", "U"),
        ("has(m.n)", "F"),
        ("has(m.z)", "F"),
        ("has(m.z.y)", "F"),
        ("has(absent.a)", "F"),
        ("has(u.a)", "U"),
        ("m.z == 1", "E"),
        ("m.n == null", "T"),
        ("m.k == null", "U"),
        ("m.n == 1", "F"),
        ("m.n < 1", "E"),
        ("m.n + 1", "E"),
        ("size(m.n)", "E"),
        ("has(m.z) && m.z > 1", "F"),
        ("!has(m.z) || m.z > 1", "T"),
        ("absent.a == 1", "E"),
        ("absent.a == 1 || t", "T"),
        ("absent.a == u", "U"),
        ("m['s']", "\"x\""),
        ("has(m['s'])", "T"),
        ("m.s.y", "E"),
        ("t + 1", "E"),
        ("m.s < 1", "E"),
        ("m.s && t", "E"),
        ("m.s && f", "F"),
    ];
    for (text, wanted) in cases {
        assert_eq!(letter(text), wanted, "{text}");
    }
}

#[test]
fn an_unknown_answer_says_all_it_hangs_on_and_nothing_else() {
    let (a, b, c, t) = (unknown("a"), unknown("b"), unknown("c"), Value::from(true));
    let variables = [("a", &a), ("b", &b), ("c", &c), ("t", &t)];
    let hangs_on = |text: &str| match answer(text, &variables).outcome {
        Outcome::Unknown(unknowns) => {
            unknowns.iter().map(|unknown| unknown.hangs_on.as_ref().unwrap().address.to_string()).collect::<String>()
        }
        other => panic!("{text}: {other:?}"),
    };
    for (text, wanted) in [
        ("a", "a"),
        ("a == b", "ab"),
        ("a && b", "ab"),
        ("(a && false) || b", "b"),
        ("(a || t) && b", "b"),
        ("a ? b : c", "abc"),
        ("t ? b : c", "b"),
        ("[a + b, c].exists(x, x == 1)", "abc"),
        ("[a + b, c][0] == 1", "ab"),
        ("{'k': a + b}.k", "ab"),
        ("2 in [a + b]", "ab"),
        ("[1, 2].map(x, a + b)[1]", "ab"),
        ("[a + b].join('')", "ab"),
        ("a + a", "a"),
    ] {
        assert_eq!(hangs_on(text), wanted, "{text}");
    }
}

#[test]
fn reads_are_noted_once_in_order() {
    let m = map(&[
        ("rules", vec![map(&[("port", 80.into())]), map(&[("port", 443.into()), ("open", true.into())])].into()),
        ("name", "n".into()),
        ("tags", map(&[("a.b", "x".into())])),
    ]);
    let reads = |text: &str| -> Vec<String> {
        let reads = answer(text, &[("m", &m)]).reads;
        reads
            .iter()
            .map(|read| {
                format!("{}={}", read.path, if read.path == "rules" { "…".into() } else { read.value.to_string() })
            })
            .collect()
    };
    assert_eq!(reads("m.name == m.name && m.nothing == 1"), ["name=\"n\"", "nothing=null"]);
    assert_eq!(
        reads("m.rules.exists(r, r.port == 443 && r.open)"),
        ["rules=…", "rules.0.port=80", "rules.1.port=443", "rules.1.open=true"]
    );
    assert_eq!(reads("has(m.rules[1].open) && m.rules[0].port == 80"), ["rules.1.open=true", "rules.0.port=80"]);
    assert_eq!(reads("m.name == 'x' && m.rules[0].port == 80"), ["name=\"n\""]);
    assert_eq!(reads("m.tags['a.b'] == 'x'"), ["tags.a.b=\"x\""]);
}

/// What an unknown may turn out to be.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-2i64..4).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "200", "true"]).prop_map(Value::from),
        Just(Value::null()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(vec!["k", "s"]), inner), 0..3)
                .prop_map(|entries| map(&entries)),
        ]
    })
}

/// Expressions of any type over `a`, `b`, `p`, `q`, `l` and `m`.
fn expression() -> BoxedStrategy<String> {
    let leaf = prop::sample::select(vec![
        "a",
        "b",
        "p",
        "q",
        "l",
        "m",
        "m.k",
        "m.s",
        "1",
        "0",
        "2",
        "true",
        "false",
        "'a'",
        "'200'",
        "null",
        "[]",
        "absent",
        "has(m.k)",
        "has(m.k.s)",
        "has(m.z)",
        "l[0]",
        "x",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let binary =
            prop::sample::select(vec!["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"]);
        let fold = prop::sample::select(vec!["all", "exists", "exists_one", "map", "filter"]);
        let call = prop::sample::select(vec!["size", "string", "int", "bool", "matcherWidth", "math.greatest"]);
        let method = prop::sample::select(vec!["contains", "startsWith", "split"]);
        let one = inner.clone();
        prop_oneof![
            4 => (one.clone(), binary, one.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            1 => one.clone().prop_map(|a| format!("!({a})")),
            1 => one.clone().prop_map(|a| format!("-({a})")),
            2 => (one.clone(), one.clone(), one.clone()).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
            1 => prop::collection::vec(one.clone(), 0..3).prop_map(|all| format!("[{}]", all.join(", "))),
            1 => (one.clone(), one.clone()).prop_map(|(a, b)| format!("{{'k': {a}, 's': {b}}}")),
            3 => (one.clone(), fold, one.clone()).prop_map(|(l, how, e)| format!("({l}).{how}(x, {e})")),
            1 => (call, one.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            1 => (one.clone(), method, one.clone()).prop_map(|(a, f, b)| format!("({a}).{f}({b})")),
            1 => (one.clone(), one.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            1 => one.clone().prop_map(|a| format!("({a}).k")),
            1 => one.prop_map(|a| format!("has(({a}).k)")),
        ]
    })
    .boxed()
}

/// Puts `known` in the place of the unknown that is called `name`.
fn settle(value: &Value, known: &[(&str, Value)]) -> Value {
    match &value.data {
        Data::Unknown(unknown) => {
            let name = unknown.hangs_on.as_ref().map(|place| place.address.to_string()).unwrap_or_default();
            known.iter().find(|(known, _)| *known == name).unwrap().1.clone()
        }
        Data::List(items) => items.iter().map(|item| settle(item, known)).collect::<Vec<_>>().into(),
        Data::Map(entries) => entries
            .iter()
            .map(|(key, item)| (key.clone(), settle(item, known), item))
            .filter(|(_, item, before)| !item.is_null() || before.is_null())
            .map(|(key, item, _)| (key, item))
            .collect::<Map>()
            .into(),
        _ => value.clone(),
    }
}

fn has_unknown(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(_) => true,
        Data::List(items) => items.iter().any(has_unknown),
        Data::Map(entries) => entries.iter().any(|(_, item)| has_unknown(item)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, max_global_rejects: 200_000, ..ProptestConfig::default() })]

    /// What is decided while `a`, `q` and parts of `l` and `m` are unknown stays so whatever they turn out to be
    /// (or turns into an error, which decides nothing). A null that becomes known inside a map is not set.
    #[test]
    fn nothing_decided_is_taken_back(
        text in expression(),
        b in value(),
        p in any::<bool>(),
        settled in prop::collection::vec(value(), 4),
    ) {
        let names = ["a", "q", "u", "v"];
        let known: Vec<(&str, Value)> = names.into_iter().zip(settled).collect();
        let l = Value::from(vec![unknown("u"), 1.into(), unknown("v")]);
        let m = map(&[("k", unknown("u")), ("s", b.clone())]);
        let before = [unknown("a"), b, p.into(), unknown("q"), l, m];
        let after: Vec<Value> = before.iter().map(|value| settle(value, &known)).collect();
        let scope = ["a", "b", "p", "q", "l", "m", "absent", "x"]
            .iter()
            .fold(Scope::default(), |scope, name| scope.with(name, Ty::Any));
        let Ok(expression) = Expression::compile(&text, &scope) else { return Err(TestCaseError::reject("ill-typed")) };
        let evaluate = |values: &[Value]| {
            let variables: Vec<(&str, &Value)> = ["a", "b", "p", "q", "l", "m"].into_iter().zip(values).collect();
            expression.evaluate(&variables).outcome
        };
        match (evaluate(&before), evaluate(&after)) {
            (Outcome::Unknown(_), _) => {}
            (Outcome::Known(early), Outcome::Known(late)) if !has_unknown(&early) => {
                prop_assert_eq!(early, late, "{}", text);
            }
            (Outcome::Known(_), Outcome::Known(_) | Outcome::Error(_)) => {}
            (Outcome::Error(_), Outcome::Error(_)) => {}
            (early, late) => prop_assert!(false, "{}: {:?}, then {:?}", text, early, late),
        }
    }
}
