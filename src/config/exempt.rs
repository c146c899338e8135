//! `exempt:`, findings that a repository decided to live with.

use super::read::position;
use crate::graph::{AddressGlob, Day};
use crate::judge::ExemptRule;
use crate::source::yaml::{Fields, Reader};

/// The keys of one entry.
pub(super) const KEYS: &[&str] = &["policy", "address", "reason", "until"];

/// Reads the entries.
pub(super) fn read(reader: &mut Reader<'_>, top: &Fields<'_>, file: &str) -> Vec<ExemptRule> {
    let mut rules = Vec::new();
    for node in top.list(reader, "exempt") {
        let fields = reader.fields(node, "an exemption", KEYS);
        let policies = fields.required(reader, "policy").is_some().then(|| fields.texts(reader, "policy"));
        let addresses = fields.texts(reader, "address");
        let reason = fields.word(reader, "reason").map(|word| word.text);
        let until = fields.optional_word(reader, "until").map(|word| {
            let day = Day::parse(&word.text);
            if day.is_none() {
                let message = format!("`until` must be a day such as 2027-01-31, not `{}`", word.text);
                reader.fault(word.node.from, message);
            }
            day
        });
        if let (Some(policies), Some(reason)) = (policies, reason) {
            rules.push(ExemptRule {
                policies,
                addresses: addresses.iter().map(|address| AddressGlob::new(address)).collect(),
                reason,
                until: until.flatten(),
                file: file.to_owned(),
                position: position(reader, node),
            });
        }
    }
    rules
}
