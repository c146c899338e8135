//! Hostile expressions end in a clear error, files outside of the configuration are not read, and whatever is decided
//! with something unknown is decided the same when it is known.

use hcl_edit::expr::Expression;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use plangate::graph::{Reason, Unknown};
use plangate::load::hcl::{
    Content, Fault, Files, Resolved, Scope, Session, Step, Type, Value, convert, evaluate, evaluate_with,
    function_names, read_expression, same,
};

/// Locals `n0`, `n1`, …: each is the given expression of the one before.
struct Chain {
    step: &'static str,
    files: Option<Files>,
    session: Session,
    known: RefCell<HashMap<usize, Value>>,
}

impl Chain {
    fn of(step: &'static str) -> Chain {
        Chain { step, files: None, session: Session::default(), known: RefCell::default() }
    }

    fn nth(&self, n: usize) -> Result<Value, Fault> {
        evaluate(&read_expression(&format!("local.n{n}")).unwrap(), self)
    }
}

impl Scope for Chain {
    fn resolve(&self, _: &str, steps: &[Step]) -> Result<Resolved, Fault> {
        let name = steps.first().and_then(Step::name).unwrap_or_default();
        let number: usize = name.strip_prefix('n').and_then(|number| number.parse().ok()).unwrap_or(0);
        if let Some(value) = self.known.borrow().get(&number) {
            return Ok(Resolved { value: value.clone(), used: 1 });
        }
        let text = if number == 0 {
            "[\"x\"]".to_owned()
        } else {
            self.step.replace("PREV", &format!("local.n{}", number - 1))
        };
        let value = evaluate(&read_expression(&text).unwrap(), self)?;
        self.known.borrow_mut().insert(number, value.clone());
        Ok(Resolved { value, used: 1 })
    }

