//! The body of a resource as a value: attributes evaluated, nested blocks as lists, dynamic blocks unrolled. Remembers
//! where each part stands.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use super::places::{carried, span_of};
use super::source::{Resource, made};
use super::tree::Here;
use crate::graph::{Reason, Spot, Text, Unknown};
use crate::load::file::File;
use crate::load::hcl::{Type, Value};
use crate::load::written::first_reason;

/// What belongs to Terraform itself, not to the resource.
pub(super) const META: &[&str] =
    &["count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner", "providers"];

/// How many blocks a dynamic block may make.
const MOST: usize = 10_000;
/// How deep blocks may lie in each other.
const DEEPEST: usize = 24;

/// Where the parts of a resource stand, by path (`health_check[0].timeout`).
pub(super) type Spots = BTreeMap<Text, Spot>;

/// The value of a body, and where its parts stand.
pub(super) fn value(here: &Here<'_>, resource: &Resource) -> (BTreeMap<Text, Value>, Spots) {
    let mut spots = Spots::new();
    let mut reader = Reader { here, file: &resource.file, resource, spots: &mut spots };
    let entries = reader.body(&resource.body, &mut Vec::new(), "", 0);
    (entries, spots)
}

/// The blocks of one name, as a list.
pub(super) fn blocks(here: &Here<'_>, body: &Body, name: &str, resource: &Resource) -> Value {
    let mut spots = Spots::new();
    let mut reader = Reader { here, file: &resource.file, resource, spots: &mut spots };
    let mut entries = reader.body(body, &mut Vec::new(), "", 0);
    entries.remove(name).unwrap_or_else(|| Value::null(Type::Dynamic))
}

struct Reader<'r, 'w> {
    here: &'r Here<'w>,
    /// The file of what is read now: an override file has its own.
    file: &'r File,
    resource: &'r Resource,
    spots: &'r mut Spots,
}

/// Blocks of one name so far: some, or known to be unknown.
enum Gathered {
    Blocks(Vec<Value>),
    Unknown(Value),
}

