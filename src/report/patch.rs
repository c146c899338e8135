//! A unified diff that `git apply` and `patch -p1` take and that shows no line it was told to keep to itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use similar::{Change, ChangeTag, TextDiff};

/// How many lines that stay are shown on either side of a change.
const CONTEXT: usize = 3;

/// The diff of a file; none when it cannot be told without a line (counted from zero, in `before`) of `hidden`.
///
/// Where such a line stands near a change, fewer lines are shown there. After a change at least one has to be, or the
/// end of the file: without any, `git apply` takes a change to be one at the end.
pub(super) fn unified(path: &str, before: &str, after: &str, hidden: &BTreeSet<usize>) -> Option<String> {
    let diff = TextDiff::from_lines(before, after);
    let lines: Vec<Change<&str>> = diff.iter_all_changes().collect();
    let stays = |line: &Change<&str>| line.tag() == ChangeTag::Equal;
    let secret = |line: &Change<&str>| line.old_index().is_some_and(|at| hidden.contains(&at));
    if lines.iter().any(|line| !stays(line) && secret(line)) {
        return None;
    }
    let mut shown: Vec<bool> = lines.iter().map(|line| !stays(line)).collect();
    for at in (0..lines.len()).filter(|at| !stays(&lines[*at])) {
        let open = |near: &usize| stays(&lines[*near]) && !secret(&lines[*near]);
        (0..at).rev().take(CONTEXT).take_while(open).for_each(|near| shown[near] = true);
        (at + 1..lines.len()).take(CONTEXT).take_while(open).for_each(|near| shown[near] = true);
    }
    let mut text = format!("--- a/{path}\n+++ b/{path}\n");
    let mut at = 0;
    while let Some(start) = (at..lines.len()).find(|at| shown[*at]) {
        let end = (start..lines.len()).find(|at| !shown[*at]).unwrap_or(lines.len());
        hunk(&lines[start..end], end == lines.len(), &mut text)?;
        at = end;
    }
    Some(text)
}

/// Writes one hunk; none when nothing may follow its last change.
fn hunk(lines: &[Change<&str>], at_the_end: bool, to: &mut String) -> Option<()> {
    let stays = |line: &&Change<&str>| line.tag() == ChangeTag::Equal;
    let (above, below) = (lines.iter().take_while(stays).count(), lines.iter().rev().take_while(stays).count());
    if below == 0 && !at_the_end {
        return None;
    }
    // `patch` takes a hunk with less below than above to be one at the end.
    let lines = if at_the_end { lines } else { lines.get(above.saturating_sub(below)..)? };
    let range = |index: fn(&Change<&str>) -> Option<usize>| {
        let count = lines.iter().filter_map(index).count();
        let first = lines.iter().find_map(index).unwrap_or_default();
        match count {
            // Nothing stands there: after which line.
            0 => format!("{first},0"),
            1 => format!("{}", first + 1),
            _ => format!("{},{count}", first + 1),
        }
    };
    // Writing to a String cannot fail.
    let _ = writeln!(to, "@@ -{} +{} @@", range(|line| line.old_index()), range(|line| line.new_index()));
    for line in lines {
        let _ = write!(to, "{}{}", line.tag(), line.value());
        if line.missing_newline() {
            to.push_str("\n\\ No newline at end of file\n");
        }
    }
    Some(())
}
