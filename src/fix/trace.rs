//! From an attribute of a template's resource to the scalar that decides it: through parameters, their files, mappings and
//! nested stacks, as far as each step is a plain name.

use crate::graph::Graph;
use crate::load::cloudformation::node::{Content, Node};
use crate::load::cloudformation::parameters_file::given_on;
use crate::load::cloudformation::read::{read, read_data};
use crate::load::{GivenParameter, Setting, TemplateInputs};

use super::template::is_constant;
use super::writing::node_that;

/// How many names one value may go through.
const LONGEST: usize = 16;

/// What is needed to find places in templates.
pub(super) struct Templates<'t> {
    /// The resources, with the files they stand in.
    pub(super) graph: &'t Graph,
    /// What was said about parameters.
    pub(super) inputs: &'t TemplateInputs,
    /// The text of a file, a byte order mark aside.
    pub(super) text: &'t dyn Fn(&str) -> Option<String>,
}

/// A resource in its template.
pub(super) struct Placed {
    /// The file.
    pub(super) file: String,
    /// The whole template.
    pub(super) root: Node,
    /// The prefix of its stack: nothing, or `Edge/`.
    prefix: String,
    logical: String,
}

impl Placed {
    /// The map of resources.
    pub(super) fn resources(&self) -> &Node {
        self.root.get("Resources").unwrap_or(&self.root)
    }

    fn resource(&self) -> Option<&Node> {
        self.resources().get(&self.logical)
    }
}

fn elsewhere(why: impl Into<String>) -> Setting {
    Setting::Elsewhere(why.into())
}

