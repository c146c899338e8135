//! `terraform show -json` (and `tofu show -json`) of a plan or a state, to a graph of what will be there after apply.
//!
//! Ids that are known link directly; the others are followed through the plan's configuration section
//! (`references.rs`, `links.rs`). Locals and dynamic blocks are not in a plan: what goes through them stays possible.

mod document;
mod expressions;
mod handed_on;
mod inventory;
mod links;
mod network_acls;
mod order;
mod places;
mod references;
mod security_groups;
mod side_by_side;
mod traversal;
mod unread;
mod values;

use serde_json::value::RawValue;

use document::{Document, Expression};
use expressions::Written;
use inventory::{Instance, InstanceAt, Inventory, Moment};
use links::{Linker, Source};
use order::Order;
use places::expression_at;
use references::Resolver;

use super::hcl::configuration::Values;
use super::known::Known;
use super::{Form, Loaded};
use crate::catalog::{self, Dialect, Origin, attributes};
use crate::graph::{Graph, Link, Place, Reason, Resource, ResourceId, Text, Threads, Unknown, Value, whole};
use crate::source::Problem;

/// Which resources keep their attributes as the plan says them, beside those in our vocabulary.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// All.
    All,
    /// Those of which judging shows them: of types that policies look at, and what is replaced. In a large plan that is
    /// next to nothing.
    Shown,
}

/// Reads a plan or state.
///
/// # Errors
/// Nothing can be judged: no JSON, cut off, or a format version this program does not know.
pub(super) fn load(
    name: &str,
    text: &str,
    raw_types: &[&str],
    keep: Keep,
) -> Result<(Loaded, Vec<Problem>, Values), Problem> {
    let mut document = side_by_side::read(text, Threads::available(AT_LEAST_BYTES))
        .map_err(|error| super::json_problem(text, &error).in_file(name))?;
    // Reading them one by one took up to twice their room.
    document.resource_changes.iter_mut().for_each(Vec::shrink_to_fit);
    check_version(name, text, &document)?;
    let (partial, notes) = completeness(&document);
    let threads = Threads::available(AT_LEAST);
    let (mut after, mut problems) = graph(text, &document, Moment::After, raw_types, keep, threads);
    if let Some(why) = partial {
        after.may_hold_more(why);
    }
    problems.extend(notes);
    let form = if document.values.is_some() { Form::TerraformState } else { Form::TerraformPlan };
    // What cannot be read in the values before the change cannot be read after it either, and is told there.
    let before =
        (form == Form::TerraformPlan).then(|| graph(text, &document, Moment::Before, raw_types, keep, threads).0);
    let problems = problems.into_iter().map(|problem| problem.in_file(name)).collect();
    let values = document
        .variables
        .iter()
        .flatten()
        .filter_map(|(name, variable)| Some((name.as_ref().to_owned(), variable.value?.get().to_owned())));
    let values = Values(values.collect());
    Ok((Loaded { before, ..Loaded::new(form, after) }, problems, values))
}

/// As many instances as are worth a thread.
const AT_LEAST: usize = 1024;
/// As many bytes of a plan as are worth one.
const AT_LEAST_BYTES: usize = 1 << 20;

/// What is there at one of the two moments.
fn graph<'a>(
    text: &'a str,
    document: &'a Document<'a>,
    moment: Moment,
    raw_types: &[&str],
    keep: Keep,
    threads: Threads,
) -> (Graph, Vec<Problem>) {
    let (mut inventory, mut problems) = Inventory::new(text, document, moment, raw_types, threads);
    let written = Written::default();
    network_acls::settle(&mut inventory, &written);
    security_groups::settle(&mut inventory, &written);
    let known = links::known(&inventory);
    let mut values = match keep {
        Keep::Shown => inventory.hand_out(),
        Keep::All => inventory.instances.iter().map(|_| None).collect(),
    };
    let variables = |variable: &str| document.variables.as_ref()?.get(variable)?.value;
    let resolver = Resolver { inventory: &inventory, variables: &variables };
    let told = threads.parts_mut(&mut values, |from, part| Told::of(&resolver, &known, text, from, part));
    drop(values);
    let handed_on = handed_on::handed_on(&resolver, &written);
    drop(known);
    let (mut links, mut resources) = (Vec::new(), Vec::with_capacity(inventory.instances.len()));
    let mut instances = inventory.into_instances().into_iter();
    for part in told {
        resources.extend(instances.by_ref().zip(part.attributes).map(|(one, own)| resource(one, own, keep)));
        links.push(part.links);
        problems.extend(part.problems);
    }
    let mut graph = Graph::new(resources, whole(links), None);
    for (at, to) in handed_on {
        graph.hand_on(ResourceId(at as u32), to);
    }
    (graph, problems)
}

