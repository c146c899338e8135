//! IP ranges: strict CIDR parsing, and sets of addresses as sorted intervals, so that several rules can cover one
//! subnet together. Knows nothing of rules or subnets.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses are spoken of. IPv4 and IPv6 never match each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 32-bit addresses.
    V4,
    /// 128-bit addresses.
    V6,
}

/// One range as AWS keeps it: host bits are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    family: Family,
    first: u128,
    prefix: u8,
}

/// A set of addresses of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressSet {
    /// Inclusive, sorted, neither overlapping nor touching.
    ranges: Vec<(u128, u128)>,
}

impl Family {
    /// The highest address.
    #[must_use]
    pub fn last(self) -> u128 {
        match self {
            Family::V4 => u128::from(u32::MAX),
            Family::V6 => u128::MAX,
        }
    }

    fn bits(self) -> u8 {
        match self {
            Family::V4 => 32,
            Family::V6 => 128,
        }
    }
}

impl Cidr {
    /// Reads `address/prefix`. Host bits are cleared, as AWS does; leading zeros, signs, blanks and a missing prefix
    /// are refused, as the API refuses them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = text.split_once('/')?;
        let well_written =
            prefix.bytes().all(|byte| byte.is_ascii_digit()) && (prefix == "0" || !prefix.starts_with('0'));
        if !well_written {
            return None;
        }
        let host = Cidr::host(address.parse().ok()?);
        let prefix: u8 = prefix.parse().ok()?;
        if prefix > host.prefix {
            return None;
        }
        let size = size_below(host.family, prefix);
        Some(Cidr { first: host.first & !size, prefix, ..host })
    }

    /// The range of one address.
    #[must_use]
    pub fn host(address: IpAddr) -> Cidr {
        let (family, first) = match address {
            IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address))),
            IpAddr::V6(address) => (Family::V6, u128::from(address)),
        };
        Cidr { family, first, prefix: family.bits() }
    }

    /// Of which family it is.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// First and last address.
    #[must_use]
    pub fn range(&self) -> (u128, u128) {
        (self.first, self.first | size_below(self.family, self.prefix))
    }

    /// Whether `other` lies inside.
    #[must_use]
    pub fn contains(&self, other: &Cidr) -> bool {
        let ((first, last), (from, to)) = (self.range(), other.range());
        self.family == other.family && first <= from && to <= last
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::V4 => write!(f, "{}/{}", Ipv4Addr::from(self.first as u32), self.prefix),
            Family::V6 => write!(f, "{}/{}", Ipv6Addr::from(self.first), self.prefix),
        }
    }
}

impl AddressSet {
    /// Every address of a family.
    #[must_use]
    pub fn everything(family: Family) -> AddressSet {
        AddressSet { ranges: vec![(0, family.last())] }
    }

    /// The addresses in any of these ranges of `family`; ranges of the other family are left out.
    #[must_use]
    pub fn of<'a>(family: Family, cidrs: impl IntoIterator<Item = &'a Cidr>) -> AddressSet {
        AddressSet::from_ranges(cidrs.into_iter().filter(|cidr| cidr.family == family).map(Cidr::range).collect())
    }

    /// The addresses in any of these sets.
    #[must_use]
    pub fn union<'a>(sets: impl IntoIterator<Item = &'a AddressSet>) -> AddressSet {
        AddressSet::from_ranges(sets.into_iter().flat_map(|set| set.ranges.iter().copied()).collect())
    }

    /// Whether it holds no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether every address of it is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &AddressSet) -> bool {
        self.ranges.iter().all(|&(first, last)| {
            let at = other.ranges.partition_point(|&(_, end)| end < first);
            other.ranges.get(at).is_some_and(|&(from, to)| from <= first && last <= to)
        })
    }

    /// Whether some address is in both.
    #[must_use]
    pub fn intersects(&self, other: &AddressSet) -> bool {
        let (few, many) = if self.ranges.len() <= other.ranges.len() { (self, other) } else { (other, self) };
        few.ranges.iter().any(|&(first, last)| {
            let at = many.ranges.partition_point(|&(_, end)| end < first);
            many.ranges.get(at).is_some_and(|&(from, _)| from <= last)
        })
    }

    /// The addresses in both.
    #[must_use]
    pub fn intersection(&self, other: &AddressSet) -> AddressSet {
        let mut ranges = Vec::new();
        let (mut one, mut two) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let (Some(&&(from, to)), Some(&&(first, last))) = (one.peek(), two.peek()) {
            if from.max(first) <= to.min(last) {
                ranges.push((from.max(first), to.min(last)));
            }
            if to < last {
                one.next()
            } else {
                two.next()
            };
        }
        AddressSet { ranges }
    }

    /// The addresses that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &AddressSet) -> AddressSet {
        let mut ranges = Vec::new();
        for &(first, last) in &self.ranges {
            // None once the last address there is has been taken.
            let mut from = Some(first);
            let at = other.ranges.partition_point(|&(_, end)| end < first);
            for &(start, end) in other.ranges[at..].iter().take_while(|&&(start, _)| start <= last) {
                if let Some(from) = from.filter(|&from| from < start) {
                    ranges.push((from, start - 1));
                }
                from = end.checked_add(1);
            }
            if let Some(from) = from.filter(|&from| from <= last) {
                ranges.push((from, last));
            }
        }
        AddressSet { ranges }
    }

    fn from_ranges(mut ranges: Vec<(u128, u128)>) -> AddressSet {
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        AddressSet { ranges: merged }
    }
}

/// One less than the number of addresses under a prefix: all host bits set.
fn size_below(family: Family, prefix: u8) -> u128 {
    match family.bits() - prefix {
        0 => 0,
        bits => u128::MAX >> (128 - u32::from(bits)),
    }
}
