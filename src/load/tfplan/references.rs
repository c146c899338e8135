//! What an expression's references can mean: through variables, module outputs, `each` and `count`, down to resource
//! instances. References are mentions, not equality; this file only says what is mentioned, `links.rs` what follows.

use rustc_hash::FxHashSet;
use serde_json::value::RawValue;

use super::document::{Expression, Index, Str};
use super::inventory::{Instance, InstanceAt, Inventory, ModuleAt};
use super::traversal::{Step, Steps, steps};
use crate::graph::{Mode, Reason};

/// Where an expression stands.
#[derive(Clone)]
pub(super) struct Scope<'i, 'a> {
    pub module: ModuleAt,
    /// Key of the instance the expression belongs to: `each.key` or `count.index`.
    pub key: Option<&'i Index<'a>>,
    /// What `each` goes over, and where that expression stands.
    pub for_each: Option<&'i Expression<'a>>,
    pub for_each_module: ModuleAt,
}

impl<'i, 'a> Scope<'i, 'a> {
    /// The scope of a resource's own expressions.
    pub(super) fn of(instance: &'i Instance<'a>) -> Scope<'i, 'a> {
        Scope {
            module: instance.module,
            key: instance.key.as_ref(),
            for_each: instance.for_each(),
            for_each_module: instance.module,
        }
    }
}

/// Everything an expression mentions.
#[derive(Default, Debug)]
pub(super) struct Mentions<'e> {
    /// Resource instances, in order of mention, once each.
    pub instances: Vec<Mention<'e>>,
    /// Where the trail ends although something unknown may come that way.
    pub dead_ends: Vec<Reason>,
    /// Something known is mentioned besides (a variable with a known value): it may be a condition.
    pub known: bool,
    /// One of the known things has elements of its own.
    pub known_elements: bool,
    /// The instances, once they are no longer few.
    seen: FxHashSet<Mention<'e>>,
    /// References followed so far.
    followed: usize,
    /// More is mentioned than is followed.
    full: bool,
}

impl<'e> Mentions<'e> {
    /// Notes one more reference; past the most that are followed the trail ends.
    fn follow(&mut self, depth: usize) -> bool {
        self.followed += 1;
        let on = depth <= DEEPEST && self.followed <= MOST_FOLLOWED && !self.full;
        if !on && self.dead_ends.len() < MOST_MENTIONS {
            self.dead_ends.push(Reason::Undecidable("its references go too deep to follow".into()));
        }
        on
    }

    fn push(&mut self, mention: Mention<'e>) {
        if self.full || !self.is_new(&mention) {
            return;
        }
        if self.instances.len() == MOST_MENTIONS {
            // What is left out must not look like all there is.
            self.full = true;
            self.dead_ends.push(Reason::Undecidable("it mentions too much to follow".into()));
            return;
        }
        self.instances.push(mention);
    }

    /// Most expressions mention one or two: these are looked through.
    fn is_new(&mut self, mention: &Mention<'e>) -> bool {
        if self.instances.len() < FEW {
            return !self.instances.contains(mention);
        }
        if self.seen.is_empty() {
            self.seen.extend(self.instances.iter().cloned());
        }
        self.seen.insert(mention.clone())
    }

    fn note_known(&mut self, value: &RawValue) {
        self.known = true;
        let value = value.get().trim();
        self.known_elements |= value.starts_with(['[', '{']) && !matches!(value, "[]" | "{}");
    }
}

/// One mentioned instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mention<'e> {
    pub instance: InstanceAt,
    /// Which attribute; none when the plan keeps only the resource's name.
    pub attribute: Option<&'e str>,
}

/// Follows references. Bounded in depth and in work, so that no configuration can hang it.
pub(super) struct Resolver<'i, 'a> {
    pub inventory: &'i Inventory<'a>,
    /// Values of the root module's variables, to tell an empty one.
    pub variables: &'i (dyn Fn(&str) -> Option<&'a RawValue> + Sync),
}

const DEEPEST: usize = 64;
const MOST_MENTIONS: usize = 512;
/// So many mentions are looked through sooner than hashed.
const FEW: usize = 8;
/// Modules that mention each other in a circle would otherwise be followed without end, twice as often each time round.
const MOST_FOLLOWED: usize = 16_384;

impl<'i, 'a> Resolver<'i, 'a> {
    /// What `expression` mentions.
    pub(super) fn mentions<'e>(&self, expression: &'e Expression<'a>, scope: &Scope<'e, 'a>) -> Mentions<'e>
    where
        'i: 'e,
    {
        self.mentions_of_any(&[expression], scope)
    }

    /// What any of the expressions mentions.
    pub(super) fn mentions_of_any<'e>(&self, expressions: &[&'e Expression<'a>], scope: &Scope<'e, 'a>) -> Mentions<'e>
    where
        'i: 'e,
    {
        let mut found = Mentions::default();
        for expression in expressions {
            self.expression(expression, scope, &Carry::NOTHING, 0, &mut found);
        }
        found
    }

