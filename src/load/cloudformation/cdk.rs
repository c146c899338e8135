//! The folder `cdk synth` writes: every stack its manifest names, those of stages too, in one graph. What the manifest
//! says of a deployment (name, account, region, parameters) counts; assets and the construct tree are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Deserialize;

use super::resolve::{Given, Said};
use super::stacks::{Around, Deployment, Source, Top, cases};
use super::{TemplateInputs, folder_of, loaded};
use crate::graph::{Reason, Text, Unknown};
use crate::load::hcl::Value;
use crate::load::{Form, Loaded, json_fault, place_of, recognise};
use crate::source::disk::{self, Confined};
use crate::source::{Level, Problem};

/// The name of the file that says what is in the folder.
pub(in crate::load) const MANIFEST: &str = "manifest.json";
/// How many manifests are read: stages have their own.
const MANIFESTS: usize = 200;
/// How many stacks are read.
const STACKS: usize = 500;
/// The largest manifest or template.
const LARGEST: u64 = 16 << 20;
/// How many bytes all templates may have together.
const ALL: usize = 64 << 20;

/// Reads a folder by its manifest.
///
/// # Errors
/// No stack of it can be read.
pub(in crate::load) fn load(
    manifest: &Path,
    inputs: &TemplateInputs,
    raw_types: &[&str],
) -> Result<(Loaded, Vec<Problem>), Problem> {
    let name = manifest.to_string_lossy().into_owned();
    let folder = folder_of(manifest).unwrap_or(Path::new("."));
    let roots = [disk::real(folder)];
    let mut assembly = Assembly { roots, ..Assembly::default() };
    assembly.read(manifest)?;
    let Assembly { roots, stacks, assets, mut problems, .. } = assembly;
    if stacks.is_empty() {
        let none = || Problem::error("names no stack").in_file(&name).help("make the folder again with `cdk synth`");
        return Err(problems.into_iter().next().unwrap_or_else(none));
    }
    let (common, more) = Deployment::new(inputs);
    problems.extend(more);
    let prefixes = prefixes(&stacks);
    let (mut tops, mut missing, mut left) = (Vec::new(), None, ALL);
    for (stack, prefix) in stacks.iter().zip(prefixes) {
        let (source, more) = stack.source(&roots, &mut left);
        problems.extend(more);
        match source {
            Some(source) => tops.push(stack.top(prefix, Rc::new(source), &common)),
            None => missing = Some(Unknown::because(Reason::OutsideInput(format!("the stack {}", stack.name).into()))),
        }
    }
    if tops.is_empty() {
        let error = problems.into_iter().find(|problem| problem.level == Level::Error);
        return Err(error.unwrap_or_else(|| Problem::error("names no template that can be read").in_file(&name)));
    }
    problems.extend(without_taker(&common, &tops));
    let (cases, more) = cases(&tops, &Around { folder: Some(folder), assets }, raw_types);
    problems.extend(more);
    let mut loaded = loaded(cases, Form::CdkOutput, raw_types);
    if let Some(missing) = missing {
        for graph in std::iter::once(&mut loaded.graph).chain(&mut loaded.others) {
            graph.may_hold_more(missing.clone());
        }
    }
    Ok((loaded, problems))
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    r#type: String,
    environment: Option<String>,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    #[serde(default)]
    properties: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Assets {
    #[serde(default)]
    files: BTreeMap<String, Asset>,
}

#[derive(Deserialize)]
struct Asset {
    source: AssetSource,
    #[serde(default)]
    destinations: BTreeMap<String, AssetDestination>,
}

#[derive(Deserialize)]
struct AssetSource {
    path: Option<String>,
}

#[derive(Deserialize)]
struct AssetDestination {
    #[serde(rename = "objectKey")]
    key: Option<String>,
}

impl Artifact {
    fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property)?.as_str()
    }
}

/// A stack a manifest names.
struct Stack {
    /// Its name in AWS.
    name: String,
    /// The path of its construct.
    display_name: String,
    /// What no other stack of the folder has.
    id: String,
    template: PathBuf,
    region: Option<String>,
    account: Option<String>,
    parameters: BTreeMap<Text, Given>,
}

