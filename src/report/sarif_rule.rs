//! A policy as a rule of SARIF: what code scanning shows beside an alert. Not a security rule: these are faults of
//! reliability, so there is no `security-severity`, and the alerts stand in their own right.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::annotation::{line, loudness_of};
use super::ink::clean;
use super::policy_page::PolicyPage;
use super::sarif_wire::{ConfigurationWire, HelpWire, MessageWire, RulePropertiesWire, RuleWire};
use crate::source::Level;

/// Characters code scanning takes of a description.
const LONGEST: usize = 1024;

/// The rule of a policy.
pub(super) fn rule(page: &PolicyPage) -> RuleWire<'_> {
    let level = loudness_of(page.severity);
    RuleWire {
        id: &page.id,
        name: line(&page.title),
        short_description: MessageWire { text: shortened(&line(&page.title)) },
        full_description: MessageWire { text: shortened(&line(&page.why)) },
        help_uri: page.address(),
        help: HelpWire { text: text(page), markdown: markdown(page) },
        default_configuration: ConfigurationWire { level: level.name() },
        properties: RulePropertiesWire {
            // A set: code scanning takes no tag twice.
            tags: BTreeSet::from(["reliability", "aws", page.area.as_str()]),
            // A fail holds whatever the unknown values turn out to be.
            precision: "very-high",
            problem_severity: match level {
                Level::Note => "recommendation",
                louder => louder.name(),
            },
        },
    }
}

fn text(page: &PolicyPage) -> String {
    let mut text = format!("{}\n\nWhy: {}\n\nFix: {}\n", page.title, page.why.trim(), page.fix_words());
    for reference in &page.references {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{reference}");
    }
    clean(text.trim_end()).into_owned()
}

fn markdown(page: &PolicyPage) -> String {
    let mut text = format!("**{}**\n\n## Why\n\n{}\n\n## Fix\n\n{}\n", page.title, page.why.trim(), page.fix_words());
    for (title, language, code) in
        [("Terraform", "terraform", &page.fix_terraform), ("CloudFormation", "yaml", &page.fix_cloudformation)]
    {
        if let Some(code) = code {
            let _ = write!(text, "\n{title}:\n\n```{language}\n{}\n```\n", code.trim_end());
        }
    }
    if !page.references.is_empty() {
        text.push_str("\n## References\n\n");
    }
    for reference in &page.references {
        let _ = writeln!(text, "- [{}]({})", reference.title, reference.url);
    }
    clean(text.trim_end()).into_owned()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}
