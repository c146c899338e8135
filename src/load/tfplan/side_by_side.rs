//! Reads the document of a large plan on several threads: its largest members side by side, of the changes of resources
//! several parts. Where they begin is guessed from how Terraform writes them, and believed only when reading one thing
//! after the other comes to the same place. Says nothing about what cannot be read: then all is read again from the
//! beginning, in one go.

use memchr::memmem;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess};
use serde_json::de::StrRead;

use super::document::{Document, ResourceChange, Str};
use crate::graph::{Threads, whole};

/// Reads a plan or state. `threads` counts in bytes. Part after part is read with one thread too: how deep one may nest
/// must not hang on their number.
pub(super) fn read(text: &str, threads: Threads) -> Result<Document<'_>, serde_json::Error> {
    let mut ahead =
        if threads.most > 1 && text.len() >= threads.at_least { ahead(text, threads.most) } else { Vec::new() };
    members(text, &mut ahead).map_or_else(|| serde_json::from_str(text), Ok)
}

/// What is most of a large plan, each with how it begins: what takes longest comes first. Changes of resources are read in
/// parts.
const LARGE: [(&str, &str); 3] = [
    ("planned_values", r#","planned_values":{"#),
    ("configuration", r#","configuration":{"provider_config":{"#),
    ("prior_state", r#","prior_state":{"format_version":"#),
];
const CHANGES: (&str, &str) = ("resource_changes", r#","resource_changes":["#);
/// How a change begins that has one before it.
const CHANGE: &str = r#"},{"address":"#;

/// A document of which one member was read, or some changes of resources.
struct Ahead<'a> {
    begins: usize,
    ends: usize,
    document: Document<'a>,
}

/// What to read ahead.
#[derive(Clone)]
enum Part {
    Member(&'static str, &'static str),
    /// Changes, the first of them here, to where a change begins that is not among them.
    Changes(usize, usize),
}

impl Part {
    fn read<'a>(&self, text: &'a str) -> Option<Ahead<'a>> {
        match *self {
            Part::Member(key, beginning) => {
                let begins = beginning_of(text, (key, beginning))?;
                let (document, ends) = read_member(key, text, begins)?;
                Some(Ahead { begins, ends, document })
            }
            Part::Changes(begins, until) => {
                let (changes, ends) = read_changes(text, begins, &mut Vec::new(), until)?;
                Some(Ahead { begins, ends, document: of_changes(changes) })
            }
        }
    }
}

/// Where the value of a member may begin.
fn beginning_of(text: &str, (key, beginning): (&str, &str)) -> Option<usize> {
    Some(memmem::find(text.as_bytes(), beginning.as_bytes())? + key.len() + r#","":"#.len())
}

/// What is large, where its beginnings can be guessed.
fn ahead(text: &str, threads: usize) -> Vec<Ahead<'_>> {
    let mut parts = LARGE.map(|(key, beginning)| Part::Member(key, beginning)).to_vec();
    if let Some(list) = beginning_of(text, CHANGES) {
        // Several for each thread, so that none waits long for the last.
        parts.extend(changes(text, list + "[".len(), threads * 8));
    }
    let one_by_one = Threads { most: threads, at_least: 1 };
    let read = one_by_one.next_by_next(&parts, |parts| parts.iter().filter_map(|part| part.read(text)).collect());
    whole(read)
}

/// The changes in parts of about the same size, if what is behind the first were nothing but changes.
fn changes(text: &str, first: usize, parts: usize) -> Vec<Part> {
    let size = (text.len() - first) / parts;
    let guessed = (1..parts).filter_map(|part| {
        let from = first + size * part;
        let behind = text.as_bytes().get(from..)?;
        Some(from + memmem::find(behind, CHANGE.as_bytes())? + "},".len())
    });
    let mut begin: Vec<usize> = std::iter::once(first).chain(guessed).collect();
    begin.dedup();
    let until = begin.iter().skip(1).copied().chain([text.len()]);
    begin.iter().zip(until).map(|(&begins, until)| Part::Changes(begins, until)).collect()
}

/// The document, read member by member. None when anything about it is not as it should be.
fn members<'a>(text: &'a str, ahead: &mut Vec<Ahead<'a>>) -> Option<Document<'a>> {
    let mut document = Document::default();
    let mut seen = FxHashSet::default();
    let mut at = behind(text, 0, b"{")?.0;
    loop {
        let (key, after): (Str<'_>, usize) = read_value(text, at)?;
        if !seen.insert(key.clone()) {
            return None;
        }
        at = behind(text, after, b":")?.0;
        at += space(text, at);
        let (member, ends) = match taken(ahead, at) {
            Some(one) => (one.document, one.ends),
            None if key.as_ref() == CHANGES.0 => all_changes(text, at, ahead)?,
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

/// All changes of resources, from where their list begins.
fn all_changes<'a>(text: &'a str, at: usize, ahead: &mut Vec<Ahead<'a>>) -> Option<(Document<'a>, usize)> {
    let (at, _) = behind(text, at, b"[")?;
    if let Some((ends, _)) = behind(text, at, b"]") {
        return Some((of_changes(Vec::new()), ends));
    }
    let (changes, ends) = read_changes(text, at, ahead, text.len())?;
    Some((of_changes(changes), behind(text, ends, b"]")?.0))
}

fn of_changes(changes: Vec<ResourceChange<'_>>) -> Document<'_> {
    Document { resource_changes: Some(changes), ..Document::default() }
}

/// Reads change after change, to the one that begins at `until` or to the last; and where the last of them ends.
fn read_changes<'a>(
    text: &'a str,
    mut at: usize,
    ahead: &mut Vec<Ahead<'a>>,
    until: usize,
) -> Option<(Vec<ResourceChange<'a>>, usize)> {
    let mut parts: Vec<Vec<ResourceChange<'_>>> = Vec::new();
    loop {
        at += space(text, at);
        let ends = if let Some(one) = taken(ahead, at) {
            parts.extend(one.document.resource_changes);
            one.ends
        } else {
            let (change, ends) = read_value(text, at)?;
            match parts.last_mut() {
                Some(part) => part.push(change),
                None => parts.push(vec![change]),
            }
            ends
        };
        match behind(text, ends, b",") {
            Some((next, _)) if next + space(text, next) != until => at = next,
            _ => return Some((whole(parts), ends)),
        }
    }
}

/// What was read ahead from here.
fn taken<'a>(ahead: &mut Vec<Ahead<'a>>, at: usize) -> Option<Ahead<'a>> {
    ahead.extract_if(.., |one| one.begins == at).next()
}

/// Reads what begins here; and where it ends.
fn read_value<'a, T: Deserialize<'a>>(text: &'a str, at: usize) -> Option<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, at + values.byte_offset()))
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
            let change = r#"{"address":"a","mode":"managed","type":"t","name":"n","change":{}}"#;
            let inside = plan.replace(r#""after":{"#, &format!(r#""after":{{"changes":[{change},{change}],"#));
            for plan in [&plan, &spaced, &misleading, &inside] {
                let whole = format!("{:?}", serde_json::from_str::<Document<'_>>(plan).unwrap());
                for mut ahead in [ahead(plan, 1), ahead(plan, 2), ahead(plan, 1000), Vec::new()] {
                    assert_eq!(format!("{:?}", members(plan, &mut ahead).unwrap()), whole, "{name}");
                }
            }
        }
    }

    #[test]
    fn all_that_is_read_ahead_is_used() {
        for name in ["fargate", "update"] {
            let path = format!("{}/testdata/{name}/plan.json", env!("CARGO_MANIFEST_DIR"));
            let plan = crate::source::disk::read_text(&path).unwrap();
            let mut ahead = ahead(&plan, 2);
            let changes = |one: &Ahead<'_>| one.document.resource_changes.as_ref().map(Vec::len);
            let read: Vec<usize> = ahead.iter().filter_map(changes).collect();
            assert!(read.len() > 2 && ahead.len() > read.len() + 1, "{name}: {read:?} of {}", ahead.len());
            let document = members(&plan, &mut ahead).unwrap();
            assert_eq!(document.resource_changes.unwrap().len(), read.iter().sum::<usize>(), "{name}");
            assert!(ahead.is_empty(), "{name}");
        }
    }

    #[test]
    fn what_is_no_document_is_left_to_the_other_way() {
        let plan = r#"{"format_version":"1.2","planned_values":{"a":1},"resource_changes":[],"complete":true}"#;
        assert!(members(plan, &mut ahead(plan, 2)).is_some());
        for end in 0..plan.len() {
            let cut = &plan[..end];
            assert!(members(cut, &mut ahead(cut, 2)).is_none(), "{cut}");
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
            assert!(members(&broken, &mut ahead(&broken, 2)).is_none(), "{broken}");
        }
    }
}
