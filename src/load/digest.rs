//! User data of which a plan holds only a digest: whether a text is the one it was made of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::graph::{Lookup, Resource, Value, lookup};

/// The attribute whose value a plan gives as a digest.
pub(super) const USER_DATA: &str = "user_data";

/// The text a planned digest stands for, when `written` is that text: the provider hashes what base64 decodes to, or the
/// text itself when it is none.
pub(super) fn proved<'w>(planned: &Resource, written: &'w Resource) -> Option<&'w Value> {
    let digest = planned.get(USER_DATA).str().filter(|text| is_digest(text))?;
    let Lookup::Known(value) = lookup(&written.attributes, USER_DATA) else { return None };
    let text = value.as_str()?;
    let decoded = STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    let own = Sha1::digest(decoded).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    (own == digest).then_some(value)
}

/// Whether a planned value is a digest, so that it says nothing about the text by itself.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
