//! The cases there are: a condition on a parameter nobody gave a value is looked at both ways, and all conditions of one
//! case hold together. Cases in which every condition comes to the same are one.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::assumption::Assumption;
use super::conditions::{Decided, in_order, mentions, subject};
use super::evaluate::Evaluator;
use super::faults::{Faults, quoted};
use super::loops::{Loops, Unrolled, entries_of, substituted};
use super::parameters::scalar;
use super::pseudo;
use super::text::{Piece, pieces};
use super::{Assumed, Given, Said, Settings, Template};
use crate::graph::{Place, Reason, Text, Truth, Unknown};
use crate::load::cloudformation::node::{Content, Node};
use crate::load::hcl::Value;
use crate::source::{Position, Problem};

/// The most worlds.
const WORLDS: usize = 32;

/// The most combinations of assumptions that are looked at to find them.
const COMBINATIONS: usize = 256;

/// One case: what is assumed, and what that makes of the conditions.
pub(in crate::load::cloudformation) struct World {
    /// What was assumed, for people; empty when nothing had to be.
    pub(in crate::load::cloudformation) assumed: Vec<Assumed>,
    pub(super) values: BTreeMap<Text, Value>,
    pub(super) conditions: FxHashMap<Text, Decided>,
}

type Assumptions = BTreeMap<Text, Assumption>;

/// A parameter nobody gave a value, and what it may be as far as conditions tell it apart.
struct Open {
    name: Text,
    options: Vec<Assumption>,
}

/// What conditions hold a parameter against.
#[derive(Default)]
struct Uses {
    constants: Vec<Text>,
    /// Its value goes into something else, so that every allowed value counts.
    inside: bool,
    /// It must be one of the constants: anything else fails the deployment.
    closed: bool,
}

/// Assumptions under which all conditions come to the same.
struct Group {
    truths: Vec<Truth>,
    members: Vec<Assumptions>,
    conditions: FxHashMap<Text, Decided>,
}

impl Template {
    /// The cases the template is to be resolved in; at least one.
    pub(in crate::load::cloudformation) fn worlds(&self, settings: &Settings<'_>) -> (Vec<World>, Vec<Problem>) {
        let mut faults = Faults::new(&self.source);
        self.check_given(settings, &mut faults);
        let none = Assumptions::new();
        let values = self.values(settings, &none);
        let mut evaluator = Evaluator::new(self, settings, &values, &none);
        let conditions = in_order(&mut evaluator);
        let mut problems: Vec<Problem> = faults.into_problems();
        add(&mut problems, std::mem::replace(&mut evaluator.faults, Faults::new(&self.source)).into_problems());

        let used = self.used(settings, &conditions);
        let relevant: Vec<&Unrolled<'_>> = conditions.iter().filter(|(name, ..)| used.contains(name)).collect();
        let mut open = self.open_parameters(settings, &relevant, &mut evaluator);
        let mut most = COMBINATIONS;
        let (groups, left_out) = loop {
            let left_out = within(&mut open, most);
            let groups = self.groups(settings, &conditions, &used, &open, &mut problems);
            if groups.len() <= WORLDS || open.is_empty() {
                break (groups, left_out);
            }
            let product: usize = open.iter().map(|open| open.options.len()).product();
            most = product.saturating_sub(1);
        };
        if let Some(name) = left_out.first() {
            let message = format!(
                "there are more than {WORLDS} cases of parameters without a value; conditions on {} stay undecided",
                quoted(name)
            );
            let span = self.parameter(name).map_or(0..0, |parameter| parameter.span.clone());
            let problem = Problem::note(message).help("give parameters their values with --parameters");
            problems.push(self.source.place(problem, span.start));
        }
        (groups.into_iter().map(|group| self.world(settings, &open, group)).collect(), problems)
    }

