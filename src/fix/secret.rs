//! Which lines of a text may hold a secret, so that a diff does not show them for no other reason than that they stand
//! beside a change. It would rather take a harmless line for one than the other way about. It guesses by names; a value is
//! one only when somebody has declared so.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use crate::graph::{Data, Value};
use crate::load::cloudformation::node::{Content, Entry, Node};
use crate::load::cloudformation::read::read_data;
use crate::load::hcl::configuration::parts;

/// What names of secrets have in them, in lower case and without what joins words.
const WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "privatekey",
    "apikey",
    "accesskey",
    "authkey",
    "securestring",
    "connectionstring",
    "cookie",
    "signingkey",
];

/// The shortest value that is looked for in other places: a shorter one stands in harmless ones too.
const SHORTEST: usize = 4;

/// What somebody has declared to be secret: names of sensitive variables and `NoEcho` parameters, and what they hold.
#[derive(Default)]
pub(super) struct Declared {
    names: BTreeSet<String>,
    values: BTreeSet<String>,
}

impl Declared {
    /// Takes along the names that a file declares, with the values they have by themselves.
    pub(super) fn read(&mut self, file: &str, text: &str) {
        if is_terraform(file) {
            let body = parts(bare(text)).ok();
            for block in body.iter().flat_map(Body::blocks).filter(|block| is_sensitive(block)) {
                self.names.extend(label(block));
                let default = block.body.get_attribute("default").map(|attribute| &attribute.value);
                self.expression(default);
            }
        } else if let Some(root) = read_data(file, bare(text)).0 {
            // The same in a template and, as an object or a list of them, in configuration that is JSON.
            let parameters = root.get("Parameters").and_then(Node::entries).unwrap_or_default();
            let variables = root.get("variable").and_then(Node::entries).unwrap_or_default();
            let is = |entry: &&Entry| is_no_echo(&entry.value) || is_sensitive_in_json(&entry.value);
            for entry in parameters.iter().chain(variables).filter(is) {
                self.names.insert(entry.key.to_string());
                for key in ["Default", "default"] {
                    entry.value.get(key).into_iter().for_each(|value| self.node_value(value));
                }
            }
        }
    }

    /// Takes along the values that a file gives the declared names.
    pub(super) fn read_values(&mut self, file: &str, text: &str) {
        if file.ends_with(".tfvars") {
            let Ok(body) = parts(bare(text)) else { return };
            for attribute in body.attributes().filter(|one| self.names.contains(one.key.as_str())).collect::<Vec<_>>() {
                self.expression(Some(&attribute.value));
            }
        } else if let Some(root) = read_data(file, bare(text)).0 {
            let root = root.get("Parameters").unwrap_or(&root);
            let given: Vec<(&str, &Node)> = match &root.content {
                Content::Map(entries) => entries.iter().map(|entry| (&*entry.key, &entry.value)).collect(),
                Content::List(items) => {
                    let given = |item| Node::get(item, "ParameterKey")?.text().zip(Node::get(item, "ParameterValue"));
                    items.iter().filter_map(given).collect()
                }
                _ => Vec::new(),
            };
            for (name, value) in given {
                if self.names.contains(name) {
                    self.node_value(value);
                }
            }
        }
    }

    /// Takes along what a sensitive value holds.
    pub(super) fn value(&mut self, value: &Value, sensitive: bool) {
        let sensitive = sensitive || value.marks.sensitive;
        match &value.data {
            Data::String(text) if sensitive => self.secret(text),
            Data::Int(number) if sensitive => self.secret(&number.to_string()),
            Data::List(items) => items.iter().for_each(|item| self.value(item, sensitive)),
            Data::Map(entries) => entries.iter().for_each(|(_, value)| self.value(value, sensitive)),
            _ => {}
        }
    }

    /// Takes along what a value on the command line is, when its name is declared.
    pub(super) fn given(&mut self, name: &str, value: &str) {
        if self.names.contains(name) {
            self.secret(value);
        }
    }

    fn expression(&mut self, expression: Option<&Expression>) {
        match expression {
            Some(Expression::String(text)) => self.secret(text),
            Some(Expression::Number(number)) => self.secret(&number.to_string()),
            Some(Expression::Array(items)) => items.iter().for_each(|item| self.expression(Some(item))),
            Some(Expression::Object(object)) => {
                object.iter().for_each(|(_, value)| self.expression(Some(value.expr())));
            }
            _ => {}
        }
    }

    fn node_value(&mut self, node: &Node) {
        match &node.content {
            Content::List(items) => items.iter().for_each(|item| self.node_value(item)),
            Content::Map(entries) => entries.iter().for_each(|entry| self.node_value(&entry.value)),
            _ => node.text().into_iter().for_each(|text| self.secret(text)),
        }
    }

    fn secret(&mut self, text: &str) {
        // Of a text of several lines each may stand somewhere.
        let lines = text.lines().map(str::trim).filter(|line| line.len() >= SHORTEST);
        self.values.extend(lines.filter(|line| !matches!(*line, "true" | "false" | "null")).map(str::to_owned));
    }

    fn names(&self, name: &str) -> bool {
        self.names.contains(name) || sounds(name)
    }

