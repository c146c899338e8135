//! Ranges and sets of addresses, against a brute-force count over a small corner of IPv4.

#![allow(clippy::unwrap_used)]

use plangate::relate::{AddressSet, Cidr, Family};
use proptest::prelude::*;

#[test]
fn strict_parsing() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "10.1.2.3/32", "::ffff:10.0.0.0/104"] {
        assert!(Cidr::parse(text).is_some(), "{text}");
    }
    for text in [
        "010.0.0.0/8",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        " 10.0.0.0/8",
        "10.0.0/8",
        "::/129",
        "x/8",
        "10.0.0.0/8/8",
        "",
        "/",
    ] {
        assert!(Cidr::parse(text).is_none(), "{text}");
    }
    assert_eq!(Cidr::parse("10.0.0.77/24").unwrap().to_string(), "10.0.0.0/24");
    assert_eq!(Cidr::parse("2001:db8::1/32").unwrap().to_string(), "2001:db8::/32");
}

#[test]
fn containment() {
    let parse = |text: &str| Cidr::parse(text).unwrap();
    assert!(parse("10.0.0.0/8").contains(&parse("10.9.0.0/16")));
    assert!(!parse("10.9.0.0/16").contains(&parse("10.0.0.0/8")));
    assert!(!parse("::/0").contains(&parse("10.0.0.0/8")));
    let half = |text: &str| AddressSet::of(Family::V4, [&parse(text)]);
    let halves = [half("0.0.0.0/1"), half("128.0.0.0/1")];
    assert_eq!(AddressSet::union(&halves), AddressSet::everything(Family::V4));
    let halves = [Cidr::parse("::/1").unwrap(), Cidr::parse("8000::/1").unwrap()];
    assert_eq!(AddressSet::of(Family::V6, &halves), AddressSet::everything(Family::V6));
}

fn small() -> impl Strategy<Value = Vec<Cidr>> {
    let one =
        (0u8..=255, 24u8..=32).prop_map(|(host, prefix)| Cidr::parse(&format!("10.0.0.{host}/{prefix}")).unwrap());
    prop::collection::vec(one, 0..6)
}

fn members(cidrs: &[Cidr]) -> Vec<bool> {
    let base = 10u128 << 24;
    (0..256u128)
        .map(|host| cidrs.iter().any(|cidr| (cidr.range().0..=cidr.range().1).contains(&(base + host))))
        .collect()
}

proptest! {
    #[test]
    fn sets_agree_with_counting(one in small(), other in small()) {
        let (a, b) = (AddressSet::of(Family::V4, &one), AddressSet::of(Family::V4, &other));
        let (in_a, in_b) = (members(&one), members(&other));
        let both = |holds: fn(bool, bool) -> bool| in_a.iter().zip(&in_b).map(move |(a, b)| holds(*a, *b));
        prop_assert_eq!(a.is_subset(&b), both(|a, b| !a || b).all(|x| x));
        prop_assert_eq!(a.intersects(&b), both(|a, b| a && b).any(|x| x));
        prop_assert_eq!(a.is_empty(), !in_a.contains(&true));
        let all: Vec<Cidr> = one.iter().chain(&other).copied().collect();
        prop_assert_eq!(AddressSet::union([&a, &b]), AddressSet::of(Family::V4, &all));
    }
}
