//! A policy file as it is written: which fields it has, of which shape, and where. Whether what stands in them makes
//! sense is decided in `check.rs`.

use super::yaml::{self, Node, Shape};
use crate::catalog::Dialect;
use crate::source::Problem;
use crate::source::nearest::did_you_mean;

/// A policy before checking. What is missing has been reported already.
#[derive(Debug)]
pub(super) struct RawPolicy {
    pub(super) id: Option<Word>,
    pub(super) title: Option<Word>,
    pub(super) severity: Option<Word>,
    pub(super) why: Option<Word>,
    pub(super) fix: RawFix,
    pub(super) references: Vec<(Word, Word)>,
    pub(super) subject: Option<Word>,
    pub(super) type_name: Option<Word>,
    pub(super) select: Option<Word>,
    pub(super) params: Vec<RawParam>,
    pub(super) variables: Vec<(Word, Word)>,
    pub(super) when: Option<Word>,
    pub(super) validations: Vec<(Word, Word)>,
    pub(super) examples: Vec<RawExample>,
}

/// How to cure it.
#[derive(Debug, Default)]
pub(super) struct RawFix {
    pub(super) summary: Option<Word>,
    pub(super) terraform: Option<Word>,
    pub(super) cloudformation: Option<Word>,
}

/// One parameter.
#[derive(Debug)]
pub(super) struct RawParam {
    pub(super) name: Word,
    pub(super) ty: Option<Word>,
    pub(super) default: Option<Node>,
    pub(super) doc: Option<Word>,
}

/// One example.
#[derive(Debug)]
pub(super) struct RawExample {
    pub(super) name: Word,
    pub(super) verdict: Word,
    pub(super) texts: Vec<(Dialect, Word)>,
    pub(super) params: Vec<(Word, Node)>,
    pub(super) replaced: Vec<(Word, Word)>,
}

/// A text and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) node: Node,
}

const FIELDS: &[&str] = &[
    "id",
    "title",
    "severity",
    "why",
    "fix",
    "references",
    "subject",
    "type",
    "select",
    "params",
    "variables",
    "when",
    "validations",
    "examples",
];

/// Reads the fields of a policy; everything wrong with their shape is in the reader's problems.
pub(super) fn read(reader: &mut Reader<'_>, root: &Node) -> RawPolicy {
    let top = reader.fields(root, "a policy", FIELDS);
    let fix = top.required(reader, "fix").map(|node| {
        let fix = reader.fields(node, "`fix`", &["summary", "terraform", "cloudformation"]);
        RawFix {
            summary: fix.word(reader, "summary"),
            terraform: fix.optional_word(reader, "terraform"),
            cloudformation: fix.optional_word(reader, "cloudformation"),
        }
    });
    RawPolicy {
        id: top.word(reader, "id"),
        title: top.word(reader, "title"),
        severity: top.word(reader, "severity"),
        why: top.word(reader, "why"),
        fix: fix.unwrap_or_default(),
        references: top.pairs(reader, "references", ["title", "url"]),
        subject: top.word(reader, "subject"),
        type_name: top.optional_word(reader, "type"),
        select: top.optional_word(reader, "select"),
        params: params(reader, &top),
        variables: top.pairs(reader, "variables", ["name", "expression"]),
        when: top.optional_word(reader, "when"),
        validations: validations(reader, &top),
        examples: examples(reader, &top),
    }
}

fn validations(reader: &mut Reader<'_>, top: &Fields<'_>) -> Vec<(Word, Word)> {
    let Some(node) = top.required(reader, "validations") else { return Vec::new() };
    if matches!(&node.shape, Shape::List(items) if items.is_empty()) {
        reader.fault(node.from, "`validations` has no entry, so the policy can never fail");
    }
    top.pairs(reader, "validations", ["expression", "message"])
}

fn params(reader: &mut Reader<'_>, top: &Fields<'_>) -> Vec<RawParam> {
    let Some(node) = top.get("params") else { return Vec::new() };
    let Shape::Map(entries) = &node.shape else {
        reader
            .fault(node.from, format!("`params` must be a mapping from names to parameters, this is {}", node.kind()));
        return Vec::new();
    };
    let mut params = Vec::new();
    for (name, at, node) in entries {
        let fields = reader.fields(node, "a parameter", &["type", "default", "doc"]);
        params.push(RawParam {
            name: Word::at(name, *at),
            ty: fields.word(reader, "type"),
            default: fields.required(reader, "default").cloned(),
            doc: fields.optional_word(reader, "doc"),
        });
    }
    params
}

