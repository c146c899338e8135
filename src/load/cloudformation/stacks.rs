//! A template with the stacks it nests, worked out together: parameters go down, outputs come up. Every case that a
//! missing parameter leaves open is worked out by itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::given::TemplateInputs;
use super::node::{Content, Entry, Node};
use super::parameters_file::{SaidAt, collect};
use super::read::read;
use super::resolve::{Given, Resolved, ResolvedResource, Said, Settings, Template};
use super::resources::{Stack, graph};
use super::{exemptions, sam};
use crate::catalog::{Dialect, kind_of};
use crate::graph::{Assumption, Graph, Place, Reason, Text, Unknown};
use crate::load::file::File;
use crate::load::hcl::{self, Value};
use crate::load::ignore::Note;
use crate::source::disk::{self, Confined};
use crate::source::{Level, Problem};

/// A stack in a stack.
pub(super) const NESTED: &str = "AWS::CloudFormation::Stack";
/// How deep stacks may nest.
const DEEPEST: usize = 8;
/// How many cases are worked out.
const CASES: usize = 32;
/// How many stacks are worked out in all, cases and rounds together.
const STACKS: usize = 4000;
/// The largest template of a nested stack.
const LARGEST: u64 = 16 << 20;

/// What is known of the deployment of a stack.
#[derive(Clone, Default)]
pub(super) struct Deployment {
    /// Values for its parameters.
    pub given: BTreeMap<Text, Given>,
    /// `AWS::Region`, when it is known.
    pub region: Option<String>,
    /// `AWS::AccountId`, when it is known.
    pub account: Option<String>,
    /// `AWS::StackName`, when it is known.
    pub stack_name: Option<String>,
}

impl Deployment {
    /// What the command line says, parameter files read.
    pub(super) fn new(inputs: &TemplateInputs) -> (Deployment, Vec<Problem>) {
        let (supplies, problems) = collect(&inputs.parameters);
        let given = supplies.into_iter().map(|(name, supplied)| {
            let said = supplied.value.text().map_or(Said::Previous, |text| Said::Value(Value::text(text)));
            let SaidAt { file, position } = supplied.said_at;
            (name, Given { said, file: Some(file), position })
        });
        let deployment = Deployment {
            given: given.collect(),
            region: inputs.region.clone(),
            account: inputs.account.clone(),
            stack_name: None,
        };
        (deployment, problems)
    }
}

/// A template that is read.
pub(super) struct Source {
    /// Its text, for places.
    pub file: File,
    /// The exceptions in it, each with the bytes of the resource it stands at.
    pub notes: Vec<(Range<usize>, Note)>,
    path: PathBuf,
    /// What it says.
    pub template: Template,
}

impl Source {
    /// Reads a template. None when nothing of it can be used; why is among the problems.
    pub(super) fn new(path: &Path, name: &str, text: &str) -> (Option<Source>, Vec<Problem>) {
        let (root, mut problems) = read(name, text);
        let Some(root) = root else { return (None, problems) };
        let (notes, more) = exemptions::read(name, text, &root);
        problems.extend(more);
        let (root, more) = sam::transformed(name, root);
        problems.extend(more);
        let (template, more) = Template::new(name, text, root);
        problems.extend(more);
        let file = File::new(name, text.to_owned());
        (Some(Source { file, notes, path: path.to_owned(), template }), problems)
    }

    /// Reads an example: a template, or what stands below its `Resources`. It may refer to what it does not declare.
    pub(super) fn example(name: &str, text: &str) -> (Option<Source>, Vec<Problem>) {
        let (root, mut problems) = read(name, text);
        let Some(mut root) = root else { return (None, problems) };
        if root.get("Resources").is_none() {
            let span = root.span.clone();
            let section = Entry { key: "Resources".into(), key_span: span.clone(), value: root };
            root = Node { content: Content::Map(vec![section]), span };
        }
        let (template, more) = Template::example(name, text, root);
        problems.extend(more);
        let file = File::new(name, text.to_owned());
        (Some(Source { file, notes: Vec::new(), path: name.into(), template }), problems)
    }
}

/// An outermost stack of the input.
pub(super) struct Top {
    /// What its addresses begin with.
    pub prefix: String,
    /// What is known of its deployment.
    pub deployment: Deployment,
    /// Its template.
    pub source: Rc<Source>,
}

