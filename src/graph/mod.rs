//! Floor 1: resources and the edges between them, with values that may be unknown. Knows nothing of AWS, Terraform
//! or CloudFormation; the catalog and the loaders do.

mod day;
mod exemption;
mod glob;
mod link;
mod name;
mod place;
mod resource;
mod steps;
mod threads;
mod truth;
mod unknown;
mod unseen;
mod value;

use rustc_hash::FxHashMap;

pub use day::Day;
pub use exemption::Exemption;
pub use glob::AddressGlob;
pub use link::{Certainty, End, Link, Role, Target};
pub use name::name;
pub use place::{Address, Place};
pub use resource::{Action, Kind, Lookup, Mode, Resource, ResourceId, Spot, first_key, lookup};
pub use steps::{count_steps, steps};
pub use threads::{Threads, at_once, both, whole};
pub use truth::Truth;
pub use unknown::{HOLE, Outline, Reason, Unknown};
pub use unseen::Unseen;
pub use value::{Data, DefaultOf, List, Map, Marks, Text, Value};

/// All resources of the input as they will be after the change, and the links between them.
///
/// Invariant: resources are in input order, links are sorted by (from, role, at), and every id in a link exists.
#[derive(Debug, Default)]
pub struct Graph {
    resources: Vec<Resource>,
    links: Vec<Link>,
    first_link: Vec<u32>,
    /// Positions of links, by what they point at.
    incoming: Vec<u32>,
    first_incoming: Vec<u32>,
    by_kind: FxHashMap<Kind, Vec<ResourceId>>,
    by_address: FxHashMap<Text, ResourceId>,
    unseen: Unseen,
    handed_on: FxHashMap<ResourceId, Text>,
    assumed: Vec<Assumption>,
}

/// Something nobody gave that decides what there is. A graph holds for one way it may be; together with the graphs of
/// the other ways it says what can come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// What would have to be given.
    pub unknown: Unknown,
    /// What is supposed of it, in words: `Environment = "prod"`.
    pub words: Text,
}

/// A graph taken apart.
#[derive(Debug)]
pub struct Parts {
    /// Resources, in order.
    pub resources: Vec<Resource>,
    /// Links.
    pub links: Vec<Link>,
    /// What may be there besides.
    pub unseen: Unseen,
    /// Ids that leave the input.
    pub handed_on: FxHashMap<ResourceId, Text>,
    /// What is supposed.
    pub assumed: Vec<Assumption>,
}

