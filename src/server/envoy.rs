//! Envoy's bootstrap: the idle timeout of the connection managers of its listeners. What clusters set concerns the
//! connections to the applications and does not count.

use super::doc::Doc;
use super::keep_alive::{Reading, Said};
use super::settings;
use super::table::{Server, Within};

/// What `envoy.yaml` says.
#[must_use]
pub fn read(doc: &Doc) -> Reading {
    let server = Server::of("envoy");
    let mut reading = Reading::of(server);
    let documents = match settings::yaml(doc) {
        Ok(documents) => documents,
        Err(why) => return reading.saying(Said::Hidden(why, doc.source("Envoy configuration", 0..0))),
    };
    let entries = || documents.iter().flatten().filter(|entry| entry.path.contains("listeners["));
    for entry in entries() {
        let source = || doc.source(format!("`{}`", last(&entry.path)), entry.range.clone());
        for setting in server.settings(Within::Envoy) {
            if entry.path.ends_with(&format!("common_http_protocol_options.{}", setting.name)) {
                let said = std::mem::replace(&mut reading.idle, Said::Nothing);
                reading.idle = said.and(setting.say(&entry.value, source()));
            }
        }
        for limit in server.limits(Within::Envoy).filter(|limit| limit.setting.name == last(&entry.path)) {
            reading.limits.extend(limit.say(server, &entry.value, source()));
        }
    }
    let manages = entries().any(|entry| entry.value.contains("http_connection_manager"));
    if manages && reading.limits.is_empty() {
        reading.limits.extend(server.limits(Within::Envoy).filter_map(|limit| limit.by_default(server)));
    }
    reading
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