impl Templates<'_> {
    /// The resource at an address.
    pub(super) fn find(&self, address: &str) -> Option<Placed> {
        let spot = self.graph.resource(self.graph.find(address)?).spot("")?;
        let root = read(&spot.file, &(self.text)(&spot.file)?).0?;
        let (prefix, logical) = match address.rfind('/') {
            Some(at) => (address[..=at].to_owned(), address[at + 1..].to_owned()),
            None => (String::new(), address.to_owned()),
        };
        Some(Placed { file: spot.file.to_string(), root, prefix, logical })
    }

    /// Where the attribute at a path is decided.
    pub(super) fn setting(&self, address: &str, path: &str) -> Setting {
        let Some(placed) = self.find(address) else { return elsewhere(format!("{address} is in no template")) };
        match placed.resource() {
            Some(resource) => self.at(&placed, resource, path),
            None => elsewhere(format!("{address} is made by a function or a macro")),
        }
    }

    fn at(&self, placed: &Placed, resource: &Node, path: &str) -> Setting {
        let beside = ["UpdatePolicy", "Metadata"].iter().any(|section| path.starts_with(section));
        let mut steps: Vec<String> = if beside { Vec::new() } else { vec!["Properties".to_owned()] };
        match path.split_once('[') {
            Some((list, key)) => steps.extend([list.to_owned(), format!("[{key}")]),
            None => steps.extend(path.split('.').map(str::to_owned)),
        }
        let mut here = resource;
        for (at, step) in steps.iter().enumerate() {
            let key = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
            let next = match (key, &here.content) {
                (Some(key), Content::List(items)) => {
                    let is = |item: &&Node| {
                        let name = item.get("Key").or_else(|| item.get("Name"));
                        name.and_then(Node::text) == Some(key)
                    };
                    items.iter().find(is).and_then(|item| item.get("Value"))
                }
                (None, Content::Map(_)) => here.get(step),
                _ => return elsewhere(format!("{} is not written out", steps[at.saturating_sub(1)])),
            };
            match next {
                Some(next) => here = next,
                None => {
                    return Setting::Unwritten {
                        file: placed.file.as_str().into(),
                        within: here.span.clone(),
                        steps: steps[at..].to_vec(),
                    };
                }
            }
        }
        self.follow(placed, here, None, LONGEST)
    }

    fn follow(&self, placed: &Placed, node: &Node, through: Option<String>, left: usize) -> Setting {
        let Some(left) = left.checked_sub(1) else { return elsewhere("it goes through too many names") };
        let line = || {
            let text = (self.text)(&placed.file).unwrap_or_default();
            format!("{}:{}", placed.file, crate::source::line_column(text.as_bytes(), node.span.start).0)
        };
        let refers = |why| Setting::Referred { file: placed.file.as_str().into(), span: node.span.clone(), why };
        match &node.content {
            _ if is_constant(node) => {
                Setting::Written { file: placed.file.as_str().into(), span: node.span.clone(), through }
            }
            Content::Call { function, argument } => match (&**function, argument.text(), argument.items()) {
                ("Ref", Some(name), _) if placed.resources().get(name).is_some() => {
                    refers(format!("it comes from {name} ({})", line()))
                }
                ("Ref", Some(name), _) => self.parameter(placed, name, left),
                ("Fn::Sub", Some(text), _) if parameter_in(placed, text).is_some() => {
                    self.parameter(placed, parameter_in(placed, text).unwrap_or_default(), left)
                }
                ("Fn::GetAtt" | "Fn::Sub", ..) => refers(format!("a function decides it ({})", line())),
                ("Fn::FindInMap", _, Some([map, first, second])) => {
                    let mappings = placed.root.get("Mappings");
                    let keys = [map, first, second].map(|key| self.key(placed, key, left));
                    let found = keys.iter().try_fold(mappings, |here, key| Some(here?.get(key.as_deref()?)));
                    match (found.flatten(), &keys) {
                        (Some(found), [Some(map), Some(first), Some(second)]) => {
                            self.follow(placed, found, Some(format!("{map}.{first}.{second}")), left)
                        }
                        _ => elsewhere(format!("a mapping decides it ({})", line())),
                    }
                }
                ("Fn::If", ..) => elsewhere(format!("a condition decides it ({})", line())),
                _ => elsewhere(format!("a function decides it ({})", line())),
            },
            _ => elsewhere(format!("no single value stands there ({})", line())),
        }
    }

    /// A key of a mapping: written out, or the value of a parameter.
    fn key(&self, placed: &Placed, node: &Node, left: usize) -> Option<String> {
        let name = match &node.content {
            Content::Call { function, argument } if &**function == "Ref" => argument.text()?,
            _ => return node.text().map(str::to_owned),
        };
        let given = self.inputs.parameters.iter().rev().find_map(|given| match given {
            GivenParameter::Value(own, value) if own == name && placed.prefix.is_empty() => Some(value.clone()),
            _ => None,
        });
        if let Setting::Written { file, span, .. } = self.parameter(placed, name, left) {
            let text = (self.text)(&file)?;
            let root = read(&file, &text).0.or_else(|| read_data(&file, &text).0)?;
            return node_that(&root, &|node| node.span == span)?.text().map(str::to_owned);
        }
        given
    }

    fn parameter(&self, placed: &Placed, name: &str, left: usize) -> Setting {
        let declared = placed.root.get("Parameters").and_then(|all| all.get(name));
        let Some(declared) = declared else { return elsewhere(format!("it comes from {name}")) };
        if declared.get("NoEcho").and_then(Node::text).is_some_and(|flag| flag.eq_ignore_ascii_case("true")) {
            return elsewhere(format!("the parameter {name} is not for showing"));
        }
        let through = Some(format!("parameter {}{name}", placed.prefix));
        if let Some(above) = placed.prefix.strip_suffix('/') {
            let Some(caller) = self.find(above) else {
                return elsewhere(format!("parameter {name} comes from outside"));
            };
            let properties = caller.resource().and_then(|resource| resource.get("Properties"));
            if let Some(given) = properties.and_then(|all| all.get("Parameters")).and_then(|all| all.get(name)) {
                return self.follow(&caller, given, through, left);
            }
        } else if let Some(setting) = self.given(name, &through) {
            return setting;
        }
        match declared.get("Default") {
            Some(default) => self.follow(placed, default, through, left),
            None => elsewhere(format!("nobody gives the parameter {name} a value")),
        }
    }

    /// The value that is given for a parameter on the command line; the last one counts.
    fn given(&self, name: &str, through: &Option<String>) -> Option<Setting> {
        self.inputs.parameters.iter().rev().find_map(|given| match given {
            GivenParameter::Value(own, _) | GivenParameter::Previous(own) => {
                (own == name).then(|| elsewhere(format!("it is set by --parameters {name}")))
            }
            GivenParameter::File(file) => {
                let text = (self.text)(file)?;
                let (line, previous) = given_on(file, &text, name)?;
                let root = read_data(file, &text).0;
                let node = root.as_ref().and_then(|root| in_file(root, name)).filter(|node| is_constant(node));
                Some(match node {
                    _ if previous => elsewhere(format!("{file} line {line} leaves {name} at the value the stack has")),
                    Some(node) => {
                        let (file, span) = (file.as_str().into(), node.span.clone());
                        Setting::Written { file, span, through: through.clone() }
                    }
                    None => {
                        elsewhere(format!("the value stands in {file} line {line}, in a form plangate does not edit"))
                    }
                })
            }
        })
    }
}

/// The parameter that a text of `Fn::Sub` is, when it is nothing else.
fn parameter_in<'n>(placed: &Placed, text: &'n str) -> Option<&'n str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    placed.root.get("Parameters")?.get(name).map(|_| name)
}

/// A parameter in a file that gives it a single value: `{"Name": …}`, the same below `Parameters`, or a list of `ParameterKey` and `ParameterValue`.
fn in_file<'n>(root: &'n Node, name: &str) -> Option<&'n Node> {
    let whole = root.get("Parameters").unwrap_or(root);
    match &whole.content {
        Content::List(items) => {
            let is = |item: &&Node| item.get("ParameterKey").and_then(Node::text) == Some(name);
            items.iter().find(is)?.get("ParameterValue")
        }
        _ => whole.get(name),
    }
}
