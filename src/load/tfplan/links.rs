//! From mentions to links: what an attribute points at, and how sure that is.
//!
//! The reasoning: an unknown value must come from something unknown. When all that is unknown among an expression's
//! mentions is one resource, the link is certain. Where the trail ends (a local, a dynamic block), everything that
//! could come that way is considered: what the module itself holds and what its inputs mention. If that is one
//! resource, the link is certain all the same; if it is several, each is possible.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::document::Expression;
use super::inventory::{Instance, InstanceAt, Inventory, ModuleAt};
use super::places::{Leaf, Walk};
use super::references::{Mention, Mentions, Resolver, Scope};
use crate::catalog::{Dialect, LinkSpec};
use crate::graph::{Certainty, Data, End, Link, Mode, Place, Reason, ResourceId, Target, Text, Unknown, Value, name};
use crate::load::known::Known;

/// More candidates than this behind a dead end say nothing; then only the reason is kept.
const MOST_CANDIDATES: usize = 32;

/// Resource types that pass on any value they are given, so that an id may come through them unseen.
const CARRIERS: &[&str] = &[
    "terraform_data",
    "null_data_source",
    "null_resource",
    "terraform_remote_state",
    "external",
    "http",
    "aws_cloudformation_stack",
    "aws_cloudformation_export",
    "aws_ssm_parameter",
    "aws_ssm_parameters_by_path",
    "aws_lambda_invocation",
];

/// Makes the links of a plan.
pub(super) struct Linker<'i, 'a> {
    pub resolver: &'i Resolver<'i, 'a>,
    known: &'i Known,
    direct: RefCell<FxHashMap<ModuleAt, Rc<Direct>>>,
    /// By module and by where the kind of link is described.
    through: RefCell<FxHashMap<(ModuleAt, usize), Rc<Through>>>,
}

/// Known ids, ARNs and names.
pub(super) fn known(inventory: &Inventory<'_>) -> Known {
    let mut known = Known::default();
    for (at, instance) in inventory.instances.iter().enumerate() {
        let Some(spec) = instance.spec else { continue };
        for identifier in spec.identifiers {
            if let Some(Data::String(text)) = instance.value.get(identifier).map(|value| &value.data) {
                known.name(spec.kind, text, ResourceId(at as u32));
            }
        }
    }
    known
}

impl<'i, 'a> Linker<'i, 'a> {
    pub(super) fn new(resolver: &'i Resolver<'i, 'a>, known: &'i Known) -> Linker<'i, 'a> {
        Linker { resolver, known, direct: RefCell::default(), through: RefCell::default() }
    }

    /// Adds all links that start at an instance.
    pub(super) fn links_of(
        &self,
        at: InstanceAt,
        value: &Value,
        expressions: Option<&Expression<'a>>,
        links: &mut Vec<Link>,
    ) {
        let instance = &self.inventory().instances[at];
        let Some(spec) = instance.spec else { return };
        let mut walk = Walk::new(expressions);
        for (link, pattern) in spec.links_in(Dialect::Terraform) {
            let mut tell = |leaf: &Leaf<'_, '_, '_, 'a>| {
                let Some((ends, rest)) = self.follow(instance, link, leaf) else { return };
                links.push(Link {
                    from: ResourceId(at as u32),
                    role: link.role,
                    at: leaf.at.into(),
                    placed: leaf.placed,
                    path: name(leaf.path),
                    ends: ends.into(),
                    rest: rest.map(Box::new),
                });
            };
            walk.places(value, pattern, &mut tell);
        }
    }

    fn inventory(&self) -> &'i Inventory<'a> {
        self.resolver.inventory
    }

    /// Ends and rest of one leaf; none when nothing is written there.
    fn follow(
        &self,
        instance: &Instance<'a>,
        link: &LinkSpec,
        leaf: &Leaf<'_, '_, '_, 'a>,
    ) -> Option<(Vec<End>, Option<Unknown>)> {
        let value = leaf.value;
        match &value.data {
            Data::Null | Data::Map(_) | Data::Bool(_) => None,
            Data::String(text) if text.is_empty() => None,
            Data::String(text) => Some(hide(vec![self.named(link, text)], None, value, instance, leaf)),
            Data::Int(_) | Data::Float(_) => None,
            Data::List(items) => {
                let mut ends: Vec<End> = items.iter().filter_map(as_text).map(|text| self.named(link, text)).collect();
                let unknown = items.iter().any(|item| item.as_unknown().is_some());
                let mut rest = None;
                if unknown {
                    let (more, open) = self.unknown(instance, link, leaf)?;
                    ends.extend(more.into_iter().filter(|end| !matches!(end.to, Target::Outside(_))));
                    ends.dedup_by(|a, b| a.to == b.to);
                    rest = open;
                }
                let secret = items.iter().find(|item| item.marks.sensitive).unwrap_or(value);
                Some(hide(ends, rest, secret, instance, leaf))
            }
            Data::Unknown(_) => self.unknown(instance, link, leaf),
        }
    }