    fn expression<'e>(
        &self,
        expression: &'e Expression<'a>,
        scope: &Scope<'e, 'a>,
        carry: &Carry<'_, 'e>,
        depth: usize,
        found: &mut Mentions<'e>,
    ) where
        'i: 'e,
    {
        let inside = &Carry::NOTHING;
        match expression {
            Expression::Constant(raw) => found.note_known(raw),
            Expression::Computed => found.known = true,
            Expression::References(references) => self.references(references, scope, carry, depth, found),
            Expression::Block(entries) => {
                entries.iter().for_each(|(_, inner)| self.expression(inner, scope, inside, depth, found));
            }
            Expression::Blocks(blocks) => {
                blocks.iter().for_each(|inner| self.expression(inner, scope, inside, depth, found));
            }
        }
    }

    fn references<'e>(
        &self,
        references: &'e [Str<'_>],
        scope: &Scope<'e, 'a>,
        carry: &Carry<'_, 'e>,
        depth: usize,
        found: &mut Mentions<'e>,
    ) where
        'i: 'e,
    {
        let is_key = |reference: &Str<'_>| matches!(reference.as_ref(), "each.key" | "count.index");
        let by_key = references.iter().any(is_key);
        let by_value = references.iter().any(|reference| reference.as_ref().starts_with("each.value"));
        let alone = references.iter().filter(|reference| !is_key(reference)).count() == 1;
        for reference in references {
            if !found.follow(depth) {
                return;
            }
            let mut rest = steps(reference.as_ref());
            let Some(Step::Attribute(root)) = rest.next() else { continue };
            // What was asked of a variable or output can only be asked of its one mention.
            let carry = if alone { carry } else { &Carry::NOTHING };
            let here = Here { scope, by_key, carry, depth };
            match root {
                "var" => self.variable(rest, &here, found),
                "local" => found.dead_ends.push(Reason::Local(name_of(&mut rest).into())),
                "module" => self.output(rest, &here, found),
                "each" => {
                    if name_of(&mut rest) == "value" {
                        self.each_value(rest, &here, found);
                    }
                }
                // As a key of `each`: known before apply, and no element of a list of ids.
                "count" => {}
                "path" | "terraform" | "self" => found.known = true,
                "data" => self.resource(Mode::Data, name_of(&mut rest), rest, &here, by_value, found),
                _ => self.resource(Mode::Managed, root, rest, &here, by_value, found),
            }
        }
    }

    fn variable<'e>(&self, mut rest: Steps<'e>, here: &Here<'_, 'a, 'e>, found: &mut Mentions<'e>)
    where
        'i: 'e,
    {
        let name = name_of(&mut rest);
        let module = &self.inventory.modules[here.scope.module];
        let (Some(parent), Some(call)) = (module.parent, module.call) else {
            match (self.variables)(name) {
                Some(value) => found.note_known(value),
                None => found.known = true,
            }
            return;
        };
        match call.expressions.get(name) {
            Some(expression) => {
                let scope = Scope {
                    module: parent,
                    key: module.key.as_ref(),
                    for_each: call.for_each_expression.as_ref(),
                    for_each_module: parent,
                };
                self.expression(expression, &scope, &here.carried(rest), here.depth + 1, found);
            }
            None => {
                let default = module.config.and_then(|config| config.variables.get(name)).and_then(|var| var.default);
                match default {
                    Some(value) => found.note_known(value),
                    None => found.known = true,
                }
            }
        }
    }

    fn output<'e>(&self, mut rest: Steps<'e>, here: &Here<'_, 'a, 'e>, found: &mut Mentions<'e>)
    where
        'i: 'e,
    {
        let call = name_of(&mut rest);
        let all = self.inventory.children(here.scope.module, call);
        let same = |wanted: &Index<'_>| -> Option<ModuleAt> {
            let one = self.inventory.child(here.scope.module, call, wanted);
            // One without a key stands for instances whose keys nothing tells.
            let any = || all.iter().copied().find(|&at| self.inventory.modules[at].key.is_none());
            one.or_else(any)
        };
        let one;
        let mut output = rest.next();
        let chosen: &[ModuleAt] = match &output {
            Some(Step::Key(key)) => {
                one = same(key);
                output = rest.next();
                one.as_slice()
            }
            // The index is lost, or the whole is gone over with its keys kept.
            None => {
                let by_key = here.scope.key.filter(|_| here.by_key).and_then(same);
                one = by_key.or_else(|| here.carry.steps().next()?.as_key().as_ref().and_then(same));
                if one.is_some() { one.as_slice() } else { all }
            }
            Some(Step::Attribute(_)) => all,
        };
        let Some(Step::Attribute(output)) = output else {
            // `module.a` with the output's name lost: anything in there.
            for &module in chosen {
                if found.full {
                    return;
                }
                for instance in self.inventory.subtree(module) {
                    found.push(Mention { instance, attribute: None });
                }
            }
            return;
        };
        let carry = here.carried(rest);
        for &module in chosen {
            let scope = Scope { module, key: None, for_each: None, for_each_module: module };
            let output = self.inventory.modules[module].config.and_then(|config| config.outputs.get(output));
            match output {
                Some(output) => self.expression(&output.expression, &scope, &carry, here.depth + 1, found),
                None => found.dead_ends.push(Reason::NotInConfiguration),
            }
        }
    }

    fn each_value<'e>(&self, rest: Steps<'e>, here: &Here<'_, 'a, 'e>, found: &mut Mentions<'e>)
    where
        'i: 'e,
    {
        let Some(expression) = here.scope.for_each else {
            found.dead_ends.push(Reason::NotInConfiguration);
            return;
        };
        let scope = Scope { module: here.scope.for_each_module, key: None, for_each: None, for_each_module: 0 };
        // Going over a resource or a map that keeps its keys: the element with this instance's key, then the rest.
        let carry = Carry { key: here.scope.key, rest, then: Some(here.carry) };
        self.expression(expression, &scope, &carry, here.depth + 1, found);
    }

    fn resource<'e>(
        &self,
        mode: Mode,
        type_name: &str,
        mut rest: Steps<'e>,
        here: &Here<'_, 'a, 'e>,
        by_value: bool,
        found: &mut Mentions<'e>,
    ) {
        let Some(Step::Attribute(name)) = rest.next() else {
            found.known = true;
            return;
        };
        let all = self.inventory.named(here.scope.module, mode, type_name, name);
        if all.is_empty() {
            // Count 0, or not part of a partial plan: nothing unknown comes from it.
            found.known = true;
            return;
        }
        let with_key = |key: &Index<'_>| self.inventory.keyed(here.scope.module, mode, type_name, name, key);
        let one;
        // Those that are meant, and how many steps of what is carried tell which.
        let (chosen, told): (&[InstanceAt], usize) = match rest.clone().next() {
            Some(Step::Key(key)) => {
                one = with_key(&key);
                (one.as_slice(), 0)
            }
            Some(Step::Attribute(_)) => (all, 0),
            None => {
                let own = here.scope.key.filter(|_| here.by_key && !by_value).and_then(with_key);
                let carried = || here.carry.steps().next()?.as_key().as_ref().and_then(with_key);
                one = own.or_else(carried);
                match (own, one) {
                    (Some(_), _) => (one.as_slice(), 0),
                    (None, Some(_)) => (one.as_slice(), 1),
                    _ if all.len() == 1 && self.inventory.instances[all[0]].key.is_none() => (all, 0),
                    _ => (all, usize::MAX),
                }
            }
        };
        let attribute = rest.chain(here.carry.steps().skip(told)).find_map(|step| match step {
            Step::Attribute(attribute) => Some(attribute),
            Step::Key(_) => None,
        });
        for &instance in chosen {
            if found.full {
                return;
            }
            found.push(Mention { instance, attribute });
        }
    }
}

