//! The user data of an instance: its text, and the ECS cluster it joins. What else it says is `server`'s business.

use super::names::{self, role};
use super::{LinkSpec, link};
use crate::graph::{Data, Value};

/// User data as text: out of base64, where it is in that.
pub(super) fn text(user_data: &Value) -> Value {
    let decoded = user_data.as_str().and_then(from_base64).and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(text) => Value { data: Data::String(text.into()), marks: user_data.marks },
        None => user_data.clone(),
    }
}

/// What gives the agent on an instance its cluster.
const SETTING: &str = "ECS_CLUSTER=";

/// The cluster whose name user data refers to instead of writing it out.
pub(super) const JOINS: LinkSpec = link(role::JOINS, "", &[names::ECS_CLUSTER]).after(SETTING);

/// The one value `ECS_CLUSTER=` is given in readable user data, plain or in base64; null where there is none.
pub(super) fn cluster(user_data: &Value) -> Value {
    match user_data.as_str() {
        Some(written) => named(written).map_or_else(Value::null, |name| name.as_str().into()),
        None => user_data.clone(),
    }
}

fn named(written: &str) -> Option<String> {
    let text = match from_base64(written).map(String::from_utf8) {
        Some(Ok(text)) => text,
        _ => written.to_owned(),
    };
    let mut values = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| {
        line.split(SETTING).skip(1).map(|after| {
            let after = after.trim_start_matches(['"', '\'']);
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(after.len());
            let (name, rest) = after.split_at(end);
            (name, rest.starts_with(['$', '{', '`', '\\']))
        })
    });
    let (name, goes_on) = values.next()?;
    let alone = !name.is_empty() && !goes_on && values.all(|other| other == (name, false));
    alone.then(|| name.to_owned())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}
