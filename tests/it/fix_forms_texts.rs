//! One text in other languages and other dress: a template as YAML in block and flow style, with short and long functions,
//! and as JSON; configuration as JSON; each with other line ends, tabs, comments, a byte order mark. Knows nothing of
//! fixing.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use granit_parser::{Event, Parser, ScalarStyle};
use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use regex::Regex;
use serde_json::{Map, Value};

/// A template, as it is written.
enum Tree {
    Scalar(String, bool),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
    /// A short function by its tag.
    Call(String, Box<Tree>),
}

/// A template that declares what it mentions, in every form, by its name. A text that is only resources gets a frame.
pub(crate) fn templates(text: &str) -> Vec<(&'static str, String)> {
    let mut tree = parse(text);
    if !matches!(&tree, Tree::Map(entries) if entries.iter().any(|(key, _)| key == "Resources")) {
        tree = Tree::Map(vec![("Resources".to_owned(), tree)]);
    }
    let Tree::Map(top) = &mut tree else { panic!("{text}") };
    let declared: Vec<String> =
        top.iter().filter(|(key, _)| key != "Metadata").flat_map(|(_, inner)| keys(inner)).collect();
    let mut mentioned = Vec::new();
    top.iter().for_each(|(_, inner)| mentions(inner, &mut mentioned));
    mentioned.retain(|name| !declared.contains(name) && !name.starts_with("AWS::"));
    if !mentioned.is_empty() {
        let string = || Tree::Map(vec![("Type".to_owned(), Tree::Scalar("String".to_owned(), false))]);
        let parameters = mentioned.into_iter().map(|name| (name, string()));
        match top.iter_mut().find(|(key, _)| key == "Parameters") {
            Some((_, Tree::Map(there))) => there.extend(parameters),
            _ => top.insert(0, ("Parameters".to_owned(), Tree::Map(parameters.collect()))),
        }
    }
    let mut block = String::new();
    let mut long = String::new();
    tree.block(0, 2, false, &mut block);
    tree.block(0, 0, true, &mut long);
    let Tree::Map(top) = &tree else { panic!("{text}") };
    let flow = |(section, inner): &(String, Tree)| match inner {
        Tree::Map(entries) => {
            let lines = entries.iter().map(|(key, value)| format!("  {key}: {}\n", value.flow()));
            format!("{section}:\n{}", lines.collect::<String>())
        }
        other => format!("{section}: {}\n", other.flow()),
    };
    let json = tree.json();
    let folded = |(section, inner): &(String, Tree)| format!("{section}: {}\n", inner.folded("  "));
    vec![
        ("block.yaml", block),
        ("long.yaml", long),
        ("flow.yaml", top.iter().map(flow).collect()),
        ("folded.yaml", top.iter().map(folded).collect()),
        ("template.json", serde_json::to_string_pretty(&json).unwrap() + "\n"),
        ("dense.json", serde_json::to_string(&json).unwrap() + "\n"),
    ]
}

