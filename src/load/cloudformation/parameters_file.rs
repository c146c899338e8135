//! The values given for the parameters of a template, with the files among them read: JSON, YAML or lines, in every form
//! the AWS tools take. What a template makes of them is told elsewhere; no value is ever printed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::fmt;

use super::given::{GivenParameter, KEY, PREVIOUS, VALUE, is_name};
use super::node::{Content, Entry, Node};
use super::read::{Faults, read_data, shown};
use crate::graph::Text;
use crate::load::recognise;
use crate::source::nearest::did_you_mean;
use crate::source::{Position, Problem, disk};

const RESOLVED: &str = "ResolvedValue";

/// The value given for one parameter. `Debug` shows no value: any of them may be a secret.
#[derive(Clone, PartialEq)]
pub(super) struct Supplied {
    /// The value.
    pub value: SuppliedValue,
    /// What it stood for when it was last deployed: what the store holds under the name that is the value.
    pub resolved: Option<Text>,
    /// Where it was said.
    pub said_at: SaidAt,
}

/// What was given.
#[derive(Clone, PartialEq)]
pub(super) enum SuppliedValue {
    /// Text, as every parameter is at first.
    Known(Text),
    /// The elements of a list.
    List(Vec<Text>),
    /// What the stack has now, which nobody knows here.
    Previous,
}

impl fmt::Debug for Supplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.value {
            SuppliedValue::Known(_) => "text",
            SuppliedValue::List(_) => "a list",
            SuppliedValue::Previous => "the previous value",
        };
        write!(f, "{what}, said at {:?}", self.said_at)
    }
}

impl SuppliedValue {
    /// The text CloudFormation gets; elements are joined by commas. Not known for a previous value.
    pub(super) fn text(&self) -> Option<Text> {
        match self {
            SuppliedValue::Known(text) => Some(Text::clone(text)),
            SuppliedValue::List(items) => Some(items.join(",").into()),
            SuppliedValue::Previous => None,
        }
    }
}

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SaidAt {
    /// The file or the flag.
    pub file: String,
    /// Where in the file.
    pub position: Option<Position>,
}

/// All given values by parameter.
pub(super) type Supplies = BTreeMap<Text, Supplied>;

/// Reads everything that was given; of what was given twice the later counts.
pub(super) fn collect(given: &[GivenParameter]) -> (Supplies, Vec<Problem>) {
    let mut all = Supplies::new();
    let mut problems = Vec::new();
    let flag = |name: &str| SaidAt { file: format!("--parameters {name}"), position: None };
    for one in given {
        let (name, value) = match one {
            GivenParameter::Value(name, value) => (name, SuppliedValue::Known(value.as_str().into())),
            GivenParameter::Previous(name) => (name, SuppliedValue::Previous),
            GivenParameter::File(path) => {
                match read_file(path) {
                    Ok((supplies, more)) => {
                        all.extend(supplies);
                        problems.extend(more);
                    }
                    Err(problem) => problems.push(problem),
                }
                continue;
            }
        };
        all.insert(name.as_str().into(), Supplied { value, resolved: None, said_at: flag(name) });
    }
    (all, problems)
}

fn read_file(path: &str) -> Result<(Supplies, Vec<Problem>), Problem> {
    let bytes = disk::read(path)?;
    let text = recognise::text(&bytes).map_err(|problem| problem.in_file(path))?;
    Ok(read_text(path, &text))
}

/// Reads the text of a file.
fn read_text(file: &str, text: &str) -> (Supplies, Vec<Problem>) {
    let mut form = Forms { file, faults: Faults::new(file, text), supplies: Supplies::new(), seen: 0 };
    let mut problems = Vec::new();
    if is_lines(text) {
        form.lines(text);
    } else {
        let (root, more) = read_data(file, text);
        problems = more;
        root.iter().for_each(|root| form.whole(root));
    }
    problems.extend(form.faults.finish());
    (form.supplies, problems)
}

/// On which line the text of a file gives a parameter a value, and whether that is the one the stack has already.
pub(crate) fn given_on(file: &str, text: &str, name: &str) -> Option<(u32, bool)> {
    let supplied = read_text(file, text).0.remove(name)?;
    Some((supplied.said_at.position?.line, supplied.value == SuppliedValue::Previous))
}

