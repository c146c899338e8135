//! Caddyfile: `servers { timeouts { idle … } }` of the global options. Site blocks cannot set it.

use std::ops::Range;

use super::doc::Doc;
use super::keep_alive::{Hidden, Idle, Onward, Reading, Said};
use super::table::{Server, Within};

/// How deep blocks may nest.
const DEEPEST: usize = 64;

/// What a Caddyfile says.
#[must_use]
pub fn read(doc: &Doc) -> Reading {
    let server = Server::of("caddy");
    let mut reading = Reading::of(server);
    // The heads of the open blocks; the one of the global options is empty and the first of all.
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut first = true;
    for (words, range) in lines(&doc.text) {
        let opens = words.last().is_some_and(|(word, quoted)| word == "{" && !quoted);
        let texts: Vec<String> = words.iter().map(|(word, _)| word.clone()).collect();
        match texts.first().map(String::as_str) {
            None => continue,
            Some("}") => {
                if open.pop().is_none() {
                    return reading.saying(Said::Hidden(Hidden::Malformed, doc.source("Caddyfile", range)));
                }
                continue;
            }
            Some("import") if open.is_empty() && first => {
                let name = texts.get(1).map_or("", String::as_str);
                reading.idle = Said::Hidden(Hidden::AbsentFile(name.into()), doc.source("`import`", range.clone()));
            }
            Some("reverse_proxy") if open.len() <= 3 => {
                let to = texts.iter().skip(1).find(|word| !word.starts_with(['/', '*', '@', '{']));
                let from = doc.source("`reverse_proxy`", range.clone());
                reading.onward.extend(to.map(|to| Onward {
                    to: to.as_str().into(),
                    reuse: Said::Stated(Idle::Millis(120_000), from.clone()),
                    from,
                }));
            }
            Some("keepalive") if within(&open, "transport") => {
                let from = doc.source("`keepalive`", range.clone());
                let setting = server.settings(Within::Caddy).next();
                if let (Some(hop), Some(setting), Some(value)) = (reading.onward.last_mut(), setting, texts.get(1)) {
                    hop.reuse = match value.as_str() {
                        "off" => Said::Stated(Idle::ClosesEach, from),
                        value => setting.say(value, from),
                    };
                }
            }
            Some(name) => {
                let path: Vec<&str> = open.iter().map(|head| head.first().map_or("", String::as_str)).collect();
                let setting = server.settings(Within::Caddy).find(|setting| setting.name == name);
                if let (["", "servers", "timeouts"], Some(setting), Some(value)) =
                    (path.as_slice(), setting, texts.get(1))
                {
                    let said = std::mem::replace(&mut reading.idle, Said::Nothing);
                    reading.idle = said.and(setting.say(value, doc.source("`timeouts idle`", range.clone())));
                }
            }
        }
        if opens {
            if open.len() >= DEEPEST {
                return reading.saying(Said::Hidden(Hidden::TooLarge, doc.source("Caddyfile", range)));
            }
            let mut head = texts;
            head.pop();
            // A block without a head is the global one only at the very beginning.
            if head.is_empty() && !(first && open.is_empty()) {
                head.push("?".to_owned());
            }
            open.push(head);
        }
        first = false;
    }
    reading
}

/// A word, and whether it is quoted.
type Word = (String, bool);

/// The words of each line.
fn lines(text: &str) -> Vec<(Vec<Word>, Range<usize>)> {
    let mut lines = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    let mut at = 0;
    while let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        match char {
            '\n' => {
                if let Some(start) = start.take() {
                    lines.push((std::mem::take(&mut words), start..at));
                }
                at += 1;
            }
            '\\' if rest.starts_with("\\\n") => at += 2,
            char if char.is_whitespace() => at += char.len_utf8(),
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            '"' | '`' => {
                start.get_or_insert(at);
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find(char).unwrap_or(inside.len());
                words.push((inside.get(..end).unwrap_or_default().to_owned(), true));
                at = (at + end + 2).min(text.len());
            }
            _ => {
                start.get_or_insert(at);
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                words.push((rest.get(..end).unwrap_or_default().to_owned(), false));
                at += end;
            }
        }
    }
    if let Some(start) = start {
        lines.push((words, start..at));
    }
    lines
}

/// Whether a block of this name is open.
fn within(open: &[Vec<String>], name: &str) -> bool {
    open.last().is_some_and(|head| head.first().is_some_and(|first| first == name))
}
