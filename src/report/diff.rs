//! What the edits that cure one finding change, as lines with `+` and `-`. Not where it is shown,
//! nor how it is coloured.

use similar::TextDiff;

use crate::judge::{Cure, Finding};

/// The edits that cure a finding, each under a line that says where it is. Only lines that change are shown, and of these
/// no value that stays: this goes to more eyes than the files do. None without edits, where what goes may not be seen, and
/// where it would be too long to be read.
pub(super) fn of_edits(finding: &Finding) -> Option<String> {
    const LONGEST: usize = 4_000;
    let hidden = |cure: &Cure| matches!(cure, Cure::Set { old: Some(old), .. } if old.holds_sensitive());
    if finding.edits.is_empty() || finding.cure.iter().any(hidden) {
        return None;
    }
    let mut out = String::new();
    for edit in &finding.edits {
        let line = |middle: &str| format!("{}{middle}{}\n", edit.head, edit.tail).replace("\r\n", "\n");
        out.push_str(&format!("@@ {}:{} @@\n", edit.file, edit.from.line));
        let (old, new) = (line(&edit.removed), line(&edit.replacement));
        let lines = TextDiff::from_lines(&old, &new).unified_diff().context_radius(0).to_string();
        // Lines of a part of a file are counted from that part; those of what changes begin with a sign.
        lines.split_inclusive('\n').filter(|line| !line.starts_with("@@")).for_each(|line| out.push_str(line));
    }
    (out.len() <= LONGEST).then_some(out)
}