    /// Holds what was given against what is declared.
    fn check_given(&self, settings: &Settings<'_>, faults: &mut Faults<'_>) {
        for (name, given) in settings.given {
            let Some(parameter) = self.parameter(name) else {
                let known = self.parameters.iter().map(|parameter| &*parameter.name);
                let hint = faults.hint(name, known);
                let message =
                    format!("a value is given for {}, a parameter the template does not have{hint}", quoted(name));
                faults.add(at_given(Problem::warning(message), given), &(0..0));
                continue;
            };
            let Said::Value(value) = &given.said else { continue };
            let text = scalar(value);
            if let Some(fault) = text.and_then(|text| parameter.fault(&text)) {
                let message = format!("the value given for {} {fault}", quoted(name));
                faults.add(at_given(Problem::error(message), given), &parameter.span);
            }
        }
    }

    /// The values of parameters and pseudo parameters.
    fn values(&self, settings: &Settings<'_>, assumptions: &Assumptions) -> BTreeMap<Text, Value> {
        let mut values = pseudo::values(settings, assumptions);
        for parameter in &self.parameters {
            let value = match settings.given.get(&parameter.name).map(|given| &given.said) {
                Some(Said::Value(value)) => parameter.taken(value),
                Some(Said::Stored(text)) => parameter.stored(text),
                said => match (assumptions.get(&parameter.name), &parameter.default, said) {
                    (Some(Assumption::Is(text)), ..) => parameter.value(text),
                    (_, _, Some(_)) => parameter.unknown(
                        Reason::Undecidable("it keeps the value the stack has, which is not known".into()),
                        settings,
                    ),
                    (_, Some(default), None) => parameter.value(default),
                    (_, None, None) => parameter.unknown(Reason::NoValue, settings),
                },
            };
            values.insert(parameter.name.clone(), value);
        }
        values
    }

    /// The parameters nobody says the value of.
    fn unsaid(&self, settings: &Settings<'_>) -> Vec<Text> {
        let declared = self.parameters.iter().filter(|parameter| {
            let readable = !matches!(parameter.kind, super::parameters::Kind::Stored { .. });
            readable
                && match settings.given.get(&parameter.name).map(|given| &given.said) {
                    Some(Said::Value(_) | Said::Stored(_)) => false,
                    Some(Said::Previous) => true,
                    None => parameter.default.is_none(),
                }
        });
        declared.map(|parameter| parameter.name.clone()).chain(pseudo::open(settings)).collect()
    }