    fn named(&self, link: &LinkSpec, text: &Text) -> End {
        End { to: self.known.target(link, text), certainty: Certainty::Certain }
    }

    /// Where an unknown value can come from.
    fn unknown(
        &self,
        instance: &Instance<'a>,
        link: &LinkSpec,
        leaf: &Leaf<'_, '_, '_, 'a>,
    ) -> Option<(Vec<End>, Option<Unknown>)> {
        if leaf.untold {
            return Some((Vec::new(), Some(Unknown::at(Reason::NotInConfiguration, place(instance, leaf)))));
        }
        if instance.mode == Mode::Data {
            return Some((Vec::new(), Some(Unknown::at(Reason::DataSourceDeferred, place(instance, leaf)))));
        }
        if leaf.expressions.is_empty() && !leaf.dynamic {
            return None;
        }
        let mut mentions = self.resolver.mentions_of_any(leaf.expressions, &Scope::of(instance));
        if leaf.dynamic {
            mentions.dead_ends.push(Reason::DynamicBlock);
        }
        let fits = |mention: &Mention<'_>| {
            self.inventory().instances[mention.instance].spec.is_some_and(|spec| link.to.contains(&spec.kind))
        };
        let unknown = |mention: &Mention<'_>| self.inventory().is_unknown(mention.instance, mention.attribute);
        let mut candidates: Vec<InstanceAt> = Vec::new();
        let mut other: Option<Reason> = None;
        for mention in &mentions.instances {
            if fits(mention) && (link.many || unknown(mention)) {
                if !candidates.contains(&mention.instance) {
                    candidates.push(mention.instance);
                }
            } else if !fits(mention) && self.carries(mention.instance) && unknown(mention) {
                other.get_or_insert(Reason::Elsewhere(self.name(mention).into()));
            }
        }
        if candidates.is_empty() && mentions.dead_ends.is_empty() && other.is_none() {
            // With everything mentioned known, yet the value not, it was null, and AWS fills it in.
            let source = mentions.instances.iter().find(|mention| unknown(mention))?;
            other = Some(Reason::Elsewhere(self.name(source).into()));
        }
        Some(self.decide(instance, link, leaf, &mentions, candidates, other))
    }

    fn decide(
        &self,
        instance: &Instance<'a>,
        link: &LinkSpec,
        leaf: &Leaf<'_, '_, '_, 'a>,
        mentions: &Mentions<'_>,
        mut candidates: Vec<InstanceAt>,
        other: Option<Reason>,
    ) -> (Vec<End>, Option<Unknown>) {
        let dead_end = mentions.dead_ends.first().cloned();
        if let Some(reason) = &dead_end {
            let explicit = candidates.len();
            let through = self.could_come_through(instance.module, link, 0);
            candidates
                .extend(through.fitting.iter().filter(|at| !candidates.contains(at)).copied().collect::<Vec<_>>());
            // Many references may also be none; then AWS fills in what nobody sees.
            if candidates.len() == 1 && !through.carried && !(link.many && explicit == 0) && other.is_none() {
                return (self.ends(&candidates, Certainty::Certain), None);
            }
            let rest = Some(Unknown::at(reason.clone(), place(instance, leaf)));
            if candidates.len() > MOST_CANDIDATES {
                return (Vec::new(), rest);
            }
            return (self.ends(&candidates, Certainty::Possible), rest);
        }
        if let Some(reason) = other {
            return (self.ends(&candidates, Certainty::Possible), Some(Unknown::at(reason, place(instance, leaf))));
        }
        let only = candidates.len() == 1;
        let certain = if link.many {
            // `[a.id, b.id]` and `flag ? [a.id] : [b.id]` look alike, except that the second mentions the flag.
            only || (!mentions.known && !leaf.shared)
        } else {
            only
        };
        let certainty = if certain { Certainty::Certain } else { Certainty::Possible };
        let several = link.many && mentions.known_elements && !leaf.shared;
        let rest = several.then(|| Unknown::at(Reason::SeveralMentions, place(instance, leaf)));
        (self.ends(&candidates, certainty), rest)
    }

    fn ends(&self, candidates: &[InstanceAt], certainty: Certainty) -> Vec<End> {
        candidates.iter().map(|&at| End { to: Target::Resource(ResourceId(at as u32)), certainty }).collect()
    }

    fn name(&self, mention: &Mention<'_>) -> String {
        let address = self.inventory().instances[mention.instance].address;
        match mention.attribute {
            Some(attribute) => format!("{address}.{attribute}"),
            None => address.to_owned(),
        }
    }

    /// Whether any value can come out of a resource, an id of something else included.
    fn carries(&self, at: InstanceAt) -> bool {
        CARRIERS.contains(&self.inventory().instances[at].type_name)
    }

    /// The instances of the right kind whose id could come into a module's local or dynamic block, and whether a
    /// carrier could bring one that is not listed.
    fn could_come_through(&self, module: ModuleAt, link: &LinkSpec, depth: usize) -> Rc<Through> {
        let key = (module, std::ptr::from_ref(link) as usize);
        if let Some(found) = self.through.borrow().get(&key) {
            return Rc::clone(found);
        }
        let direct = self.direct(module);
        let mut found = Through::default();
        for &at in &direct.instances {
            let instance = &self.inventory().instances[at];
            if instance.spec.is_some_and(|spec| link.to.contains(&spec.kind)) {
                if link.many || self.inventory().is_unknown(at, None) {
                    found.fitting.push(at);
                }
            } else if self.carries(at) && instance.unknown.is_some_and(|raw| raw.get().contains("true")) {
                found.carried = true;
            }
        }
        if let (Some(parent), true) = (direct.open, depth < 64) {
            let above = self.could_come_through(parent, link, depth + 1);
            found.fitting.extend(&above.fitting);
            found.carried |= above.carried;
        }
        found.fitting.sort_unstable();
        found.fitting.dedup();
        // One more than is ever used: enough to tell that it is too many, in every module of a large plan.
        found.fitting.truncate(MOST_CANDIDATES + 1);
        let found = Rc::new(found);
        self.through.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// What a module's expressions can mention: its own, what is below it, and what its inputs mention.
    fn direct(&self, module: ModuleAt) -> Rc<Direct> {
        if let Some(found) = self.direct.borrow().get(&module) {
            return Rc::clone(found);
        }
        let mut found = Direct { instances: self.inventory().subtree(module), open: None };
        let here = &self.inventory().modules[module];
        if let (Some(parent), Some(call)) = (here.parent, here.call) {
            let scope = Scope {
                module: parent,
                key: here.key.as_ref(),
                for_each: call.for_each_expression.as_ref(),
                for_each_module: parent,
            };
            let mut inputs = self.resolver.mentions(&call.expressions, &scope);
            if let Some(for_each) = &call.for_each_expression {
                let more = self.resolver.mentions(for_each, &scope);
                inputs.instances.extend(more.instances);
                inputs.dead_ends.extend(more.dead_ends);
            }
            found.instances.extend(inputs.instances.iter().map(|mention| mention.instance));
            found.open = (!inputs.dead_ends.is_empty()).then_some(parent);
        }
        found.instances.sort_unstable();
        found.instances.dedup();
        let found = Rc::new(found);
        self.direct.borrow_mut().insert(module, Rc::clone(&found));
        found
    }
}