/// Where the templates of nested stacks are found.
#[derive(Default)]
pub(super) struct Around<'d> {
    /// The folder they must lie in; none for a template without a place.
    pub folder: Option<&'d Path>,
    /// Where files lie that are uploaded, by their names in the bucket.
    pub assets: BTreeMap<String, PathBuf>,
}

/// Works out stacks that stand beside each other, each case by itself.
pub(super) fn cases(tops: &[Top], around: &Around<'_>, raw_types: &[&str]) -> (Vec<Case>, Vec<Problem>) {
    let whole = Whole {
        around,
        sources: RefCell::default(),
        choices: RefCell::default(),
        left: Cell::new(STACKS),
        raw_types,
        linked: tops.len() > 1,
    };
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    loop {
        let mut case = whole.case(tops);
        problems.append(&mut case.problems);
        cases.push(case);
        if !whole.next_case() {
            break;
        }
        if cases.len() == CASES {
            let message = format!("parameters without a value leave more than {CASES} cases; the rest is not judged");
            problems.push(Problem::error(message).help("give parameters their values with --parameters"));
            break;
        }
    }
    let mut told = Vec::new();
    for problem in problems {
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    (cases, told)
}

/// What one case, or one stack of it, comes to.
#[derive(Clone, Default)]
pub(super) struct Case {
    /// The stacks, each before those it nests.
    pub stacks: Vec<Stack>,
    assumed: Vec<Assumption>,
    problems: Vec<Problem>,
    /// Why there may be more than is seen: the template of a nested stack is not there.
    missing: Option<Unknown>,
}

impl Case {
    /// Its graph. Resource types outside of the catalog are read for `raw_types` only.
    pub(super) fn graph(self, raw_types: &[&str]) -> Graph {
        let mut made = graph(self.stacks, raw_types);
        if let Some(missing) = self.missing {
            made.may_hold_more(missing);
        }
        made.assume(self.assumed);
        made
    }

    fn take(&mut self, other: Case) {
        self.stacks.extend(other.stacks);
        self.assumed.extend(other.assumed);
        self.problems.extend(other.problems);
        self.missing = self.missing.take().or(other.missing);
    }
}

type Outputs = BTreeMap<Text, Value>;

/// Exports are of one account and region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Home<'d> {
    region: Option<&'d str>,
    account: Option<&'d str>,
}

struct Whole<'d> {
    around: &'d Around<'d>,
    /// Templates of nested stacks by path.
    sources: RefCell<BTreeMap<PathBuf, Option<Rc<Source>>>>,
    /// Which world of how many each stack is in, by its prefix.
    choices: RefCell<BTreeMap<String, (usize, usize)>>,
    left: Cell<usize>,
    /// Types of resources that are read although they are not in the catalog.
    raw_types: &'d [&'d str],
    /// Whether there are stacks beside each other, which may import each other's exports.
    linked: bool,
}

/// A stack to be worked out.
struct Call<'c> {
    prefix: &'c str,
    stack_name: Option<&'c str>,
    home: Home<'c>,
    source: &'c Rc<Source>,
    given: &'c BTreeMap<Text, Given>,
    depth: usize,
}

