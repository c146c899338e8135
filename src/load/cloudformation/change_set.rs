//! A change set as `aws cloudformation describe-change-set` prints it, with its template from the same folder. The
//! template says what will be there; the change set says what is done to it. What was there before is put together in
//! `before`.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use serde::Deserialize;

use super::before;
use super::resolve::{Given, Said};
use super::stacks::{Around, Case, Deployment, NESTED, Source, Top, cases};
use super::{TemplateInputs, folder_of, loaded};
use crate::graph::{Action, Graph, Text};
use crate::load::hcl::Value;
use crate::load::recognise::{self, Content};
use crate::load::{Form, Loaded, json_fault, place_of};
use crate::source::Problem;
use crate::source::disk::{self, Confined};

/// How many files beside a change set are looked at.
const FILES: usize = 400;
/// The largest template.
const LARGEST: u64 = 16 << 20;
/// What stands where a value is not shown.
pub(super) const MASK: &str = "****";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    change_set_id: Option<String>,
    stack_id: Option<String>,
    stack_name: Option<String>,
    change_set_name: Option<String>,
    status: Option<String>,
    execution_status: Option<String>,
    parameters: Option<Vec<Parameter>>,
    changes: Option<Vec<Change>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    parameter_key: String,
    parameter_value: Option<String>,
    resolved_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    resource_change: Option<ResourceChange>,
}

/// What is done to one resource.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResourceChange {
    /// The kind of change.
    pub action: Does,
    /// The logical id.
    pub logical_resource_id: String,
    /// The id in AWS; none while it is not made.
    pub physical_resource_id: Option<String>,
    /// The type.
    pub resource_type: String,
    replacement: Option<Replacement>,
    /// What of it changes.
    pub details: Option<Vec<Detail>>,
    /// What it was, as JSON text; told only when it was asked for.
    pub before_context: Option<String>,
    /// What it will be, as JSON text.
    pub after_context: Option<String>,
}

/// The kind of change.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
pub(super) enum Does {
    Add,
    Modify,
    Remove,
    /// It is there and comes into the stack as it is.
    Import,
    /// Only what CloudFormation remembers changes.
    SyncWithActual,
    /// That shows only when it is done.
    #[serde(other)]
    Dynamic,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
enum Replacement {
    True,
    False,
    #[serde(other)]
    Conditional,
}

/// One thing that changes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Detail {
    /// Where in the resource.
    pub target: Option<Target>,
}

/// Where in a resource something changes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    /// `Properties`, `Tags`, `UpdatePolicy` …
    pub attribute: Option<String>,
    /// The property.
    pub name: Option<String>,
    /// `/Properties/HealthCheck/Matcher`.
    pub path: Option<String>,
    requires_recreation: Option<String>,
    /// What stands there now, shortened when it is long.
    pub before_value: Option<String>,
    /// `Add`, `Modify`, `Remove`.
    pub attribute_change_type: Option<String>,
}

/// Changes by logical id.
pub(super) type Changes<'d> = BTreeMap<&'d str, &'d ResourceChange>;

/// Reads a change set and the template beside it.
///
/// # Errors
/// It cannot be read, or there is no such template.
pub(in crate::load) fn load(
    path: &Path,
    name: &str,
    text: &str,
    inputs: &TemplateInputs,
    raw_types: &[&str],
) -> Result<(Loaded, Vec<Problem>), Problem> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let (line, column) = place_of(text, 0, &error);
        let message = format!("is no change set that can be read: {}", json_fault(&error));
        Problem::error(message).in_file(name).at(line, column)
    })?;
    let (whole, mut problems) = document.state(name);
    let changes: Changes<'_> = document.changes().map(|change| (&*change.logical_resource_id, change)).collect();
    let (source, more) = document.template(path, name)?;
    problems.extend(more);
    let (common, more) = Deployment::new(inputs);
    problems.extend(more);
    let deployment = document.deployment(name, common);
    let top = Top { prefix: String::new(), deployment, source: Rc::new(source) };
    let (cases, more) = cases(&[top], &Around { folder: folder_of(path), ..Around::default() }, raw_types);
    problems.extend(more);
    let before = match &cases[..] {
        [only] if whole => Some(before::graph(only, &changes, raw_types)),
        _ => None,
    };
    if whole && before.is_none() {
        let message = "does not decide which conditions hold, so what it introduces is not told apart";
        let help = "give the parameters it does not show their values with --parameters";
        problems.push(Problem::warning(message).in_file(name).help(help));
    }
    problems.extend(notes(&changes, &cases, name));
    let mut loaded = loaded(cases, Form::ChangeSet, raw_types);
    for graph in std::iter::once(&mut loaded.graph).chain(&mut loaded.others) {
        *graph = acted(std::mem::take(graph), &changes, whole);
    }
    Ok((Loaded { before, ..loaded }, problems))
}