impl Reader<'_, '_> {
    fn body(
        &mut self,
        body: &Body,
        names: &mut Vec<(String, Value)>,
        path: &str,
        depth: usize,
    ) -> BTreeMap<Text, Value> {
        let mut entries = BTreeMap::new();
        let mut gathered: BTreeMap<String, Gathered> = BTreeMap::new();
        for structure in body.iter() {
            if depth == 0 {
                let name = match structure {
                    Structure::Attribute(attribute) => attribute.key.as_str(),
                    Structure::Block(block) => made(block),
                };
                self.file = self.resource.file_of(name);
            }
            match structure {
                Structure::Attribute(attribute) => {
                    let key = attribute.key.as_str();
                    if depth == 0 && META.contains(&key) {
                        continue;
                    }
                    let value = self.value(&attribute.value, names);
                    let own = joined(path, key);
                    self.note(&own, span_of(attribute));
                    self.inside(&own, &attribute.value);
                    entries.insert(Text::from(key), value);
                }
                Structure::Block(block) if depth == 0 && META.contains(&block.ident.as_str()) => {}
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    self.dynamic(block, names, path, depth, &mut gathered);
                }
                Structure::Block(block) => {
                    let name = block.ident.as_str();
                    self.block(name, block, &block.body, names, path, depth, &mut gathered);
                }
            }
        }
        for (name, gathered) in gathered {
            let value = match gathered {
                Gathered::Blocks(blocks) => Value::tuple(blocks),
                Gathered::Unknown(unknown) => unknown,
            };
            entries.insert(Text::from(name.as_str()), value);
        }
        entries
    }

    #[allow(clippy::too_many_arguments)]
    fn block(
        &mut self,
        name: &str,
        block: &Block,
        body: &Body,
        names: &mut Vec<(String, Value)>,
        path: &str,
        depth: usize,
        gathered: &mut BTreeMap<String, Gathered>,
    ) {
        let so_far = gathered.entry(name.to_owned()).or_insert_with(|| Gathered::Blocks(Vec::new()));
        let Gathered::Blocks(blocks) = so_far else { return };
        if depth >= DEEPEST || blocks.len() >= MOST {
            let reason = Reason::Undecidable("too many or too deeply nested blocks".into());
            *so_far = Gathered::Unknown(Value::unknown(Type::Dynamic, Unknown::because(reason)));
            return;
        }
        let own = format!("{}[{}]", joined(path, name), blocks.len());
        self.note(&own, span_of(block));
        let inner = Value::object(self.body(body, names, &own, depth + 1));
        if let Some(Gathered::Blocks(blocks)) = gathered.get_mut(name) {
            blocks.push(inner);
        }
    }

    fn dynamic(
        &mut self,
        block: &Block,
        names: &mut Vec<(String, Value)>,
        path: &str,
        depth: usize,
        gathered: &mut BTreeMap<String, Gathered>,
    ) {
        let Some(name) = block.labels.first().map(|label| label.as_str().to_owned()) else { return };
        let Some(content) = block.body.get_blocks("content").next() else { return };
        let Some(for_each) = block.body.get_attribute("for_each") else { return };
        let iterator = match block.body.get_attribute("iterator").map(|attribute| &attribute.value) {
            Some(Expression::Variable(iterator)) => iterator.as_str().to_owned(),
            _ => name.clone(),
        };
        let over = self.value(&for_each.value, names);
        if let Some(hole) = over.as_hole() {
            let unknown = Value::unknown(Type::Dynamic, first_reason(hole));
            gathered.insert(name, Gathered::Unknown(unknown));
            return;
        }
        let each = |key: Value, value: &Value| {
            Value::object(BTreeMap::from([(Text::from("key"), key), (Text::from("value"), value.clone())]))
        };
        let elements: Vec<Value> = match (over.as_entries(), over.as_items()) {
            (Some(entries), _) => entries.iter().map(|(key, value)| each(Value::text(key.clone()), value)).collect(),
            (None, Some(items)) => {
                let is_set = matches!(over.content, crate::load::hcl::Content::Set(..));
                let key = |at: usize, item: &Value| {
                    if is_set { item.clone() } else { Value::number(num_bigint::BigInt::from(at)) }
                };
                items.iter().enumerate().map(|(at, item)| each(key(at, item), item)).collect()
            }
            _ => Vec::new(),
        };
        for element in elements {
            names.push((iterator.clone(), element));
            self.block(&name, block, &content.body, names, path, depth, gathered);
            names.pop();
        }
    }

    fn value(&self, expression: &Expression, names: &[(String, Value)]) -> Value {
        let names: Vec<(&str, &Value)> = names.iter().map(|(name, value)| (name.as_str(), value)).collect();
        self.here.value(expression, &names, self.file)
    }

    /// Places inside of an attribute that stands for blocks: a list of objects, and in JSON an object too.
    fn inside(&mut self, path: &str, expression: &Expression) {
        match expression {
            Expression::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Expression::Object(object) = item {
                        self.entries(&format!("{path}[{at}]"), item, object);
                    }
                }
            }
            Expression::Object(object) if carried(expression).is_some() => {
                self.entries(&format!("{path}[0]"), expression, object);
            }
            _ => {}
        }
    }

    fn entries(&mut self, path: &str, whole: &Expression, object: &Object) {
        self.note(path, span_of(whole));
        for (key, value) in object.iter() {
            let name = match key {
                ObjectKey::Ident(name) => name.as_str(),
                ObjectKey::Expression(Expression::String(name)) => name.as_str(),
                ObjectKey::Expression(_) => continue,
            };
            let own = joined(path, name);
            self.note(&own, carried(value.expr()).or_else(|| key.span()));
            self.inside(&own, value.expr());
        }
    }

    fn note(&mut self, path: &str, span: Option<std::ops::Range<usize>>) {
        if let Some(spot) = self.file.spot(span) {
            self.spots.insert(path.into(), spot);
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