    fn files(&self) -> Option<&Files> {
        self.files.as_ref()
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

fn fatal(step: &'static str, n: usize) {
    let started = Instant::now();
    let result = Chain::of(step).nth(n);
    assert!(result.as_ref().is_err_and(|fault| fault.fatal), "{step} ^ {n}: {:?}", result.map(|value| value.weight()));
    assert!(started.elapsed() < Duration::from_secs(20), "{step} takes {:?}", started.elapsed());
}

#[test]
fn bombs_end_in_a_fault() {
    std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(|| {
            fatal("PREV", 100_000);
            fatal("try(PREV, 1)", 100_000);
            for step in ["[PREV, PREV]", "concat(PREV, PREV)", "flatten([PREV, PREV])", "[for x in [1, 2] : PREV]"] {
                fatal(step, 60);
            }
            fatal("[join(\"\", [PREV[0], PREV[0], PREV[0], PREV[0], PREV[0], PREV[0], PREV[0], PREV[0]])]", 60);
            fatal("[\"${PREV[0]}${PREV[0]}${PREV[0]}${PREV[0]}${PREV[0]}${PREV[0]}${PREV[0]}${PREV[0]}\"]", 60);
            fatal("[format(\"%99999999s\", PREV[0])]", 1);
            fatal("[for x in range(1000) : [for y in range(1000) : [for z in range(1000) : x]]]", 1);
            fatal("setproduct(range(1000), range(1000))", 1);
            fatal("[jsondecode(join(\"\", [for x in range(500) : \"[\"]))]", 1);
            fatal("[replace(join(\"\", range(1000)), \"\", join(\"\", [for x in range(1000) : join(\"\", range(1000))]))]", 1);
            fatal("[indent(100000000, \"a\\nb\")]", 1);
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn a_yaml_alias_bomb_ends_in_a_fault() {
    let mut yaml = String::from("a0: &a0 [x, x]\\n");
    for i in 1..40 {
        yaml.push_str(&format!("a{i}: &a{i} [*a{}, *a{}]\\n", i - 1, i - 1));
    }
    let result = evaluate(&read_expression(&format!("yamldecode(\"{yaml}\")")).unwrap(), &Chain::of(""));
    assert!(result.is_err_and(|fault| fault.fatal));
}

#[test]
fn the_deepest_expressions_fit_on_a_small_stack() {
    // What the parser lets through at its deepest, on the stack a test thread has.
    let deep = format!("{}1{}", "(".repeat(60), ")".repeat(60));
    assert!(evaluate(&read_expression(&deep).unwrap(), &Chain::of("")).is_ok());
    let long = vec!["1"; 120].join(" + ");
    assert!(evaluate(&read_expression(&long).unwrap(), &Chain::of("")).is_ok());
}

#[cfg(unix)]
#[test]
fn files_outside_of_the_configuration_are_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("root");
    std::fs::create_dir(&inside).unwrap();
    plangate::source::disk::write_whole(folder.path().join("secret").to_str().unwrap(), b"secret").unwrap();
    plangate::source::disk::write_whole(inside.join("plain").to_str().unwrap(), b"plain").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), inside.join("link")).unwrap();
    std::os::unix::fs::symlink(folder.path(), inside.join("up")).unwrap();
    let chain = Chain { files: Some(Files::new(&inside, &[])), ..Chain::of("") };
    let at = |text: &str| evaluate(&read_expression(text).unwrap(), &chain).unwrap();
    assert_eq!(at("file(\"plain\")").as_text().map(|text| text.to_string()), Some("plain".to_owned()));
    for path in ["../secret", "link", "up/secret", "plain/../../secret", "/etc/hostname", "~/x", "/proc/self/environ"] {
        for function in ["file", "filebase64", "filemd5", "fileexists"] {
            let value = at(&format!("{function}(\"{path}\")"));
            assert!(!value.is_known(), "{function}(\"{path}\") is {value:?}");
        }
    }
    assert!(!at("templatefile(\"link\", {})").is_known());
    assert!(!at("fileset(\"..\", \"*\")").is_known());
}

#[test]
fn what_is_decided_with_unknowns_stays_decided() {
    let pool = pool();
    let mut wrong = Vec::new();
    let mut decided = 0;
    let calls = function_names().into_iter().flat_map(|name| {
        NAMES.iter().enumerate().map(move |(i, _)| (format!("{name}({})", NAMES[..=i].join(", ")), i + 1))
    });
    let expressions = EXPRESSIONS.iter().map(|text| {
        let uses = |name: &&&str| text.split(|char: char| !char.is_alphanumeric()).any(|word| word == **name);
        ((*text).to_owned(), NAMES.iter().filter(uses).count())
    });
    for (text, arity) in calls.chain(expressions) {
        let expression = read_expression(&text).unwrap();
        {
            let few = [pool.len(), 20, 5][arity - 1];
            let total = few.pow(u32::try_from(arity).unwrap());
            for number in 0..total {
                let picked: Vec<&Value> = (0..arity).map(|at| &pool[number / few.pow(at as u32) % few]).collect();
                let Some(known) = called(&expression, &picked) else { continue };
                for hidden in 0..arity {
                    for loose in [false, true] {
                        let hole = hidden_value(picked[hidden], loose);
                        let mut masked = picked.clone();
                        masked[hidden] = &hole;
                        let Some(open) = called(&expression, &masked) else { continue };
                        decided += usize::from(open.as_ref().is_ok_and(Value::is_whole));
                        if let Some(difference) = unsound(&open, &known) {
                            wrong.push(format!("{text} {picked:?} with {hidden} hidden ({loose}): {difference}"));
                        }
                    }
                }
            }
        }
    }
    assert!(decided > 1000, "only {decided} decided");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

const NAMES: [&str; 3] = ["a", "b", "c"];

const EXPRESSIONS: &[&str] = &[
    "a == b",
    "a != b",
    "a && b",
    "a || b",
    "!a",
    "-a",
    "a + b",
    "a * b",
    "a / b",
    "a % b",
    "a < b",
    "a >= b",
    "a ? b : c",
    "a[b]",
    "a.a",
    "a[*]",
    "a[*].a",
    "a.*.a",
    "[for x in a : x]",
    "[for k, v in a : k]",
    "{ for x in a : x => b }",
    "{ for x in a : x => b... }",
    "[for x in a : x if b]",
    "[for x in a : x if x == b]",
    "\"${a}\"",
    "\"x-${a}-${b}\"",
    "\"%{ if a }x${b}%{ else }x%{ endif }\"",
    "\"%{ for x in a }${x}%{ endfor }\"",
    "{ (a) = b }",
    "[a, b] == [b, a]",
    "{ x = a } == { x = b }",
    "try(a.a, b)",
    "try(a[0], b, c)",
    "can(a.a)",
    "try(tonumber(a), b)",
    "max(a...)",
    "concat(a...)",
    "\"x${a}\" == b",
    "[a, b][0]",
    "[a, b] == c",
    "toset([a, b]) == toset([c])",
    "length([for x in a : x])",
    "length(toset([a, b, c]))",
    "coalesce(\"x${a}\", b)",
    "contains([a, b], c)",
    "a == null ? b : c",
    "[for x in toset([a, b]) : x]",
    "one([for x in [a, b] : x if x == c])",
    "tolist([a, b])",
    "tomap({ x = a, y = b })",
    "startswith(\"x-${a}\", b)",
    "join(a, [b, c])",
    "lookup({ x = a }, b, c)",
    "merge({ x = a }, b)",
    "jsonencode({ x = a, y = [b] })",
    "compact([a, b])",
    "element([a, b], c)",
    "keys(merge(a, b))",
];

/// Values of all types; the first are the most ordinary.
fn pool() -> Vec<Value> {
    let texts = [
        "\"abc\"",
        "1",
        "[\"a\", \"b\"]",
        "{ a = \"x\" }",
        "\"\"",
        "toset([\"a\"])",
        "null",
        "0",
        "-1",
        "1.5",
        "true",
        "false",
        "[]",
        "{}",
        "\"10.0.0.0/16\"",
        "\"2024-02-29T12:00:00Z\"",
        "[1, \"a\", null]",
        "tolist([\"x\"])",
        "tomap({ a = 1 })",
        "[[1], [2, 3]]",
        "\"%s-%d\"",
        "\"/a(.)/\"",
        "\"é😀\"",
        "tostring(null)",
        "{ a = { b = [] } }",
        "\"true\"",
        "[true, false]",
        "\"12\"",
        "1e300",
        "\"{\\\"a\\\": 1}\"",
        "toset([1, 2])",
        "sensitive(\"s\")",
    ];
    texts.iter().map(|text| evaluate(&read_expression(text).unwrap(), &Chain::of("")).unwrap()).collect()
}

fn hidden_value(value: &Value, loose: bool) -> Value {
    let reason = Unknown::because(Reason::AfterApply);
    let hole = Value::unknown(if loose { Type::Dynamic } else { value.ty() }, reason).marked(value.sensitive);
    if value.is_null() || loose { hole } else { hole.not_null() }
}

/// `None` when it runs into a limit.
fn called(expression: &Expression, arguments: &[&Value]) -> Option<Result<Value, Fault>> {
    let names: Vec<(&str, &Value)> = NAMES.into_iter().zip(arguments.iter().copied()).collect();
    let result = evaluate_with(expression, &names, &Chain::of(""));
    if result.as_ref().is_err_and(|fault| fault.fatal) { None } else { Some(result) }
}

fn unsound(open: &Result<Value, Fault>, known: &Result<Value, Fault>) -> Option<String> {
    match (open, known) {
        (_, Err(_)) => None,
        (Err(fault), Ok(known)) => Some(format!("refused ({fault}), but is {known:?}")),
        (Ok(open), Ok(known)) => differs(open, known).then(|| format!("{open:?}, but is {known:?}")),
    }
}

/// Whether a value cannot become another one when what is unknown in it becomes known.
fn differs(open: &Value, known: &Value) -> bool {
    match (&open.content, &known.content) {
        (Content::Unknown(hole), _) => {
            let bounds = &hole.bounds;
            let length = known.as_items().map(<[Value]>::len).or(known.as_entries().map(|entries| entries.len()));
            let long = |length: usize| bounds.shortest <= length && bounds.longest.is_none_or(|most| length <= most);
            bounds.not_null && known.is_null()
                || !hole.ty.could_be(&known.ty()) && !known.is_null()
                || known.as_text().is_some_and(|text| !text.starts_with(&*bounds.prefix))
                || known.is_known() && length.is_some_and(|length| !long(length))
        }
        (_, Content::Unknown(_)) => open.is_whole(),
        (Content::Set(..), Content::Set(..)) if !open.is_whole() => false,
        (
            Content::List(_, a) | Content::Tuple(a) | Content::Set(_, a),
            Content::List(_, b) | Content::Tuple(b) | Content::Set(_, b),
        ) => a.content.len() != b.content.len() || a.content.iter().zip(&b.content).any(|(a, b)| differs(a, b)),
        (Content::Map(_, a) | Content::Object(a), Content::Map(_, b) | Content::Object(b)) => {
            !a.content.keys().eq(b.content.keys()) || a.content.iter().any(|(name, a)| differs(a, &b.content[name]))
        }
        (Content::Null(_), Content::Null(_)) => false,
        // With a type that is not known yet a number may still become text; whoever takes it converts it.
        _ => {
            !same(open, known)
                && convert(open, &Type::String)
                    .ok()
                    .zip(convert(known, &Type::String).ok())
                    .is_none_or(|(open, known)| !same(&open, &known))
        }
    }
}
