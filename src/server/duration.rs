//! Durations as each kind of server software writes them. A bare `75` is 75 seconds to nginx and 75 milliseconds to
//! Spring; here is who reads it how. Anything finer than a millisecond is cut off.

use serde::Deserialize;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A number of seconds, nothing else.
    Seconds,
    /// A number of milliseconds, nothing else.
    Millis,
    /// nginx: bare seconds; `ms s m h d w`, summed with or without blanks. It takes months and years for other settings
    /// only.
    Nginx,
    /// Apache httpd: bare seconds, or with `ms`, `s`, `min` or `h`.
    Apache,
    /// HAProxy: bare milliseconds; `us ms s m h d`.
    Haproxy,
    /// Spring Boot: bare milliseconds; `ns us ms s m h d`, or ISO 8601 (`PT75S`).
    Spring,
    /// Quarkus: bare seconds; `ms s m h d`, or ISO 8601 with or without `PT`.
    Quarkus,
    /// Go, Caddy: no bare number but 0; `ns us ms s m h` summed; Caddy also `d`.
    Go,
    /// Traefik: bare seconds, else as Go.
    Traefik,
    /// Protobuf JSON: seconds with an `s`.
    Protobuf,
    /// .NET: `hh:mm:ss`, `d.hh:mm:ss`, with a fraction.
    Dotnet,
}

/// What a text says as a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Milliseconds, more than 0.
    Millis(u64),
    /// Zero.
    Zero,
    /// Less than zero, which some servers read as "no limit".
    Negative,
}

impl Unit {
    /// Reads `text` in this unit; nothing when it is no such duration.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Length> {
        let text = text.trim();
        if text.len() > 64 {
            return None;
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let nanos = self.nanos(digits)?;
        Some(match nanos / 1_000_000 {
            _ if nanos == 0 => Length::Zero,
            _ if negative => Length::Negative,
            millis => Length::Millis(u64::try_from(millis).ok()?),
        })
    }

    fn nanos(self, text: &str) -> Option<u128> {
        match self {
            Unit::Seconds => number(text, SECOND),
            Unit::Millis => number(text, MILLI),
            Unit::Nginx => nginx(text),
            Unit::Apache => one(text, Some(SECOND), &[("ms", MILLI), ("s", SECOND), ("min", MINUTE), ("h", HOUR)]),
            Unit::Haproxy => {
                let units = [("us", MICRO), ("ms", MILLI), ("s", SECOND), ("m", MINUTE), ("h", HOUR), ("d", DAY)];
                one(text, Some(MILLI), &units)
            }
            Unit::Spring => iso(text).or_else(|| {
                let lower = text.to_ascii_lowercase();
                one(&lower, Some(MILLI), &JAVA)
            }),
            Unit::Quarkus => iso(text).or_else(|| {
                let lower = text.to_ascii_lowercase();
                one(&lower, Some(SECOND), &JAVA).or_else(|| iso(&format!("PT{text}")))
            }),
            Unit::Go => summed(text, &GO),
            Unit::Traefik => number(text, SECOND).or_else(|| summed(text, &GO)),
            Unit::Protobuf => number(text.strip_suffix('s')?, SECOND),
            Unit::Dotnet => dotnet(text),
        }
    }
}

const MICRO: u128 = 1_000;
const MILLI: u128 = 1_000_000;
const SECOND: u128 = 1_000_000_000;
const MINUTE: u128 = 60 * SECOND;
const HOUR: u128 = 60 * MINUTE;
const DAY: u128 = 24 * HOUR;

const JAVA: [(&str, u128); 7] =
    [("ns", 1), ("us", MICRO), ("ms", MILLI), ("s", SECOND), ("m", MINUTE), ("h", HOUR), ("d", DAY)];
const GO: [(&str, u128); 9] = [
    ("ns", 1),
    ("us", MICRO),
    ("µs", MICRO),
    ("μs", MICRO),
    ("ms", MILLI),
    ("s", SECOND),
    ("m", MINUTE),
    ("h", HOUR),
    ("d", DAY),
];

/// A number with an optional fraction, times `unit`, in nanoseconds.
fn number(text: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || fraction.len() > 15 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut nanos = whole.parse::<u128>().ok()?.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        place /= 10;
        nanos = nanos.checked_add(u128::from(digit - b'0') * place)?;
    }
    Some(nanos)
}

/// One number with one unit. A blank between them is allowed nowhere.
fn one(text: &str, bare: Option<u128>, units: &[(&str, u128)]) -> Option<u128> {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = if unit.is_empty() { bare? } else { units.iter().find(|(name, _)| *name == unit)?.1 };
    number(digits, unit)
}

/// Go's form: numbers with units, one after the other; a bare 0.
fn summed(text: &str, units: &[(&str, u128)]) -> Option<u128> {
    if text == "0" {
        return Some(0);
    }
    let mut left = text;
    let mut sum = 0u128;
    while !left.is_empty() {
        let end = left.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (digits, rest) = left.split_at(end);
        let end = rest.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        sum = sum.checked_add(number(digits, units.iter().find(|(name, _)| *name == unit)?.1)?)?;
        left = rest;
    }
    (!text.is_empty()).then_some(sum)
}

