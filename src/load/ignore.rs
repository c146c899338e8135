//! Exceptions that stand in a text: `plangate:ignore` in a comment above a resource, in it or behind an attribute of it, or
//! at what makes several resources, a call of a module or a nested stack. Which parts of a text are comments, and where resources begin and end, its reader knows.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::graph::{Day, Exemption, Spot, Text};
use crate::source::nearest::did_you_mean;
use crate::source::{Position, Problem, line_column};

/// What such a comment begins with.
pub(super) const MARK: &str = "plangate:ignore";

/// What may stand in one beside the policies.
pub(super) const KEYS: [&str; 2] = ["until", "reason"];

const FORM: &str = "write: # plangate:ignore POLICY until=2027-01-31 reason=\"why\"";

/// An exception, and the line it is about.
#[derive(Clone, Debug)]
pub(super) struct Note {
    exemption: Exemption,
    line: Range<usize>,
}

impl Note {
    /// One that is about a resource as a whole.
    pub(super) fn of_whole(exemption: Exemption) -> Note {
        Note { exemption, line: 0..0 }
    }

    /// The exception on everything that what it stands at makes.
    pub(super) fn on_all(&self) -> Exemption {
        self.exemption.clone()
    }

    /// The exception on a resource whose parts stand here.
    pub(super) fn on(&self, spots: &BTreeMap<Text, Spot>) -> Exemption {
        let own = &self.exemption;
        let here = |(path, spot): &(&Text, &Spot)| {
            !path.is_empty() && spot.file == own.file && self.line.contains(&spot.start)
        };
        let attributes = spots.iter().filter(here).map(|(path, _)| path.clone()).collect();
        Exemption { attributes, ..own.clone() }
    }
}

/// The exceptions in the comments of a text, each with the resource or call (one of `extents`) it stands at; and what is
/// wrong with them.
pub(super) fn notes(
    file: &str,
    text: &str,
    comments: &[Range<usize>],
    extents: &[Range<usize>],
) -> (Vec<(Range<usize>, Note)>, Vec<Problem>) {
    let (mut notes, mut problems) = (Vec::new(), Vec::new());
    for comment in comments {
        for (at, words) in directives(text, comment) {
            let (line, column) = line_column(text.as_bytes(), at);
            let place = |problem: Problem| problem.in_file(file).at(line, column);
            let said = match read(words) {
                Ok(said) => said,
                Err(why) => {
                    problems.push(place(Problem::error(why)).help(FORM));
                    continue;
                }
            };
            let about = line_about(text, comment);
            let meets = |extent: &&Range<usize>| {
                extent.contains(&at)
                    || about.as_ref().is_some_and(|line| line.start < extent.end && extent.start < line.end)
            };
            let Some(extent) = extents.iter().find(meets) else {
                let problem = Problem::warning("this exemption stands at no resource, and exempts nothing");
                problems.push(
                    place(problem).help("put it on the line above the resource or the module call, or into its block"),
                );
                continue;
            };
            let exemption = said.exemption(file.into(), Position { line, column });
            notes.push((extent.clone(), Note { exemption, line: about.unwrap_or(0..0) }));
        }
    }
    (notes, problems)
}

/// What an exception says, wherever it stands.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub policies: Vec<Text>,
    pub until: Option<Day>,
    pub reason: Option<Text>,
}

impl Said {
    /// The exception; nothing is left to be wrong with it.
    pub(super) fn exemption(self, file: Text, position: Position) -> Exemption {
        let reason = self.reason.unwrap_or_else(|| "".into());
        Exemption { policies: self.policies, attributes: Vec::new(), reason, until: self.until, file, position }
    }

    /// Whether it says what it must.
    pub(super) fn checked(self) -> Result<Said, String> {
        if self.policies.is_empty() {
            return Err("this exemption names no policy".to_owned());
        }
        match &self.reason {
            Some(reason) if !reason.trim().is_empty() => Ok(self),
            _ => Err("this exemption gives no reason, and it needs one".to_owned()),
        }
    }
}

/// The day in a text.
pub(super) fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("`until` must be a day such as 2027-01-31, not `{}`", text.escape_debug()))
}

