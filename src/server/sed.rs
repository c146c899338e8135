//! `sed -i` on a configuration file: its script applied to a text that is visible, or, where only the package knows the
//! text, the lines that it writes. Substitution, deletion and added lines; anything else leaves the file unknown.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::doc::{Doc, HOLE};

/// One command of a sed script.
#[derive(Debug)]
pub(super) enum Edit {
    /// `s/pattern/replacement/flags`
    Substitute { address: Option<String>, pattern: String, replacement: String, all: bool, ignore_case: bool },
    /// `/pattern/d`
    Delete { address: Option<String> },
    /// `a`, `i` and `c`: the line they write.
    Line { address: Option<String>, kind: char, text: String },
}

/// Reads a script; nothing when it does more than these edits.
pub(super) fn parse(script: &str) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut rest = script;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';']);
        if rest.is_empty() {
            return Some(edits);
        }
        let mut address = None;
        if let Some(inside) = rest.strip_prefix('/') {
            let (pattern, behind) = delimited(inside, '/')?;
            address = Some(pattern);
            rest = behind.trim_start_matches(' ');
        } else {
            let number = rest.trim_start_matches(|char: char| char.is_ascii_digit() || char == '$' || char == ',');
            if number.len() < rest.len() {
                address = Some(HOLE.to_string());
                rest = number;
            }
        }
        let command = rest.chars().next()?;
        rest = rest.get(command.len_utf8()..)?;
        match command {
            's' => {
                let delimiter = rest.chars().next()?;
                let (pattern, behind) = delimited(rest.get(delimiter.len_utf8()..)?, delimiter)?;
                let (replacement, behind) = delimited(behind, delimiter)?;
                let end = behind.find([';', '\n', ' ', '}']).unwrap_or(behind.len());
                let (flags, behind) = behind.split_at(end);
                let (all, ignore_case) = (flags.contains('g'), flags.contains(['i', 'I']));
                edits.push(Edit::Substitute { address, pattern, replacement, all, ignore_case });
                rest = behind;
            }
            'd' => edits.push(Edit::Delete { address }),
            'a' | 'i' | 'c' => {
                let end = rest.find('\n').filter(|_| !rest.starts_with("\\\n")).unwrap_or(rest.len());
                let (text, behind) = rest.split_at(end);
                let text = text.trim_start_matches(['\\', '\n', ' ', '\t']).to_owned();
                edits.push(Edit::Line { address, kind: command, text });
                rest = behind;
            }
            _ => return None,
        }
    }
}

/// Text up to an unescaped delimiter, and what is behind it. An escaped delimiter loses its backslash.
fn delimited(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == delimiter {
            return Some((found, text.get(at + char.len_utf8()..)?));
        }
        if char == '\\' {
            let (_, next) = chars.next()?;
            if next != delimiter {
                found.push('\\');
            }
            found.push(next);
        } else {
            found.push(char);
        }
    }
    None
}

/// Applies edits to a visible text; nothing when one of them cannot be followed.
pub(super) fn apply(edits: &[Edit], text: &str, extended: bool) -> Option<String> {
    let mut lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
    for edit in edits {
        let (Edit::Substitute { address, .. } | Edit::Delete { address } | Edit::Line { address, .. }) = edit;
        let address = match address {
            Some(address) if address.contains(HOLE) => return None,
            Some(address) => Some(regex(address, extended, false)?),
            None => None,
        };
        let applies = |line: &str| address.as_ref().is_none_or(|address| address.is_match(line));
        match edit {
            Edit::Substitute { pattern, replacement, all, ignore_case, .. } => {
                let pattern = regex(pattern, extended, *ignore_case)?;
                let replacement = template(replacement);
                for line in lines.iter_mut().filter(|line| applies(line)) {
                    let limit = usize::from(!all);
                    *line = Cow::Owned(pattern.replacen(line, limit, replacement.as_str()).into_owned());
                }
            }
            Edit::Delete { .. } => lines.retain(|line| !applies(line)),
            Edit::Line { kind, text, .. } => {
                let mut edited = Vec::with_capacity(lines.len() + 1);
                for line in lines {
                    let here = applies(&line);
                    if here && *kind == 'i' {
                        edited.push(Cow::Owned(text.clone()));
                    }
                    match (here, kind) {
                        (true, 'c') => edited.push(Cow::Owned(text.clone())),
                        (true, 'a') => edited.extend([line, Cow::Owned(text.clone())]),
                        _ => edited.push(line),
                    }
                }
                lines = edited;
            }
        }
        if lines.iter().map(|line| line.len()).sum::<usize>() > super::doc::LARGEST_FILE {
            return None;
        }
    }
    Some(lines.join("\n") + "\n")
}