/// What the inventory tells of some instances.
#[derive(Default)]
struct Told {
    links: Vec<Link>,
    attributes: Vec<Value>,
    problems: Vec<Problem>,
}

impl Told {
    /// `values` are those that the inventory handed out of the instances from `from`; they are used up.
    fn of(
        resolver: &Resolver<'_, '_>,
        known: &Known,
        text: &str,
        from: InstanceAt,
        values: &mut [Option<Value>],
    ) -> Told {
        let (linker, written) = (Linker::new(resolver, known), Written::default());
        let mut order = Order::new(resolver.inventory, &written);
        // Most have no more than three links. Room that is not taken costs nothing; to grow into it copies them all.
        let links = Vec::with_capacity(3 * values.len());
        let mut told = Told { attributes: Vec::with_capacity(values.len()), links, ..Told::default() };
        for (at, value) in (from..).zip(values) {
            let instance = &resolver.inventory.instances[at];
            let handed_out = value.take();
            let value = handed_out.as_ref().unwrap_or(&instance.value);
            let expressions = instance.spec.and_then(|_| written.expressions(instance));
            if instance.spec.is_some() && instance.config.is_some() && expressions.is_none() {
                told.problems.extend(instance.expression_fault(text));
            }
            let first = told.links.len();
            linker.links_of(at, value, expressions.as_deref(), &mut told.links);
            told.links.extend(order.link_of(at, value));
            // As the graph has them, which then has nothing to move.
            told.links[first..].sort_by(Link::in_order);
            told.attributes.push(described(&linker, at, value, expressions.as_deref()));
        }
        told
    }
}

fn check_version(name: &str, text: &str, document: &Document<'_>) -> Result<(), Problem> {
    let Some(version) = document.format_version.as_ref().map(AsRef::as_ref) else {
        return Err(Problem::error("has no format_version, so it is no `terraform show -json` output").in_file(name));
    };
    let (line, column) = crate::source::line_column(text.as_bytes(), text.find("\"format_version\"").unwrap_or(0));
    if !(version.split('.').next() == Some("1") || version == "0.2" || version == "0.1") {
        let shown: String = version.chars().take(20).collect();
        let message = format!("is plan JSON of format_version {shown:?}; plangate reads 1.x");
        let help = "make it with a Terraform or OpenTofu release that writes 1.x";
        return Err(Problem::error(message).in_file(name).at(line, column).help(help));
    }
    let plan = document.resource_changes.is_some() || document.planned_values.is_some();
    if plan || document.values.is_some() || document.configuration.is_some() {
        return Ok(());
    }
    // What Terraform prints where there is no state yet, and what its other commands print with -json.
    let help = "name the plan: terraform show -json plan.bin > plan.json";
    Err(Problem::error("holds neither a plan nor a state").in_file(name).at(line, column).help(help))
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

fn described<'a>(
    linker: &Linker<'_, 'a>,
    at: InstanceAt,
    value: &Value,
    expressions: Option<&Expression<'a>>,
) -> Value {
    let instance = &linker.resolver.inventory.instances[at];
    let Some(spec) = instance.spec else { return Value::null() };
    attributes(spec, Dialect::Terraform, value, &FromPlan { linker, at, value, expressions })
}

fn resource(instance: Instance<'_>, attributes: Value, keep: Keep) -> Resource {
    Resource {
        address: instance.shared_address,
        kind: instance.spec.map(|spec| spec.kind),
        type_name: crate::graph::name(instance.type_name),
        mode: instance.mode,
        action: instance.action,
        replaced_by: instance.replace_paths.map(replacing).unwrap_or_default(),
        attributes,
        raw: if instance.whole || keep == Keep::All { instance.value } else { Value::null() },
        spots: std::collections::BTreeMap::new(),
        uncertain: None,
        construct: None,
        exemptions: Vec::new(),
    }
}

