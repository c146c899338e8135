//! Reads the document of a large plan on several threads, its largest members side by side. Where they begin is guessed
//! from how Terraform writes them, and believed only when reading member after member comes to the same place. Says
//! nothing about what cannot be read: then all is read again from the beginning, in one go.

use memchr::memmem;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::document::{Document, Str};
use crate::graph::{Threads, at_once};

/// Reads a plan or state. `threads` counts in bytes. Member after member is read with one thread too: how deep one may
/// nest must not hang on their number.
pub(super) fn read(text: &str, threads: Threads) -> Result<Document<'_>, serde_json::Error> {
    let ahead = if threads.most > 1 && text.len() >= threads.at_least { ahead(text) } else { Vec::new() };
    members(text, ahead).map_or_else(|| serde_json::from_str(text), Ok)
}

/// The members that are most of a large plan, each with how it begins.
const LARGE: [(&str, &str); 4] = [
    ("planned_values", r#","planned_values":{"#),
    ("resource_changes", r#","resource_changes":["#),
    ("prior_state", r#","prior_state":{"format_version":"#),
    ("configuration", r#","configuration":{"provider_config":{"#),
];

/// A document of which one member was read.
struct Ahead<'a> {
    key: &'static str,
    begins: usize,
    ends: usize,
    document: Document<'a>,
}

impl<'a> Ahead<'a> {
    fn read(text: &'a str, key: &'static str, beginning: &str) -> Option<Ahead<'a>> {
        let begins = memmem::find(text.as_bytes(), beginning.as_bytes())? + key.len() + r#","":"#.len();
        let mut document = Document::default();
        let ends = read_member(&mut document, key, text, begins)?;
        Some(Ahead { key, begins, ends, document })
    }
}

/// The large members, where their beginnings can be guessed.
fn ahead(text: &str) -> Vec<Ahead<'_>> {
    let read = at_once(LARGE.map(|(key, beginning)| move || Ahead::read(text, key, beginning)));
    read.into_iter().flatten().collect()
}

/// The document, read member by member. None when anything about it is not as it should be.
fn members<'a>(text: &'a str, mut ahead: Vec<Ahead<'a>>) -> Option<Document<'a>> {
    let mut document = Document::default();
    let mut seen = FxHashSet::default();
    let mut at = behind(text, 0, b"{")?.0;
    loop {
        let mut key: Option<Str<'_>> = None;
        at = behind(text, read_into(&mut key, text, at)?, b":")?.0;
        let key = key.filter(|key| seen.insert(key.clone()))?;
        let begins = at + space(text, at);
        let is_here = |one: &mut Ahead<'_>| one.key == key.as_ref() && one.begins == begins;
        let ends = match ahead.extract_if(.., is_here).next() {
            Some(one) => {
                document = document.with(one.document);
                one.ends
            }
            None => read_member(&mut document, key.as_ref(), text, at)?,
        };
        let (after, sign) = behind(text, ends, b",}")?;
        at = after;
        if sign == b'}' {
            return (at + space(text, at) == text.len()).then_some(document);
        }
    }
}

/// Reads the member `key` from where its value begins; where it ends.
fn read_member<'a>(document: &mut Document<'a>, key: &str, text: &'a str, at: usize) -> Option<usize> {
    match key {
        "format_version" => read_into(&mut document.format_version, text, at),
        "resource_changes" => read_into(&mut document.resource_changes, text, at),
        "prior_state" => read_into(&mut document.prior_state, text, at),
        "configuration" => read_into(&mut document.configuration, text, at),
        "variables" => read_into(&mut document.variables, text, at),
        "deferred_changes" => read_into(&mut document.deferred_changes, text, at),
        "planned_values" => read_into(&mut document.planned_values, text, at),
        "complete" => read_into(&mut document.complete, text, at),
        "errored" => read_into(&mut document.errored, text, at),
        "values" => read_into(&mut document.values, text, at),
        _ => read_into(&mut None::<IgnoredAny>, text, at),
    }
}

fn read_into<'a, T: Deserialize<'a>>(to: &mut Option<T>, text: &'a str, at: usize) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Option<T>>();
    *to = values.next()?.ok()?;
    Some(at + values.byte_offset())
}

/// Where one of these signs ends that stands next, and which it is.
fn behind(text: &str, at: usize, signs: &[u8]) -> Option<(usize, u8)> {
    let at = at + space(text, at);
    let sign = *text.as_bytes().get(at)?;
    signs.contains(&sign).then_some((at + 1, sign))
}

/// How much white space begins here.
fn space(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_tell_the_same() {
        for name in ["fargate", "data-sources", "nested-modules", "update", "replace"] {
            let path = format!("{}/testdata/{name}/plan.json", env!("CARGO_MANIFEST_DIR"));
            let plan = crate::source::disk::read_text(&path).unwrap();
            let spaced = plan.replace(r#","resource_changes":["#, ",\n \"resource_changes\" :\t[");
            let misleading = plan.replacen('{', r#"{"first":{"a":1,"resource_changes":[],"planned_values":{}},"#, 1);
            for plan in [&plan, &spaced, &misleading] {
                let whole = format!("{:?}", serde_json::from_str::<Document<'_>>(plan).unwrap());
                for ahead in [ahead(plan), Vec::new()] {
                    assert_eq!(format!("{:?}", members(plan, ahead).unwrap()), whole, "{name}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_document_is_left_to_the_other_way() {
        let plan = r#"{"format_version":"1.2","planned_values":{"a":1},"resource_changes":[],"complete":true}"#;
        assert!(members(plan, ahead(plan)).is_some());
        for end in 0..plan.len() {
            let cut = &plan[..end];
            assert!(members(cut, ahead(cut)).is_none(), "{cut}");
        }
        for broken in [
            plan.replace(r#""complete":true"#, r#""complete":true,"#),
            plan.replace(r#""complete":true"#, r#""complete":1"#),
            plan.replace("planned_values", "resource_changes"),
            plan.replace(r#"{"a":1}"#, r#"{"a":}"#),
            plan.replace(r#"[],"#, "[];"),
            format!("{plan} x"),
            format!("[{plan}]"),
            "{}".to_owned(),
        ] {
            assert!(members(&broken, ahead(&broken)).is_none(), "{broken}");
        }
    }
}
