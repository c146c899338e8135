//! Texts and what is read from them.

use super::{read, read_data};
use crate::load::cloudformation::node::{Content, Node};
use crate::source::Problem;

/// A node in one line: calls as `Name(argument)`.
fn said(node: &Node) -> String {
    match &node.content {
        Content::Null => "null".to_owned(),
        Content::Bool(truth) => truth.to_string(),
        Content::Number(number) => format!("#{number}"),
        Content::String(text) => format!("{text:?}"),
        Content::List(items) => format!("[{}]", items.iter().map(said).collect::<Vec<_>>().join(" ")),
        Content::Map(entries) => {
            let entry = |entry: &super::super::node::Entry| format!("{}:{}", entry.key, said(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
        Content::Call { function, argument } => format!("{function}({})", said(argument)),
    }
}

fn whole(text: &str) -> Node {
    let (node, problems) = read("t", text);
    assert_eq!(problems, [], "{text}");
    node.unwrap()
}

/// The value of `k` in a template that is in order.
fn value(text: &str) -> String {
    said(whole(text).get("k").unwrap())
}

fn faults(text: &str) -> Vec<String> {
    let (_, problems) = read("t", text);
    problems.iter().map(|problem: &Problem| problem.to_string().lines().next().unwrap().to_owned()).collect()
}

#[test]
fn every_short_form_is_its_long_form() {
    for (short, long, json) in [
        ("!Ref A", "{Ref: A}", r#"{"Ref": "A"}"#),
        ("!GetAtt A.B.C", "{Fn::GetAtt: [A, B.C]}", r#"{"Fn::GetAtt": ["A", "B.C"]}"#),
        ("!GetAtt [A, B]", "{Fn::GetAtt: A.B}", r#"{"Fn::GetAtt": ["A", "B"]}"#),
        ("!Sub 'x${A}'", "{Fn::Sub: 'x${A}'}", r#"{"Fn::Sub": "x${A}"}"#),
        (
            "!Sub ['x${A}', {A: !Ref B}]",
            "{Fn::Sub: ['x${A}', {A: {Ref: B}}]}",
            r#"{"Fn::Sub": ["x${A}", {"A": {"Ref": "B"}}]}"#,
        ),
        ("!Join ['', [a, !Ref B]]", "{Fn::Join: ['', [a, {Ref: B}]]}", r#"{"Fn::Join": ["", ["a", {"Ref": "B"}]]}"#),
        (
            "!Select [0, !GetAZs '']",
            "{Fn::Select: [0, {Fn::GetAZs: ''}]}",
            r#"{"Fn::Select": [0, {"Fn::GetAZs": ""}]}"#,
        ),
        ("!Split [',', x]", "{Fn::Split: [',', x]}", r#"{"Fn::Split": [",", "x"]}"#),
        (
            "!If [C, 1, !Ref AWS::NoValue]",
            "{Fn::If: [C, 1, {Ref: 'AWS::NoValue'}]}",
            r#"{"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}"#,
        ),
        (
            "!And [!Condition A, !Not [!Equals [a, b]]]",
            "{Fn::And: [!Condition A, {Fn::Not: [{Fn::Equals: [a, b]}]}]}",
            "",
        ),
        ("!Or [!Equals [a, b]]", "{Fn::Or: [{Fn::Equals: [a, b]}]}", r#"{"Fn::Or": [{"Fn::Equals": ["a", "b"]}]}"#),
        ("!FindInMap [M, a, b]", "{Fn::FindInMap: [M, a, b]}", r#"{"Fn::FindInMap": ["M", "a", "b"]}"#),
        ("!Base64 x", "{Fn::Base64: x}", r#"{"Fn::Base64": "x"}"#),
        ("!Cidr [x, 6, 8]", "{Fn::Cidr: [x, 6, 8]}", r#"{"Fn::Cidr": ["x", 6, 8]}"#),
        ("!GetAZs", "{Fn::GetAZs: }", r#"{"Fn::GetAZs": null}"#),
        ("!ImportValue x", "{Fn::ImportValue: x}", r#"{"Fn::ImportValue": "x"}"#),
        ("!Transform {Name: x}", "{Fn::Transform: {Name: x}}", r#"{"Fn::Transform": {"Name": "x"}}"#),
        (
            "!GetStackOutput {StackName: x}",
            "{Fn::GetStackOutput: {StackName: x}}",
            r#"{"Fn::GetStackOutput": {"StackName": "x"}}"#,
        ),
        ("!Length [a]", "{Fn::Length: [a]}", r#"{"Fn::Length": ["a"]}"#),
        ("!ToJsonString {a: b}", "{Fn::ToJsonString: {a: b}}", r#"{"Fn::ToJsonString": {"a": "b"}}"#),
        ("!Contains [[a], a]", "{Fn::Contains: [[a], a]}", r#"{"Fn::Contains": [["a"], "a"]}"#),
        ("!RefAll x", "{Fn::RefAll: x}", r#"{"Fn::RefAll": "x"}"#),
        ("!ValueOf [a, b]", "{Fn::ValueOf: [a, b]}", r#"{"Fn::ValueOf": ["a", "b"]}"#),
        ("!ValueOfAll [a, b]", "{Fn::ValueOfAll: [a, b]}", r#"{"Fn::ValueOfAll": ["a", "b"]}"#),
        ("!EachMemberIn [[a], [b]]", "{Fn::EachMemberIn: [[a], [b]]}", r#"{"Fn::EachMemberIn": [["a"], ["b"]]}"#),
        ("!EachMemberEquals [[a], b]", "{Fn::EachMemberEquals: [[a], b]}", r#"{"Fn::EachMemberEquals": [["a"], "b"]}"#),
    ] {
        let wanted = value(&format!("k: {short}\n"));
        assert!(wanted.contains('('), "{short}: {wanted}");
        assert_eq!(value(&format!("k: {long}\n")), wanted, "{short}");
        assert_eq!(value(&format!("Other: [1]\nk:\n  {short}\n")), wanted, "{short}");
        if !json.is_empty() {
            assert_eq!(value(&format!("{{\"k\": {json}}}")), wanted, "{short}");
        }
    }
    assert_eq!(value("k: !GetAtt A.B.C"), r#"Fn::GetAtt(["A" "B.C"])"#);
    assert_eq!(value("k: !GetAtt A"), r#"Fn::GetAtt("A")"#);
    assert_eq!(value("k: !Condition C"), r#"Condition("C")"#);
}

#[test]
fn what_calls_nothing_stays_a_map() {
    assert_eq!(value("k: {Condition: C}"), r#"{Condition:"C"}"#);
    assert_eq!(value("k: {Ref: A, Other: b}"), r#"{Ref:"A" Other:"b"}"#);
    assert_eq!(value("k: {'Fn::ForEach::Each': [x, [a], {b: c}]}"), r#"{Fn::ForEach::Each:["x" ["a"] {b:"c"}]}"#);
    let both = r#"{Fn::Transform:{Name:"x"} A:"b"}"#;
    assert_eq!(value("k: {'Fn::Transform': {Name: x}, A: b}"), both);
    assert_eq!(value(r#"{"k": {"Fn::Transform": {"Name": "x"}, "A": "b"}}"#), both);
    let (node, problems) = read_data("t", "{Ref: A}");
    assert_eq!((said(&node.unwrap()), problems.len()), (r#"{Ref:"A"}"#.to_owned(), 0));
}

#[test]
fn scalars_in_and_without_quotes() {
    assert_eq!(
        value("k: [yes, 'yes', \"010\", 010, !!str 010, ! 7, 1_000, ~, '', 2010-09-09]"),
        r##"[true "yes" "010" #010 "010" "7" #1_000 null "" "2010-09-09"]"##
    );
    assert_eq!(
        value("k: [012345678901, 123456789012, \"012345670123\"]"),
        r##"["012345678901" #123456789012 "012345670123"]"##
    );
    assert_eq!(value("k: !Sub 80"), "Fn::Sub(#80)");
    assert_eq!(value("k: !Sub '80'"), r#"Fn::Sub("80")"#);
    assert_eq!(value("k: |\n  a\n  b\n"), r#""a\nb\n""#);
    assert_eq!(value("k: !Sub >-\n  a\n  b\n"), r#"Fn::Sub("a b")"#);
    assert_eq!(value("k: {80: x, yes: y, null: z}"), r#"{80:"x" yes:"y" null:"z"}"#);
    assert_eq!(
        value(r#"{"k": [1.50, "yes", "a\u00e9\n\ud83d\ude00", true, null, -1e3]}"#),
        "[#1.50 \"yes\" \"aé\\n😀\" true null #-1e3]"
    );
}

/// The part of the text a node was written in.
fn written<'t>(text: &'t str, node: &Node) -> &'t str {
    &text[node.span.clone()]
}

#[test]
fn spans_cover_what_is_written() {
    let text = "# é\nä: 'ß'\nk:\n  - !GetAtt  Alb.Dns.Name\n  - Fn::Sub: |\n      two\n      lines\n\n  # comment\nlast: {a: [1, 2] } # c\n";
    let node = whole(text);
    let entries = node.entries().unwrap();
    let keys: Vec<&str> = entries.iter().map(|entry| &text[entry.key_span.clone()]).collect();
    assert_eq!(keys, ["ä", "k", "last"]);
    assert_eq!(written(text, &entries[0].value), "'ß'");
    assert_eq!(written(text, &entries[2].value), "{a: [1, 2] }");
    let items = entries[1].value.items().unwrap();
    assert_eq!(written(text, &items[0]), "!GetAtt  Alb.Dns.Name");
    let Content::Call { argument, .. } = &items[0].content else { panic!("{items:?}") };
    let parts: Vec<&str> = argument.items().unwrap().iter().map(|part| written(text, part)).collect();
    assert_eq!(parts, ["Alb", "Dns.Name"]);
    assert!(written(text, &items[1]).starts_with("Fn::Sub: |") && written(text, &items[1]).ends_with("lines"));
    assert!(written(text, &node).ends_with('}'), "{:?}", written(text, &node));

    let json = "{\"é\": {\"Fn::GetAtt\": [\"A\", 1]},\r\n \"k\": \"A\\u0042\"}";
    let node = whole(json);
    let entries = node.entries().unwrap();
    assert_eq!(&json[entries[0].key_span.clone()], "\"é\"");
    assert_eq!(written(json, &entries[0].value), "{\"Fn::GetAtt\": [\"A\", 1]}");
    assert_eq!(written(json, &entries[1].value), "\"A\\u0042\"");
    // An escape makes the parts have no places of their own.
    let json = r#"{"k": {"Fn::GetAtt": "A\u002eB"}}"#;
    let node = whole(json);
    let Content::Call { argument, .. } = &node.get("k").unwrap().content else { panic!() };
    assert_eq!(written(json, &argument.items().unwrap()[1]), r#""A\u002eB""#);
}

#[test]
fn byte_order_marks_and_line_ends() {
    for text in ["\u{feff}k: [a, b]\r\nz: 1\r\n", "\u{feff}{\"k\": [\"a\", \"b\"],\r\n\"z\": 1}\r\n"] {
        let node = whole(text);
        assert_eq!(said(&node), r##"{k:["a" "b"] z:#1}"##);
        let entries = node.entries().unwrap();
        assert_eq!(written(text, &entries[1].value), "1");
        assert_eq!(text[entries[0].key_span.clone()].trim_matches('"'), "k");
    }
    assert_eq!(value("---\nk: v\n...\n"), r#""v""#);
    assert_eq!(value("%YAML 1.1\n---\nk: v\n"), r#""v""#);
}

#[test]
fn aliases_and_merges() {
    assert_eq!(value("a: &x [1, !Ref B]\nk: *x\n"), r##"[#1 Ref("B")]"##);
    assert_eq!(value("a: &x {p: 1, q: 2}\nk: {<<: *x, q: 3}\n"), "{q:#3 p:#1}");
    assert_eq!(value("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nk: {<<: [*x, *y]}\n"), "{p:#1 q:#2}");
    assert_eq!(value("a: &x Name\nk: {*x : 1}\n"), "{Name:#1}");
    assert_eq!(value("k: {'<<': 1}"), "{<<:#1}");
    assert_eq!(value("a: &x {Ref: A}\nk: {<<: *x, b: 1}\n"), r##"{b:#1 Ref:"A"}"##);
    assert_eq!(faults("k: {<<: text}"), ["t:1:9: error: `<<` takes a map or a list of maps"]);
    assert_eq!(faults("k: &x [*x]"), ["t:1:8: error: an alias stands inside of what it refers to"]);
    assert_eq!(faults("k: *x"), ["t:1:4: error: is no valid YAML: this alias has no anchor"]);
}

#[test]
fn keys_that_stand_twice() {
    for (text, place) in [("a: 1\nk: 2\nb: 3\nk: 4\n", "4:1"), ("{\"a\": 1,\n\"k\": 2,\n\"b\": 3,\n  \"k\": 4}", "4:3")]
    {
        assert_eq!(faults(text), [format!("t:{place}: error: the key `k` stands here again; it is already on line 2")]);
        assert_eq!(said(read("t", text).0.unwrap().get("k").unwrap()), "#4");
    }
    let many: String = (0..30).map(|at| format!("k{}: 1\n", at % 29)).collect();
    assert_eq!(faults(&many), ["t:30:1: error: the key `k0` stands here again; it is already on line 1"]);
    let secret = format!("{0}: 1\n{0}: 2\n", "s".repeat(61));
    assert_eq!(faults(&secret), ["t:2:1: error: a key stands here again; it is already on line 1"]);
}

#[test]
fn functions_nobody_knows() {
    for (text, said) in [
        ("k:\n  - !GetAttr A.B", "t:2:5: error: `!GetAttr` is no function of CloudFormation; did you mean `!GetAtt`?"),
        ("k: {'Fn::Subb': x}", "t:1:5: error: `Fn::Subb` is no function of CloudFormation; did you mean `Fn::Sub`?"),
        (
            "{\"k\": {\"Fn::join\": []}}",
            "t:1:8: error: `Fn::join` is no function of CloudFormation; did you mean `Fn::Join`?",
        ),
        ("k: !Frobnicate", "t:1:4: error: `!Frobnicate` is no function of CloudFormation"),
        ("k: {'Fn::Frobnicate': 1, b: 2}", "t:1:5: error: `Fn::Frobnicate` is no function of CloudFormation"),
        ("k: {'Fn::If': [A, 1, 2], b: 2}", "t:1:5: error: `Fn::If` stands beside other keys"),
        ("k: !!binary abc", "t:1:4: error: CloudFormation does not take this type of YAML"),
        ("k: {!Ref a: 1}", "t:1:10: error: a function stands where a key is expected"),
    ] {
        assert_eq!(faults(text), [said]);
    }
    assert_eq!(said(read("t", "k: !Foo [1]\n").0.unwrap().get("k").unwrap()), "Fn::Foo([#1])");
}

#[test]
fn what_is_no_template() {
    for nothing in ["", " \n", "\u{feff}", "# only\n", "---\n", "~"] {
        assert_eq!(faults(nothing), ["t: error: is empty"], "{nothing:?}");
    }
    for (text, place) in
        [("[]", "1:1"), ("\n- a\n", "2:1"), ("text", "1:1"), ("!Ref a", "1:1"), ("{\"Ref\": \"a\"}", "1:1")]
    {
        assert_eq!(faults(text), [format!("t:{place}: error: is no template: it holds no map of sections")], "{text}");
    }
    let two = "k: v\n---\nk: w\n";
    assert_eq!(faults(two), ["t:2:1: error: a second document begins here, and it is not read"]);
    assert_eq!(said(&read("t", two).0.unwrap()), r#"{k:"v"}"#);
}

#[test]
fn yaml_that_is_none() {
    for (text, said) in [
        ("a:\n\t- b\n", "t:2:2: error: is no valid YAML: a tab stands where only spaces may"),
        ("a: [1, 2\nb: 3\n", "t:2:2: error: is no valid YAML: "),
        ("a: 'x\n", "t:2:1: error: is no valid YAML: a text in quotes is not closed"),
        ("a: b: c\n", "t:1:5: error: is no valid YAML: mapping values are not allowed in this context"),
    ] {
        let told = faults(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(said), "{told:?}");
    }
    let (_, problems) = read("t", "k: !Base64 !Sub x\n");
    assert!(problems[0].help.as_ref().unwrap().starts_with("one short form cannot stand"), "{problems:?}");
    assert_eq!(faults("k: {[1]: 2, b: 3}"), ["t:1:5: error: a list or a map stands where a key is expected"]);
    assert_eq!(said(&read("t", "k: {[1]: 2, b: 3}").0.unwrap()), "{k:{b:#3}}");
}

#[test]
fn json_that_is_none() {
    for (text, fault) in [
        (r#"{"k": 1,}"#, "1:9: error: is no valid JSON: a value is missing before this bracket"),
        (r#"{"k": [1,]}"#, "1:10: error: is no valid JSON: a value is missing before this bracket"),
        ("{\n\"k\": 1\n\"l\": 2}", "3:1: error: is no valid JSON: a comma is missing before this"),
        ("{\"k\": 1 // one\n}", "1:9: error: is no valid JSON: a comment stands here, and JSON has none"),
        ("{\"k\": /* one */ 1}", "1:7: error: is no valid JSON: a comment stands here, and JSON has none"),
        (r#"{"k": tru}"#, "1:7: error: is no valid JSON: a word stands here without quotes"),
        (r#"{"k": 1} x"#, "1:10: error: is no valid JSON: a word stands here without quotes"),
        (r#"{"k" 1}"#, "1:6: error: is no valid JSON: a colon has to stand here, after the key"),
        (r#"{"k": }"#, "1:7: error: is no valid JSON: a value is missing before this bracket"),
        (r#"{"k": 1]"#, "1:8: error: is no valid JSON: this bracket closes none that is open"),
        (r#"{"k": "a"#, "1:7: error: is no valid JSON: a text begins here and does not end"),
        (r#"{"k": "\x"}"#, "1:8: error: is no valid JSON: an escape in a text is none of JSON's"),
        (r#"{"k": 0x1}"#, "1:7: error: is no valid JSON: this number is none of JSON's"),
        (r#"{"k": [1"#, "1:9: error: ends in the middle: the JSON is cut off"),
        ("{", "1:2: error: ends in the middle: the JSON is cut off"),
        ("{\"k\": 1}}", "1:9: error: is no valid JSON: goes on after the end of the JSON"),
    ] {
        assert_eq!(faults(text), [format!("t:{fault}")], "{text}");
    }
}

#[test]
fn yaml_that_begins_with_a_bracket() {
    assert_eq!(value("{k: {a: !Ref B}}"), r#"{a:Ref("B")}"#);
    assert_eq!(value("{\"k\": !Ref B}"), r#"Ref("B")"#);
    assert_eq!(value("{'k': 'v'}"), r#""v""#);
    assert_eq!(value("{ # why\n k: v}"), r#""v""#);
}