    /// The conditions something that is looked at hangs on.
    fn used(&self, settings: &Settings<'_>, conditions: &[Unrolled<'_>]) -> FxHashSet<Text> {
        if self.has_loops {
            return conditions.iter().map(|(name, ..)| name.clone()).collect();
        }
        let none = Loops::new();
        let mut names = Vec::new();
        let section = |name: &str| self.root.get(name).map(entries_of).unwrap_or_default();
        let resources = section("Resources").into_iter().filter(|(_, _, node)| {
            let ty = node.get("Type").and_then(Node::text);
            ty.is_none_or(|ty| (settings.relevant)(ty))
        });
        let outputs = section("Outputs").into_iter().filter(|_| settings.outputs);
        for (_, _, node) in resources.chain(outputs) {
            names.extend(node.get("Condition").and_then(Node::text).map(Text::from));
            mentions(node, &none, &mut names);
        }
        let mut used: FxHashSet<Text> = names.into_iter().collect();
        // Each stands after what it mentions, so one pass back finds all.
        for (name, _, node, loops) in conditions.iter().rev() {
            if used.contains(name) {
                let mut names = Vec::new();
                mentions(node, loops, &mut names);
                used.extend(names);
            }
        }
        used
    }

    fn open_parameters<'a>(
        &self,
        settings: &Settings<'_>,
        conditions: &[&Unrolled<'a>],
        evaluator: &mut Evaluator<'a>,
    ) -> Vec<Open> {
        let unsaid = self.unsaid(settings);
        let mut uses: BTreeMap<Text, Uses> = unsaid.iter().map(|name| (name.clone(), Uses::default())).collect();
        for (_, _, node, loops) in conditions {
            self.collect(node, loops, evaluator, &mut uses);
        }
        let found = unsaid.into_iter().filter_map(|name| {
            let options = self.options(&name, uses.remove(&name)?);
            (!options.is_empty()).then_some(Open { name, options })
        });
        found.collect()
    }

    fn collect<'a>(
        &self,
        node: &'a Node,
        loops: &Loops,
        evaluator: &mut Evaluator<'a>,
        uses: &mut BTreeMap<Text, Uses>,
    ) {
        match &node.content {
            Content::List(items) => items.iter().for_each(|item| self.collect(item, loops, evaluator, uses)),
            Content::Map(entries) => {
                entries.iter().for_each(|entry| self.collect(&entry.value, loops, evaluator, uses))
            }
            Content::Call { function, argument } => {
                match (&**function, argument.items()) {
                    ("Fn::Equals", Some([left, right])) => {
                        for (node, other) in [(left, right), (right, left)] {
                            let constant = evaluator.operand(other, loops);
                            // What is assumed is told, so it must not be a secret.
                            let constant = constant.as_text().filter(|_| !constant.sensitive).cloned();
                            compare(node, loops, constant.as_ref(), uses);
                        }
                    }
                    ("Fn::FindInMap", Some([map, first, second, options @ ..])) => {
                        self.collect_keys(map, [first, second], options.is_empty(), loops, uses);
                    }
                    _ => {}
                }
                self.collect(argument, loops, evaluator, uses);
            }
            _ => {}
        }
    }

    fn collect_keys(&self, map: &Node, keys: [&Node; 2], closed: bool, loops: &Loops, uses: &mut BTreeMap<Text, Uses>) {
        let mappings = self.mappings.as_ref().zip(map.text());
        for (level, node) in keys.into_iter().enumerate() {
            let known = mappings.map(|(mappings, map)| match level {
                0 => mappings.first_keys(map).unwrap_or_default(),
                _ => mappings.second_keys(map),
            });
            let whole = subject(node, loops).and_then(|(name, _)| uses.get_mut(&name));
            match whole.zip(known) {
                Some((found, known)) => {
                    found.inside = true;
                    found.closed |= closed;
                    found.constants.extend(known);
                }
                None => compare(node, loops, None, uses),
            }
        }
    }

    /// What a parameter may be, as far as it matters.
    fn options(&self, name: &str, mut uses: Uses) -> Vec<Assumption> {
        let mut seen = FxHashSet::default();
        uses.constants.retain(|constant| seen.insert(constant.clone()));
        let parameter = self.parameter(name);
        if let Some(parameter) = parameter {
            uses.constants.retain(|constant| parameter.fault(constant).is_none());
        }
        let allowed = parameter.map(|parameter| &parameter.allowed[..]).unwrap_or_default();
        if !allowed.is_empty() && uses.inside {
            return allowed.iter().cloned().map(Assumption::Is).collect();
        }
        let mut options: Vec<Assumption> = uses.constants.iter().cloned().map(Assumption::Is).collect();
        if options.is_empty() {
            return options;
        }
        if allowed.is_empty() {
            if !uses.closed {
                options.push(Assumption::NoneOf(uses.constants));
            }
            return options;
        }
        let rest: Vec<Text> = allowed.iter().filter(|value| !uses.constants.contains(value)).cloned().collect();
        match <[Text; 1]>::try_from(rest) {
            Ok([one]) => options.push(Assumption::Is(one)),
            Err(rest) if rest.is_empty() => {}
            Err(rest) => options.push(Assumption::OneOf(rest)),
        }
        options
    }

    /// Decides the conditions under every combination of assumptions, and puts together what comes to the same.
    fn groups(
        &self,
        settings: &Settings<'_>,
        conditions: &[Unrolled<'_>],
        used: &FxHashSet<Text>,
        open: &[Open],
        problems: &mut Vec<Problem>,
    ) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut more = Vec::new();
        for assumptions in combinations(open) {
            if !pseudo::consistent(&assumptions) {
                continue;
            }
            let values = self.values(settings, &assumptions);
            let known = self.with_allowed(&assumptions, settings);
            let mut evaluator = Evaluator::new(self, settings, &values, &known);
            evaluator.decide(conditions);
            let truth = |name: &Text| evaluator.conditions.get(name).map_or(Truth::Unknown, |decided| decided.truth);
            let truths: Vec<Truth> =
                conditions.iter().map(|(name, ..)| name).filter(|name| used.contains(*name)).map(truth).collect();
            match groups.iter_mut().find(|group| group.truths == truths) {
                Some(group) => group.join(assumptions, &evaluator.conditions, settings),
                None => {
                    let conditions = std::mem::take(&mut evaluator.conditions);
                    groups.push(Group { truths, members: vec![assumptions], conditions });
                    add(&mut more, evaluator.faults.into_problems());
                }
            }
        }
        add(problems, more);
        if groups.is_empty() && !open.is_empty() {
            return self.groups(settings, conditions, used, &[], problems);
        }
        groups
    }

    /// What is assumed, and for parameters without an assumption what their AllowedValues say.
    fn with_allowed(&self, assumptions: &Assumptions, settings: &Settings<'_>) -> Assumptions {
        let mut known = assumptions.clone();
        for name in self.unsaid(settings) {
            let allowed = self.parameter(&name).map(|parameter| parameter.allowed.clone()).unwrap_or_default();
            if !allowed.is_empty() {
                known.entry(name).or_insert(Assumption::OneOf(allowed));
            }
        }
        known
    }

    /// A world of assumptions that come to the same.
    fn world(&self, settings: &Settings<'_>, open: &[Open], group: Group) -> World {
        let mut together = Assumptions::new();
        let mut words = Vec::new();
        let mut product = 1usize;
        for Open { name, options } in open {
            let mut seen: Vec<&Assumption> = Vec::new();
            for assumption in group.members.iter().filter_map(|member| member.get(name)) {
                if !seen.contains(&assumption) {
                    seen.push(assumption);
                }
            }
            product = product.saturating_mul(seen.len());
            let Some((one, rest)) = seen.split_first() else { continue };
            let joined = rest.iter().fold(Assumption::clone(one), |joined, next| joined.either(next));
            if seen.len() < options.len() {
                words.push((name.clone(), joined.clone()));
            }
            together.insert(name.clone(), joined);
        }
        if product != group.members.len() {
            words = group.sufficient(open);
        }
        let assumed = words.into_iter().map(|(name, assumption)| {
            let hidden = self.parameter(&name).is_some_and(|parameter| parameter.no_echo);
            Assumed { words: assumption.words(&name, hidden), parameter: name }
        });
        let assumed = assumed.collect();
        World { assumed, values: self.values(settings, &together), conditions: group.conditions }
    }
}