impl Whole<'_> {
    /// Stacks beside each other know each other's exports, so they are worked out until these stay as they are.
    fn case(&self, tops: &[Top]) -> Case {
        let none = Outputs::new();
        let mut exports: BTreeMap<Home<'_>, Outputs> = BTreeMap::new();
        for round in 0..=tops.len() {
            let mut case = Case::default();
            let mut exported: BTreeMap<Home<'_>, Outputs> = BTreeMap::new();
            for top in tops {
                let Deployment { given, region, account, stack_name } = &top.deployment;
                let home = Home { region: region.as_deref(), account: account.as_deref() };
                let (prefix, source) = (&top.prefix, &top.source);
                let call = Call { prefix, stack_name: stack_name.as_deref(), home, source, given, depth: 0 };
                let (stack, _) = self.stack(&call, exports.get(&home).unwrap_or(&none));
                for output in stack.stacks.iter().flat_map(|stack| &stack.resolved.outputs) {
                    if let Some(name) = output.export.as_ref().and_then(Value::as_text) {
                        exported.entry(home).or_default().insert(name.clone(), output.value.clone());
                    }
                }
                case.take(stack);
            }
            if round == tops.len() || settled(&exports, &exported) {
                return case;
            }
            exports = exported;
        }
        Case::default()
    }

    /// A stack with those it nests: these need its values and it needs their outputs, so both are worked out until the
    /// outputs stay as they are.
    fn stack(&self, call: &Call<'_>, exports: &Outputs) -> (Case, Outputs) {
        let mut outputs: BTreeMap<Text, Outputs> = BTreeMap::new();
        let mut rounds = 0;
        loop {
            self.left.set(self.left.get().saturating_sub(1));
            let settings = Settings {
                prefix: call.prefix,
                given: call.given,
                region: call.home.region,
                account: call.home.account,
                stack_name: call.stack_name,
                imports: &|name| exports.get(name).cloned(),
                nested_outputs: &|stack, output| outputs.get(stack)?.get(output).cloned(),
                relevant: &|ty| self.relevant(ty),
                outputs: self.linked || call.depth > 0,
            };
            let template = &call.source.template;
            let (worlds, mut problems) = template.worlds(&settings);
            let world = self.choose(call.prefix, worlds.len());
            let Some(world) = worlds.get(world) else { return (Case { problems, ..Case::default() }, Outputs::new()) };
            let (resolved, more) = template.resolve(&settings, world);
            problems.extend(more);
            let assumed = world.assumed.iter().map(|one| Assumption {
                unknown: Unknown::at(
                    Reason::NoValue,
                    Place::new(&format!("{}{}", call.prefix, one.parameter).as_str().into(), ""),
                ),
                words: format!("{}{}", call.prefix, one.words).as_str().into(),
            });
            let mut case = Case { assumed: assumed.collect(), problems, ..Case::default() };
            let mut given_up = BTreeMap::new();
            for resource in resolved.resources.iter().filter(|one| &*one.type_name == NESTED) {
                let (nested, told) = self.nested(call, resource, exports);
                given_up.insert(resource.logical_id.clone(), told);
                case.take(nested);
            }
            rounds += 1;
            if settled(&outputs, &given_up) || rounds > given_up.len() + 1 {
                let own = outputs_of(&resolved);
                let stack = Stack { prefix: call.prefix.to_owned(), source: Rc::clone(call.source), resolved };
                case.stacks.insert(0, stack);
                return (case, own);
            }
            outputs = given_up;
        }
    }

    fn nested(&self, call: &Call<'_>, resource: &ResolvedResource, exports: &Outputs) -> (Case, Outputs) {
        let prefix = format!("{}{}/", call.prefix, resource.logical_id);
        let source = match self.source_of(call, resource) {
            Ok(source) => source,
            Err(problem) => {
                let what = format!("the template of {}{}", call.prefix, resource.logical_id);
                let missing = Unknown::because(Reason::OutsideInput(what.into()));
                let placed = resource.spans.get("TemplateURL").or_else(|| resource.spans.get(""));
                let problem = match placed.and_then(|span| call.source.file.spot(Some(span.clone()))) {
                    Some(spot) => problem.in_file(&*spot.file).at(spot.line, spot.column),
                    None => problem.in_file(&*call.source.file.name),
                };
                return (Case { problems: vec![problem], missing: Some(missing), ..Case::default() }, Outputs::new());
            }
        };
        let given = handed_down(&source.template, resource.properties.get("Parameters"));
        let below = Call {
            prefix: &prefix,
            stack_name: None,
            home: call.home,
            source: &source,
            given: &given,
            depth: call.depth + 1,
        };
        self.stack(&below, exports)
    }

    /// The template of a nested stack, when it is a file of the input.
    fn source_of(&self, call: &Call<'_>, resource: &ResolvedResource) -> Result<Rc<Source>, Problem> {
        let who = format!("{}{}", call.prefix, resource.logical_id);
        let open = |why: &str| {
            Problem::warning(format!("the template of the nested stack {who} is not read: {why}"))
                .help("put it beside this template under the name its TemplateURL ends with")
        };
        if call.depth >= DEEPEST || self.left.get() == 0 {
            let message = format!("the nested stack {who} is not read: stacks nest too deeply, or in a circle");
            return Err(Problem::error(message));
        }
        let asset = resource.metadata.as_ref().and_then(|metadata| metadata.as_entries()?.get("aws:asset:path"));
        let url = asset.or_else(|| resource.properties.get("TemplateURL")).and_then(Value::as_text);
        let Some(url) = url else { return Err(open("its TemplateURL is not known")) };
        let Some(root) = self.around.folder else { return Err(open("the input has no folder")) };
        let beside = call.source.path.parent().unwrap_or(Path::new(""));
        let uploaded = url.rsplit('/').next().and_then(|name| self.around.assets.get(name)).cloned();
        for candidate in uploaded.into_iter().chain(candidates(url, beside, root)) {
            if let Some(known) = self.sources.borrow().get(&candidate) {
                return known.clone().ok_or_else(|| open("it has faults"));
            }
            let roots = [disk::real(root)];
            let bytes = match disk::read_inside(&candidate, &roots, LARGEST) {
                Confined::Bytes(bytes) => bytes,
                Confined::Refused(why) => return Err(open(&why)),
                Confined::Missing | Confined::NoFile => continue,
            };
            let text = String::from_utf8(bytes).map_err(|_| open("it is not UTF-8 text"))?;
            let (source, problems) = Source::new(&candidate, &candidate.to_string_lossy(), &text);
            let source = source.map(Rc::new);
            self.sources.borrow_mut().insert(candidate, source.clone());
            let fault = problems.into_iter().find(|problem| problem.level == Level::Error);
            return match (source, fault) {
                (Some(source), None) => Ok(source),
                (_, Some(fault)) => Err(fault),
                (None, None) => Err(open("it has faults")),
            };
        }
        Err(open("there is no such file"))
    }

    /// Whether it matters what there is of a type.
    fn relevant(&self, type_name: &str) -> bool {
        type_name == NESTED
            || kind_of(Dialect::CloudFormation, type_name).is_some()
            || self.raw_types.contains(&type_name)
    }

    /// Which of its worlds a stack is in.
    fn choose(&self, prefix: &str, count: usize) -> usize {
        let mut choices = self.choices.borrow_mut();
        let choice = choices.entry(prefix.to_owned()).or_insert((0, count));
        if choice.0 >= count {
            choice.0 = 0;
        }
        choice.1 = count;
        choice.0
    }

    /// Goes on to the next case; false after the last.
    fn next_case(&self) -> bool {
        let mut choices = self.choices.borrow_mut();
        while let Some((prefix, (at, count))) = choices.pop_last() {
            if at + 1 < count {
                choices.insert(prefix, (at + 1, count));
                return true;
            }
        }
        false
    }
}

