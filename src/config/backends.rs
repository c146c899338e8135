//! `backends:`, what is stated of servers that cannot be seen.

use super::read::position;
use crate::graph::AddressGlob;
use crate::server::{Idle, Stated};
use crate::source::yaml::{Fields, Reader};

/// The keys of one entry.
pub(super) const KEYS: &[&str] = &["address", "keep_alive", "headers_timeout", "slowest_response", "reason"];

/// The most seconds anybody means.
const MOST: f64 = 10_000_000.0;

/// Reads the entries.
pub(super) fn read(reader: &mut Reader<'_>, top: &Fields<'_>, file: &str) -> Vec<Stated> {
    let mut stated = Vec::new();
    for node in top.list(reader, "backends") {
        let fields = reader.fields(node, "a backend", KEYS);
        let addresses = fields.required(reader, "address").is_some().then(|| fields.texts(reader, "address"));
        let idle = fields.word(reader, "keep_alive").and_then(|word| match word.text.as_str() {
            "infinite" => Some(Idle::Infinite),
            "none" => Some(Idle::ClosesEach),
            text => {
                let read = millis(text);
                if read.is_none() {
                    let help = "a length is `75s`, `750ms`, `2m` or a number of seconds; `infinite` when it never closes, `none` when it closes after each response";
                    reader.report(word.node.from, format!("`keep_alive`: `{text}` is no length of time"), Some(help.to_owned()));
                }
                read.map(|millis| if millis == 0 { Idle::ClosesEach } else { Idle::Millis(millis) })
            }
        });
        let headers_timeout = length(reader, &fields, "headers_timeout");
        let slowest_response = length(reader, &fields, "slowest_response");
        let _ = fields.optional_word(reader, "reason");
        let at = position(reader, node);
        if let (Some(addresses), Some(idle)) = (addresses, idle) {
            stated.push(Stated {
                addresses: addresses.iter().map(|address| AddressGlob::new(address)).collect(),
                idle,
                headers_timeout,
                slowest_response,
                file: file.into(),
                position: at,
            });
        }
    }
    stated
}

fn length(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Option<u64> {
    let word = fields.optional_word(reader, name)?;
    let read = millis(&word.text).filter(|millis| *millis > 0);
    if read.is_none() {
        let help = "write `75s`, `750ms`, `2m` or a number of seconds".to_owned();
        reader.report(word.node.from, format!("`{name}`: `{}` is no length of time", word.text), Some(help));
    }
    read
}

/// Milliseconds in `75`, `75s`, `1.5s`, `750ms`, `2m`, `1h`; a bare number is seconds.
fn millis(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let seconds = number.parse::<f64>().ok()? * scale;
    (0.0..=MOST).contains(&seconds).then_some((seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn lengths_have_a_unit_or_are_seconds() {
        assert_eq!(
            ["75", "75s", "1.5 s", "750ms", "2m", "1h"].map(millis),
            [75_000, 75_000, 1500, 750, 120_000, 3_600_000].map(Some)
        );
        assert_eq!(["", "s", "75 days", "-1", "1e3", "99999999", "7.5.1"].map(millis), [None; 7]);
    }
}