/// The folder, being read.
#[derive(Default)]
struct Assembly {
    roots: [PathBuf; 1],
    stacks: Vec<Stack>,
    /// Files by what they are called in the bucket.
    assets: BTreeMap<String, PathBuf>,
    /// The asset manifests that were read.
    asset_files: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

impl Assembly {
    /// Reads the manifest and those below it.
    fn read(&mut self, manifest: &Path) -> Result<(), Problem> {
        let mut left = vec![manifest.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(path) = left.pop() {
            if !seen.insert(disk::real(&path)) {
                continue;
            }
            let name = path.to_string_lossy().into_owned();
            if seen.len() > MANIFESTS {
                let message = format!("is one of more than {MANIFESTS} manifests; it is not read");
                self.problems.push(Problem::error(message).in_file(&name));
                break;
            }
            let artifacts = match self.text(&path).and_then(|text| parsed(&name, &text)) {
                Ok(manifest) => manifest.artifacts,
                Err(problem) if path == manifest => return Err(problem),
                Err(problem) => {
                    self.problems.push(problem);
                    continue;
                }
            };
            let folder = folder_of(&path).unwrap_or(Path::new("."));
            for (id, artifact) in artifacts {
                match artifact.r#type.as_str() {
                    "aws:cloudformation:stack" if self.stacks.len() == STACKS => {
                        let message = format!("names more than {STACKS} stacks; the rest is not read");
                        self.problems.push(Problem::error(message).in_file(&name));
                        break;
                    }
                    "aws:cloudformation:stack" => self.stack(&name, folder, &id, &artifact),
                    "cdk:cloud-assembly" => match artifact.text("directoryName") {
                        Some(below) => left.push(folder.join(below).join(MANIFEST)),
                        None => self.lacking(&name, &id, "directoryName"),
                    },
                    "cdk:asset-manifest" => self.assets(folder, &artifact),
                    _ => {}
                }
            }
        }
        self.stacks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    fn text(&self, path: &Path) -> Result<String, Problem> {
        let bytes = bytes(path, &self.roots)?;
        let name = path.to_string_lossy();
        let text = recognise::text(&bytes).map_err(|problem| problem.in_file(&*name))?;
        Ok(text.into_owned())
    }

    fn stack(&mut self, said_in: &str, folder: &Path, id: &str, artifact: &Artifact) {
        let Some(template) = artifact.text("templateFile") else { return self.lacking(said_in, id, "templateFile") };
        let name = artifact.text("stackName").unwrap_or(id).to_owned();
        let (account, region) = home(artifact.environment.as_deref().unwrap_or_default());
        let given = |value: &serde_json::Value| {
            let said = Said::Value(Value::text(value.as_str()?));
            Some(Given { said, file: Some(said_in.to_owned()), position: None })
        };
        let parameters = artifact.properties.get("parameters").and_then(serde_json::Value::as_object);
        let parameters = parameters
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((Text::from(name.as_str()), given(value)?)));
        self.stacks.push(Stack {
            display_name: artifact.display_name.clone().unwrap_or_else(|| name.clone()),
            name,
            id: folder.join(id).to_string_lossy().into_owned(),
            template: folder.join(template),
            region,
            account,
            parameters: parameters.collect(),
        });
    }

    /// Nested templates are found by it where `aws:asset:path` was not asked for. Without it, they are told as missing.
    fn assets(&mut self, folder: &Path, artifact: &Artifact) {
        let Some(path) = artifact.text("file").map(|file| folder.join(file)) else { return };
        if self.asset_files.len() >= STACKS || !self.asset_files.insert(path.clone()) {
            return;
        }
        let manifest = self.text(&path).ok().and_then(|text| serde_json::from_str::<Assets>(&text).ok());
        for asset in manifest.into_iter().flat_map(|manifest| manifest.files.into_values()) {
            let Some(source) = asset.source.path.map(|path| folder.join(path)) else { continue };
            let names = asset.destinations.into_values().filter_map(|to| Some(to.key?.rsplit('/').next()?.to_owned()));
            self.assets.extend(names.map(|name| (name, source.clone())));
        }
    }