/// Where a reference stands.
struct Here<'h, 'a, 'e> {
    scope: &'h Scope<'e, 'a>,
    by_key: bool,
    carry: &'h Carry<'h, 'e>,
    depth: usize,
}

impl<'h, 'a: 'e, 'e> Here<'h, 'a, 'e> {
    /// What was asked of a variable or output: the steps after its name, else the key whose index was lost.
    fn carried(&self, rest: Steps<'e>) -> Carry<'h, 'e> {
        let key = self.scope.key.filter(|_| self.by_key && rest.clone().next().is_none());
        Carry { key, rest, then: Some(self.carry) }
    }
}

/// What is asked of what an expression mentions: steps that stand behind it, elsewhere.
struct Carry<'h, 'e> {
    /// The first.
    key: Option<&'e Index<'e>>,
    /// Those after it.
    rest: Steps<'e>,
    /// Those after them.
    then: Option<&'h Carry<'h, 'e>>,
}

impl<'e> Carry<'_, 'e> {
    const NOTHING: Carry<'static, 'static> = Carry { key: None, rest: Steps::NONE, then: None };

    fn steps(&self) -> impl Iterator<Item = Step<'e>> {
        let parts = std::iter::successors(Some(self), |part| part.then);
        parts.flat_map(|part| part.key.cloned().map(Step::Key).into_iter().chain(part.rest.clone()))
    }
}

/// The name that is the next step; empty when none is.
fn name_of<'e>(rest: &mut Steps<'e>) -> &'e str {
    match rest.next() {
        Some(Step::Attribute(name)) => name,
        _ => "",
    }
}
