//! Dockerfile: what its final stage is made from, runs and sets. Arguments with a default are put in; commands of `RUN`
//! are not followed, but what they write shows as hidden.

use std::collections::BTreeMap;
use std::ops::Range;

use super::doc::{Doc, HOLE};
use super::keep_alive::{Given, Hidden};
use super::shell::Variables;
use crate::graph::Text;

/// The most bytes of a Dockerfile.
const LONGEST: usize = 256 << 10;

/// The most stages, and the most variables of one.
const MOST: usize = 100;

/// The final stage of a Dockerfile, with the stages it is built on.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// The image it starts from.
    pub from: Option<Text>,
    /// `ENV`, later values over earlier ones.
    pub env: BTreeMap<Text, Given>,
    /// `ENTRYPOINT`.
    pub entry_point: Option<Words>,
    /// `CMD`.
    pub command: Option<Words>,
    /// `COPY` and `ADD`: from beside the file, to inside the image.
    pub copies: Vec<(Text, Text)>,
    /// The commands of `RUN`.
    pub runs: Vec<Text>,
}

/// The words of `CMD` or `ENTRYPOINT`.
#[derive(Clone, Debug)]
pub enum Words {
    /// `["a", "b"]`
    Exec(Vec<Text>),
    /// Text for a shell.
    Shell(Doc),
}

/// Reads a Dockerfile; nothing when it has no stage.
#[must_use]
pub fn read(doc: &Doc) -> Option<Dockerfile> {
    if doc.text.len() > LONGEST {
        return None;
    }
    let mut arguments = Variables::new();
    let mut stages: Vec<(Option<String>, Dockerfile)> = Vec::new();
    for (text, range) in instructions(&doc.text) {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let rest = rest.trim();
        match name.to_ascii_uppercase().as_str() {
            "FROM" => {
                let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
                let image = filled(words.first()?, &arguments);
                if stages.len() >= MOST {
                    return None;
                }
                let named = words.get(2).map(|name| name.to_ascii_lowercase());
                let built_on =
                    stages.iter().find(|(name, _)| name.as_deref() == Some(image.to_ascii_lowercase().as_str()));
                let stage = match built_on {
                    Some((_, stage)) => stage.clone(),
                    None => Dockerfile { from: Some(image.as_str().into()), ..Dockerfile::default() },
                };
                stages.push((named, stage));
            }
            "ARG" => {
                for word in rest.split_whitespace() {
                    if let Some((name, value)) = word.split_once('=') {
                        arguments.insert(name.to_owned(), value.trim_matches(['"', '\'']).to_owned());
                    } else if stages.is_empty() {
                        arguments.remove(word);
                    }
                }
            }
            other => {
                let Some((_, stage)) = stages.last_mut() else { continue };
                instruction(stage, other, rest, doc, &range, &arguments);
            }
        }
    }
    stages.pop().map(|(_, stage)| stage)
}

fn instruction(stage: &mut Dockerfile, name: &str, rest: &str, doc: &Doc, range: &Range<usize>, arguments: &Variables) {
    match name {
        "ENV" => {
            if stage.env.len() >= MOST {
                return;
            }
            let mut known = arguments.clone();
            let set = stage.env.iter().filter_map(|(name, value)| Some((name.to_string(), value.text()?.to_string())));
            known.extend(set);
            for (name, value) in assignments(rest) {
                let value = filled(&value, &known);
                let given = match value.contains(HOLE) {
                    true => Given::Hidden(Hidden::NotGiven("an argument of the build sets it".into())),
                    false => Given::Text(value.into()),
                };
                stage.env.insert(name.into(), given);
            }
        }
        "CMD" => stage.command = Some(words(rest, doc, range)),
        "ENTRYPOINT" => stage.entry_point = Some(words(rest, doc, range)),
        "COPY" | "ADD" => {
            let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
            if let Some((to, from)) = words.split_last()
                && !rest.contains("--from=")
            {
                stage.copies.extend(from.iter().map(|from| (Text::from(*from), Text::from(*to))));
            }
        }
        "RUN" => stage.runs.push(rest.into()),
        _ => {}
    }
}

/// Exec form is JSON; anything else is for a shell.
fn words(rest: &str, doc: &Doc, range: &Range<usize>) -> Words {
    if let Ok(words) = serde_json::from_str::<Vec<String>>(rest) {
        return Words::Exec(words.into_iter().map(Text::from).collect());
    }
    let raw = doc.slice(range);
    let start = doc.start.zip(raw.find(rest)).map(|(start, at)| start + range.start + at);
    Words::Shell(Doc { name: doc.name.clone(), text: rest.into(), start })
}

/// `NAME=value` pairs with quotes, or the old form `NAME value`.
fn assignments(rest: &str) -> Vec<(String, String)> {
    let first = rest.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        return vec![(name.to_owned(), value.trim().to_owned())];
    }
    let mut pairs = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = rest.chars();
    loop {
        let next = chars.next();
        match (next, quote) {
            (Some('\\'), None | Some('"')) => word.extend(chars.next()),
            (Some(char), Some(open)) if char == open => quote = None,
            (Some(char @ ('"' | '\'')), None) => quote = Some(char),
            (Some(char), None) if char.is_whitespace() => push(&mut pairs, &mut word),
            (Some(char), _) => word.push(char),
            (None, _) => {
                push(&mut pairs, &mut word);
                return pairs;
            }
        }
    }
}

fn push(pairs: &mut Vec<(String, String)>, word: &mut String) {
    if let Some((name, value)) = std::mem::take(word).split_once('=') {
        pairs.push((name.to_owned(), value.to_owned()));
    }
}

/// `$NAME`, `${NAME}` and `${NAME:-default}` with what is known.
fn filled(text: &str, known: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let (name, behind, fallback) = match rest.strip_prefix('{') {
            Some(inside) => {
                let end = inside.find('}').unwrap_or(inside.len());
                let body = inside.get(..end).unwrap_or_default();
                let (name, fallback) = body.split_once(":-").map_or((body, None), |(name, value)| (name, Some(value)));
                (name, inside.get(end + 1..).unwrap_or_default(), fallback)
            }
            None => {
                let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default(), None)
            }
        };
        match known.get(name).map(String::as_str).or(fallback) {
            Some(value) if out.len() + value.len() < 1 << 16 => out.push_str(value),
            _ => out.push(HOLE),
        }
        rest = behind;
    }
    out + rest
}

/// Instructions with their lines joined, comments between them gone, here-documents passed over.
fn instructions(text: &str) -> Vec<(String, Range<usize>)> {
    let mut all: Vec<(String, Range<usize>)> = Vec::new();
    let mut continues = false;
    let mut until: Option<String> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        if let Some(tag) = &until {
            if body == tag {
                until = None;
            }
            continue;
        }
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let (body, more) =
            body.strip_suffix('\\').or(body.strip_suffix('`')).map_or((body, false), |body| (body, true));
        match all.last_mut() {
            Some((joined, range)) if continues => {
                joined.push(' ');
                joined.push_str(body.trim());
                range.end = start + line.trim_end().len();
            }
            _ => all.push((body.to_owned(), start..start + line.trim_end().len())),
        }
        continues = more;
        if let Some((_, tag)) = body.split_once("<<") {
            let tag = tag.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
            until = Some(tag.trim_matches(['"', '\'']).to_owned()).filter(|tag| !tag.is_empty());
        }
    }
    all
}
