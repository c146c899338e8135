//! Procfile: the command of its `web` process.

use super::doc::Doc;

/// The command of the process that answers requests, as a part of the text.
#[must_use]
pub fn web(doc: &Doc) -> Option<Doc> {
    let mut at = 0;
    for line in doc.text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("web:") {
            let command = rest.trim();
            let offset = at + line.find(command).unwrap_or_default();
            let start = doc.start.map(|start| start + offset);
            return (!command.is_empty()).then(|| Doc { name: doc.name.clone(), text: command.into(), start });
        }
        at += line.len();
    }
    None
}
