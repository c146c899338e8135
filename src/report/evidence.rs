//! What a finding rests on, and why one does not count, in words that every report uses. Nothing sensitive gets past here.

use std::borrow::Cow;

use crate::graph::{Data, DefaultOf, Map, Value};
use crate::judge::{Cause, Evidence, Origin};

/// `30`, for a value that is known; `(known after apply)` and the like for one that is not.
pub(super) fn value_text(evidence: &Evidence) -> String {
    const LONGEST: usize = 200;
    let value = &evidence.value;
    let mut text = match value.as_unknown() {
        Some(unknown) if !value.marks.sensitive => {
            let own = format!(": {}.{}", evidence.address, evidence.attribute);
            let why = unknown.to_string();
            format!("({})", why.strip_suffix(&own).unwrap_or(&why))
        }
        _ => telling(value).to_string(),
    };
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// Whose default a value is, when nobody wrote it.
pub(super) fn default_text(evidence: &Evidence) -> Option<&'static str> {
    evidence.value.marks.default.map(|of| match of {
        DefaultOf::Aws => "AWS default",
        DefaultOf::Provider => "provider default",
    })
}

/// Whether a value is not to be seen: not known yet, or sensitive.
pub(super) fn is_open(evidence: &Evidence) -> bool {
    evidence.value.as_unknown().is_some() || evidence.value.marks.sensitive
}

/// `exempt inline (main.tf:12, until 2027-01-31): the reason`.
pub(super) fn cause_text(cause: &Cause) -> String {
    let line = cause.position.map(|position| format!(":{}", position.line)).unwrap_or_default();
    let until = cause.until.map(|until| format!(", until {until}")).unwrap_or_default();
    let reason = cause.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("exempt {} ({}{line}{until}){reason}", origin_text(cause.origin), cause.file)
}

/// Where it was decided that a finding does not count.
pub(super) fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::Inline => "inline",
        Origin::Config => "by the configuration",
        Origin::Baseline => "in the baseline",
    }
}

/// An object without what says nothing: empty lists, empty text, false.
fn telling(value: &Value) -> Cow<'_, Value> {
    let Some(map) = value.as_map().filter(|_| !value.marks.sensitive) else { return Cow::Borrowed(value) };
    let says = |value: &Value| match &value.data {
        Data::List(items) => !items.is_empty(),
        Data::String(text) => !text.is_empty(),
        Data::Bool(flag) => *flag,
        Data::Null => false,
        _ => true,
    };
    let kept = map.iter().filter(|(_, value)| says(value)).map(|(key, value)| (key.clone(), value.clone()));
    Cow::Owned(kept.collect::<Map>().into())
}
