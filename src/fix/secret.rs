//! Which lines of a text may hold a secret, so that a diff does not show them for no other reason than that they stand
//! beside a change. It would rather take a harmless line for one than the other way about; it reads no value for what
//! it is.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use crate::load::cloudformation::node::{Content, Node};
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

/// Names that somebody has declared to hold secrets: sensitive variables and `NoEcho` parameters.
#[derive(Debug, Default)]
pub(super) struct Declared(BTreeSet<String>);

impl Declared {
    /// Takes along those of a file.
    pub(super) fn read(&mut self, file: &str, text: &str) {
        if is_terraform(file) {
            let body = parts(bare(text)).ok();
            let variables = body.iter().flat_map(Body::blocks).filter(|block| is_sensitive(block));
            self.0.extend(variables.filter_map(label));
        } else if let Some(root) = read_data(file, bare(text)).0 {
            let parameters = root.get("Parameters").and_then(Node::entries).unwrap_or_default();
            self.0
                .extend(parameters.iter().filter(|entry| is_no_echo(&entry.value)).map(|entry| entry.key.to_string()));
        }
    }

    fn names(&self, name: &str) -> bool {
        self.0.contains(name) || sounds(name)
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
        // What is commented out stands in no structure.
        let comment = |line: &str| ["#", "//", "/*", "*"].iter().any(|start| line.trim_start().starts_with(start));
        let commented = text.lines().enumerate().filter(|(_, line)| comment(line) && self.mentions(line));
        lines.extend(commented.map(|(at, _)| at));
        lines
    }

    fn mentions(&self, text: &str) -> bool {
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'));
        sounds(text) || words.any(|word| self.0.contains(word))
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

fn label(block: &Block) -> Option<String> {
    block.labels.first().map(|label| label.as_str().to_owned())
}

/// Whether a block is a variable that is sensitive; one whose word for it is no plain `false` counts.
fn is_sensitive(block: &Block) -> bool {
    let said = block.body.get_attribute("sensitive").map(|said| said.value.as_bool() != Some(false));
    block.ident.as_str() == "variable" && said.unwrap_or_default()
}

fn is_no_echo(parameter: &Node) -> bool {
    parameter.get("NoEcho").is_some_and(|flag| !flag.text().is_some_and(|flag| flag.eq_ignore_ascii_case("false")))
}
