//! The colours of the text reports, and the wash every text from outside goes through before it is printed. Not the
//! layout; that is [`sheet`](super::sheet).

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

/// Something failed.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something is not decided before apply.
pub const UNSURE: Style = AnsiColor::Yellow.on_default();
/// Something holds.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Ids and headings.
pub const STRONG: Style = Style::new().bold();
/// What can be skipped at first reading.
pub const DIM: Style = Style::new().dimmed();
/// Everything else.
pub(super) const PLAIN: Style = Style::new();

/// The text with control characters and direction overrides written out (`\u{1b}`), so that nothing in a plan can
/// move the cursor, colour the terminal or turn a line around. Line breaks stay; tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(deceives) {
        return Cow::Borrowed(text);
    }
    let mut washed = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => washed.push_str("    "),
            '\r' => {}
            c if deceives(c) => washed.extend(c.escape_unicode()),
            c => washed.push(c),
        }
    }
    Cow::Owned(washed)
}

/// Whether there is nothing in a text but letters, digits, signs and spaces, of one byte each. All of it is looked at in
/// any case: without a way out in the middle that takes a fraction of the time.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

fn deceives(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n')
}