    /// The lines of a text, counted from zero, that may hold a secret.
    pub(super) fn lines(&self, file: &str, text: &str) -> BTreeSet<usize> {
        let (mark, read) = (text.len() - bare(text).len(), bare(text));
        let mut found = Vec::new();
        let understood = if is_terraform(file) {
            parts(read).map(|body| self.body(&body, read, &mut found)).is_ok()
        } else {
            read_data(file, read).0.map(|root| self.node(&root, &mut found)).is_some()
        };
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count();
        let spans = found.iter().flat_map(|span| line(span.start + mark)..=line((span.end + mark).saturating_sub(1)));
        let mut lines: BTreeSet<usize> = spans.collect();
        if !understood {
            lines.extend(text.lines().enumerate().filter(|(_, line)| self.mentions(line)).map(|(at, _)| at));
        }
        // What is known to be secret is so whatever it is called.
        let known = |line: &str| self.values.iter().any(|value| line.contains(value.as_str()));
        lines.extend(text.lines().enumerate().filter(|(_, line)| known(line)).map(|(at, _)| at));
        // What is commented out stands in no structure.
        let comment = |line: &str| ["#", "//", "/*", "*"].iter().any(|start| line.trim_start().starts_with(start));
        let commented = text.lines().enumerate().filter(|(_, line)| comment(line) && self.mentions(line));
        lines.extend(commented.map(|(at, _)| at));
        lines
    }

    fn mentions(&self, text: &str) -> bool {
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'));
        sounds(text) || words.any(|word| self.names.contains(word))
    }

    fn body(&self, body: &Body, text: &str, found: &mut Vec<Range<usize>>) {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => found.extend(self.attribute(attribute, text)),
                Structure::Block(block) => {
                    let variable =
                        block.ident.as_str() == "variable" && label(block).is_some_and(|name| self.names(&name));
                    if variable || self.is_named_entry(block, text) {
                        found.extend(block.span());
                    } else {
                        self.body(&block.body, text, found);
                    }
                }
            }
        }
    }

    /// An attribute that says a secret: by its name, or somewhere in what it holds, and not only by reference.
    fn attribute(&self, attribute: &Attribute, text: &str) -> Option<Range<usize>> {
        let span = attribute.span()?;
        let written = text.get(span.clone())?;
        let own = self.names(attribute.key.as_str());
        let literal = own || written.contains(['"', '<']);
        (literal && (own || self.mentions(written))).then_some(span)
    }

    /// `name = "DB_PASSWORD"` beside a `value`.
    fn is_named_entry(&self, block: &Block, text: &str) -> bool {
        let named = |attribute: &Attribute| {
            let written = attribute.span().and_then(|span| text.get(span)).unwrap_or_default();
            matches!(attribute.key.as_str(), "name" | "key") && self.mentions(written)
        };
        block.body.attributes().any(named)
    }

    fn node(&self, node: &Node, found: &mut Vec<Range<usize>>) {
        match &node.content {
            Content::Map(entries) => {
                let names = |key: &str| matches!(key.to_ascii_lowercase().as_str(), "name" | "key" | "parameterkey");
                let named = |value: &Node| value.text().is_some_and(|name| self.names(name));
                if entries.iter().any(|entry| names(&entry.key) && named(&entry.value)) {
                    found.push(node.span.clone());
                    return;
                }
                for entry in entries {
                    let refers = matches!(&entry.value.content, Content::Call { function, .. } if &**function == "Ref");
                    if (self.names(&entry.key) && !refers) || is_no_echo(&entry.value) {
                        found.push(entry.key_span.start..entry.value.span.end.max(entry.key_span.end));
                    } else {
                        self.node(&entry.value, found);
                    }
                }
            }
            Content::List(items) => items.iter().for_each(|item| self.node(item, found)),
            Content::Call { function, .. } if matches!(&**function, "Ref" | "Fn::GetAtt") => {}
            Content::Call { argument, .. } => self.node(argument, found),
            Content::String(said) if self.mentions(said) => found.push(node.span.clone()),
            _ => {}
        }
    }
}

/// Whether text has a word that secrets are named by.
fn sounds(text: &str) -> bool {
    let plain: String = text.chars().filter(|letter| !matches!(letter, '_' | '-')).collect();
    let plain = plain.to_lowercase();
    WORDS.iter().any(|word| plain.contains(word))
}

fn bare(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Whether a file is in Terraform's native syntax.
pub(super) fn is_terraform(file: &str) -> bool {
    file.ends_with(".tf") || file.ends_with(".tofu") || file.ends_with(".tfvars")
}

/// Whether a file is configuration, or values for it, in JSON.
pub(super) fn is_json(file: &str) -> bool {
    [".tf.json", ".tofu.json", ".tfvars.json"].iter().any(|ending| file.ends_with(ending))
}

fn label(block: &Block) -> Option<String> {
    block.labels.first().map(|label| label.as_str().to_owned())
}

/// Whether a block is a variable that is sensitive; one whose word for it is no plain `false` counts.
fn is_sensitive(block: &Block) -> bool {
    let said = block.body.get_attribute("sensitive").map(|said| said.value.as_bool() != Some(false));
    block.ident.as_str() == "variable" && said.unwrap_or_default()
}

fn is_sensitive_in_json(variable: &Node) -> bool {
    let of = |one: &Node| one.get("sensitive").is_some_and(|said| said.text() != Some("false"));
    of(variable) || variable.items().unwrap_or_default().iter().any(of)
}

fn is_no_echo(parameter: &Node) -> bool {
    parameter.get("NoEcho").is_some_and(|flag| !flag.text().is_some_and(|flag| flag.eq_ignore_ascii_case("false")))
}
