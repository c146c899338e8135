//! From the text of `plangate.yaml` to a [`Config`]: which keys there are, of which shape. Whether policies of these names
//! exist is known only when all of them are loaded, and checked then.

use std::borrow::Cow;

use super::{Config, Placed, PolicyChoice, backends, beside, exempt};
use crate::catalog::Severity;
use crate::load::{Given, GivenParameter, is_account, is_region};
use crate::source::nearest::did_you_mean;
use crate::source::yaml::{self, Fields, Node, Reader, Shape};
use crate::source::{Position, Problem};

/// The keys of the file.
pub(super) const KEYS: &[&str] = &[
    "policies",
    "policy_paths",
    "fail_on",
    "undecided",
    "new_only",
    "inputs",
    "source",
    "backend",
    "backends",
    "vars",
    "var_files",
    "workspace",
    "parameters",
    "parameter_files",
    "region",
    "account",
    "outputs",
    "exempt",
    "baseline",
];

/// The keys of one policy.
pub(super) const POLICY_KEYS: &[&str] = &["enabled", "severity", "params"];

/// What `undecided` may be.
pub(super) const UNDECIDED: &[&str] = &["report", "fail", "hide"];

/// Reads a configuration, or says everything that is wrong with it.
pub(super) fn config(text: &str, file: &str) -> Result<Config, Vec<Problem>> {
    let mut config = Config { file: Some(file.to_owned()), ..Config::default() };
    // An empty file, or one of comments, says nothing.
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(config);
    }
    let root = yaml::parse(text).map_err(|problem| vec![problem.in_file(file)])?;
    let mut reader = Reader::new(text, file);
    fill(&mut config, &mut reader, &root, file);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.position);
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

fn fill(config: &mut Config, reader: &mut Reader<'_>, root: &Node, file: &str) {
    let top = reader.fields(root, "the configuration", KEYS);
    let near = |path: String| beside(file, &path);
    config.policies = policies(reader, &top);
    config.policy_paths = top.texts(reader, "policy_paths").into_iter().map(near).collect();
    let severities: Vec<&str> = Severity::ALL.map(Severity::name).into_iter().chain(["never"]).collect();
    config.fail_on = one_of(reader, &top, "fail_on", &severities);
    config.undecided = one_of(reader, &top, "undecided", UNDECIDED);
    config.new_only = top.truth(reader, "new_only");
    config.inputs = top.texts(reader, "inputs").into_iter().map(near).collect();
    config.source = top.optional_word(reader, "source").map(|word| near(word.text));
    config.backend = top.optional_word(reader, "backend").map(|word| near(word.text));
    config.workspace = top.optional_word(reader, "workspace").map(|word| word.text);
    config.baseline = top.optional_word(reader, "baseline").map(|word| near(word.text));
    config.region = checked(reader, &top, "region", is_region);
    config.account = checked(reader, &top, "account", is_account);
    let files = top.texts(reader, "var_files").into_iter().map(|path| Given::File(near(path)));
    let vars = values(reader, &top, "vars").into_iter().map(|(name, value)| Given::Var(name, value));
    config.given = files.chain(vars).collect();
    let files = top.texts(reader, "parameter_files").into_iter().map(|path| GivenParameter::File(near(path)));
    let parameters = values(reader, &top, "parameters").into_iter();
    config.parameters = files.chain(parameters.map(|(name, value)| GivenParameter::Value(name, value))).collect();
    config.outputs = outputs(reader, &top, file);
    config.backends = backends::read(reader, &top, file);
    config.exempt = exempt::read(reader, &top, file);
}