fn keys(tree: &Tree) -> Vec<String> {
    match tree {
        Tree::Map(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    }
}

fn mentions(tree: &Tree, to: &mut Vec<String>) {
    let mut add = |name: &str| {
        if !to.iter().any(|known| known == name) {
            to.push(name.to_owned());
        }
    };
    match tree {
        Tree::Call(tag, inner) => match (&**tag, &**inner) {
            ("Ref", Tree::Scalar(name, _)) => add(name),
            ("GetAtt", Tree::Scalar(name, _)) => add(name.split('.').next().unwrap()),
            ("Sub", Tree::Scalar(text, _)) => {
                let hole = Regex::new(r"\$\{(\w+)[.}]").unwrap();
                hole.captures_iter(text).for_each(|found| add(&found[1]));
            }
            _ => mentions(inner, to),
        },
        Tree::List(items) => items.iter().for_each(|item| mentions(item, to)),
        Tree::Map(entries) => entries.iter().for_each(|(_, value)| mentions(value, to)),
        Tree::Scalar(..) => {}
    }
}

fn parse(text: &str) -> Tree {
    let mut events = Parser::new_from_str(text).map(|event| event.unwrap().0);
    loop {
        match events.next().unwrap() {
            Event::StreamStart | Event::DocumentStart(..) => {}
            first => return node(first, &mut events),
        }
    }
}

fn node<'t>(first: Event<'t>, events: &mut impl Iterator<Item = Event<'t>>) -> Tree {
    let called = |tag: Option<String>, tree| match tag {
        Some(tag) => Tree::Call(tag, Box::new(tree)),
        None => tree,
    };
    match first {
        Event::Scalar(text, style, _, tag) => {
            let quoted = style != ScalarStyle::Plain;
            called(tag.map(|tag| tag.suffix().to_string()), Tree::Scalar(text.to_string(), quoted))
        }
        Event::SequenceStart(_, _, tag) => {
            let mut items = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::SequenceEnd => return called(tag.map(|tag| tag.suffix().to_string()), Tree::List(items)),
                    Event::Comment(..) => {}
                    event => items.push(node(event, events)),
                }
            }
        }
        Event::MappingStart(_, _, tag) => {
            let mut entries = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::MappingEnd => return called(tag.map(|tag| tag.suffix().to_string()), Tree::Map(entries)),
                    Event::Scalar(key, ..) => {
                        let value = loop {
                            match events.next().unwrap() {
                                Event::Comment(..) => {}
                                event => break node(event, events),
                            }
                        };
                        entries.push((key.to_string(), value));
                    }
                    Event::Comment(..) => {}
                    event => panic!("{event:?}"),
                }
            }
        }
        event => panic!("{event:?}"),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Tree {
    fn scalar(text: &str, in_quotes: bool) -> String {
        let special =
            text.is_empty() || text.contains([',', '{', '}', '[', ']', '#', '\n', '*', '&']) || text.contains(": ");
        if in_quotes || special { quoted(text) } else { text.to_owned() }
    }

    /// The long name of a function and what it is called with.
    fn long(tag: &str, inner: &Tree) -> (String, Value) {
        let name = if tag == "Ref" || tag == "Condition" { tag.to_owned() } else { format!("Fn::{tag}") };
        let argument = match (tag, inner) {
            ("GetAtt", Tree::Scalar(text, _)) => {
                let (id, attribute) = text.split_once('.').unwrap();
                serde_json::json!([id, attribute])
            }
            (_, inner) => inner.json(),
        };
        (name, argument)
    }

    fn json(&self) -> Value {
        match self {
            Tree::Scalar(text, true) => text.as_str().into(),
            Tree::Scalar(text, false) => match (text.parse::<i64>(), &**text) {
                (Ok(number), _) => number.into(),
                (_, "true" | "false") => (text == "true").into(),
                _ => text.as_str().into(),
            },
            Tree::List(items) => items.iter().map(Tree::json).collect::<Vec<_>>().into(),
            Tree::Map(entries) => {
                Value::Object(entries.iter().map(|(key, value)| (key.clone(), value.json())).collect())
            }
            Tree::Call(tag, inner) => {
                let (name, argument) = Tree::long(tag, inner);
                Value::Object(Map::from_iter([(name, argument)]))
            }
        }
    }

    fn flow(&self) -> String {
        match self {
            Tree::Scalar(text, in_quotes) => Tree::scalar(text, *in_quotes),
            Tree::List(items) => format!("[{}]", items.iter().map(Tree::flow).collect::<Vec<_>>().join(", ")),
            Tree::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", value.flow())).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Tree::Call(tag, inner) => format!("!{tag} {}", inner.flow()),
        }
    }

    /// In flow style, a line for each part.
    fn folded(&self, indent: &str) -> String {
        let deeper = format!("{indent}  ");
        let above = &indent[2..];
        let lines =
            |parts: Vec<String>| parts.iter().map(|part| format!("{indent}{part}")).collect::<Vec<_>>().join(",\n");
        match self {
            Tree::List(items) if !items.is_empty() => {
                format!("[\n{}\n{above}]", lines(items.iter().map(|item| item.folded(&deeper)).collect()))
            }
            Tree::Map(entries) if !entries.is_empty() => {
                let entry = |(key, value): &(String, Tree)| format!("{key}: {}", value.folded(&deeper));
                format!("{{\n{}\n{above}}}", lines(entries.iter().map(entry).collect()))
            }
            _ => self.flow(),
        }
    }

    /// In block style, lists indented by `list` below their key; functions short or long.
    fn block(&self, indent: usize, list: usize, long: bool, to: &mut String) {
        let space = " ".repeat(indent);
        match self {
            Tree::Map(entries) => {
                for (key, value) in entries {
                    match value {
                        Tree::Map(inner) if !inner.is_empty() => {
                            to.push_str(&format!("{space}{key}:\n"));
                            value.block(indent + 2, list, long, to);
                        }
                        Tree::List(items) if !items.is_empty() => {
                            to.push_str(&format!("{space}{key}:\n"));
                            value.block(indent + list, list, long, to);
                        }
                        _ => to.push_str(&format!("{space}{key}: {}\n", value.inline(long))),
                    }
                }
            }
            Tree::List(items) => {
                for item in items {
                    let mut lines = String::new();
                    match item {
                        Tree::Map(inner) if !inner.is_empty() => item.block(indent + 2, list, long, &mut lines),
                        _ => lines = format!("{space}  {}\n", item.inline(long)),
                    }
                    to.push_str(&format!("{space}- {}", &lines[indent + 2..]));
                }
            }
            _ => panic!("a scalar by itself"),
        }
    }

    fn inline(&self, long: bool) -> String {
        match self {
            Tree::Call(tag, inner) if long => {
                let (name, argument) = Tree::long(tag, inner);
                match argument {
                    Value::String(text) => format!("{{{name}: {}}}", Tree::scalar(&text, false)),
                    other => format!("{{\"{name}\": {other}}}"),
                }
            }
            _ => self.flow(),
        }
    }
}

