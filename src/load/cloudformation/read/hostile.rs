//! Texts made to do harm: each ends soon, in a problem or in what it says.

use super::{LARGEST, read};
use crate::load::cloudformation::node::{Content, Node};

/// What is read, and the first line of the only problem.
fn told(text: &str) -> (Option<Node>, String) {
    let (node, problems) = read("t", text);
    assert!(problems.len() < 2, "{} problems", problems.len());
    let said = problems.first().map(ToString::to_string).unwrap_or_default();
    assert!(said.len() < 400, "{} bytes of message", said.len());
    (node, said.lines().next().unwrap_or_default().to_owned())
}

#[track_caller]
fn refused(text: &str, end: &str) {
    let (node, said) = told(text);
    assert!(node.is_none() && said.contains(end), "{said}");
}

#[test]
fn nesting_without_end() {
    let deep = "nests ";
    for depth in [101, 1_000, 100_000] {
        let indented = |at: usize| format!("{}a:\n", " ".repeat(at));
        refused(&format!("k: {}{}", "[".repeat(depth), "]".repeat(depth)), deep);
        refused(&format!("k: {}", "{a: ".repeat(depth)), "error: ");
        refused(&format!("k:\n {}x", "- ".repeat(depth)), deep);
        refused(&format!("{{\"k\": {}", "[".repeat(depth)), deep);
        refused(&format!("{{\"k\": {}1{}}}", "{\"a\":".repeat(depth), "}".repeat(depth)), deep);
        refused(&format!("k: {}", "[".repeat(depth)), "error: ");
        refused(&format!("k: {}", "!If [".repeat(depth)), "error: ");
        refused(&(0..depth.min(2_000)).map(indented).collect::<String>(), deep);
    }
    let fits = format!("k: {}{}", "[".repeat(99), "]".repeat(99));
    assert_eq!(told(&fits).1, "");
    let fits = format!("{{\"k\": {}{}}}", "[".repeat(99), "]".repeat(99));
    assert_eq!(told(&fits).1, "");
    refused(&format!("k: {}", "? ".repeat(100_000)), "error: ");
}

#[test]
fn aliases_that_multiply() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..30 {
        let before = format!("*a{}", at - 1);
        bomb += &format!("a{at}: &a{at} [{}]\n", [before.as_str(); 9].join(", "));
    }
    refused(&bomb, "repeats itself too often");
    let mut merges = "a0: &a0 {k: 1}\n".to_owned();
    for at in 1..30 {
        merges += &format!("a{at}: &a{at} {{<<: [*a{0}, *a{0}], l{at}: *a{0}}}\n", at - 1);
    }
    refused(&merges, "repeats itself too often");
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for at in 1..200 {
        chain += &format!("a{at}: &a{at} [*a{}]\n", at - 1);
    }
    refused(&chain, "nests more than 100 levels deep");
    let inside: String = (0..90).map(|at| format!("&a{at} [")).collect();
    refused(&format!("k: {inside}{}{}", "x,".repeat(10_000), "]".repeat(90)), "repeats itself too often");
    let many = format!("a: &a x\nk: [{}]\n", "*a,".repeat(200_001));
    refused(&many, "repeats itself too often");
}