impl Group {
    /// Takes in one more combination. A condition nobody looks at may come to something else in it.
    fn join(&mut self, assumptions: Assumptions, conditions: &FxHashMap<Text, Decided>, settings: &Settings<'_>) {
        let first = self.members.first();
        let differs =
            |(name, assumption): &(&Text, &Assumption)| first.and_then(|first| first.get(*name)) != Some(*assumption);
        let hangs_on = assumptions.iter().find(differs).map(|(name, _)| Place::new(&settings.address(name), ""));
        for (name, decided) in &mut self.conditions {
            if conditions.get(name).is_some_and(|other| other.truth != decided.truth) {
                let why = Unknown::because(Reason::NoValue);
                *decided = Decided::undecided(Unknown { hangs_on: hangs_on.clone(), ..why });
            }
        }
        self.members.push(assumptions);
    }

    /// Of what the first combination assumes, enough that nothing else matters.
    fn sufficient(&self, open: &[Open]) -> Vec<(Text, Assumption)> {
        let Some(first) = self.members.first() else { return Vec::new() };
        let mut kept: Vec<&Open> = open.iter().collect();
        for one in open.iter().rev() {
            let fewer: Vec<&Open> = kept.iter().copied().filter(|kept| kept.name != one.name).collect();
            let free = open.iter().filter(|open| !fewer.iter().any(|kept| kept.name == open.name));
            let combinations = free.fold(1usize, |product, open| product.saturating_mul(open.options.len()));
            let alike =
                |member: &&Assumptions| fewer.iter().all(|kept| member.get(&kept.name) == first.get(&kept.name));
            if self.members.iter().filter(alike).count() == combinations {
                kept = fewer;
            }
        }
        kept.iter().filter_map(|open| Some((open.name.clone(), first.get(&open.name)?.clone()))).collect()
    }
}

