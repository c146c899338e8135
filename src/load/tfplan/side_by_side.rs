//! Reads the document of a large plan on several threads, its largest members side by side. Where they begin is guessed
//! from how Terraform writes them, and believed only when reading member after member comes to the same place. Says
//! nothing about what cannot be read: then all is read again from the beginning, in one go.

use memchr::memmem;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess};
use serde_json::de::StrRead;

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
        let (document, ends) = read_member(key, text, begins)?;
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
        let (key, after) = read_key(text, at)?;
        if !seen.insert(key.clone()) {
            return None;
        }
        at = behind(text, after, b":")?.0;
        let begins = at + space(text, at);
        let is_here = |one: &mut Ahead<'_>| one.key == key.as_ref() && one.begins == begins;
        let (member, ends) = match ahead.extract_if(.., is_here).next() {
            Some(one) => (one.document, one.ends),
            None => read_member(key.as_ref(), text, at)?,
        };
        document = document.with(member);
        let (after, sign) = behind(text, ends, b",}")?;
        at = after;
        if sign == b'}' {
            return (at + space(text, at) == text.len()).then_some(document);
        }
    }
}

/// Reads the member `key` from where its value begins; the document with nothing else in it, and where the value ends.
fn read_member<'a>(key: &str, text: &'a str, at: usize) -> Option<(Document<'a>, usize)> {
    let mut value = serde_json::Deserializer::from_str(text.get(at..)?);
    let member = Member { key: Some(key), value: &mut value };
    let document = Document::deserialize(MapAccessDeserializer::new(member)).ok()?;
    Some((document, at + value.into_iter::<IgnoredAny>().byte_offset()))
}

/// An object of one member: what the document makes of it is said there alone.
struct Member<'k, 'v, 'a> {
    key: Option<&'k str>,
    value: &'v mut serde_json::Deserializer<StrRead<'a>>,
}

impl<'a> MapAccess<'a> for Member<'_, '_, 'a> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        self.key.take().map(|key| seed.deserialize(key.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        seed.deserialize(&mut *self.value)
    }
}

fn read_key(text: &str, at: usize) -> Option<(Str<'_>, usize)> {
    let mut keys = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Str<'_>>();
    let key = keys.next()?.ok()?;
    Some((key, at + keys.byte_offset()))
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