#[test]
fn scalars_and_keys_of_megabytes() {
    let long = "x".repeat(1 << 20);
    for text in [
        format!("k: {long}\n"),
        format!("k: '{long}'\n"),
        format!("k: |\n  {long}\n"),
        format!("k: !GetAtt {long}.{long}\n"),
        format!("{{\"k\": \"{long}\"}}"),
        format!("{{\"{long}\": 1}}"),
        format!("{{\"k\": {}}}", "1".repeat(1 << 20)),
        format!("k: {}\n", "_1".repeat(1 << 19)),
        format!("k: |\n{}", "  x\n".repeat(300_000)),
        format!("k: \"{}\"\n", "\\n".repeat(1 << 19)),
    ] {
        let (node, said) = told(&text);
        assert_eq!(said, "");
        assert_eq!(node.unwrap().entries().unwrap().len(), 1);
    }
    refused(&format!("{long}: 1\n"), "error: is no valid YAML");
    let (_, said) = told(&format!("{{\"{long}\": 1,\"{long}\": 1}}"));
    assert_eq!(said, format!("t:1:{}: error: a key stands here again; it is already on line 1", long.len() + 8));
    for text in [format!("k: !{long} x\n"), format!("{{\"k\": {{\"Fn::{long}\": 1}}}}")] {
        assert!(told(&text).1.ends_with("error: this is no function of CloudFormation"));
    }
    refused(&format!("k: {}", " ".repeat(LARGEST)), "is larger than 16 MiB");
}

#[test]
fn more_than_anybody_writes() {
    let comments = "#\n".repeat(1_000_000) + "k: v\n";
    assert_eq!(told(&comments).1, "");
    let comments = format!("k:\n{}  - v\n", "  #\n".repeat(100_000));
    assert_eq!(told(&comments).1, "");
    let entries: String = (0..100_000).map(|at| format!("k{at}: 1\n")).collect();
    assert_eq!(told(&entries).0.unwrap().entries().unwrap().len(), 100_000);
    let entries: Vec<String> = (0..500_000).map(|at| format!("\"k{at}\":1")).collect();
    assert_eq!(told(&format!("{{{}}}", entries.join(","))).0.unwrap().entries().unwrap().len(), 500_000);
    refused(&format!("{{\"k\": [{}1]}}", "1,".repeat(1_000_000)), "holds more than 1000000 values");
    let blank = "\n".repeat(1_000_000) + "k: v\n";
    assert_eq!(told(&blank).1, "");
}

#[test]
fn faults_without_end() {
    for text in [
        "k: 1\n".repeat(30_000),
        format!("{{{}\"z\":1}}", "\"k\":1,".repeat(30_000)),
        format!("k: [{}]", "!Foo 1,".repeat(30_000)),
        format!("k: {{{}}}", "[1]: 1,".repeat(30_000)),
    ] {
        let (node, problems) = read("t", &text);
        assert!(node.is_some());
        assert_eq!(problems.len(), 21);
        let last = &problems[20].message;
        assert!(last.starts_with("has ") && last.ends_with(" more faults of these kinds"), "{last}");
    }
}

#[test]
fn bytes_of_any_kind() {
    let valid = "# é\nk: &a !Sub ['x${A}', {A: !GetAtt B.C}]\nl: *a\nm: |-\n  two\n  lines\n\"n\": {\"o\": [1, ~]}\n";
    let json = "{\"é\": [1.5, \"\\u00e9\", null, {\"Fn::Sub\": \"x\"}], \"k\": {\"a\": true}}";
    let odd = [
        "\0", "\t", "\u{feff}", "*", "&", "!", "{", "]", ":", "- ", "\"", "'", "\\", "%", "@", "\u{85}", "\u{2028}",
        "é",
    ];
    for whole in [valid, json] {
        for (at, _) in whole.char_indices() {
            let (before, after) = whole.split_at(at);
            read("t", before);
            for odd in odd {
                let text = format!("{before}{odd}{after}");
                if let Some(node) = read("t", &text).0 {
                    spans_fit(&text, &node);
                }
            }
        }
    }
}

/// Every span is one of the text.
fn spans_fit(text: &str, node: &Node) {
    assert!(text.get(node.span.clone()).is_some(), "{:?} in {text:?}", node.span);
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| spans_fit(text, item)),
        Content::Map(entries) => {
            for entry in entries {
                assert!(text.get(entry.key_span.clone()).is_some(), "{:?} in {text:?}", entry.key_span);
                spans_fit(text, &entry.value);
            }
        }
        Content::Call { argument, .. } => spans_fit(text, argument),
        _ => {}
    }
}
