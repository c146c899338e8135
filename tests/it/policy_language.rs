//! The language of conditions: what it reads, what it refuses and where, its limits, and that it agrees with
//! another implementation of CEL on known values.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use cel::extensions;
use plangate::catalog::Subject;
use plangate::graph::{Data, Map, Text, Value};
use plangate::policy::expression::{Expression, Fault, Outcome, Scope, Ty};
use proptest::prelude::*;

fn faults(text: &str) -> Vec<Fault> {
    let scope = Scope::of(Subject::parse("target_group").unwrap());
    Expression::condition(text, &scope).err().unwrap_or_default()
}

/// The value, or `error`.
fn value(text: &str) -> String {
    match Expression::compile(text, &Scope::default()) {
        Err(faults) => format!("refused: {}", faults[0].message),
        Ok(expression) => match expression.evaluate(&[]).outcome {
            Outcome::Known(value) => value.to_string(),
            Outcome::Unknown(_) => "unknown".to_owned(),
            Outcome::Error(failure) => format!("error: {}", failure.message),
        },
    }
}

#[test]
fn literals_and_functions() {
    let cases = [
        ("0xFF", "255"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1.5e3", "1500"),
        (".5", "0.5"),
        (r#""a\n\x41\u00e9\U0001F600\101\?""#, "\"a\\nAé😀A?\""),
        (r#"r"a\n""#, r#""a\\n""#),
        ("'''it's\n\"x\"'''", "\"it\\'s\\n\\\"x\\\"\""),
        ("[1, 2,] // the end", "[1, 2]"),
        ("{'a': 1}.a + {'b': 2}['b']", "3"),
        ("2 + 3 * 4 - 10 / 3 % 2", "13"),
        ("1 - 2 - 3", "-4"),
        ("!!true && --1 == 1", "true"),
        ("true ? 1 : false ? 2 : 3", "1"),
        ("size('héé')", "3"),
        ("'héé'.size()", "3"),
        ("'a,b,,c'.split(',')", r#"["a", "b", "", "c"]"#),
        ("'a,b,c'.split(',', 2)", r#"["a", "b,c"]"#),
        ("'abc'.split('')", r#"["a", "b", "c"]"#),
        ("'aXbX'.replace('X', '-', 1)", r#""a-bX""#),
        ("'tacocat'.substring(4)", r#""cat""#),
        ("'tacocat'.substring(0, 4)", r#""taco""#),
        ("['a', 'b'].join('-')", r#""a-b""#),
        ("' x '.trim() + 'Ab'.lowerAscii() + 'Ab'.upperAscii()", r#""xabAB""#),
        ("'200-299'.matches('^[0-9]+-[0-9]+$')", "true"),
        ("int('42') + int(3.9) + int(double('1.5'))", "46"),
        ("string(1) + string(true) + string(1.5)", r#""1true1.5""#),
        ("bool('true') && !bool('0')", "true"),
        ("math.greatest(1, 5, 3) + math.least([4, 2])", "7"),
        ("1 == 1.0 && 2 > 1.5", "true"),
        ("matcherValid('200,202', 200, 499)", "true"),
        ("matcherValid('200-299,301', 200, 499)", "true"),
        ("matcherValid('200-600', 200, 499)", "false"),
        ("matcherValid('200, 202', 200, 499)", "false"),
        ("matcherValid('299-200', 200, 499)", "false"),
        ("matcherValid('', 0, 99)", "false"),
        ("matcherValid('0-99', 0, 99)", "true"),
        ("matcherOverlaps('200-399', 300, 399)", "true"),
        ("matcherOverlaps('200,404', 300, 399)", "false"),
        (
            "matcherOverlaps('ok', 300, 399)",
            "error: `matcherOverlaps`: the string is not a list of codes like `200,202` or `200-299`",
        ),
        ("matcherWidth('200')", "1"),
        ("matcherWidth('200,300-399')", "100"),
        ("'abc'.substring(2, 1)", "error: `substring`: the positions are outside the string"),
        ("int('x')", "error: `int`: the string is not a whole number"),
        ("[1][3]", "error: `[1].3` is not set"),
    ];
    for (text, wanted) in cases {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn faults_of_syntax_have_their_place() {
    let cases = [
        ("", 0, "expected a value, found the end"),
        ("1 +", 3, "expected a value, found the end"),
        ("(true", 5, "expected `)`, found the end"),
        ("true true", 5, "the expression should end here, found `true`"),
        ("a = 1", 2, "`=` has no meaning here"),
        ("true & true", 5, "`&` has no meaning here"),
        ("'abc", 0, "the string has no closing '"),
        ("'a\nb'", 0, "the string does not end on its line"),
        (r"'\q'", 1, "this escape does not exist"),
        (r"'\u12'", 1, "this escape is not a character"),
        ("1u == 1", 0, "unsigned numbers are not supported"),
        ("b'x'", 0, "bytes are not supported"),
        ("99999999999999999999", 0, "`99999999999999999999` does not fit into 64 bits"),
        ("9223372036854775808", 0, "the number does not fit into 64 bits"),
        ("12ab", 0, "`a` cannot follow a number"),
        ("x.", 2, "expected a name after the `.`, found the end"),
        ("has(1)", 0, "`has` takes one attribute, as in `has(a.b)`"),
        ("[1].all(1, true)", 8, "the first argument of `all` is the name of an element"),
        ("[1].map(x)", 4, "`map` takes a name and one or two expressions"),
        ("true ? 1", 8, "expected `:`, found the end"),
        ("é", 0, "`é` has no meaning here"),
    ];
    for (text, at, wanted) in cases {
        let found = faults(text);
        assert_eq!((found[0].at, found[0].message.as_str()), (at, wanted), "{text}");
    }
}

#[test]
fn faults_of_names_and_types_are_all_told() {
    let cases: &[(&str, &[(usize, &str)])] = &[
        ("target_grp.name == ''", &[(0, "there is no variable `target_grp`; did you mean `target_group`?")]),
        (
            "target_group.healthCheck.timeout < 5",
            &[(13, "`target_group` has no attribute `healthCheck`; did you mean `health_check`?")],
        ),
        (
            "target_group.nam == '' && target_group.prt > 1 && nope",
            &[
                (13, "`target_group` has no attribute `nam`; did you mean `name`?"),
                (39, "`target_group` has no attribute `prt`; did you mean `port`?"),
                (50, "there is no variable `nope`"),
            ],
        ),
        ("target_group.name.x == 1", &[(18, "`target_group.name` is a string, it has no attribute `x`")]),
        ("target_group.port == '80'", &[(0, "an int `==` a string is always false")]),
        ("target_group.port + 'x' == ''", &[(20, "an int `+` a string has no meaning")]),
        ("target_group.port", &[(0, "a condition must be true or false, this is an int")]),
        ("!target_group.port", &[(1, "`!` needs true or false, this is an int")]),
        ("target_group.port && true", &[(0, "`&&` needs true or false, this is an int")]),
        ("-target_group.name == ''", &[(1, "`-` needs a number, this is a string")]),
        ("target_group.port < 'a'", &[(0, "`<` cannot order an int and a string")]),
        ("target_group.port in ['a']", &[(0, "an int cannot be in a list of string")]),
        ("target_group.port in target_group.name", &[(0, "an int cannot be in a string")]),
        ("target_group.port == null", &[(0, "an attribute that is not set cannot be compared with null")]),
        ("(true ? 1 : 'a') == 1", &[(12, "one side of `:` is an int, the other a string")]),
        ("target_group.name.startWith('a')", &[(18, "there is no method `.startWith`; did you mean `startsWith`?")]),
        ("max(1, 2) == 2", &[(0, "there is no function `max`; did you mean `math.greatest`?")]),
        ("contains('a', 'b')", &[(0, "`contains` is a method, not a function")]),
        ("'200'.matcherWidth() == 1", &[(6, "`matcherWidth` is a function, not a method")]),
        ("'a'.startsWith('a', 'b')", &[(4, "`startsWith` takes 1 arguments, not 2")]),
        ("'a'.startsWith(1)", &[(15, "argument 1 of `startsWith` must be a string, this is an int")]),
        ("target_group.port.contains('a')", &[(0, "`.contains` is for a string, this is an int")]),
        ("registrations.ports.all(p, p == 'x')", &[(27, "an int `==` a string is always false")]),
        ("registrations.ports.all(p, p)", &[(27, "the condition on an element needs true or false, this is an int")]),
        ("target_group.port.all(p, true)", &[(0, "only a list or a map has elements, this is an int")]),
        ("registrations.ports['a'] == 1", &[(20, "`registrations.ports` is a list of int, it has no attribute `a`")]),
        ("target_group.name.matches('(')", &[(26, "not a regular expression: unclosed group")]),
        ("has(target_group.timeout)", &[(17, "`target_group` has no attribute `timeout`")]),
    ];
    for (text, wanted) in cases {
        let found = faults(text);
        let found: Vec<(usize, &str)> = found.iter().map(|fault| (fault.at, fault.message.as_str())).collect();
        assert_eq!(found, *wanted, "{text}");
    }
    let found = faults("target_group.timeout < 5");
    assert_eq!(found[0].help.as_deref(), Some("there is `target_group.health_check.timeout`"));
}

#[test]
fn numbers_and_truth_values_written_as_text() {
    let object = |entries: &[(&str, Value)]| -> Value {
        entries.iter().map(|(key, value)| (Text::from(*key), value.clone())).collect::<Map>().into()
    };
    let holds = |text: &str, group: &Value| {
        let scope = Scope::of(Subject::parse("target_group").unwrap());
        Expression::compile(text, &scope).unwrap().evaluate(&[("target_group", group)]).outcome
    };
    let group = object(&[
        ("port", "8080".into()),
        ("slow_start", Value::new(Data::Float(30.0))),
        ("stickiness", object(&[("enabled", "true".into())])),
        ("health_check", object(&[("port", 8081.into()), ("matcher", 200.into()), ("timeout", "soon".into())])),
    ]);
    for text in [
        "target_group.port + 1 == 8081",
        "target_group.slow_start == 30",
        "target_group.stickiness.enabled",
        "target_group.health_check.port == '8081'",
        "target_group.health_check.matcher.startsWith('2')",
    ] {
        assert_eq!(holds(text, &group), Outcome::Known(true.into()), "{text}");
    }
    match holds("target_group.health_check.timeout > 1", &group) {
        Outcome::Error(failure) => {
            assert_eq!(failure.message, "`target_group.health_check.timeout` is not a whole number");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn hostile_expressions_end_in_a_fault() {
    let deep = [
        format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("{}true", "!".repeat(10_000)),
        format!("a{}", ".b".repeat(10_000)),
        format!("a{}", "[0]".repeat(10_000)),
        format!("{}1", "true ? 1 : ".repeat(5_000)),
        format!("{}1{}", "size(".repeat(5_000), ")".repeat(5_000)),
        format!("{}true", "true == ".repeat(5_000)),
        format!("{}1{}", "1 || 1 && 1 == 1 + 1 * (".repeat(2_000), ")".repeat(2_000)),
        format!("{}true{}", "[1].all(x, ".repeat(3_000), ")".repeat(3_000)),
        "x".repeat(100_000),
        "{".repeat(30_000),
    ];
    for text in deep {
        let scope = Scope::default().with("a", Ty::Any);
        let faults = Expression::compile(&text, &scope).unwrap_err();
        assert_eq!(faults.len(), 1, "{}", &text[..30]);
    }
    // As deep as is allowed must be walked without trouble.
    for (open, inner, close) in
        [("(", "true", ")"), ("!", "true", ""), ("[1].all(x, ", "true", ")"), ("true ? true : ", "true", "")]
    {
        let text = (1..200)
            .rev()
            .map(|depth| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth)))
            .find(|text| Expression::compile(text, &Scope::default()).is_ok())
            .unwrap();
        assert!(text.len() > 30 * open.len(), "{open}");
        let expression = Expression::compile(&text, &Scope::default()).unwrap();
        assert!(matches!(expression.evaluate(&[]).outcome, Outcome::Known(_)), "{text}");
    }
}

#[test]
fn long_chains_are_flat() {
    for (part, sign) in [("true", " && "), ("false", " || "), ("1", " + "), ("1", " * ")] {
        let text = vec![part; 6_000].join(sign);
        assert!(!value(&text).starts_with("refused"), "{sign}");
        assert!(!value(&text).starts_with("error"), "{sign}");
    }
    let text = format!("{} && t", vec!["t"; 10_000].join("&&"));
    let t = Value::from(true);
    let expression = Expression::compile(&text, &Scope::default().with("t", Ty::Bool)).unwrap();
    assert_eq!(expression.evaluate(&[("t", &t)]).outcome, Outcome::Known(true.into()));
}

#[test]
fn an_expensive_expression_ends() {
    let list = Value::from((0..200).map(Value::from).collect::<Vec<_>>());
    let long = Value::from("x".repeat(1 << 20).as_str());
    let texts = [
        "l.all(a, l.all(b, l.all(c, l.all(d, a + b + c + d >= 0))))",
        "l.map(a, l.map(b, l.map(c, l))) == []",
        "s.replace('', s).size() > 0",
        "l.map(x, s).join(s).size() > 0",
        "l.all(a, l.all(b, [s, s].join(s) != ''))",
        "l.all(a, l.all(b, !'x'.matches('(a{50}){50}' + string(a))))",
    ];
    for text in texts {
        let scope = Scope::default().with("l", Ty::Any).with("s", Ty::Any);
        let start = std::time::Instant::now();
        let outcome = Expression::compile(text, &scope).unwrap().evaluate(&[("l", &list), ("s", &long)]).outcome;
        match outcome {
            Outcome::Error(failure) => assert!(failure.message.contains("too many steps"), "{text}: {failure:?}"),
            other => panic!("{text}: {other:?}"),
        }
        assert!(start.elapsed().as_secs() < 10, "{text} took {:?}", start.elapsed());
    }
}

/// What the crate `cel` says; none for an error of any kind.
fn theirs(text: &str) -> Option<Value> {
    let mut env = cel::Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    env.add_extension(extensions::math).unwrap();
    let env = Arc::new(env);
    let program = env.compile(text).ok()?;
    program.execute(&cel::Context::with_env(env)).ok().and_then(|value| convert(&value))
}

fn convert(value: &cel::Value) -> Option<Value> {
    Some(match value {
        cel::Value::Int(number) => (*number).into(),
        cel::Value::Float(number) => Value::new(Data::Float(*number)),
        cel::Value::String(text) => text.as_str().into(),
        cel::Value::Bool(truth) => (*truth).into(),
        cel::Value::Null => Value::null(),
        cel::Value::List(items) => items.iter().map(convert).collect::<Option<Vec<_>>>()?.into(),
        _ => return None,
    })
}

fn ours(text: &str) -> Option<Value> {
    match Expression::compile(text, &Scope::default()).ok()?.evaluate(&[]).outcome {
        Outcome::Known(value) => Some(value),
        _ => None,
    }
}

#[test]
fn agrees_with_another_cel_by_example() {
    let texts = [
        "1 + 2 * 3 - 4 / 2 % 3",
        "-7 / 2",
        "-7 % 3",
        "7 / 0",
        "9223372036854775807 + 1",
        "-9223372036854775808",
        "1 == 1.0",
        "1 < 1.5",
        "'a' < 'b' && 'B' < 'a'",
        "false < true",
        "[1, 2] == [1, 2]",
        "[1, 2] + [3]",
        "{'a': 1} == {'a': 1}",
        "2 in [1, 2]",
        "'a' in {'a': 1}",
        "true || 1 / 0 == 1",
        "1 / 0 == 1 || true",
        "false && 1 / 0 == 1",
        "1 / 0 == 1 && false",
        "1 / 0 == 1 && true",
        "[0, 1].exists(x, 1 / x == 1)",
        "[0, 2].all(x, 1 / x == 1)",
        "[0, 2].exists(x, 1 / x == 1)",
        "[1, 2, 3].exists_one(x, x > 2)",
        "[1, 2, 3].map(x, x > 1, x * 2)",
        "[1, 2, 3].filter(x, x % 2 == 1)",
        "{'a': 1, 'b': 2}.all(k, k < 'c')",
        "has({'a': 1}.a)",
        "has({'a': 1}.b)",
        "size('héé') + size([1, 2])",
        "'abc'.contains('b') && 'abc'.startsWith('a') && 'abc'.endsWith('c')",
        "'abc'.matches('^a.c$')",
        "'abc'.matches('b')",
        "'aBc'.upperAscii() + 'aBc'.lowerAscii()",
        "' a '.trim()",
        "'a,b,c'.split(',')",
        "'a,b,c'.split(',', 2)",
        "'a,b,c'.split(',', 0)",
        "'a,b,c'.split(',', -1)",
        "'abc'.split('')",
        "'aXbX'.replace('X', '-')",
        "'aXbX'.replace('X', '-', 1)",
        "'ab'.replace('', '_')",
        "'tacocat'.substring(1, 4)",
        "'tacocat'.substring(9)",
        "['a', 'b'].join()",
        "['a', 'b'].join(', ')",
        "int('12') + int(3.7) + int(-3.7)",
        "int('1.5')",
        "double('1.5') + double(2)",
        "string(1.5) + string(12) + string(true)",
        "bool('true') && !bool('false')",
        "bool('yes')",
        "math.greatest(1, 3, 2)",
        "math.least([4, 2])",
        "r'a\\n' + '\\x41\\u00e9' + '''it's'''",
        "true ? 'a' : 'b'",
        "!!true",
        "---1",
        "0x1F",
        "1e3 == 1000.0",
        "[1, [2, 3]][1][0]",
        "[1][1]",
        "{'a': {'b': 2}}.a['b']",
        "null == null",
        "[1, 2].map(x, [x].map(x, x * 10)[0])",
    ];
    for text in texts {
        assert_eq!(ours(text), theirs(text), "{text}");
    }
}

/// Where we mean to differ: ours, theirs.
#[test]
fn known_differences_from_cel() {
    // `has` looks through what is absent; CEL's errs.
    assert_eq!(ours("has({'a': {'c': 1}}.b.c)"), Some(false.into()));
    assert_eq!(theirs("has({'a': {'c': 1}}.b.c)"), None);
    // A null attribute is one that is not set.
    assert_eq!(ours("has({'a': null}.a)"), Some(false.into()));
    assert_eq!(theirs("has({'a': null}.a)"), Some(true.into()));
    // The specification lets `bool` read more spellings than that crate does.
    assert_eq!(ours("bool('T')"), Some(true.into()));
    assert_eq!(theirs("bool('T')"), None);
    // What can never be equal is refused when it is read, not answered with false.
    assert_eq!(ours("1 == 'a'"), None);
    assert_eq!(theirs("1 == 'a'"), Some(false.into()));
    // There are no unsigned numbers and no bytes.
    assert_eq!(ours("1u == 1u"), None);
    assert_eq!(ours("b'a' == b'a'"), None);
}

/// Well-typed conditions over literals.
fn condition() -> BoxedStrategy<String> {
    let int = prop_oneof![
        (-3i64..10).prop_map(|number| number.to_string()),
        prop::sample::select(vec!["9223372036854775807", "size('ab')", "size([1])", "int('7')"])
            .prop_map(str::to_owned),
    ]
    .prop_recursive(3, 12, 2, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}][0]")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("math.greatest({a}, {b})")),
        ]
    });
    let text = prop::sample::select(vec!["'a'", "'ab'", "''", "'200-299'", "string(1)", "('a' + 'b')"]);
    let list = prop::collection::vec(int.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(", ")));
    let relation = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (int.clone(), relation.clone(), int.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
        (text.clone(), relation, text.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
        (int.clone(), list.clone()).prop_map(|(a, l)| format!("({a} in {l})")),
        (list.clone(), list.clone()).prop_map(|(a, b)| format!("({a} == {b})")),
        (text.clone(), text).prop_map(|(a, b)| format!("{a}.startsWith({b})")),
        prop::sample::select(vec!["true", "false"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let junction = prop::sample::select(vec!["&&", "||", "==", "!="]);
        let fold = prop::sample::select(vec!["all", "exists", "exists_one"]);
        prop_oneof![
            (inner.clone(), junction, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
            (list.clone(), fold, int.clone(), inner.clone())
                .prop_map(|(l, how, n, c)| format!("{l}.{how}(x, x > {n} && {c})")),
            (list.clone(), int.clone()).prop_map(|(l, n)| format!("({l}.map(x, {n} / x) == [1])")),
            (list.clone(), int.clone()).prop_map(|(l, n)| format!("(size({l}.filter(x, x < {n})) > 1)")),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_another_cel(text in condition()) {
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }

    /// Any text at all is read or refused, never worse.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9.(){}\\[\\]'\"\\\\&|<>=!?:,+*/% \\-]{0,60}|\\PC{0,40}") {
        let scope = Scope::of(Subject::parse("target_group").unwrap());
        match Expression::compile(&text, &scope) {
            Ok(expression) => drop(expression.evaluate(&[])),
            Err(faults) => prop_assert!(faults.iter().all(|fault| fault.at <= text.len())),
        }
    }
}