/// What can come through a dead end in a module to a link of one kind.
#[derive(Default)]
struct Through {
    /// In input order, at most one more than [`MOST_CANDIDATES`].
    fitting: Vec<InstanceAt>,
    carried: bool,
}

/// What can come into a module without passing a dead end.
struct Direct {
    instances: Vec<InstanceAt>,
    /// The parent, when an input has a dead end there.
    open: Option<ModuleAt>,
}

fn as_text(value: &Value) -> Option<&Text> {
    match &value.data {
        Data::String(text) => Some(text),
        _ => None,
    }
}

fn place(instance: &Instance<'_>, leaf: &Leaf<'_, '_, '_, '_>) -> Place {
    Place::new(&instance.shared_address, leaf.path)
}

/// Ends that are known only by a sensitive id become an unknown: an end outside is shown by its id.
fn hide(
    mut ends: Vec<End>,
    rest: Option<Unknown>,
    value: &Value,
    instance: &Instance<'_>,
    leaf: &Leaf<'_, '_, '_, '_>,
) -> (Vec<End>, Option<Unknown>) {
    let before = ends.len();
    if value.marks.sensitive {
        ends.retain(|end| matches!(end.to, Target::Resource(_)));
    }
    let hidden = || {
        let why = Reason::Undecidable("it is sensitive, and no resource of the plan has it".into());
        Unknown::at(why, place(instance, leaf))
    };
    let rest = rest.or_else(|| (ends.len() < before).then(hidden));
    (ends, rest)
}

/// What an expression tells about a value that is unknown in the plan.
pub(super) enum Source {
    /// All it mentions is known, so it was null and is computed.
    NothingUnknown,
    /// It comes from there.
    From(Unknown),
}

impl<'a> Linker<'_, 'a> {
    /// Where an unknown attribute with this expression comes from.
    pub(super) fn source(&self, at: InstanceAt, expression: &Expression<'a>, path: &str) -> Source {
        let instance = &self.inventory().instances[at];
        let mentions = self.resolver.mentions(expression, &Scope::of(instance));
        let unknown =
            mentions.instances.iter().find(|mention| self.inventory().is_unknown(mention.instance, mention.attribute));
        match (unknown, mentions.dead_ends.first()) {
            (Some(mention), _) => {
                let address = &self.inventory().instances[mention.instance].shared_address;
                let source = Place::new(address, mention.attribute.unwrap_or(""));
                Source::From(Unknown::at(Reason::AfterApply, source))
            }
            (None, Some(reason)) => {
                Source::From(Unknown::at(reason.clone(), Place::new(&instance.shared_address, path)))
            }
            (None, None) => Source::NothingUnknown,
        }
    }
}