/// Notes that a part is compared with a constant, for every parameter in it.
fn compare(node: &Node, loops: &Loops, constant: Option<&Text>, uses: &mut BTreeMap<Text, Uses>) {
    if let Some((name, whole)) = subject(node, loops)
        && let Some(found) = uses.get_mut(&name)
    {
        found.constants.extend(constant.cloned());
        found.inside |= !whole && constant.is_none_or(|constant| !constant.is_empty());
        return;
    }
    let mut names = Vec::new();
    references(node, loops, &mut names);
    for name in names {
        if let Some(found) = uses.get_mut(&name) {
            found.inside = true;
            found.constants.extend(constant.cloned());
        }
    }
}

/// The names a part refers to, those that are keys of a mapping left aside.
fn references(node: &Node, loops: &Loops, names: &mut Vec<Text>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| references(item, loops, names)),
        Content::Map(entries) => entries.iter().for_each(|entry| references(&entry.value, loops, names)),
        Content::Call { function, argument } => match (&**function, argument.text()) {
            ("Fn::FindInMap", _) => {}
            ("Ref", Some(name)) => names.push(substituted(name, loops).into()),
            ("Fn::Sub", text) => {
                let first = argument.items().and_then(|items| items.first());
                let text = text.or_else(|| first?.text()).unwrap_or_default();
                for piece in pieces(text) {
                    if let Piece::Variable(name) = piece {
                        names.push(name.into());
                    }
                }
                references(argument, loops, names);
            }
            _ => references(argument, loops, names),
        },
        _ => {}
    }
}

/// Leaves out parameters until there are no more than so many combinations; gives the names of those left out.
fn within(open: &mut Vec<Open>, most: usize) -> Vec<Text> {
    let mut product = 1usize;
    let mut left_out = Vec::new();
    open.retain(|open| {
        let next = product.saturating_mul(open.options.len());
        if next > most {
            left_out.push(open.name.clone());
            return false;
        }
        product = next;
        true
    });
    left_out
}

/// Every combination of options; the first parameter changes slowest.
fn combinations(open: &[Open]) -> Vec<Assumptions> {
    let mut all = vec![Assumptions::new()];
    for Open { name, options } in open {
        let mut next = Vec::with_capacity(all.len() * options.len());
        for assumptions in &all {
            for option in options {
                let mut with = assumptions.clone();
                with.insert(name.clone(), option.clone());
                next.push(with);
            }
        }
        all = next;
    }
    all
}

fn at_given(problem: Problem, given: &Given) -> Problem {
    let Some(file) = &given.file else { return problem };
    let problem = problem.in_file(file);
    match given.position {
        Some(Position { line, column }) => problem.at(line, column),
        None => problem,
    }
}

fn add(problems: &mut Vec<Problem>, more: Vec<Problem>) {
    for problem in more {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}
