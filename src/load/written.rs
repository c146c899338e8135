//! From the evaluated values of a text, Terraform configuration or CloudFormation template, to the graph: values in its
//! form, and links. A plan has its own ways (`tfplan/links.rs`): there a reference is only a mention.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

use super::hcl::{Content, Hole, Piece, Pieces, Value};
use super::known::Known;
use crate::catalog::{Dialect, Entry, KindSpec, LinkSpec, is_data};
use crate::graph::{
    self, Certainty, End, Link, Map, Mode, Outline, Place, Reason, ResourceId, Spot, Target, Text, Unknown,
};

/// A resource of a text as far as links go.
pub(super) struct Written<'v> {
    /// Its address.
    pub address: &'v str,
    /// What it is.
    pub spec: Option<&'static KindSpec>,
    /// Made here, or read.
    pub mode: Mode,
    /// Its attributes in the text's own language.
    pub entries: &'v BTreeMap<Text, Value>,
}

/// The same value in the graph's form.
pub(super) fn plain(value: &Value) -> graph::Value {
    let mut plain_value = match &value.content {
        Content::Null(_) => graph::Value::null(),
        Content::Unknown(hole) => {
            let outline = hole.pieces.as_ref().filter(|_| !value.sensitive).and_then(|pieces| outline(pieces));
            graph::Value::unknown(Unknown { outline, ..shown(hole) })
        }
        Content::Bool(flag) => (*flag).into(),
        Content::Number(number) => match number.to_i64() {
            Some(whole) => whole.into(),
            None => graph::Value::new(graph::Data::Float(number.to_f64())),
        },
        Content::String(text) => graph::Value::new(graph::Data::String(text.clone())),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            items.content.iter().map(plain).collect::<Vec<graph::Value>>().into()
        }
        Content::Map(_, entries) | Content::Object(entries) => {
            entries.content.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Map>().into()
        }
    };
    if value.sensitive {
        plain_value.seal();
    }
    plain_value
}

/// What is known of a text; none when it holds the mark itself.
fn outline(pieces: &Pieces) -> Option<Arc<Outline>> {
    let (mut text, mut holes) = (String::new(), Vec::new());
    for piece in &pieces.parts {
        match piece {
            Piece::Known(part) if part.contains(graph::HOLE) => return None,
            Piece::Known(part) => text.push_str(part),
            Piece::Unknown(unknown) => {
                text.push(graph::HOLE);
                holes.push(Arc::new(told(unknown.as_ref().clone())));
            }
        }
    }
    Some(Arc::new(Outline { text: text.into(), holes }))
}

/// The reason an unknown is shown with.
pub(super) fn shown(hole: &Hole) -> Unknown {
    Unknown { not_null: hole.bounds.not_null, ..told(first_reason(hole)) }
}

/// The same; what a data source will say is that, and not something apply makes.
fn told(mut unknown: Unknown) -> Unknown {
    let data = unknown.hangs_on.as_ref().is_some_and(|place| is_data(place.address.as_str()));
    if unknown.reason == Reason::Reference && data {
        unknown.reason = Reason::DataSourceDeferred;
    }
    unknown
}

/// The reason met first.
pub(super) fn first_reason(hole: &Hole) -> Unknown {
    hole.reasons.first().map_or_else(|| Unknown::because(Reason::AfterApply), |reason| reason.as_ref().clone())
}

/// Some lists are read by key: the place of an entry's value is found by it too.
pub(super) fn name_entries(
    spec: &KindSpec,
    dialect: Dialect,
    entries: &BTreeMap<Text, Value>,
    spots: &mut BTreeMap<Text, Spot>,
) {
    let mut lists: Vec<(&str, &Entry)> =
        spec.attributes.iter().filter_map(|attribute| attribute.keyed_list(dialect)).collect();
    lists.sort_unstable_by_key(|(list, _)| *list);
    lists.dedup_by_key(|(list, _)| *list);
    for (list, form) in lists {
        for (at, entry) in entries.get(list).and_then(Value::as_items).unwrap_or_default().iter().enumerate() {
            let part = |field: &&str| Some(&**entry.as_entries()?.get(*field)?.as_text()?);
            let key: Option<Vec<&str>> = form.keys.iter().map(part).collect();
            let value = spots.get(format!("{list}[{at}].{}", form.value).as_str()).cloned();
            if let (Some(key), Some(spot)) = (key, value) {
                spots.insert(format!("{list}[{}]", key.join("/")).as_str().into(), spot);
            }
        }
    }
}

/// Follows attributes to resources.
pub(super) struct Links<'v> {
    resources: Vec<Written<'v>>,
    by_address: FxHashMap<&'v str, ResourceId>,
    known: Known,
    dialect: Dialect,
}