/// Configuration that declares what it mentions, in both languages.
pub(crate) fn configurations(text: &str) -> Vec<(&'static str, String)> {
    let mut text = text.to_owned();
    let mention = Regex::new(r"(data\.)?\b((?:aws|terraform)_\w+)\.(\w+)").unwrap();
    let found: Vec<(bool, String, String)> = mention
        .captures_iter(&text)
        .map(|found| (found.get(1).is_some(), found[2].to_owned(), found[3].to_owned()))
        .collect();
    for (is_data, kind, name) in found {
        let header = format!("{} \"{kind}\" \"{name}\" {{", if is_data { "data" } else { "resource" });
        if !text.contains(&header) {
            text.push_str(&format!("{header}\n}}\n"));
        }
    }
    let body: Body = text.parse().unwrap();
    let json = body_json(&body, &text, 0);
    vec![("main.tf", text), ("main.tf.json", serde_json::to_string_pretty(&json).unwrap() + "\n")]
}

fn body_json(body: &Body, text: &str, depth: usize) -> Value {
    let mut map = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                map.insert(attribute.key.as_str().to_owned(), expression_json(&attribute.value, text));
            }
            Structure::Block(block) => {
                let inner = body_json(&block.body, text, depth + 1);
                let mut here = &mut map;
                let mut steps = vec![block.ident.as_str()];
                steps.extend(block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str));
                let last = steps.pop().unwrap();
                for step in steps {
                    let next = here.entry(step).or_insert_with(|| Value::Object(Map::new()));
                    here = next.as_object_mut().unwrap();
                }
                // In JSON the rules of a group are a value, and in a value nothing is optional.
                let is_rule = depth == 1 && matches!(last, "ingress" | "egress");
                let inner = if is_rule { whole_rule(inner) } else { inner };
                match here.get_mut(last) {
                    None if is_rule => drop(here.insert(last.to_owned(), Value::Array(vec![inner]))),
                    None => drop(here.insert(last.to_owned(), inner)),
                    Some(Value::Array(items)) => items.push(inner),
                    Some(one) => *one = Value::Array(vec![one.take(), inner]),
                }
            }
        }
    }
    Value::Object(map)
}

fn whole_rule(mut rule: Value) -> Value {
    let names = ["security_groups", "cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self", "description"];
    let entries = rule.as_object_mut().unwrap();
    names.into_iter().for_each(|name| {
        entries.entry(name).or_insert(Value::Null);
    });
    rule
}

fn expression_json(expression: &Expression, text: &str) -> Value {
    match expression {
        Expression::Bool(flag) => (**flag).into(),
        Expression::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Expression::String(string) => string.as_str().into(),
        Expression::Array(items) => items.iter().map(|item| expression_json(item, text)).collect::<Vec<_>>().into(),
        Expression::Object(object) => {
            let key = |key: &hcl_edit::expr::ObjectKey| match key {
                hcl_edit::expr::ObjectKey::Ident(name) => name.as_str().to_owned(),
                hcl_edit::expr::ObjectKey::Expression(name) => name.as_str().unwrap().to_owned(),
            };
            let entries = object.iter().map(|(name, value)| (key(name), expression_json(value.expr(), text)));
            Value::Object(entries.collect())
        }
        other => {
            let written = text[other.span().unwrap()].trim();
            match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(template) => template.into(),
                None => format!("${{{written}}}").into(),
            }
        }
    }
}

/// The text in other dress, by what is other.
pub(crate) fn dressed(name: &str, text: &str) -> Vec<(&'static str, String)> {
    let json = name.ends_with(".json");
    let mut all = vec![("as it is", text.to_owned())];
    let windows = |text: &str| text.replace('\n', "\r\n");
    all.push(("CRLF", windows(text)));
    all.push(("no line end at the end", text.trim_end_matches('\n').to_owned()));
    all.push(("byte order mark", format!("\u{feff}{text}")));
    if json || name.ends_with(".tf") {
        all.push(("tabs", tabbed(text)));
    }
    if json {
        all.push(("everything", format!("\u{feff}{}", windows(tabbed(text).trim_end_matches('\n')))));
    } else {
        all.push(("comments", commented(text)));
        let tabs = if name.ends_with(".tf") { tabbed(text) } else { text.to_owned() };
        all.push(("everything", format!("\u{feff}{}", windows(commented(&tabs).trim_end_matches('\n')))));
    }
    all
}

fn tabbed(text: &str) -> String {
    let line = |line: &str| {
        let bare = line.trim_start_matches(' ');
        format!("{}{bare}", "\t".repeat((line.len() - bare.len()) / 2))
    };
    text.split_inclusive('\n').map(line).collect()
}

/// A comment at the end of each line, and one between each and the next.
fn commented(text: &str) -> String {
    let line = |(at, line): (usize, &str)| {
        let indent = &line[..line.len() - line.trim_start().len()];
        format!("{indent}# above {at}: it = is\n{line} # behind {at} }} \" {{\n")
    };
    text.lines().filter(|line| !line.trim().is_empty()).enumerate().map(line).collect::<String>() + "# below\n"
}
