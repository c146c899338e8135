//! Writing entries into an object of Terraform's native syntax (`{ a = 1 }`) as its neighbours are written. Where they go
//! is told elsewhere; blocks are another matter.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object};

use super::style::{Insertion, indentation, line_end, newline};
use crate::load::hcl::configuration::parts;

/// Puts entries into the object that stands at these bytes; none when none stands there, or one that nothing can be put
/// into without touching what is there.
pub(super) fn insert(text: &str, within: &Range<usize>, new: &[(String, String)], unit: &str) -> Option<Insertion> {
    let written = text.get(within.clone())?;
    let inner = written.strip_prefix('{')?.strip_suffix('}')?;
    // The parser reads whole bodies.
    const BEFORE: &str = "x=";
    let body = parts(&format!("{BEFORE}{written}\n")).ok()?;
    let Expression::Object(object) = &body.get_attribute("x")?.value else { return None };
    let offset = within.start.checked_sub(BEFORE.len())?;
    let entries = entries(object, offset)?;
    let nl = newline(text);
    let Some(last) = entries.last() else {
        if !inner.trim().is_empty() {
            return None;
        }
        let outer = indentation(text, within.start);
        let lines = lines(new, &format!("{outer}{unit}"), 0, "", nl);
        return Some(Insertion { bytes: within.start + 1..within.end - 1, text: format!("{lines}{nl}{outer}") });
    };
    let after = text.get(last.value.end..within.end)?;
    if !inner.contains('\n') {
        let parts: String = new.iter().map(|(name, value)| format!(", {name} = {value}")).collect();
        let comma = after.trim_start().starts_with(',');
        return (!comma).then_some(Insertion { bytes: last.value.end..last.value.end, text: parts });
    }
    let at = line_end(text, last.value.end);
    // Below the last entry may stand comments, and nothing else.
    let below = text.get(at..within.end - 1)?.lines().skip(1);
    let plain = |line: &str| line.trim().is_empty() || line.trim_start().starts_with(['#', '/']);
    if !below.into_iter().all(plain) {
        return None;
    }
    let comma = if after.trim_start().starts_with(',') { "," } else { "" };
    let column = last.column(text)?;
    let same = entries.iter().filter(|one| one.is_line(text)).all(|one| one.column(text) == Some(column));
    let width = if same && last.is_line(text) { column } else { 0 };
    let longest = new.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    // No other line may move, so that a longer name gets a column of its own.
    let apart = if width > 0 && longest >= width { nl } else { "" };
    let width = if apart.is_empty() { width.saturating_sub(1) } else { longest };
    let written = lines(new, indentation(text, last.key.start), width, comma, nl);
    Some(Insertion { bytes: at..at, text: format!("{apart}{written}") })
}

struct Entry {
    key: Range<usize>,
    value: Range<usize>,
}

impl Entry {
    fn is_line(&self, text: &str) -> bool {
        text.get(self.key.start..self.value.end).is_some_and(|written| !written.contains('\n'))
    }

    /// How far its `=` stands behind the start of its key.
    fn column(&self, text: &str) -> Option<usize> {
        let between = text.get(self.key.end..self.value.start)?;
        Some(self.key.len() + between.find(['=', ':'])?)
    }
}

fn entries(object: &Object, offset: usize) -> Option<Vec<Entry>> {
    let moved = |span: Range<usize>| span.start + offset..span.end + offset;
    let entry = |(key, value): (&hcl_edit::expr::ObjectKey, &hcl_edit::expr::ObjectValue)| {
        let key = match key {
            hcl_edit::expr::ObjectKey::Ident(name) => name.span(),
            hcl_edit::expr::ObjectKey::Expression(name) => name.span(),
        };
        Some(Entry { key: moved(key?), value: moved(value.expr().span()?) })
    };
    object.iter().map(entry).collect()
}

fn lines(new: &[(String, String)], indent: &str, width: usize, comma: &str, nl: &str) -> String {
    new.iter().map(|(name, value)| format!("{nl}{indent}{name:<width$} = {value}{comma}")).collect()
}