impl Graph {
    /// Takes the graph apart, to change it.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        Parts {
            resources: self.resources,
            links: self.links,
            unseen: self.unseen,
            handed_on: self.handed_on,
            assumed: self.assumed,
        }
    }

    /// Puts a graph together again. Resources keep their positions.
    #[must_use]
    pub fn from_parts(parts: Parts) -> Graph {
        Graph {
            handed_on: parts.handed_on,
            assumed: parts.assumed,
            ..Graph::new(parts.resources, parts.links, parts.unseen)
        }
    }

    /// Builds the indices over `resources` and `links`. `unseen` says why absence proves nothing, when it does.
    #[must_use]
    pub fn new(resources: Vec<Resource>, mut links: Vec<Link>, unseen: impl Into<Unseen>) -> Graph {
        links.sort_by(Link::in_order);
        let mut graph = Graph { unseen: unseen.into(), ..Graph::default() };
        graph.by_address.reserve(resources.len());
        for (at, resource) in resources.iter().enumerate() {
            let id = ResourceId(at as u32);
            graph.by_address.insert(resource.address.0.clone(), id);
            if let Some(kind) = resource.kind {
                graph.by_kind.entry(kind).or_default().push(id);
            }
        }
        graph.first_link = firsts(resources.len(), links.iter().map(|link| link.from));
        let ends = || links.iter().enumerate().flat_map(|(at, link)| link.resources().map(move |(to, _)| (to, at)));
        graph.first_incoming = firsts(resources.len(), ends().map(|(to, _)| to));
        let mut next = graph.first_incoming.clone();
        graph.incoming = vec![0; ends().count()];
        for (to, at) in ends() {
            let next = &mut next[to.0 as usize];
            graph.incoming[*next as usize] = at as u32;
            *next += 1;
        }
        graph.resources = resources;
        graph.links = links;
        graph
    }

    /// The resource with this id. Ids come from this graph only, so it is always there.
    #[must_use]
    pub fn resource(&self, id: ResourceId) -> &Resource {
        count_steps(1);
        &self.resources[id.0 as usize]
    }

    /// All resources in input order.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = (ResourceId, &Resource)> {
        count_steps(self.resources.len());
        self.resources.iter().enumerate().map(|(at, resource)| (ResourceId(at as u32), resource))
    }

    /// The resources of one kind, data sources included, in input order.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> &[ResourceId] {
        let found = self.by_kind.get(&kind).map_or(&[][..], Vec::as_slice);
        count_steps(found.len());
        found
    }

    /// The resource at an address.
    #[must_use]
    pub fn find(&self, address: &str) -> Option<ResourceId> {
        self.by_address.get(address).copied()
    }

    /// The links that start at `from`, sorted by role and position.
    #[must_use]
    pub fn links(&self, from: ResourceId) -> &[Link] {
        let found = &self.links[own(&self.first_link, from)];
        count_steps(found.len());
        found
    }

    /// The links of one role that start at `from`.
    pub fn links_as(&self, from: ResourceId, role: Role) -> impl Iterator<Item = &Link> {
        self.links(from).iter().filter(move |link| link.role == role)
    }

    /// The links that point (certainly or possibly) at `to`.
    pub fn incoming(&self, to: ResourceId) -> impl Iterator<Item = &Link> {
        let found = &self.incoming[own(&self.first_incoming, to)];
        found.iter().inspect(|_| count_steps(1)).map(|&at| &self.links[at as usize])
    }

    /// The links of one role that point at `to`.
    pub fn incoming_as(&self, to: ResourceId, role: Role) -> impl Iterator<Item = &Link> {
        self.incoming(to).filter(move |link| link.role == role)
    }

    /// All links.
    #[must_use]
    pub fn all_links(&self) -> &[Link] {
        count_steps(self.links.len());
        &self.links
    }

    /// Notes that the id of a resource leaves the input by way of `to` (an output, a parameter store).
    pub fn hand_on(&mut self, id: ResourceId, to: Text) {
        self.handed_on.entry(id).or_insert(to);
    }

    /// Where the id of a resource leaves the input, so that something outside may use it.
    #[must_use]
    pub fn handed_on(&self, id: ResourceId) -> Option<&Text> {
        self.handed_on.get(&id)
    }

    /// Notes what the change does to a resource.
    pub fn act(&mut self, address: &str, action: Action) {
        if let Some(id) = self.find(address) {
            self.resources[id.0 as usize].action = action;
        }
    }

    /// Notes what this graph supposes.
    pub fn assume(&mut self, assumed: Vec<Assumption>) {
        self.assumed = assumed;
    }

    /// What this graph supposes; nothing when the input can turn out in one way only.
    #[must_use]
    pub fn assumed(&self) -> &[Assumption] {
        &self.assumed
    }

    /// Notes why resources of any kind may be there besides. The first reason stays.
    pub fn may_hold_more(&mut self, why: Unknown) {
        self.unseen.anything(why);
    }

    /// Why resources of one of these kinds may be there that the graph does not hold, so that their absence proves
    /// nothing (a plan with `-target`, a `for_each` that is not known).
    #[must_use]
    pub fn unseen(&self, kinds: &[Kind]) -> Option<&Unknown> {
        self.unseen.among(kinds)
    }

    /// Why resources of some kind may be there that the graph does not hold.
    #[must_use]
    pub fn partial(&self) -> Option<&Unknown> {
        self.unseen.first()
    }
}

/// Where what belongs to each of so many resources begins when it is sorted by resource; one more says where all ends.
fn firsts(resources: usize, of: impl Iterator<Item = ResourceId>) -> Vec<u32> {
    let mut firsts = vec![0; resources + 1];
    of.for_each(|id| firsts[id.0 as usize + 1] += 1);
    for at in 1..firsts.len() {
        firsts[at] += firsts[at - 1];
    }
    firsts
}

/// What belongs to one resource.
fn own(firsts: &[u32], id: ResourceId) -> std::ops::Range<usize> {
    let at = id.0 as usize;
    firsts[at] as usize..firsts[at + 1] as usize
}
