//! What a comment on a changed line says of a finding, in Markdown. Where it goes, and which lines replace which, is for
//! others to say.

use super::markdown_text::Pen;

/// A finding as a report tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Policy id.
    pub policy: &'a str,
    /// Severity.
    pub severity: &'a str,
    /// Address of what it is about.
    pub subject: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// Why that breaks requests.
    pub why: &'a str,
    /// What to change; what follows the first line is code.
    pub fix: &'a str,
}

/// The comment.
#[must_use]
pub fn remark_markdown(told: Told<'_>) -> String {
    let pen = Pen { may_say_fail: true };
    let (severity, policy, subject) = (pen.text(told.severity), pen.code(told.policy), pen.code(told.subject));
    let mut parts = vec![format!("**{severity}** {policy} on {subject}"), pen.prose(told.message)];
    if !told.why.is_empty() {
        parts.push(format!("**Why:** {}", pen.prose(told.why)));
    }
    let (fix, code) = told.fix.split_once('\n').unwrap_or((told.fix, ""));
    if !fix.is_empty() {
        parts.push(format!("**Fix:** {}", pen.prose(fix)));
    }
    if !code.trim().is_empty() {
        parts.push(pen.block("", code).trim_end().to_owned());
    }
    parts.join("\n\n")
}