/// Whether the text is lines of `NAME=value`, as its first one is.
fn is_lines(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.and_then(|line| line.split_once('=')).is_some_and(|(name, _)| is_name(name.trim_end()))
}

/// The most parameters of a file. A template has 200 at most.
const MOST: usize = 1_000;

/// What the file can be, for people.
const FORMS: &str = "write {\"Name\": \"value\"}, {\"Parameters\": {\"Name\": \"value\"}}, [\"Name=value\"] or \
                     [{\"ParameterKey\": \"Name\", \"ParameterValue\": \"value\"}]";

struct Forms<'t> {
    file: &'t str,
    faults: Faults<'t>,
    supplies: Supplies,
    /// How many values were met.
    seen: usize,
}

impl Forms<'_> {
    fn whole(&mut self, root: &Node) {
        match &root.content {
            Content::List(items) => self.list(items),
            Content::Map(entries) => match root.get("Parameters").map(|inner| &inner.content) {
                Some(Content::Map(inner)) => self.map(inner),
                Some(Content::List(items)) => self.list(items),
                _ => self.map(entries),
            },
            _ => self.wrong(root, "holds no parameters"),
        }
    }

    fn wrong(&mut self, node: &Node, said: &str) {
        self.faults.add(node.span.start, |_| Problem::error(said).help(FORMS));
    }

    /// `{"Name": "value"}`
    fn map(&mut self, entries: &[Entry]) {
        for entry in entries {
            let Some(value) = value(&entry.value) else {
                self.wrong(
                    &entry.value,
                    "the value of a parameter is text, a number, true or false, or a list of these",
                );
                continue;
            };
            self.supply(&entry.key, value, None, entry.key_span.start);
        }
    }

    /// `["Name=value"]` and `[{"ParameterKey": …}]`
    fn list(&mut self, items: &[Node]) {
        for item in items {
            match &item.content {
                Content::String(text) => match text.split_once('=') {
                    Some((name, value)) => {
                        self.supply(name.trim(), SuppliedValue::Known(value.into()), None, item.span.start);
                    }
                    None => self.wrong(item, "a parameter is given without a value"),
                },
                Content::Map(entries) => self.pairs(item, entries),
                _ => self.wrong(item, "this gives no parameter a value"),
            }
        }
    }

    /// `{"ParameterKey": "Name", "ParameterValue": "value"}`
    fn pairs(&mut self, item: &Node, entries: &[Entry]) {
        const KNOWN: [&str; 4] = [KEY, VALUE, PREVIOUS, RESOLVED];
        for entry in entries.iter().filter(|entry| !KNOWN.contains(&&*entry.key)) {
            self.faults.add(entry.key_span.start, |_| {
                let known = format!("known are {}", KNOWN.join(", "));
                match shown(&entry.key) {
                    Some(key) => Problem::error(format!("`{key}` is no key here{}", did_you_mean(key, KNOWN))),
                    None => Problem::error("this is no key here"),
                }
                .help(known)
            });
        }
        let Some(name) = item.get(KEY).and_then(Node::text) else {
            return self.wrong(item, "does not say which parameter: its ParameterKey is missing or no text");
        };
        let previous = match item.get(PREVIOUS).map(|previous| (previous, previous.text())) {
            None => false,
            Some((_, Some(text))) if text.eq_ignore_ascii_case("true") => true,
            Some((_, Some(text))) if text.eq_ignore_ascii_case("false") => false,
            Some((node, _)) => return self.wrong(node, "UsePreviousValue is true or false"),
        };
        let resolved = item.get(RESOLVED).and_then(Node::text).map(Text::from);
        let supplied = match (item.get(VALUE), previous) {
            (Some(node), true) if node.content != Content::Null => {
                self.wrong(node, "both a value and UsePreviousValue are given; only one of them can count");
                SuppliedValue::Previous
            }
            (_, true) => SuppliedValue::Previous,
            (Some(node), false) => match value(node) {
                Some(value) => value,
                None => return self.wrong(node, "ParameterValue is text, a number, true or false, or a list of these"),
            },
            (None, false) => return self.wrong(item, "a parameter is given without a value"),
        };
        self.supply(name, supplied, resolved, item.span.start);
    }

    fn lines(&mut self, text: &str) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let written = line.trim_start_matches('\u{feff}').trim();
            match written.split_once('=') {
                _ if written.is_empty() || written.starts_with('#') => {}
                Some((name, value)) => {
                    let from = at + line.len() - line.trim_start_matches('\u{feff}').trim_start().len();
                    self.supply(name.trim(), SuppliedValue::Known(value.trim().into()), None, from);
                }
                None => {
                    self.faults.add(at, |_| Problem::error("this line gives no parameter a value").help(FORMS));
                }
            }
            at += line.len();
        }
    }

    fn supply(&mut self, name: &str, value: SuppliedValue, resolved: Option<Text>, at: usize) {
        self.seen += 1;
        if self.seen > MOST {
            if self.seen == MOST + 1 {
                self.faults.add(at, |_| {
                    Problem::error(format!("gives values to more than {MOST} parameters; the rest is not read"))
                        .help("a template has 200 parameters at most")
                });
            }
            return;
        }
        if !is_name(name) {
            // It may be a part of a value.
            return self.faults.add(at, |_| {
                Problem::error("what is given a value here is no name of a parameter")
                    .help("names of parameters are letters and digits")
            });
        }
        let position = self.faults.placed(at, Problem::note("")).position;
        let supplied = Supplied { value, resolved, said_at: SaidAt { file: self.file.to_owned(), position } };
        match self.supplies.entry(name.into()) {
            Slot::Vacant(slot) => drop(slot.insert(supplied)),
            Slot::Occupied(mut slot) => {
                let line = slot.get().said_at.position.map_or(0, |position| position.line);
                self.faults.add(at, |_| {
                    let what = shown(name).map_or_else(|| "a parameter".to_owned(), |name| format!("`{name}`"));
                    Problem::error(format!("{what} is given a value again; it already has one on line {line}"))
                        .help("keep one of the two")
                });
                slot.insert(supplied);
            }
        }
    }
}

