//! The entries of managed prefix lists, inline and standalone, as ranges.

use rustc_hash::FxHashMap;

use super::cidr::Cidr;
use crate::catalog::names::{self, role};
use crate::catalog::{place_of, place_of_edge};
use crate::graph::{Certainty, Data, Graph, Lookup, Mode, Reason, Resource, ResourceId, Unknown, Value, lookup};

/// Ranges, of which there may be more than are listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    pub(super) cidrs: Vec<Cidr>,
    /// Why there may be more.
    pub(super) open: Option<Unknown>,
}

/// The entries of every prefix list of the input.
pub(super) fn prefix_lists(graph: &Graph) -> FxHashMap<ResourceId, Ranges> {
    let mut lists: FxHashMap<ResourceId, Ranges> = FxHashMap::default();
    for &list in graph.of_kind(names::PREFIX_LIST) {
        let mut ranges = inline(graph.resource(list));
        if ranges.open.is_none() {
            ranges.open = graph.unseen(&[names::PREFIX_LIST_ENTRY]).cloned();
        }
        lists.insert(list, ranges);
    }
    let mut adrift = None;
    for &entry in graph.of_kind(names::PREFIX_LIST_ENTRY) {
        let resource = graph.resource(entry);
        let mut known = false;
        for link in graph.links_as(entry, role::LIST) {
            known |= link.rest.is_none();
            for (list, certainty) in link.resources() {
                let Some(ranges) = lists.get_mut(&list) else { continue };
                match certainty {
                    Certainty::Certain => ranges.add(resource.get("cidr"), resource),
                    Certainty::Possible => {
                        ranges.may_have_more(Unknown::at(Reason::SeveralMentions, resource.place(&link.path)))
                    }
                }
            }
        }
        if !known {
            adrift = Some(Unknown::at(Reason::NotInConfiguration, place_of_edge(resource, role::LIST)));
        }
    }
    if let Some(adrift) = adrift {
        lists.values_mut().for_each(|ranges| ranges.may_have_more(adrift.clone()));
    }
    lists
}

impl Ranges {
    /// Takes in one written range; what cannot be read as a range leaves it open.
    pub(super) fn add(&mut self, cidr: Lookup<'_>, of: &Resource) {
        match cidr {
            Lookup::Known(value) => match value.as_str().and_then(Cidr::parse) {
                Some(cidr) => self.cidrs.push(cidr),
                None => self.may_have_more(Unknown::at(
                    Reason::Undecidable("what is written there is no CIDR range".into()),
                    place_of(of, "cidr"),
                )),
            },
            Lookup::Unknown(unknown) => self.may_have_more(unknown.clone()),
            Lookup::Absent => {}
        }
    }

    pub(super) fn may_have_more(&mut self, unknown: Unknown) {
        self.open.get_or_insert(unknown);
    }
}

/// What the list itself says: `entry` blocks, or what a data source read.
fn inline(resource: &Resource) -> Ranges {
    let mut ranges = Ranges::default();
    let sources: &[&str] =
        if resource.mode == Mode::Managed { &["entries"] } else { &["data_entries", "cidr_blocks", "entries"] };
    let Some(found) = sources.iter().map(|path| resource.get(path)).find(|found| *found != Lookup::Absent) else {
        if resource.mode == Mode::Data {
            ranges.may_have_more(Unknown::at(
                Reason::OutsideInput(resource.address.0.clone()),
                place_of(resource, "data_entries"),
            ));
        }
        return ranges;
    };
    match found {
        Lookup::Known(Value { data: Data::List(entries), .. }) => {
            for entry in entries {
                match &entry.data {
                    Data::Map(_) => match lookup(entry, "cidr") {
                        Lookup::Absent => ranges.may_have_more(unreadable(resource)),
                        cidr => ranges.add(cidr, resource),
                    },
                    _ => ranges.add(lookup(entry, ""), resource),
                }
            }
        }
        Lookup::Unknown(unknown) => ranges.may_have_more(unknown.clone()),
        _ => ranges.may_have_more(unreadable(resource)),
    }
    ranges
}

fn unreadable(resource: &Resource) -> Unknown {
    Unknown::at(Reason::Undecidable("its entries cannot be read".into()), place_of(resource, "entries"))
}