/// `ID: off`, `ID: on` or `ID: {severity: …, params: …}`.
fn policies(reader: &mut Reader<'_>, top: &Fields<'_>) -> Vec<PolicyChoice> {
    let mut found = Vec::new();
    for (name, at, node) in top.entries(reader, "policies") {
        let id = Placed { value: name.to_owned(), position: reader.position(at) };
        let switch = match &node.shape {
            Shape::Bool(on) => Some(*on),
            Shape::Text(word) if word == "on" => Some(true),
            Shape::Text(word) if word == "off" => Some(false),
            Shape::Map(_) => None,
            _ => {
                let guess = match &node.shape {
                    Shape::Text(word) => did_you_mean(word, ["off", "on"]),
                    _ => String::new(),
                };
                let message = format!("`{name}` must be on, off or a mapping, this is {}{guess}", node.kind());
                reader.fault(node.from, message);
                continue;
            }
        };
        if let Some(on) = switch {
            found.push(PolicyChoice { id, on, severity: None, params: Vec::new() });
            continue;
        }
        let fields = reader.fields(node, "a policy", POLICY_KEYS);
        let on = fields.truth(reader, "enabled").unwrap_or(true);
        let severity = one_of(reader, &fields, "severity", &Severity::ALL.map(Severity::name));
        let severity = severity.and_then(|severity| severity.value.parse().ok());
        let mut params = Vec::new();
        for (name, _, node) in fields.entries(reader, "params") {
            let value = match &node.shape {
                Shape::List(items) => {
                    let texts: Option<Vec<_>> = items.iter().map(|item| item.text(reader.source)).collect();
                    texts.map(|texts| texts.join(","))
                }
                _ => node.text(reader.source).map(Cow::into_owned),
            };
            match value {
                Some(value) => {
                    params.push((name.to_owned(), Placed { value, position: reader.position(node.from) }));
                }
                None => reader.fault(
                    node.from,
                    format!("parameter `{name}` must be a value or a list of texts, this is {}", node.kind()),
                ),
            }
        }
        found.push(PolicyChoice { id, on, severity, params });
    }
    found
}

/// A word of a known few.
pub(super) fn one_of(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    name: &str,
    known: &[&str],
) -> Option<Placed<String>> {
    let word = fields.optional_word(reader, name)?;
    if !known.contains(&word.text.as_str()) {
        let guess = did_you_mean(&word.text, known.iter().copied());
        let message = format!("`{name}` must be one of {}, not `{}`{guess}", known.join(", "), word.text);
        reader.fault(word.node.from, message);
        return None;
    }
    let position = reader.position(word.node.from);
    Some(Placed { value: word.text, position })
}

fn checked(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    name: &str,
    is: fn(&str) -> Result<String, String>,
) -> Option<String> {
    let word = fields.optional_word(reader, name)?;
    // A whole number loses its leading zeros only as a number; here it is taken as it was written.
    is(&word.text).map_err(|why| reader.fault(word.node.from, format!("`{name}`: {why}"))).ok()
}

/// Names and their values, which no message shows: they may be secret.
fn values(reader: &mut Reader<'_>, top: &Fields<'_>, key: &'static str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, _, node) in top.entries(reader, key) {
        match node.text(reader.source) {
            Some(value) => found.push((name.to_owned(), value.into_owned())),
            None => reader.report(
                node.from,
                format!("the value of `{name}` must be text, a number, true or false, this is {}", node.kind()),
                Some(format!("write a list or a map as text, or in a file that `{}` names", files_of(key))),
            ),
        }
    }
    found
}

fn files_of(key: &str) -> &'static str {
    if key == "vars" { "var_files" } else { "parameter_files" }
}

/// `FORMAT` or `FORMAT=FILE`. Which formats there are is the command line's to say.
fn outputs(reader: &mut Reader<'_>, top: &Fields<'_>, file: &str) -> Vec<Placed<(String, Option<String>)>> {
    let mut found = Vec::new();
    for node in top.list(reader, "outputs") {
        let Some(word) = reader.word("outputs", node) else { continue };
        let (format, target) = match word.text.split_once('=') {
            Some((format, target)) => (format, Some(beside(file, target)).filter(|_| !target.is_empty())),
            None => (word.text.as_str(), None),
        };
        if word.text.ends_with('=') {
            reader.fault(node.from, "no file name after `=`");
        }
        found.push(Placed { value: (format.to_owned(), target), position: reader.position(node.from) });
    }
    found
}

/// The place of an entry, for what is reported later.
pub(super) fn position(reader: &Reader<'_>, node: &Node) -> Position {
    reader.position(node.from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = include_str!("../cli/schemas/config.json");

    fn keys(schema: &serde_json::Value, pointer: &str) -> Vec<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    }

    fn sorted(keys: &[&str]) -> Vec<String> {
        let mut keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        keys.sort();
        keys
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        for (pointer, known) in [
            ("/properties", KEYS),
            ("/definitions/policy/oneOf/2/properties", POLICY_KEYS),
            ("/properties/exempt/items/properties", exempt::KEYS),
            ("/properties/backends/items/properties", backends::KEYS),
        ] {
            let mut told = keys(&schema, pointer);
            told.sort();
            assert_eq!(told, sorted(known), "{pointer}");
        }
    }
}