    fn lacking(&mut self, said_in: &str, id: &str, what: &str) {
        let message = format!("the artifact {id} has no {what}, so what it holds is not read");
        self.problems.push(Problem::error(message).in_file(said_in).help("make the folder again with `cdk synth`"));
    }
}

fn parsed(name: &str, text: &str) -> Result<Manifest, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = place_of(text, 0, &error);
        let message = format!("is no manifest of a CDK output folder: {}", json_fault(&error));
        Problem::error(message).in_file(name).at(line, column).help("make the folder again with `cdk synth`")
    })
}

fn bytes(path: &Path, roots: &[PathBuf; 1]) -> Result<Vec<u8>, Problem> {
    let why = match disk::read_inside(path, roots, LARGEST) {
        Confined::Bytes(bytes) => return Ok(bytes),
        Confined::Refused(why) => why,
        Confined::Missing | Confined::NoFile => "there is no such file".to_owned(),
    };
    let problem = Problem::error(format!("is named by a manifest and not read: {why}"));
    Err(problem.in_file(&*path.to_string_lossy()).help("make the folder again with `cdk synth`"))
}

/// Account and region of `aws://account/region`, where they are said.
fn home(environment: &str) -> (Option<String>, Option<String>) {
    let said = |text: &str| (!text.is_empty() && !text.starts_with("unknown-")).then(|| text.to_owned());
    match environment.strip_prefix("aws://").and_then(|rest| rest.split_once('/')) {
        Some((account, region)) => (said(account), said(region)),
        None => (None, None),
    }
}

/// What the addresses of each stack begin with: its name, or where two have the same name what tells them apart.
fn prefixes(stacks: &[Stack]) -> Vec<String> {
    let alone = |name: fn(&Stack) -> &str, own: &str| stacks.iter().filter(|one| name(one) == own).count() == 1;
    let names: [fn(&Stack) -> &str; 2] = [|stack| &stack.name, |stack| &stack.display_name];
    let prefix = |stack: &Stack| {
        let name = names.iter().find(|name| alone(**name, name(stack))).map_or(&*stack.id, |name| name(stack));
        format!("{name}/")
    };
    stacks.iter().map(prefix).collect()
}

impl Stack {
    /// Its template; `left` is how many bytes may still be read.
    fn source(&self, roots: &[PathBuf; 1], left: &mut usize) -> (Option<Source>, Vec<Problem>) {
        let name = self.template.to_string_lossy();
        let read = bytes(&self.template, roots).and_then(|bytes| {
            let Some(rest) = left.checked_sub(bytes.len()) else {
                let message = format!("is not read: the templates of the folder have more than {} MiB", ALL >> 20);
                return Err(Problem::error(message).in_file(&*name).help("judge the stacks one by one"));
            };
            *left = rest;
            recognise::text(&bytes).map(std::borrow::Cow::into_owned).map_err(|problem| problem.in_file(&*name))
        });
        match read {
            Ok(text) => Source::new(&self.template, &name, &text),
            Err(problem) => (None, vec![problem]),
        }
    }

    /// What the command line says wins over the manifest for parameters; for account and region the manifest says where
    /// the stack really goes.
    fn top(&self, prefix: String, source: Rc<Source>, common: &Deployment) -> Top {
        let mut given = self.parameters.clone();
        let taken = source.template.parameter_names().filter_map(|name| Some((name.clone(), common.given.get(name)?)));
        given.extend(taken.map(|(name, value)| (name, value.clone())));
        let deployment = Deployment {
            given,
            region: self.region.clone().or_else(|| common.region.clone()),
            account: self.account.clone().or_else(|| common.account.clone()),
            stack_name: Some(self.name.clone()),
        };
        Top { prefix, deployment, source }
    }
}

/// Values for parameters no stack has.
fn without_taker<'a>(common: &'a Deployment, tops: &'a [Top]) -> impl Iterator<Item = Problem> + 'a {
    let taken = |name: &Text| tops.iter().any(|top| top.deployment.given.contains_key(name));
    common.given.iter().filter(move |(name, _)| !taken(name)).map(|(name, given)| {
        let message = format!("a value is given for {name}, a parameter no stack of the folder has");
        let problem = Problem::warning(message).in_file(given.file.as_deref().unwrap_or_default());
        match given.position {
            Some(position) => problem.at(position.line, position.column),
            None => problem,
        }
    })
}