/// The lines that edits write into a file of which only the lines `before` are visible, because earlier edits wrote them;
/// those they change are changed. Nothing when it cannot be told whose line is left for a directive. `doc` is the text
/// the edits stand in.
pub(super) fn written_after(edits: &[Edit], before: &mut [Doc], doc: &Doc, extended: bool) -> Option<Vec<Doc>> {
    let mut lines = written(edits);
    let directive = |line: &str| line.split([' ', '\t', '=', ':']).find(|word| !word.is_empty()).map(str::to_owned);
    for earlier in before {
        let now = apply(edits, &earlier.text, extended)?;
        lines.retain(|line| !now.lines().any(|now| now.trim() == line.trim()));
        if now.trim() != earlier.text.trim() {
            *earlier = stands(doc, now.trim_end().to_owned());
        } else if lines.iter().any(|line| directive(line) == directive(&earlier.text)) {
            return None;
        }
    }
    Some(lines.into_iter().map(|line| stands(doc, line)).collect())
}

/// A line with its place in the text that writes it, when it stands there as it is.
fn stands(doc: &Doc, line: String) -> Doc {
    let start = doc.start.zip(doc.text.find(&line)).map(|(start, at)| start + at);
    Doc { name: doc.name.clone(), text: line.into(), start }
}

/// The lines that edits write into a file whose text is not visible, groups put in where they are plain words.
fn written(edits: &[Edit]) -> Vec<String> {
    let lines = edits.iter().filter_map(|edit| match edit {
        Edit::Substitute { pattern, replacement, .. } => Some(filled(pattern, replacement)),
        Edit::Line { text, .. } => Some(text.clone()),
        Edit::Delete { .. } => None,
    });
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// A replacement with the groups of its pattern, as far as they are plain words.
fn filled(pattern: &str, replacement: &str) -> String {
    let mut groups = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('(') {
        let inside = rest.get(at + 1..).unwrap_or_default();
        let end = inside.find(')').unwrap_or(inside.len());
        let group = inside.get(..end).unwrap_or_default().trim_end_matches('\\');
        let plain = group.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | ' '));
        groups.push(if plain { group.to_owned() } else { HOLE.to_string() });
        rest = inside.get(end..).unwrap_or_default();
    }
    let mut line = String::new();
    let mut chars = replacement.chars();
    while let Some(char) = chars.next() {
        match char {
            '&' => line.push(HOLE),
            '\\' => match chars.next() {
                Some(digit @ '1'..='9') => {
                    let at = digit as usize - '1' as usize;
                    // A group that only holds blanks or indentation is written as it was found.
                    line.push_str(groups.get(at).map_or("\u{FFFC}", String::as_str));
                }
                Some('n') => line.push('\n'),
                Some(other) => line.push(other),
                None => {}
            },
            other => line.push(other),
        }
    }
    line.trim_start_matches([HOLE, ' ']).to_owned()
}

/// A basic or extended regular expression of POSIX as one of this program's.
fn regex(pattern: &str, extended: bool, ignore_case: bool) -> Option<Regex> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let mut class = false;
    while let Some(char) = chars.next() {
        match char {
            HOLE => return None,
            ']' if class => {
                class = false;
                out.push(']');
            }
            '[' if class && chars.peek() == Some(&':') => out.push('['),
            char if class => {
                if matches!(char, '[' | '\\' | '&' | '~') {
                    out.push('\\');
                }
                out.push(char);
            }
            '[' => {
                class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str("\\]");
                }
            }
            '\\' => match chars.next()? {
                operator @ ('(' | ')' | '{' | '}' | '+' | '?' | '|') if !extended => out.push(operator),
                digit if digit.is_ascii_digit() => return None,
                word if word.is_ascii_alphabetic() => out.extend(['\\', word]),
                other => out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            },
            '(' | ')' | '{' | '}' | '+' | '?' | '|' if !extended => out.extend(['\\', char]),
            '*' if out.is_empty() && !extended => out.push_str("\\*"),
            char => out.push(char),
        }
    }
    RegexBuilder::new(&out).case_insensitive(ignore_case).size_limit(1 << 20).build().ok()
}

/// A replacement of sed as one of the regex crate.
fn template(replacement: &str) -> String {
    let mut out = String::new();
    let mut chars = replacement.chars();
    while let Some(char) = chars.next() {
        match char {
            '$' => out.push_str("$$"),
            '&' => out.push_str("${0}"),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => out.push_str(&format!("${{{digit}}}")),
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}