/// The value of a parameter: a scalar as it is written, or a list of scalars.
fn value(node: &Node) -> Option<SuppliedValue> {
    match &node.content {
        Content::List(items) => {
            let texts: Option<Vec<Text>> = items.iter().map(|item| item.text().map(Text::from)).collect();
            texts.map(SuppliedValue::List)
        }
        _ => node.text().map(|text| SuppliedValue::Known(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a file by name, and its problems.
    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        let (supplies, problems) = read_text("p", text);
        let one = |(name, supplied): (&Text, &Supplied)| {
            let position = supplied.said_at.position.unwrap();
            let value = supplied.value.text().map_or_else(|| "as before".to_owned(), |text| format!("{text:?}"));
            let resolved = supplied.resolved.as_ref().map(|text| format!(" = {text:?}")).unwrap_or_default();
            format!("{name} {}:{} {value}{resolved}", position.line, position.column)
        };
        let problems = problems.iter().map(|problem| problem.to_string().lines().next().unwrap().to_owned());
        (supplies.iter().map(one).collect(), problems.collect())
    }

    #[track_caller]
    fn values(text: &str, wanted: &[&str]) {
        let (values, problems) = told(text);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(values, wanted);
    }

    #[track_caller]
    fn refused(text: &str, wanted: &[&str]) {
        assert_eq!(told(text).1, wanted);
    }

    #[test]
    fn create_stack() {
        let json = r#"[
  {"ParameterKey": "Port", "ParameterValue": "8080"},
  {"ParameterKey": "Vpc", "UsePreviousValue": true},
  {"ParameterKey": "Image", "ParameterValue": "/ami", "ResolvedValue": "ami-1", "UsePreviousValue": false},
  {"ParameterKey": "Subnets", "ParameterValue": ["a", "b"]}
]"#;
        let wanted =
            [r#"Image 4:3 "/ami" = "ami-1""#, r#"Port 2:3 "8080""#, r#"Subnets 5:3 "a,b""#, "Vpc 3:3 as before"];
        values(json, &wanted);
        values("- ParameterKey: Port\n  ParameterValue: 0080\n", &[r#"Port 1:3 "0080""#]);
        values("Parameters:\n- {ParameterKey: Port, UsePreviousValue: yes}\n", &["Port 2:3 as before"]);
    }

    #[test]
    fn maps_lists_and_lines() {
        let wanted = [r#"A 1:2 "x""#, r#"B 1:12 "1""#, r#"C 1:20 "true""#, r#"D 1:31 "a,2""#];
        values(r#"{"A": "x", "B": 1, "C": true, "D": ["a", 2]}"#, &wanted);
        values(r#"{"Parameters": {"A": "x"}, "Tags": {"B": "y"}, "StackPolicy": {}}"#, &[r#"A 1:17 "x""#]);
        values(r#"["A=x=y", "B="]"#, &[r#"A 1:2 "x=y""#, r#"B 1:11 """#]);
        values("A: x\nB: 012345670123\n", &[r#"A 1:1 "x""#, r#"B 2:1 "012345670123""#]);
        values("\u{feff}# ours\r\nA = x\r\n\r\n# theirs\r\n  B=y: z\r\n", &[r#"A 2:1 "x""#, r#"B 5:3 "y: z""#]);
        values(r#"{"Parameters": "x"}"#, &[r#"Parameters 1:2 "x""#]);
        values("{}", &[]);
        values("[]", &[]);
    }

    #[test]
    fn wrong_forms() {
        let no_value = "p:1:2: error: a parameter is given without a value";
        refused(r#"["secret"]"#, &[no_value]);
        refused(r#"[{"ParameterKey": "A"}]"#, &[no_value]);
        refused("[1]", &["p:1:2: error: this gives no parameter a value"]);
        refused(
            r#"[{"ParameterValue": "secret"}]"#,
            &["p:1:2: error: does not say which parameter: its ParameterKey is missing or no text"],
        );
        refused(
            r#"[{"ParameterKey": "A", "ParamterValue": "secret", "UsePreviousValue": true}]"#,
            &["p:1:24: error: `ParamterValue` is no key here; did you mean `ParameterValue`?"],
        );
        refused(
            r#"[{"ParameterKey": "A", "UsePreviousValue": "maybe"}]"#,
            &["p:1:44: error: UsePreviousValue is true or false"],
        );
        refused(
            r#"[{"ParameterKey": "A", "ParameterValue": "secret", "UsePreviousValue": true}]"#,
            &["p:1:42: error: both a value and UsePreviousValue are given; only one of them can count"],
        );
        refused(
            r#"{"A": {"B": "secret"}}"#,
            &["p:1:7: error: the value of a parameter is text, a number, true or false, or a list of these"],
        );
        refused(
            "{\"A\": null}",
            &["p:1:7: error: the value of a parameter is text, a number, true or false, or a list of these"],
        );
        refused("A: !Ref B\n", &["p:1:4: error: a function stands where only values may"]);
        refused("{\"a b\": 1}", &["p:1:2: error: what is given a value here is no name of a parameter"]);
        refused("A=1\nsecret\n", &["p:2:1: error: this line gives no parameter a value"]);
        refused("text", &["p:1:1: error: holds no parameters"]);
        refused("", &["p: error: is empty"]);
        refused("[\"A=1\",\n\"A=2\"]", &["p:2:1: error: `A` is given a value again; it already has one on line 1"]);
        let many = format!("[{}\"B=1\"]", "\"A=1\",".repeat(20_000));
        assert_eq!(read_text("p", &many).1.len(), 21);
    }

    #[test]
    fn the_later_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json").to_string_lossy().into_owned();
        disk::write_whole(&path, br#"{"A": "file", "B": "file"}"#).unwrap();
        let flag = |text: &str| GivenParameter::parse(text).unwrap();
        let file = flag(&format!("file://{path}"));
        let said = |given: &[GivenParameter]| {
            let (supplies, problems) = collect(given);
            assert_eq!(problems, []);
            supplies.iter().map(|(name, one)| format!("{name}={}", one.value.text().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(said(&[flag("A=flag"), file.clone()]), ["A=file", "B=file"]);
        assert_eq!(said(&[file.clone(), flag("A=flag")]), ["A=flag", "B=file"]);
        let (supplies, _) = collect(&[flag("A=flag")]);

        assert_eq!(supplies["A"].said_at, SaidAt { file: "--parameters A".to_owned(), position: None });
        let shown = format!("{:?}", collect(&[flag("A=secret")]));
        assert!(!shown.contains("secret"), "{shown}");
        let missing = collect(&[GivenParameter::File(format!("{path}.not"))]).1;
        assert!(missing[0].to_string().contains("cannot read"), "{missing:?}");
    }
}
