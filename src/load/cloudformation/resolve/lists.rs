//! Functions on lists: `Fn::Select`, `Fn::Length`, `Fn::GetAZs`, `Fn::Cidr`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::Arc;

use ipnet::IpNet;

use super::evaluate::{Evaluator, derived};
use super::faults::quoted;
use super::loops::Loops;
use crate::catalog::names::GET_ZONES;
use crate::graph::{Place, Reason, Unknown};
use crate::load::cloudformation::node::Node;
use crate::load::hcl::{Bounds, Hole, Type, Value};

impl<'a> Evaluator<'a> {
    /// `Fn::Select`.
    pub(super) fn select(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let Some([index, list]) = argument.items() else {
            return self.broken(span, "Fn::Select takes a list of two: an index and a list");
        };
        let at = self.operand(index, loops);
        let Some(list) = self.value(list, loops) else {
            return self.broken(span, "Fn::Select selects from a list");
        };
        let sensitive = at.sensitive || list.sensitive;
        let Some(text) = at.as_text() else {
            return match at.as_hole() {
                Some(_) => derived(Type::Dynamic, [&at, &list]).marked(sensitive || list.is_sealed()),
                None => self.broken(&index.span, "the index of Fn::Select must be a whole number from 0"),
            };
        };
        let Ok(number) = text.trim().parse::<usize>() else {
            return self.broken(&index.span, "the index of Fn::Select must be a whole number from 0");
        };
        if let Some(items) = list.as_items() {
            return match items.get(number) {
                Some(item) => item.clone().marked(sensitive),
                None => {
                    let asked = if at.sensitive { "an element".to_owned() } else { format!("element {number}") };
                    let count = items.len();
                    self.broken(span, format!("Fn::Select asks for {asked} of a list that has {count}, counted from 0"))
                }
            };
        }
        match list.as_hole() {
            Some(hole) => element(hole, number).marked(sensitive),
            None => self.broken(span, "Fn::Select selects from a list"),
        }
    }

    /// `Fn::Length`.
    pub(super) fn length(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let Some(list) = self.value(argument, loops) else {
            return self.broken(span, "Fn::Length takes a list");
        };
        match (list.as_items(), list.as_hole()) {
            (Some(items), _) => Value::number(items.len()),
            (None, Some(_)) => derived(Type::Number, [&list]),
            (None, None) => self.broken(span, "Fn::Length takes a list"),
        }
    }

    /// `Fn::GetAZs`. Which zones a region has, only AWS knows.
    pub(super) fn zones(&mut self, argument: &'a Node, loops: &Loops) -> Value {
        let region = self.operand(argument, loops);
        let region = region.as_text().filter(|text| !text.is_empty() && !region.sensitive).map(AsRef::as_ref);
        let region = region.or(self.settings.region);
        let what =
            format!("the list of availability zones of {}", region.map_or_else(|| "the region".to_owned(), quoted));
        let place = Place::new(&GET_ZONES.into(), region.unwrap_or("region"));
        let unknown = Unknown::at(Reason::OutsideInput(what.into()), place);
        Value::hole(Hole::new(Type::list(Type::String), unknown).bounded(Bounds::length(1, None)))
    }

    /// `Fn::Cidr`.
    pub(super) fn cidr(&mut self, argument: &'a Node, span: &Range<usize>, loops: &Loops) -> Value {
        let (block, count, bits) = match argument.items() {
            Some([block, count, bits]) => (block, count, Some(bits)),
            Some([block, count]) => (block, count, None),
            _ => return self.broken(span, "Fn::Cidr takes a list of three: a block, how many, and their host bits"),
        };
        let within = self.operand(block, loops);
        let count = self.operand(count, loops);
        let bits = bits.map(|bits| self.operand(bits, loops));
        let parts = [Some(&within), Some(&count), bits.as_ref()];
        let sensitive = parts.iter().flatten().any(|part| part.sensitive);
        if parts.iter().flatten().any(|part| !part.is_known()) {
            let known = count.as_text().and_then(|count| count.parse::<usize>().ok());
            let bounds = Bounds::length(known.unwrap_or(1), known);
            let hole = Hole::from_values(Type::Dynamic, parts.into_iter().flatten()).bounded(bounds);
            return Value::hole(hole).marked(sensitive);
        }
        let number = |value: Option<&Value>| value.and_then(|value| value.as_text()?.parse::<u32>().ok());
        let blocks = match (within.as_text().and_then(|text| text.parse::<IpNet>().ok()), number(Some(&count))) {
            (Some(net), Some(count @ 1..=256)) => match (&bits, number(bits.as_ref())) {
                (Some(_), Some(bits)) => blocks(net, count, bits),
                (None, _) => fitting(net, count).and_then(|bits| blocks(net, count, bits)),
                _ => None,
            },
            _ => None,
        };
        match blocks {
            Some(blocks) => Value::tuple(blocks.into_iter().map(Value::text).collect()).marked(sensitive),
            None => self.broken(
                span,
                "Fn::Cidr cannot make these blocks: it takes a CIDR block, a count from 1 to 256 and host bits, and the \
                 block must be large enough",
            ),
        }
    }
}

/// One element of a list that is not known: not the same unknown as another element.
fn element(hole: &Hole, number: usize) -> Value {
    let reasons = match &hole.reasons[..] {
        [one] => vec![Arc::new(numbered(one, number))],
        several => several.to_vec(),
    };
    let ty = hole.ty.element().cloned().unwrap_or(Type::Dynamic);
    let derived = Value::hole(Hole { ty: ty.clone(), bounds: Bounds::default(), reasons, pieces: None });
    Value::hole(Hole::from_values(ty, [&derived]).bounded(Bounds::not_null()))
}

fn numbered(reason: &Unknown, number: usize) -> Unknown {
    match (&reason.hangs_on, &reason.reason) {
        (Some(place), _) => {
            let path = format!("{}[{number}]", place.path);
            Unknown { hangs_on: Some(Place::new(&place.address, &path)), ..reason.clone() }
        }
        (None, Reason::OutsideInput(what)) => {
            Unknown::because(Reason::OutsideInput(format!("element {number} of {what}").into()))
        }
        (None, _) => reason.clone(),
    }
}

/// The host bits of the largest equal blocks of which `net` holds `count`.
fn fitting(net: IpNet, count: u32) -> Option<u32> {
    let free = u32::from(net.max_prefix_len() - net.prefix_len());
    free.checked_sub(count.next_power_of_two().trailing_zeros())
}

/// The first `count` blocks with so many host bits.
fn blocks(net: IpNet, count: u32, bits: u32) -> Option<Vec<String>> {
    let width = u32::from(net.max_prefix_len());
    let free = width - u32::from(net.prefix_len());
    if bits > free || (free - bits < 9 && count > 1 << (free - bits)) {
        return None;
    }
    let prefix = width - bits;
    let make = |number: u32| -> Option<String> {
        let step = if number == 0 { 0 } else { u128::from(number).checked_shl(bits)? };
        Some(match net.network() {
            IpAddr::V4(address) => {
                let address = u128::from(u32::from(address)).checked_add(step)?;
                format!("{}/{prefix}", Ipv4Addr::from(u32::try_from(address).ok()?))
            }
            IpAddr::V6(address) => {
                format!("{}/{prefix}", Ipv6Addr::from(u128::from(address).checked_add(step)?))
            }
        })
    };
    (0..count).map(make).collect()
}
