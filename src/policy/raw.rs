//! A policy file as it is written: which fields it has, of which shape, and where. Whether what stands in them makes
//! sense is decided in `check.rs`.

use crate::catalog::Dialect;
use crate::source::yaml::{Fields, Node, Reader, Shape, Word};

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
    pub(super) edit: Vec<(Option<Word>, RawRemedy)>,
}

/// One entry of `edit`.
#[derive(Debug)]
pub(super) enum RawRemedy {
    Set(Word, Word),
    AddRules(Word),
    SetDimensions(Word),
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
        let fix = reader.fields(node, "`fix`", &["summary", "terraform", "cloudformation", "edit"]);
        RawFix {
            summary: fix.word(reader, "summary"),
            terraform: fix.optional_word(reader, "terraform"),
            cloudformation: fix.optional_word(reader, "cloudformation"),
            edit: remedies(reader, &fix),
        }
    });
    RawPolicy {
        id: top.word(reader, "id"),
        title: top.word(reader, "title"),
        severity: top.word(reader, "severity"),
        why: top.word(reader, "why"),
        fix: fix.unwrap_or_default(),
        references: top.pairs(reader, "references", "a reference", ["title", "url"]),
        subject: top.word(reader, "subject"),
        type_name: top.optional_word(reader, "type"),
        select: top.optional_word(reader, "select"),
        params: params(reader, &top),
        variables: top.pairs(reader, "variables", "a variable", ["name", "expression"]),
        when: top.optional_word(reader, "when"),
        validations: validations(reader, &top),
        examples: examples(reader, &top),
    }
}

fn remedies(reader: &mut Reader<'_>, fix: &Fields<'_>) -> Vec<(Option<Word>, RawRemedy)> {
    let mut remedies = Vec::new();
    for node in fix.list(reader, "edit") {
        let fields = reader.fields(node, "an edit", &["set", "to", "add_rules", "set_dimensions", "when"]);
        let when = fields.optional_word(reader, "when");
        let (set, to) = (fields.get("set"), fields.get("to"));
        let (rules, dimensions) = (fields.get("add_rules"), fields.get("set_dimensions"));
        let remedy = match (set, to, rules, dimensions) {
            (None, None, Some(rules), None) => reader.word("add_rules", rules).map(RawRemedy::AddRules),
            (None, None, None, Some(right)) => reader.word("set_dimensions", right).map(RawRemedy::SetDimensions),
            (Some(set), Some(to), None, None) => match (reader.word("set", set), reader.word("to", to)) {
                (Some(set), Some(to)) => Some(RawRemedy::Set(set, to)),
                _ => None,
            },
            _ => {
                reader.fault(node.from, "an edit has either `set` and `to`, or `add_rules`, or `set_dimensions`");
                None
            }
        };
        remedies.extend(remedy.map(|remedy| (when, remedy)));
    }
    remedies
}

fn validations(reader: &mut Reader<'_>, top: &Fields<'_>) -> Vec<(Word, Word)> {
    let Some(node) = top.required(reader, "validations") else { return Vec::new() };
    if matches!(&node.shape, Shape::List(items) if items.is_empty()) {
        reader.fault(node.from, "`validations` has no entry, so the policy can never fail");
    }
    top.pairs(reader, "validations", "a validation", ["expression", "message"])
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

#[cfg(test)]
mod tests {
    use super::FIELDS;

    #[test]
    fn the_schema_has_the_fields_that_are_read() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../cli/schemas/policy.json")).unwrap();
        let mut fields: Vec<&str> = FIELDS.to_vec();
        fields.sort_unstable();
        let mut told: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        told.sort();
        assert_eq!(told, fields);
    }
}