fn examples(reader: &mut Reader<'_>, top: &Fields<'_>) -> Vec<RawExample> {
    let mut examples = Vec::new();
    for node in top.list(reader, "examples") {
        let fields = reader.fields(
            node,
            "an example",
            &["name", "verdict", "terraform", "cloudformation", "params", "replaced"],
        );
        let words = (fields.word(reader, "name"), fields.word(reader, "verdict"));
        let mut texts = Vec::new();
        for (dialect, field) in [(Dialect::Terraform, "terraform"), (Dialect::CloudFormation, "cloudformation")] {
            texts.extend(fields.optional_word(reader, field).map(|text| (dialect, text)));
        }
        if texts.is_empty() {
            reader.fault(node.from, "an example needs the field `terraform` or `cloudformation`");
        }
        let params = match fields.get("params") {
            None => Vec::new(),
            Some(Node { shape: Shape::Map(entries), .. }) => {
                entries.iter().map(|(name, at, value)| (Word::at(name, *at), value.clone())).collect()
            }
            Some(other) => {
                reader.fault(other.from, format!("`params` must be a mapping, this is {}", other.kind()));
                Vec::new()
            }
        };
        let replaced = match fields.get("replaced") {
            None => Vec::new(),
            Some(Node { shape: Shape::Map(entries), .. }) => entries
                .iter()
                .filter_map(|(name, at, value)| Some((Word::at(name, *at), reader.word("replaced", value)?)))
                .collect(),
            Some(other) => {
                reader.fault(other.from, format!("`replaced` must be a mapping, this is {}", other.kind()));
                Vec::new()
            }
        };
        if let (Some(name), Some(verdict)) = words {
            examples.push(RawExample { name, verdict, texts, params, replaced });
        }
    }
    examples
}

/// Reads nodes and collects what is wrong.
pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    file: &'s str,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s str, file: &'s str) -> Reader<'s> {
        Reader { source, file, problems: Vec::new() }
    }

    /// Reports a fault at a byte of the file.
    pub(super) fn fault(&mut self, at: usize, message: impl Into<String>) {
        self.report(at, message, None);
    }

    pub(super) fn report(&mut self, at: usize, message: impl Into<String>, help: Option<String>) {
        let (line, column) = yaml::place(self.source, at);
        let mut problem = Problem::error(message).in_file(self.file).at(line, column);
        problem.help = help;
        self.problems.push(problem);
    }

    /// The entries of a mapping; reports one that is not known.
    fn fields<'n>(&mut self, node: &'n Node, what: &'static str, known: &[&str]) -> Fields<'n> {
        let mut found = Vec::new();
        match &node.shape {
            Shape::Map(entries) => {
                for (name, at, value) in entries {
                    if known.contains(&name.as_str()) {
                        found.push((name.as_str(), value));
                    } else {
                        let guess = did_you_mean(name, known.iter().copied());
                        let help = Some(format!("known here: {}", known.join(", ")));
                        self.report(*at, format!("{what} has no field `{name}`{guess}"), help);
                    }
                }
            }
            _ => self.fault(node.from, format!("{what} must be a mapping, this is {}", node.kind())),
        }
        Fields { at: node.from, what, found }
    }

    fn word(&mut self, name: &str, node: &Node) -> Option<Word> {
        match node.text(self.source) {
            Some(text) if text.trim().is_empty() => {
                self.fault(node.from, format!("`{name}` is empty"));
                None
            }
            Some(text) => Some(Word { text: text.to_owned(), node: node.clone() }),
            None => {
                self.fault(node.from, format!("`{name}` must be text, this is {}", node.kind()));
                None
            }
        }
    }
}

/// The known entries of one mapping.
struct Fields<'n> {
    at: usize,
    what: &'static str,
    found: Vec<(&'n str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The entry, unless it is missing or null.
    fn get(&self, name: &str) -> Option<&'n Node> {
        let found = self.found.iter().find(|(known, _)| *known == name).map(|(_, node)| *node);
        found.filter(|node| !matches!(node.shape, Shape::Null))
    }

    fn required(&self, reader: &mut Reader<'_>, name: &str) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            reader.fault(self.at, format!("{} needs the field `{name}`", self.what));
        }
        found
    }

    fn word(&self, reader: &mut Reader<'_>, name: &str) -> Option<Word> {
        let node = self.required(reader, name)?;
        reader.word(name, node)
    }

    fn optional_word(&self, reader: &mut Reader<'_>, name: &str) -> Option<Word> {
        let node = self.get(name)?;
        reader.word(name, node)
    }

    fn list(&self, reader: &mut Reader<'_>, name: &str) -> &'n [Node] {
        match self.get(name) {
            None => &[],
            Some(Node { shape: Shape::List(items), .. }) => items,
            Some(other) => {
                reader.fault(other.from, format!("`{name}` must be a list, this is {}", other.kind()));
                &[]
            }
        }
    }

    /// A list of mappings with exactly these two texts.
    fn pairs(&self, reader: &mut Reader<'_>, name: &'static str, keys: [&str; 2]) -> Vec<(Word, Word)> {
        let what = match name {
            "references" => "a reference",
            "variables" => "a variable",
            _ => "a validation",
        };
        let mut pairs = Vec::new();
        for node in self.list(reader, name) {
            let fields = reader.fields(node, what, &keys);
            if let (Some(first), Some(second)) = (fields.word(reader, keys[0]), fields.word(reader, keys[1])) {
                pairs.push((first, second));
            }
        }
        pairs
    }
}

impl Word {
    /// A key of a mapping.
    fn at(text: &str, at: usize) -> Word {
        let node = Node { from: at, to: at + text.len(), shape: Shape::Text(text.to_owned()) };
        Word { text: text.to_owned(), node }
    }
}