impl Document {
    fn changes(&self) -> impl Iterator<Item = &ResourceChange> {
        self.changes.iter().flatten().filter_map(|change| change.resource_change.as_ref())
    }

    /// Whether it is the whole change; what is to be said when not.
    fn state(&self, name: &str) -> (bool, Vec<Problem>) {
        let problem = |message: &str, help: &str| Problem::warning(message).in_file(name).help(help);
        let again = "describe it again when it is CREATE_COMPLETE";
        let status = self.status.as_deref().unwrap_or_default();
        if self.next_token.as_deref().is_some_and(|token| !token.is_empty()) {
            let help = "describe it again without --max-items and --no-paginate";
            let message = "is only a part of the change set (it has a NextToken): what changes beyond it is not known";
            return (false, vec![problem(message, help)]);
        }
        if matches!(status, "CREATE_PENDING" | "CREATE_IN_PROGRESS") {
            return (false, vec![problem("is a change set that is still being made", again)]);
        }
        // One without changes fails too.
        if status == "FAILED" && self.changes().next().is_some() {
            return (true, vec![problem("is a change set that failed: it cannot be executed", "make it again")]);
        }
        if self.execution_status.as_deref().is_some_and(|status| matches!(status, "EXECUTE_COMPLETE" | "OBSOLETE")) {
            let message = "is a change set that cannot be executed any more: what it calls before is past";
            return (true, vec![problem(message, "make it again")]);
        }
        (true, Vec::new())
    }

    /// What it says of the deployment. Values it does not show can be given on the command line.
    fn deployment(&self, name: &str, common: Deployment) -> Deployment {
        // arn:aws:cloudformation:eu-central-1:111122223333:changeSet/…
        let arn = self.change_set_id.as_deref().or(self.stack_id.as_deref()).unwrap_or_default();
        let part = |at: usize| arn.split(':').nth(at).filter(|part| arn.starts_with("arn:") && !part.is_empty());
        let mut given = common.given;
        for parameter in self.parameters.iter().flatten() {
            let key = Text::from(parameter.parameter_key.as_str());
            let shown = |value: &Option<String>| value.clone().filter(|value| value != MASK);
            let said = match (shown(&parameter.resolved_value), shown(&parameter.parameter_value)) {
                (Some(stored), _) => Said::Stored(stored.into()),
                (None, Some(value)) => Said::Value(Value::text(value)),
                (None, None) if given.contains_key(&key) => continue,
                (None, None) => Said::Previous,
            };
            given.insert(key, Given { said, file: Some(name.to_owned()), position: None });
        }
        Deployment {
            given,
            region: part(3).map(str::to_owned).or(common.region),
            account: part(4).map(str::to_owned).or(common.account),
            stack_name: self.stack_name.clone(),
        }
    }

    /// The one template in its folder that has all resources it leaves.
    fn template(&self, path: &Path, name: &str) -> Result<(Source, Vec<Problem>), Problem> {
        let folder = folder_of(path).unwrap_or(Path::new("."));
        let wanted: Vec<&str> = self
            .changes()
            .filter(|change| change.action != Does::Remove)
            .map(|change| &*change.logical_resource_id)
            .collect();
        let mut found = Vec::new();
        for (at, source, problems) in templates(folder)? {
            if wanted.iter().all(|id| source.template.declares(id)) {
                found.push((at, source, problems));
            }
        }
        let help = format!(
            "put it there: aws cloudformation get-template --stack-name {} --change-set-name {} --query TemplateBody \
             > template.json; with --output text when it is YAML",
            shown(self.stack_name.as_deref()),
            shown(self.change_set_name.as_deref())
        );
        match (found.pop(), found.pop()) {
            (Some((_, source, problems)), None) => Ok((source, problems)),
            (Some((one, ..)), Some((other, ..))) => {
                let message = format!("is a change set, and more than one template beside it fits: {other} and {one}");
                Err(Problem::error(message).in_file(name).help("leave only its own template in the folder"))
            }
            (None, _) => {
                let message = "is a change set, and no template beside it has all the resources it names";
                Err(Problem::error(message).in_file(name).help(help))
            }
        }
    }
}

