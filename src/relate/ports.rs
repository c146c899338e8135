//! What protocol and ports of a rule say about TCP, the same for security groups and network ACLs. Whom the rule is about
//! is told elsewhere.

use crate::graph::{Data, Lookup, Place, Reason, Truth, Unknown};

/// Inclusive.
pub(super) type PortRange = (u16, u16);

/// The TCP ports a rule is about.
pub(super) struct Opened {
    /// Whether it is about TCP.
    pub(super) tcp: Truth,
    /// Ports it is about for sure, if it is about TCP.
    pub(super) sure: Option<PortRange>,
    /// Ports it may be about.
    pub(super) may: Option<PortRange>,
}

const ALL: PortRange = (0, u16::MAX);

/// Reads `protocol`, `from_port` and `to_port`, and notes what is not known.
pub(super) fn opened<'a>(read: impl Fn(&str) -> Lookup<'a>, place: &Place, note: &mut impl FnMut(Unknown)) -> Opened {
    let (tcp, all) = protocol(read("protocol"), place, note);
    let (sure, may) = match (tcp, all) {
        (Truth::False, _) => (None, None),
        (Truth::True, true) => (Some(ALL), Some(ALL)),
        (Truth::Unknown, _) => (None, Some(ALL)),
        (Truth::True, false) => ports(read("from_port"), read("to_port"), place, note),
    };
    Opened { tcp, sure, may }
}

/// Whether a rule is about TCP, and whether it is about every protocol and so every port. A number that is not TCP's
/// opens its own protocol only.
fn protocol(read: Lookup<'_>, place: &Place, note: &mut impl FnMut(Unknown)) -> (Truth, bool) {
    match read {
        Lookup::Known(value) => {
            let text = match &value.data {
                Data::Int(number) => number.to_string(),
                _ => value.as_str().unwrap_or_default().to_ascii_lowercase(),
            };
            match text.as_str() {
                "-1" | "all" => (Truth::True, true),
                "tcp" | "6" => (Truth::True, false),
                "" => {
                    note(Unknown::at(Reason::Undecidable("its protocol cannot be read".into()), place.clone()));
                    (Truth::Unknown, false)
                }
                _ => (Truth::False, false),
            }
        }
        Lookup::Unknown(found) => {
            note(found.clone());
            (Truth::Unknown, false)
        }
        Lookup::Absent => {
            note(Unknown::at(Reason::Undecidable("it names no protocol".into()), place.clone()));
            (Truth::Unknown, false)
        }
    }
}

/// The ports a TCP rule opens: surely and possibly.
fn ports(
    from: Lookup<'_>,
    to: Lookup<'_>,
    place: &Place,
    note: &mut impl FnMut(Unknown),
) -> (Option<PortRange>, Option<PortRange>) {
    for end in [from, to] {
        match end {
            Lookup::Unknown(found) => note(found.clone()),
            Lookup::Known(value) if value.as_int().is_some() => {}
            _ => note(Unknown::at(Reason::Undecidable("a tcp rule without ports is refused".into()), place.clone())),
        }
    }
    let port = |number: i64| u16::try_from(number.clamp(0, i64::from(u16::MAX))).unwrap_or(u16::MAX);
    match (from.int(), to.int()) {
        (Some(-1), Some(-1)) => (Some(ALL), Some(ALL)),
        (Some(from), Some(to)) if from > to || to < 0 || from > i64::from(u16::MAX) => (None, None),
        (Some(from), Some(to)) => (Some((port(from), port(to))), Some((port(from), port(to)))),
        (Some(from), None) if from >= 0 => (None, Some((port(from), u16::MAX))),
        (None, Some(to)) if to >= 0 => (None, Some((0, port(to)))),
        _ => (None, Some(ALL)),
    }
}