/// nginx: units from large to small, each once, blanks between; a bare number, seconds, comes last.
fn nginx(text: &str) -> Option<u128> {
    const UNITS: [(&str, u128); 6] =
        [("w", 7 * DAY), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLI)];
    let mut left = text;
    let mut next = 0;
    let mut sum = 0u128;
    if text.is_empty() {
        return None;
    }
    while !left.is_empty() {
        let end = left.find(|char: char| !char.is_ascii_digit()).unwrap_or(left.len());
        let (digits, rest) = left.split_at(end);
        let end = rest.find(|char: char| char.is_ascii_digit() || char == ' ').unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        let at = match unit {
            "" if rest.trim().is_empty() && next <= 4 => 4,
            unit => UNITS.iter().position(|(name, _)| *name == unit).filter(|at| *at >= next)?,
        };
        sum = sum.checked_add(number(digits, UNITS.get(at)?.1)?)?;
        next = at + 1;
        left = rest.trim_start_matches(' ');
    }
    Some(sum)
}

/// ISO 8601 as Java reads it, in days, hours, minutes and seconds.
fn iso(text: &str) -> Option<u128> {
    let upper = text.to_ascii_uppercase();
    let rest = upper.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let mut sum = match days {
        "" => 0,
        days => number(days.strip_suffix('D')?, DAY)?,
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut left = time;
    let mut next = 0;
    while !left.is_empty() {
        let end = left.find(['H', 'M', 'S'])?;
        let (digits, rest) = left.split_at(end);
        let (at, unit) = match rest.get(..1)? {
            "H" => (1, HOUR),
            "M" => (2, MINUTE),
            _ => (3, SECOND),
        };
        if at <= next {
            return None;
        }
        next = at;
        sum = sum.checked_add(number(digits, unit)?)?;
        left = rest.get(1..)?;
    }
    Some(sum)
}

/// .NET's `TimeSpan`: `[d.]hh:mm[:ss[.fff]]`; a bare number is days.
fn dotnet(text: &str) -> Option<u128> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (days, hours),
        None if !text.contains(':') => (first, "0"),
        None => ("0", first),
    };
    let below = |text: &str, end: u128| text.parse::<u128>().ok().filter(|value| *value < end);
    let mut sum = number(days, DAY)?.checked_add(below(hours, 24)? * HOUR)?;
    if let Some(minutes) = parts.next() {
        sum = sum.checked_add(below(minutes, 60)? * MINUTE)?;
    }
    if let Some(seconds) = parts.next() {
        let value = number(seconds, SECOND)?;
        if value >= MINUTE {
            return None;
        }
        sum = sum.checked_add(value)?;
    }
    parts.next().is_none().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_reads_what_its_server_reads() {
        use Length::{Millis, Negative, Zero};
        let cases: &[(Unit, &str, Option<Length>)] = &[
            (Unit::Seconds, "75", Some(Millis(75_000))),
            (Unit::Seconds, "0.5", Some(Millis(500))),
            (Unit::Seconds, "75s", None),
            (Unit::Seconds, "", None),
            (Unit::Millis, "75", Some(Millis(75))),
            (Unit::Millis, "-1", Some(Negative)),
            (Unit::Millis, "0", Some(Zero)),
            (Unit::Nginx, "75", Some(Millis(75_000))),
            (Unit::Nginx, "75s", Some(Millis(75_000))),
            (Unit::Nginx, "500ms", Some(Millis(500))),
            (Unit::Nginx, "1m 15s", Some(Millis(75_000))),
            (Unit::Nginx, "1m15", Some(Millis(75_000))),
            (Unit::Nginx, "1M", None),
            (Unit::Nginx, "1w", Some(Millis(7 * 86_400_000))),
            (Unit::Nginx, "15s 1m", None),
            (Unit::Nginx, "1.5s", None),
            (Unit::Nginx, "75 s", None),
            (Unit::Nginx, "75 75", None),
            (Unit::Apache, "5", Some(Millis(5000))),
            (Unit::Apache, "500ms", Some(Millis(500))),
            (Unit::Haproxy, "75", Some(Millis(75))),
            (Unit::Haproxy, "75s", Some(Millis(75_000))),
            (Unit::Haproxy, "1m15s", None),
            (Unit::Spring, "75", Some(Millis(75))),
            (Unit::Spring, "75s", Some(Millis(75_000))),
            (Unit::Spring, "PT1M15S", Some(Millis(75_000))),
            (Unit::Spring, "P", None),
            (Unit::Spring, "75 s", None),
            (Unit::Quarkus, "75", Some(Millis(75_000))),
            (Unit::Quarkus, "30M", Some(Millis(1_800_000))),
            (Unit::Go, "75", None),
            (Unit::Go, "1m15s", Some(Millis(75_000))),
            (Unit::Go, "1.5h", Some(Millis(5_400_000))),
            (Unit::Go, "0", Some(Zero)),
            (Unit::Go, "", None),
            (Unit::Traefik, "180", Some(Millis(180_000))),
            (Unit::Traefik, "3m", Some(Millis(180_000))),
            (Unit::Protobuf, "75s", Some(Millis(75_000))),
            (Unit::Protobuf, "75", None),
            (Unit::Dotnet, "00:02:10", Some(Millis(130_000))),
            (Unit::Dotnet, "1.00:00:00", Some(Millis(86_400_000))),
            (Unit::Dotnet, "00:01:75", None),
            (Unit::Dotnet, "130", Some(Millis(130 * 86_400_000))),
        ];
        for (unit, text, expected) in cases {
            assert_eq!(unit.read(text), *expected, "{unit:?} {text:?}");
        }
    }
}
