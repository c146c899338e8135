//! `terraform show -json` (and `tofu show -json`) of a plan or a state, to a graph of what will be there after apply.
//!
//! Ids that are known link directly; the others are followed through the plan's configuration section
//! (`references.rs`, `links.rs`). Locals and dynamic blocks are not in a plan: what goes through them stays possible.

mod document;
mod handed_on;
mod inventory;
mod links;
mod network_acls;
mod places;
mod references;
mod security_groups;
mod traversal;
mod values;

use document::{Document, Expression};
use inventory::{Instance, InstanceAt, Inventory};
use links::{Linker, Source};
use places::expression_at;
use references::Resolver;
use values::ValueReader;

use super::{Form, Loaded};
use crate::catalog::{Origin, Written, attributes};
use crate::graph::{Graph, Place, Reason, Resource, ResourceId, Unknown, Value};
use crate::source::Problem;

/// Reads a plan or state.
///
/// # Errors
/// Nothing can be judged: no JSON, cut off, or a format version this program does not know.
pub(super) fn load(name: &str, text: &str, raw_types: &[&str]) -> Result<(Loaded, Vec<Problem>), Problem> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| super::json_problem(name, text, &error))?;
    check_version(name, &document)?;
    let mut reader = ValueReader::default();
    let (mut inventory, mut problems) = Inventory::new(&document, raw_types, &mut reader);
    network_acls::settle(&mut inventory);
    security_groups::settle(&mut inventory);
    let (partial, notes) = completeness(&document);
    problems.extend(notes);
    let variables = |variable: &str| document.variables.as_ref()?.get(variable)?.value;
    let linker = Linker::new(Resolver { inventory: &inventory, variables: &variables });
    let links = (0..inventory.instances.len()).flat_map(|at| linker.links_of(at)).collect();
    let attributes: Vec<Value> = (0..inventory.instances.len()).map(|at| described(&linker, at)).collect();
    let handed_on = handed_on::handed_on(&linker.resolver);
    drop(linker);
    let resources = inventory.instances.into_iter().zip(attributes).map(|(i, a)| resource(i, a)).collect();
    let form = if document.values.is_some() { Form::TerraformState } else { Form::TerraformPlan };
    let problems = problems.into_iter().map(|problem| problem.in_file(name)).collect();
    let mut graph = Graph::new(resources, links, partial);
    for (at, to) in handed_on {
        graph.hand_on(ResourceId(at as u32), to);
    }
    Ok((Loaded { form, graph }, problems))
}

fn check_version(name: &str, document: &Document<'_>) -> Result<(), Problem> {
    let Some(version) = document.format_version.as_ref().map(AsRef::as_ref) else {
        return Err(Problem::error("has no format_version, so it is no `terraform show -json` output").in_file(name));
    };
    if version.split('.').next() == Some("1") || version == "0.2" || version == "0.1" {
        return Ok(());
    }
    let message = format!("is plan JSON of format_version {version:?}; plangate reads 1.x");
    Err(Problem::error(message).in_file(name).help("make it with a Terraform or OpenTofu release that writes 1.x"))
}

/// Why absence proves nothing, and what to tell about it.
fn completeness(document: &Document<'_>) -> (Option<Unknown>, Vec<Problem>) {
    let mut problems = Vec::new();
    if document.errored == Some(true) {
        problems.push(
            Problem::error("is a plan that ended in an error, so it is not the whole change")
                .help("run `terraform plan` again until it succeeds"),
        );
    }
    let deferred: Vec<&str> = document
        .deferred_changes
        .iter()
        .flatten()
        .filter_map(|change| change.resource_change.as_ref())
        .map(|change| change.address.as_ref())
        .collect();
    if let Some(first) = deferred.first() {
        let more = deferred.len() - 1;
        let and = if more == 0 { String::new() } else { format!(" and {more} more") };
        problems.push(Problem::warning(format!("defers {first}{and} to a later plan; what is missing may still come")));
    }
    // A plan of nothing but a destroy says complete: true as well.
    let partial = document.complete == Some(false) || document.errored == Some(true) || !deferred.is_empty();
    if document.complete == Some(false) && document.errored != Some(true) && deferred.is_empty() {
        let message = "is a partial plan (-target or -exclude): what is missing from it may still exist";
        problems.push(Problem::warning(message).help("plan without -target for a full answer"));
    }
    (partial.then(|| Unknown::because(Reason::PartialPlan)), problems)
}

fn described(linker: &Linker<'_, '_>, at: InstanceAt) -> Value {
    let instance = &linker.resolver.inventory.instances[at];
    let Some(spec) = instance.spec else { return Value::null() };
    attributes(spec, &instance.value, &FromPlan { linker, at })
}

fn resource(instance: Instance<'_>, attributes: Value) -> Resource {
    Resource {
        address: instance.address.into(),
        kind: instance.spec.map(|spec| spec.kind),
        type_name: instance.type_name.into(),
        mode: instance.mode,
        action: instance.action,
        attributes,
        raw: instance.value,
    }
}

/// What a plan tells about where a value comes from.
struct FromPlan<'l, 'i, 'a> {
    linker: &'l Linker<'i, 'a>,
    at: InstanceAt,
}

impl FromPlan<'_, '_, '_> {
    fn source(&self, path: &str) -> (Written, Option<Unknown>) {
        let instance = &self.linker.resolver.inventory.instances[self.at];
        let place = || Place::new(&instance.address.into(), path);
        if instance.mode == crate::graph::Mode::Data {
            return (Written::CannotTell, Some(Unknown::at(Reason::DataSourceDeferred, place())));
        }
        if !instance.configured {
            return (Written::CannotTell, Some(Unknown::at(Reason::NotInConfiguration, place())));
        }
        let (block, inside) = path.split_once('.').map_or((path, false), |(block, _)| (block, true));
        let expressions = instance.expressions.as_ref();
        if expressions.and_then(|expressions| expressions.get(block)).is_none() {
            let from_dynamic = inside && instance.value.get(block).is_some_and(|value| value.as_list().is_some());
            let why = from_dynamic.then(|| Unknown::at(Reason::DynamicBlock, place()));
            return (if from_dynamic { Written::CannotTell } else { Written::No }, why);
        }
        match expressions.and_then(|expressions| expression_at(expressions, path)) {
            None => (Written::No, None),
            Some(Expression::Constant(raw)) if matches!(raw.get().trim(), "null" | "[]") => (Written::No, None),
            Some(expression) => match self.linker.source(self.at, expression, path) {
                Source::NothingUnknown => (Written::No, None),
                Source::From(unknown) => (Written::Yes, Some(unknown)),
            },
        }
    }
}

impl Origin for FromPlan<'_, '_, '_> {
    fn written(&self, path: &str) -> Written {
        self.source(path).0
    }

    fn why(&self, path: &str) -> Unknown {
        let address = self.linker.resolver.inventory.instances[self.at].address;
        let own = || Unknown::at(Reason::AfterApply, Place::new(&address.into(), path));
        self.source(path).1.unwrap_or_else(own)
    }
}