impl<'v> Links<'v> {
    /// `resources` in the order of their ids.
    pub(super) fn new(resources: Vec<Written<'v>>, dialect: Dialect) -> Links<'v> {
        let mut by_address = FxHashMap::default();
        let mut known = Known::default();
        for (at, one) in resources.iter().enumerate() {
            let id = ResourceId(at as u32);
            by_address.insert(one.address, id);
            let Some(spec) = one.spec else { continue };
            for identifier in spec.identifiers_in(dialect) {
                if let Some(text) = one.entries.get(*identifier).and_then(Value::as_text) {
                    known.name(spec.kind, text, id);
                }
            }
        }
        Links { resources, by_address, known, dialect }
    }

    /// The links of a resource.
    pub(super) fn of(&self, at: usize) -> Vec<Link> {
        let one = &self.resources[at];
        let Some(spec) = one.spec else { return Vec::new() };
        let mut links = Vec::new();
        for (link, pattern) in spec.links_in(self.dialect) {
            let mut leaves = Vec::new();
            collect(one.entries, pattern, &mut leaves);
            let from = ResourceId(at as u32);
            for (path, at, value) in leaves {
                let Some((ends, rest)) = self.follow(link, value, || Place::new(&one.address.into(), &path)) else {
                    continue;
                };
                let (at, ends, rest) = (at.into(), ends.into(), rest.map(Box::new));
                links.push(Link { from, role: link.role, at, placed: true, path: path.as_str().into(), ends, rest });
            }
            let unread = one.mode == Mode::Data && !one.entries.contains_key(first_step(pattern));
            if unread {
                let place = Place::new(&one.address.into(), first_step(pattern));
                links.push(Link {
                    from,
                    role: link.role,
                    at: [0].into(),
                    placed: true,
                    path: pattern.into(),
                    ends: ThinVec::new(),
                    rest: Some(Box::new(Unknown::at(Reason::DataSourceDeferred, place))),
                });
            }
        }
        links
    }

    /// The resource an attribute of which a reason is about.
    pub(super) fn resource_of(&self, reason: &Unknown) -> Option<(ResourceId, &KindSpec)> {
        let place = reason.hangs_on.as_ref()?;
        let id = *self.by_address.get(place.address.as_str())?;
        Some((id, self.resources[id.0 as usize].spec?))
    }

    fn follow(
        &self,
        link: &LinkSpec,
        value: &Value,
        place: impl Fn() -> Place + Copy,
    ) -> Option<(Vec<End>, Option<Unknown>)> {
        if let Some(marker) = link.after {
            return self.marked(link, marker, value);
        }
        match &value.content {
            Content::String(text) if text.is_empty() => None,
            Content::String(text) => Some(match self.known.target(link, text) {
                // An end outside is shown by its id.
                Target::Outside(_) if value.sensitive => {
                    let reason = Reason::Undecidable("it is sensitive, and no resource of the input has it".into());
                    (Vec::new(), Some(Unknown::at(reason, place())))
                }
                to => (vec![End { to, certainty: Certainty::Certain }], None),
            }),
            Content::Unknown(hole) => {
                let (ends, rest) = self.hole(link, hole);
                // A list that is not null may still be empty.
                Some((ends, rest.map(|rest| Unknown { not_null: rest.not_null && !link.many, ..rest })))
            }
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                let mut ends: Vec<End> = Vec::new();
                let mut rest = None;
                for item in &items.content {
                    let followed = match &item.content {
                        Content::Unknown(hole) => Some(self.hole(link, hole)),
                        _ => self.follow(link, item, place),
                    };
                    if let Some((more, why)) = followed {
                        ends.extend(more.into_iter().filter(|end| !ends.contains(end)).collect::<Vec<End>>());
                        rest = rest.or(why);
                    }
                }
                Some((ends, rest))
            }
            _ => None,
        }
    }

    /// What an unknown points at: the resource whose attribute it is; else everything it hangs on, possibly.
    fn hole(&self, link: &LinkSpec, hole: &Hole) -> (Vec<End>, Option<Unknown>) {
        if let [only] = hole.reasons.as_slice()
            && only.reason == Reason::Reference
            && let Some(id) = self.fitting(link, only)
        {
            return (vec![End { to: Target::Resource(id), certainty: Certainty::Certain }], None);
        }
        let mut ends = Vec::new();
        for reason in &hole.reasons {
            if let Some(id) = self.fitting(link, reason) {
                ends.push(End { to: Target::Resource(id), certainty: Certainty::Possible });
            }
        }
        (ends, Some(shown(hole)))
    }

