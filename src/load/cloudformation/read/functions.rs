//! The names of the intrinsic functions and their two forms. What they come to is told elsewhere.

use crate::graph::Text;
use crate::source::nearest::did_you_mean;

/// Every function by its long name, those of the rules section and of `AWS::LanguageExtensions` among them.
const NAMES: &[&str] = &[
    "Ref",
    "Condition",
    "Fn::And",
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Not",
    "Fn::Or",
    "Fn::RefAll",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
];

/// What every long name but `Ref` and `Condition` begins with.
pub(super) const PREFIX: &str = "Fn::";

/// The loop of `AWS::LanguageExtensions`: a key that carries a name of its own, not a call.
const FOR_EACH: &str = "Fn::ForEach::";

/// What a key of a map means for the form of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A key like any other.
    Plain,
    /// The map calls this function; it has to stand alone.
    Alone,
    /// The map calls this function; beside other keys it is a macro that changes the map.
    Macro,
    /// It looks like a function and is none.
    Unknown,
}

/// Looks at a key. A map `{Condition: X}` calls nothing: outside of conditions it is an attribute.
pub(super) fn key(name: &str) -> Key {
    match name {
        "Ref" => Key::Alone,
        "Fn::Transform" => Key::Macro,
        _ if !name.starts_with(PREFIX) || name.starts_with(FOR_EACH) => Key::Plain,
        _ if NAMES.contains(&name) => Key::Alone,
        _ => Key::Unknown,
    }
}

/// The long name of a short one, which comes without its `!`, and whether there is such a function.
pub(super) fn long_name(short: &str) -> (Text, bool) {
    let name = match short {
        "Ref" | "Condition" => Text::from(short),
        _ => Text::from(format!("{PREFIX}{short}")),
    };
    let known = NAMES.contains(&&*name);
    (name, known)
}

/// `; did you mean …?` for a short name, or nothing.
pub(super) fn short_meant(short: &str) -> String {
    let names: Vec<String> =
        NAMES.iter().map(|name| format!("!{}", name.strip_prefix(PREFIX).unwrap_or(name))).collect();
    did_you_mean(&format!("!{short}"), names.iter().map(String::as_str))
}

/// `; did you mean …?` for a long name, or nothing.
pub(super) fn long_meant(long: &str) -> String {
    did_you_mean(long, NAMES.iter().copied().chain([FOR_EACH]))
}
