//! Functions on address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::{Call, Function, Kind, NUMBER, TEXT, texts, undecidable};
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("cidrhost", &[TEXT, NUMBER], Kind::Text, cidrhost),
    Function::new("cidrnetmask", &[TEXT], Kind::Text, |call| {
        let block = Block::parse(call.text(0)?)?;
        if block.bits != 32 {
            return Err(Fault::new("an IPv6 block has no netmask"));
        }
        Ok(Value::text(Block { network: block.mask(), ..block }.address()))
    }),
    Function::new("cidrsubnet", &[TEXT, NUMBER, NUMBER], Kind::Text, cidrsubnet),
    Function::new("cidrsubnets", &[TEXT], Kind::Texts, cidrsubnets).rest(NUMBER),
];

/// A block of addresses, `network` with all bits behind the prefix zero.
#[derive(Clone, Copy)]
struct Block {
    network: u128,
    prefix: u32,
    bits: u32,
}

impl Block {
    fn parse(text: &str) -> Result<Block, Fault> {
        let wrong = || Fault::new("this is no CIDR block");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let prefix: u32 = prefix.parse().map_err(|_| wrong())?;
        let (address, bits) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().map_err(|_| wrong())?), 128)
        } else {
            // Terraform still reads numbers with leading zeros, as decimal.
            let parts: Vec<&str> = address.split('.').collect();
            let part = |part: &&str| {
                let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                if digits { part.parse::<u8>().ok() } else { None }
            };
            let octets: Option<Vec<u8>> = parts.iter().map(part).collect();
            let octets: [u8; 4] = octets.and_then(|octets| octets.try_into().ok()).ok_or_else(wrong)?;
            (u128::from(u32::from_be_bytes(octets)), 32)
        };
        if prefix > bits {
            return Err(wrong());
        }
        let block = Block { network: address, prefix, bits };
        Ok(Block { network: address & block.mask(), ..block })
    }

    fn mask(self) -> u128 {
        let all = if self.bits == 128 { u128::MAX } else { (1 << self.bits) - 1 };
        all & !self.last()
    }

    /// The last host's number.
    fn last(self) -> u128 {
        match self.bits - self.prefix {
            128 => u128::MAX,
            free => (1 << free) - 1,
        }
    }

    fn address(self) -> String {
        let address = if self.bits == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(self.network).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(self.network))
        };
        match address {
            // Go writes an IPv4 address inside of IPv6 as IPv4.
            IpAddr::V6(inner) => inner.to_ipv4_mapped().map_or_else(|| inner.to_string(), |inner| inner.to_string()),
            IpAddr::V4(inner) => inner.to_string(),
        }
    }

    fn text(self) -> String {
        let address = self.address();
        let inside = self.bits == 128 && address.contains('.');
        format!("{address}/{}", if inside { self.prefix.saturating_sub(96) } else { self.prefix })
    }

    fn written(self) -> Value {
        Value::text(self.text())
    }
}

fn cidrhost(call: &Call<'_>) -> Result<Value, Fault> {
    let number = whole(call, 1)?;
    let block = Block::parse(call.text(0)?)?;
    let count = BigInt::from(block.last()) + BigInt::one();
    let outside = || Fault::new("the block has no host of that number");
    let host = if number.is_negative() { &count + &number } else { number };
    if host.is_negative() || host >= count {
        return Err(outside());
    }
    let host = host.to_u128().ok_or_else(outside)?;
    Ok(Value::text(Block { network: block.network | host, ..block }.address()))
}

fn cidrsubnet(call: &Call<'_>) -> Result<Value, Fault> {
    let more = call.whole(1)?;
    let number = whole(call, 2)?;
    let block = Block::parse(call.text(0)?)?;
    if more < 0 || number.is_negative() {
        // Terraform does not refuse these; what it makes of them is an accident.
        return Ok(undecidable(Type::String, "a subnet with a negative number"));
    }
    let more = u32::try_from(more).map_err(|_| Fault::new("the number of bits is too large"))?;
    if block.prefix.saturating_add(more) > block.bits {
        return Err(Fault::new("the block cannot be extended by that many bits"));
    }
    let count = BigInt::one() << more;
    let outside = || Fault::new("there is no subnet of that number");
    if number >= count && !(more == 0 && number.is_zero()) {
        return Err(outside());
    }
    let prefix = block.prefix + more;
    let number = number.to_u128().ok_or_else(outside)?;
    let network = if prefix == 0 { 0 } else { block.network | number.checked_shl(block.bits - prefix).unwrap_or(0) };
    Ok(Block { network, prefix, ..block }.written())
}

fn cidrsubnets(call: &Call<'_>) -> Result<Value, Fault> {
    let block = Block::parse(call.text(0)?)?;
    let end = BigInt::from(block.network) + BigInt::from(block.last()) + BigInt::one();
    let mut next = BigInt::from(block.network);
    let mut subnets = Vec::new();
    for at in 1..call.arguments.len() {
        let more = call.whole(at)?;
        if !(1..=32).contains(&more) {
            return Err(Fault::new(format!("argument {} must be between 1 and 32", at + 1)));
        }
        let prefix = block.prefix + more as u32;
        if prefix > block.bits {
            return Err(Fault::new(format!("argument {} makes the prefix too long", at + 1)));
        }
        let size = BigInt::one() << (block.bits - prefix);
        let rest = &next % &size;
        if !rest.is_zero() {
            next += &size - rest;
        }
        if &next + &size > end {
            return Err(Fault::new(format!("there is no room left for argument {}", at + 1)));
        }
        let network = next.to_u128().unwrap_or_default();
        let subnet = Block { network, prefix, bits: block.bits };
        subnets.push(subnet.text());
        next += size;
    }
    Ok(texts(subnets))
}

fn whole(call: &Call<'_>, at: usize) -> Result<BigInt, Fault> {
    call.number(at)?.to_bigint().ok_or_else(|| Fault::new("a whole number is required"))
}