/// Where in a comment exceptions stand, and what follows the mark on their lines.
fn directives<'t>(text: &'t str, comment: &Range<usize>) -> Vec<(usize, &'t str)> {
    let mut found = Vec::new();
    let mut at = comment.start;
    for line in text.get(comment.clone()).unwrap_or_default().split_inclusive('\n') {
        let body = line.trim_start_matches(['#', '/', '*', ' ', '\t']);
        let from = at + line.len() - body.len();
        at += line.len();
        let rest = body.strip_prefix(MARK).filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        found.extend(rest.map(|rest| (from, rest.trim().trim_end_matches("*/").trim_end())));
    }
    found
}

/// Reads what stands behind the mark.
fn read(words: &str) -> Result<Said, String> {
    let mut said = Said::default();
    let mut rest = words.trim_start_matches([',', ' ', '\t']);
    while !rest.is_empty() {
        let end = rest.find([',', ' ', '\t', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            if said.until.is_some() || said.reason.is_some() {
                return Err(format!("`{word}` is out of place: policies come first, and a reason stands in quotes"));
            }
            said.policies.push(word.into());
            rest = after.trim_start_matches([',', ' ', '\t']);
            continue;
        };
        let (value, after) = match value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
            Some(quote) => {
                value[1..].split_once(quote).ok_or_else(|| format!("the quote of `{word}` is not closed"))?
            }
            None => value.split_at(value.find([' ', '\t']).unwrap_or(value.len())),
        };
        match word {
            "until" => said.until = Some(day(value)?),
            "reason" => said.reason = Some(value.into()),
            _ => return Err(format!("an exemption has no `{word}`{}", did_you_mean(word, KEYS))),
        }
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    said.checked()
}

/// The line a comment is about: its own when something else stands there, else the next one that is not all comment.
fn line_about(text: &str, comment: &Range<usize>) -> Option<Range<usize>> {
    let start = text.get(..comment.start)?.rfind('\n').map_or(0, |at| at + 1);
    let mut end = line_end(text, comment.end.saturating_sub(1).max(comment.start));
    let beside = |part: Option<&str>| part.is_some_and(|part| !part.trim().is_empty());
    if beside(text.get(start..comment.start)) || beside(text.get(comment.end.min(end)..end)) {
        return Some(start..end);
    }
    while end < text.len() {
        let next = end..line_end(text, end);
        let line = text.get(next.clone())?.trim();
        if !["#", "//", "/*", "*"].iter().any(|mark| line.starts_with(mark)) {
            return (!line.is_empty()).then_some(next);
        }
        end = next.end;
    }
    None
}

/// The byte after the line that `at` is on.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_come_first_and_a_reason_is_needed() {
        let said = read(" a-b, c until=2027-01-31 reason=\"it's so, = and all\"").unwrap();
        assert_eq!(said.policies, ["a-b".into(), "c".into()] as [Text; 2]);
        assert_eq!((said.until, said.reason.as_deref()), (Day::parse("2027-01-31"), Some("it's so, = and all")));
        for (words, why) in [
            ("", "names no policy"),
            ("a", "gives no reason"),
            ("a reason=\"\"", "gives no reason"),
            ("a reason=\"x", "not closed"),
            ("a until=soon reason='x'", "must be a day"),
            ("a reson=\"x\"", "did you mean `reason`"),
            ("a reason=not quoted", "out of place"),
        ] {
            let told = read(words).unwrap_err();
            assert!(told.contains(why), "{words}: {told}");
        }
    }

    #[test]
    fn a_comment_is_about_its_line_or_the_next() {
        let text = "a\n# one\n// two\n\tb # three\n\n/* four */ c\n# five\n\nd\n";
        let about = |comment: &str| {
            let start = text.find(comment).unwrap();
            line_about(text, &(start..start + comment.len())).map(|line| text[line].trim().to_owned())
        };
        assert_eq!(about("# one").as_deref(), Some("b # three"));
        assert_eq!(about("# three").as_deref(), Some("b # three"));
        assert_eq!(about("/* four */").as_deref(), Some("/* four */ c"));
        assert_eq!(about("# five"), None);
    }
}