/// A name for a command line.
fn shown(name: Option<&str>) -> &str {
    let plain =
        |name: &&str| name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.filter(plain).unwrap_or("NAME")
}

/// The templates in a folder, by name.
fn templates(folder: &Path) -> Result<Vec<(String, Source, Vec<Problem>)>, Problem> {
    const ENDINGS: [&str; 4] = ["json", "template", "yaml", "yml"];
    let names = disk::names_in(&folder.to_string_lossy())?;
    let ends = |name: &String| {
        Path::new(name).extension().and_then(|end| end.to_str()).is_some_and(|end| ENDINGS.contains(&end))
    };
    let roots = [disk::real(folder)];
    let mut found = Vec::new();
    for name in names.into_iter().filter(ends).take(FILES) {
        let path = folder.join(&name);
        let Confined::Bytes(bytes) = disk::read_inside(&path, &roots, LARGEST) else { continue };
        if !matches!(recognise::content(&bytes), Content::Template) {
            continue;
        }
        let Ok(text) = recognise::text(&bytes) else { continue };
        let (source, problems) = Source::new(&path, &path.to_string_lossy(), &text);
        found.extend(source.map(|source| (name, source, problems)));
    }
    Ok(found)
}

/// What holds only perhaps, or is told elsewhere.
fn notes(changes: &Changes<'_>, cases: &[Case], name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let listed = |is: &dyn Fn(&ResourceChange) -> bool| {
        const SHOWN: usize = 8;
        let ids: Vec<&str> = changes.iter().filter(|(_, change)| is(change)).map(|(id, _)| *id).collect();
        let more = ids.len().saturating_sub(SHOWN);
        let and = if more == 0 { String::new() } else { format!(" and {more} more") };
        (!ids.is_empty()).then(|| format!("{}{and}", ids.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ")))
    };
    let perhaps = |change: &ResourceChange| {
        change.action == Does::Modify
            && change.replacement == Some(Replacement::Conditional)
            && change.resource_type != NESTED
    };
    if let Some(ids) = listed(&perhaps) {
        let message = format!("may replace {ids}, which shows only when it is executed");
        problems.push(Problem::note(message).in_file(name));
    }
    let nested = |change: &ResourceChange| change.action != Does::Add && change.resource_type == NESTED;
    if let Some(ids) = listed(&nested).filter(|_| !cases.is_empty()) {
        let message = format!("does not say what changes inside {ids}: nested stacks have change sets of their own");
        problems.push(Problem::note(message).in_file(name));
    }
    problems
}

/// The graph with what is done to each resource. What a whole change set does not name stays as it is.
fn acted(graph: Graph, changes: &Changes<'_>, whole: bool) -> Graph {
    let mut parts = graph.into_parts();
    for resource in &mut parts.resources {
        let address = resource.address.as_str();
        let (id, inside) = address.split_once('/').map_or((address, false), |(id, _)| (id, true));
        let Some(change) = changes.get(id) else {
            if whole {
                resource.action = Action::NoOp;
            }
            continue;
        };
        resource.action = match (change.action, inside) {
            (Does::Add, _) => Action::Create,
            (Does::Import | Does::SyncWithActual, _) => Action::NoOp,
            (Does::Modify, false) if change.replacement == Some(Replacement::True) => {
                resource.replaced_by = change.recreating(&["Always"]);
                // CloudFormation takes the old one away when all else is done.
                Action::Replace { create_first: true }
            }
            (Does::Modify, false) if change.replacement == Some(Replacement::Conditional) => {
                resource.replaced_by = change.recreating(&["Always", "Conditionally"]);
                Action::UpdateOrReplace
            }
            _ => Action::Update,
        };
    }
    Graph::from_parts(parts)
}

impl ResourceChange {
    /// The properties that cannot be changed in place, `Always` or (`Conditionally`) perhaps.
    fn recreating(&self, how: &[&str]) -> Vec<Text> {
        let targets = self.details.iter().flatten().filter_map(|detail| detail.target.as_ref());
        let recreating =
            targets.filter(|target| target.requires_recreation.as_deref().is_some_and(|told| how.contains(&told)));
        let mut names: Vec<Text> = recreating.filter_map(|target| target.name.as_deref().map(Text::from)).collect();
        names.sort();
        names.dedup();
        names
    }
}