/// What a nesting stack hands to the parameters of one it nests.
fn handed_down(template: &Template, written: Option<&Value>) -> BTreeMap<Text, Given> {
    let given = |value: Value| Given { said: Said::Value(value), file: None, position: None };
    match written {
        None => BTreeMap::new(),
        Some(value) => match value.as_entries() {
            Some(entries) => entries.iter().map(|(name, value)| (name.clone(), given(value.clone()))).collect(),
            // Whatever they are, the defaults do not hold.
            None => template.parameter_names().map(|name| (name.clone(), given(value.clone()))).collect(),
        },
    }
}

/// Where the template a URL names may lie: a path beside the template that names it; of an address on the web, what its
/// end names below the input's folder, the longest first.
fn candidates(url: &str, beside: &Path, root: &Path) -> Vec<PathBuf> {
    let path = match url.split_once("://") {
        None => return vec![beside.join(url)],
        Some((_, path)) => path.split(['?', '#']).next().unwrap_or(path),
    };
    let steps: Vec<&str> = path.split('/').skip(1).filter(|step| !step.is_empty()).collect();
    let endings = (0..steps.len()).map(|from| steps[from..].iter().collect::<PathBuf>());
    endings.flat_map(|ending| [beside.join(&ending), root.join(&ending)]).collect()
}

fn outputs_of(resolved: &Resolved) -> Outputs {
    let certain = resolved.outputs.iter().filter(|output| output.uncertain.is_none());
    certain.map(|output| (output.name.clone(), output.value.clone())).collect()
}

/// Whether the outputs of every stack, or the exports of every home, are what they were.
fn settled<K: Ord>(former: &BTreeMap<K, Outputs>, now: &BTreeMap<K, Outputs>) -> bool {
    let alike = |left: &Outputs, right: &Outputs| {
        left.len() == right.len() && left.iter().zip(right).all(|((a, x), (b, y))| a == b && hcl::same(x, y))
    };
    former.len() == now.len() && former.iter().zip(now).all(|((a, left), (b, right))| a == b && alike(left, right))
}
