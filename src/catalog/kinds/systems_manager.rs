//! Documents of Systems Manager and the associations that run them on instances. What the shell texts in them do is
//! `server`'s business.

use super::names::{self, role};
use super::partial_json;
use super::{Default, KindSpec, OBJECTS, Read, STRING, attribute, link, links, read, renamed};
use crate::catalog::schema::Type;
use crate::graph::{Data, Map, Reason, Unknown, Value};
use crate::source::yaml::{Node, Shape, parse};

/// A document: what is done, in steps.
pub(super) const DOCUMENT: KindSpec = KindSpec {
    kind: names::SSM_DOCUMENT,
    doc: "document of Systems Manager",
    terraform: &["aws_ssm_document"],
    cloudformation: &["AWS::SSM::Document"],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name").property("Name"),
        read(
            "content",
            || Type::Any,
            Read::From("content", content),
            Default::None,
            "schema version, parameters, steps",
        )
        .property_from("Content", content),
    ],
    links: &[],
    identifiers: &["name", "id", "arn"],
    identifiers_cloudformation: &["Name"],
};

/// An association: a document and the instances it runs on.
pub(super) const ASSOCIATION: KindSpec = KindSpec {
    kind: names::SSM_ASSOCIATION,
    doc: "association of a Systems Manager document with instances",
    terraform: &["aws_ssm_association"],
    cloudformation: &["AWS::SSM::Association"],
    attributes: &[
        attribute("name", STRING, "name", Default::None, "name of the document").property("Name"),
        attribute("document_version", STRING, "document_version", Default::Unset, "version of the document")
            .property("DocumentVersion"),
        attribute("instance_id", STRING, "instance_id", Default::Unset, "id of the one instance it runs on")
            .property("InstanceId"),
        attribute("targets", OBJECTS, "targets", Default::Unset, "what it runs on: key, values")
            .property_from("Targets", renamed),
        attribute("parameters", || Type::Any, "parameters", Default::None, "values for the document's parameters")
            .property_from("Parameters", singles),
    ],
    links: &[
        link(role::DOCUMENT_OF, "name", &[names::SSM_DOCUMENT]).property(&["Name"]),
        link(role::RUNS_ON, "instance_id", &[names::INSTANCE]).property(&["InstanceId"]),
        links(role::RUNS_ON, "targets[*].values", &[names::INSTANCE, names::AUTOSCALING_GROUP])
            .property(&["Targets[*].Values"]),
    ],
    identifiers: &["association_id", "arn"],
    identifiers_cloudformation: &[],
};

/// CloudFormation's parameters, which are lists, as Terraform has them: a list of one is the thing itself.
fn singles(parameters: &Value) -> Value {
    let Some(map) = parameters.as_map() else { return parameters.clone() };
    let single = |value: &Value| match value.as_list() {
        Some([only]) => only.clone(),
        _ => value.clone(),
    };
    let map = map.iter().map(|(name, value)| (name.clone(), single(value))).collect();
    Value { data: Data::Map(map), marks: parameters.marks }
}

/// A document out of its text, JSON or YAML; of a text that is partly known, what is known.
fn content(written: &Value) -> Value {
    let outline = written.as_unknown().and_then(|unknown| unknown.outline.as_ref());
    let (text, holes) = match (&written.data, outline) {
        (Data::String(text), _) => (text, &[][..]),
        (_, Some(outline)) => (&outline.text, &*outline.holes),
        _ => return written.clone(),
    };
    let read = partial_json::read(text, holes).or_else(|| parse(text).ok().as_ref().map(of_node));
    match read.filter(|document| document.as_map().is_some()) {
        Some(document) => document,
        None if outline.is_some() => written.clone(),
        None => Value::unknown(Unknown::because(Reason::Undecidable("its content is neither JSON nor YAML".into()))),
    }
}

/// A node of YAML; text keeps the marks of what is not known.
fn of_node(node: &Node) -> Value {
    match &node.shape {
        Shape::Null | Shape::Number => Value::null(),
        Shape::Bool(flag) => (*flag).into(),
        Shape::Int(number) => (*number).into(),
        Shape::Text(text) => text.as_str().into(),
        Shape::List(items) => items.iter().map(of_node).collect::<Vec<Value>>().into(),
        Shape::Map(entries) => {
            Map::from_iter(entries.iter().map(|(key, _, value)| (key.as_str().into(), of_node(value)))).into()
        }
    }
}
