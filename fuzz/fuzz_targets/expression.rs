//! Expressions of policies over some known and unknown values: what is decided stays decided when more is known.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::graph::{Data, Map, Reason, Unknown, Value};
use plangate::policy::expression::{Expression, Outcome, Scope, Ty};

fn unknown() -> Value {
    Value::unknown(Unknown::because(Reason::AfterApply))
}

fn map(entries: &[(&str, Value)]) -> Value {
    entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect::<Map>().into()
}

/// The variables; what is not known yet is `later`.
fn variables(later: &[Value; 3]) -> Vec<(&'static str, Value)> {
    let [a, b, c] = later.clone();
    vec![
        ("a", a),
        ("b", b.clone()),
        ("n", 5.into()),
        ("s", "200-299".into()),
        ("t", true.into()),
        ("l", vec![1.into(), b, "x".into()].into()),
        ("m", map(&[("k", c), ("s", "a".into())])),
        ("z", Value::null()),
    ]
}

fn has_unknown(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(_) => true,
        Data::List(items) => items.iter().any(has_unknown),
        Data::Map(entries) => entries.iter().any(|(_, item)| has_unknown(item)),
        _ => false,
    }
}

fuzz_target!(|data: (u8, &str)| {
    let (choice, text) = data;
    let scope =
        ["a", "b", "n", "s", "t", "l", "m", "z"].iter().fold(Scope::default(), |scope, name| scope.with(name, Ty::Any));
    let expression = match Expression::compile(text, &scope) {
        Ok(expression) => expression,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a word");
            for fault in faults {
                assert!(text.is_char_boundary(fault.at), "{fault:?}");
            }
            return;
        }
    };
    let evaluate = |later: [Value; 3]| {
        let variables = variables(&later);
        let variables: Vec<(&str, &Value)> = variables.iter().map(|(name, value)| (*name, value)).collect();
        expression.evaluate(&variables).outcome
    };
    let pool = |at: u8| -> Value {
        match at % 6 {
            0 => true.into(),
            1 => false.into(),
            2 => 5.into(),
            3 => "a".into(),
            4 => vec![1.into(), 5.into()].into(),
            _ => map(&[("k", 1.into())]),
        }
    };
    let early = evaluate([unknown(), unknown(), unknown()]);
    let late = evaluate([pool(choice), pool(choice / 6), pool(choice / 36)]);
    match (early, late) {
        (Outcome::Known(early), Outcome::Known(late)) if !has_unknown(&early) => {
            // As words: what is no number is not equal to itself.
            assert_eq!(format!("{early:?}"), format!("{late:?}"));
        }
        (Outcome::Error(early), Outcome::Known(late)) => panic!("{early:?}, then {late:?}"),
        _ => {}
    }
});
