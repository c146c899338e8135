//! Envoy's bootstrap: the idle timeout of the connection managers of its listeners; and of its clusters where they are and
//! how long connections to them are kept.

use super::doc::Doc;
use super::keep_alive::{Idle, Onward, Reading, Said};
use super::settings::{self, Entry};
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
    let all: Vec<&Entry> = documents.iter().flatten().collect();
    reading.onward.extend(all.iter().filter_map(|entry| onward(entry, &all, doc, server)));
    let manages = entries().any(|entry| entry.value.contains("http_connection_manager"));
    if manages && reading.limits.is_empty() {
        reading.limits.extend(server.limits(Within::Envoy).filter_map(|limit| limit.by_default(server)));
    }
    reading
}

/// How long Envoy keeps idle connections to a cluster that does not say it.
const OF_CLUSTERS: Idle = Idle::Millis(3_600_000);

/// A cluster's first address, and how long idle connections to it are kept.
fn onward(entry: &Entry, all: &[&Entry], doc: &Doc, server: Server) -> Option<Onward> {
    let (around, inside) = entry.path.split_once("clusters[")?;
    let (number, inside) = inside.split_once("].")?;
    let address = inside.strip_suffix("socket_address.address").filter(|inside| inside.contains("endpoints[0]"))?;
    let cluster = format!("{around}clusters[{number}].");
    let port = all.iter().find(|one| one.path == format!("{cluster}{address}socket_address.port_value"))?;
    let from = doc.source("`clusters`", entry.range.clone());
    let own = || all.iter().filter(|one| one.path.starts_with(&cluster));
    let once = own().find(|one| last(&one.path) == "max_requests_per_connection" && one.value == "1");
    let idle = own().find(|one| one.path.ends_with("common_http_protocol_options.idle_timeout"));
    let setting = server.settings(Within::Envoy).next();
    let reuse = match (once, idle, setting) {
        (Some(_), ..) => Said::Stated(Idle::ClosesEach, from.clone()),
        (None, Some(idle), Some(setting)) => setting.say(&idle.value, doc.source("`idle_timeout`", idle.range.clone())),
        _ => Said::Stated(OF_CLUSTERS, from.clone()),
    };
    let to = format!("{}:{}", entry.value, port.value);
    Some(Onward { to: to.as_str().into(), reuse, from })
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