    /// What a partly known text refers to right after a marker: one resource, wherever the marker stands. It is only
    /// possible while something in the text that may be anything is not known.
    fn marked(&self, link: &LinkSpec, marker: &str, value: &Value) -> Option<(Vec<End>, Option<Unknown>)> {
        let pieces = value.as_hole()?.pieces.as_deref()?;
        let mut meant = None;
        let mut open: Option<&Unknown> = None;
        for (at, piece) in pieces.parts.iter().enumerate() {
            let text = match piece {
                Piece::Known(text) => text,
                Piece::Unknown(unknown) => {
                    let told = unknown.reason == Reason::Reference || is_of_aws(unknown);
                    open = open.or_else(|| (!told).then_some(unknown));
                    continue;
                }
            };
            let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            let times = lines.map(|line| line.matches(marker).count()).sum::<usize>();
            if times == 0 {
                continue;
            }
            let ends = text.trim_end_matches(['"', '\'']).ends_with(marker);
            let next = pieces.parts.get(at + 1);
            let referred = match next {
                // `Ref` is its name; no attribute is.
                Some(Piece::Unknown(unknown)) if ends && times == 1 && is_name(unknown) => {
                    self.fitting(link, unknown)?
                }
                _ => return None,
            };
            let goes_on = match pieces.parts.get(at + 2) {
                Some(Piece::Known(text)) => {
                    text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
                }
                Some(Piece::Unknown(_)) => true,
                None => false,
            };
            if goes_on || meant.is_some_and(|meant| meant != referred) {
                return None;
            }
            meant = Some(referred);
        }
        let certainty = if open.is_some() { Certainty::Possible } else { Certainty::Certain };
        Some((vec![End { to: Target::Resource(meant?), certainty }], open.cloned()))
    }

    fn fitting(&self, link: &LinkSpec, reason: &Unknown) -> Option<ResourceId> {
        self.resource_of(reason).filter(|(_, spec)| link.to.contains(&spec.kind)).map(|(id, _)| id)
    }
}

/// Whether it is what a resource is called by, and nothing made of it.
fn is_name(unknown: &Unknown) -> bool {
    unknown.reason == Reason::Reference && unknown.hangs_on.as_ref().is_some_and(|place| place.path.is_empty())
}

/// Whether it is what AWS says of the deployment (`AWS::Region`).
fn is_of_aws(unknown: &Unknown) -> bool {
    unknown.hangs_on.as_ref().is_some_and(|place| place.address.as_str().starts_with("AWS::"))
}

/// The attribute a pattern begins with.
pub(super) fn first_step(pattern: &str) -> &str {
    pattern.split(['.', '[']).next().unwrap_or(pattern)
}

type Leaf<'v> = (String, Vec<u32>, &'v Value);

/// The values at a pattern such as `default_action[*].forward[*].target_group[*].arn`.
fn collect<'v>(entries: &'v BTreeMap<Text, Value>, pattern: &str, leaves: &mut Vec<Leaf<'v>>) {
    let (step, rest) = pattern.split_once('.').map_or((pattern, None), |(step, rest)| (step, Some(rest)));
    let name = step.trim_end_matches("[*]");
    if let Some(value) = entries.get(name) {
        enter(value, name.to_owned(), Vec::new(), step.ends_with("[*]"), rest, leaves);
    }
}

fn enter<'v>(value: &'v Value, path: String, at: Vec<u32>, each: bool, rest: Option<&str>, leaves: &mut Vec<Leaf<'v>>) {
    if value.as_hole().is_some() {
        let mut at = at;
        if each {
            at.push(0);
        }
        return leaves.push((path, at, value));
    }
    let Some(rest) = rest else { return leaves.push((path, at, value)) };
    let step_into = |object: &'v Value, path: String, at: Vec<u32>, leaves: &mut Vec<Leaf<'v>>| {
        let Some(entries) = object.as_entries() else { return };
        let (step, after) = rest.split_once('.').map_or((rest, None), |(step, after)| (step, Some(after)));
        let name = step.trim_end_matches("[*]");
        if let Some(value) = entries.get(name) {
            enter(value, format!("{path}.{name}"), at, step.ends_with("[*]"), after, leaves);
        }
    };
    match (value.as_items(), each) {
        (Some(items), _) => {
            for (index, item) in items.iter().enumerate() {
                let mut own = at.clone();
                own.push(index as u32);
                step_into(item, format!("{path}[{index}]"), own, leaves);
            }
        }
        // A block written as an object, as in JSON.
        (None, each) => {
            let mut own = at;
            if each {
                own.push(0);
            }
            step_into(value, path, own, leaves);
        }
    }
}