/// `[["port"], ["health_check", 0, "path"]]` as `port` and `health_check[0].path`. What cannot be read says nothing.
fn replacing(paths: &RawValue) -> Vec<Text> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Step {
        At(u64),
        Name(String),
    }
    let paths: Vec<Vec<Step>> = serde_json::from_str(paths.get()).unwrap_or_default();
    let path = |steps: Vec<Step>| {
        steps.into_iter().fold(String::new(), |path, step| match step {
            Step::At(at) => format!("{path}[{at}]"),
            Step::Name(name) if path.is_empty() => name,
            Step::Name(name) => format!("{path}.{name}"),
        })
    };
    paths.into_iter().map(|steps| path(steps).as_str().into()).collect()
}

/// What a plan tells about where a value comes from.
struct FromPlan<'l, 'i, 'a> {
    linker: &'l Linker<'i, 'a>,
    at: InstanceAt,
    value: &'l Value,
    expressions: Option<&'l Expression<'a>>,
}

impl FromPlan<'_, '_, '_> {
    fn source(&self, path: &str) -> (catalog::Written, Option<Unknown>) {
        let instance = &self.linker.resolver.inventory.instances[self.at];
        let place = || Place::new(&instance.shared_address, path);
        if instance.mode == crate::graph::Mode::Data {
            return (catalog::Written::CannotTell, Some(Unknown::at(Reason::DataSourceDeferred, place())));
        }
        let Some(expressions) = self.expressions else {
            return (catalog::Written::CannotTell, Some(Unknown::at(Reason::NotInConfiguration, place())));
        };
        let (block, inside) = path.split_once('.').map_or((path, false), |(block, _)| (block, true));
        if expressions.get(block).is_none() {
            let from_dynamic = inside && self.value.get(block).is_some_and(|value| value.as_list().is_some());
            let why = from_dynamic.then(|| Unknown::at(Reason::DynamicBlock, place()));
            return (if from_dynamic { catalog::Written::CannotTell } else { catalog::Written::No }, why);
        }
        match expression_at(expressions, path) {
            None => (catalog::Written::No, None),
            Some(Expression::Constant(raw)) if matches!(raw.get().trim(), "null" | "[]") => {
                (catalog::Written::No, None)
            }
            Some(expression) => match self.linker.source(self.at, expression, path) {
                Source::NothingUnknown => (catalog::Written::No, None),
                Source::From(unknown) => (catalog::Written::Yes, Some(unknown)),
            },
        }
    }
}

impl Origin for FromPlan<'_, '_, '_> {
    fn written(&self, path: &str) -> catalog::Written {
        self.source(path).0
    }

    fn why(&self, path: &str) -> Unknown {
        self.source(path).1.unwrap_or_else(|| Unknown::at(Reason::AfterApply, self.place(path)))
    }

    fn place(&self, path: &str) -> Place {
        Place::new(&self.linker.resolver.inventory.instances[self.at].shared_address, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both graphs and what is wrong, in one text.
    fn told(plan: &str, threads: Threads) -> String {
        let document: Document<'_> = serde_json::from_str(plan).unwrap();
        let at = |moment| graph(plan, &document, moment, &["aws_s3_bucket"], Keep::All, threads);
        format!("{:?}", [Moment::After, Moment::Before].map(at))
    }

    #[test]
    fn any_number_of_threads_tells_the_same() {
        for name in ["fargate", "data-sources", "nested-modules", "update", "replace"] {
            let path = format!("{}/testdata/{name}/plan.json", env!("CARGO_MANIFEST_DIR"));
            let plan = crate::source::disk::read_text(&path).unwrap();
            let unreadable = plan.replace(r#""after":{"#, r#""after":7,"was":{"#);
            for plan in [plan, unreadable] {
                let alone = told(&plan, Threads { most: 1, at_least: 1 });
                assert!(alone.contains("aws_lb"), "{name}");
                for most in [2, 3, 1000] {
                    assert_eq!(told(&plan, Threads { most, at_least: 1 }), alone, "{name}, {most} threads");
                }
            }
        }
    }
}
