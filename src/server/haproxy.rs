//! `haproxy.cfg`: what `timeout http-keep-alive`, `http-request` and `client` come to for the frontends. The shorter of
//! keep-alive and client timeout counts. Also where its servers are.

use std::collections::HashMap;

use super::doc::Doc;
use super::keep_alive::{Hidden, Idle, Onward, Reading, Said, Source};
use super::table::{Server, Within};

/// What one section sets.
#[derive(Clone, Default)]
struct Section {
    kind: String,
    binds: Vec<u16>,
    timeouts: HashMap<String, (String, Source)>,
    closes: Option<Source>,
    /// It closes the connection to the server after each response.
    closes_to_server: Option<Source>,
    /// Where it hands requests on to.
    servers: Vec<(String, Source)>,
}

/// What `haproxy.cfg` says. `port` is the one the target listens on, when it is known.
#[must_use]
pub fn read(doc: &Doc, port: Option<u16>) -> Reading {
    let server = Server::of("haproxy");
    let mut sections = vec![Section::default()];
    let mut defaults = Section::default();
    let mut at = 0;
    for line in doc.text.split_inclusive('\n') {
        let body = without_comment(line.trim_end_matches(['\n', '\r']));
        let words: Vec<&str> = body.split_whitespace().collect();
        let start = at + (body.len() - body.trim_start().len());
        let source = |what: String| doc.source(what, start..at + body.trim_end().len());
        match words.as_slice() {
            [
                kind @ ("global" | "defaults" | "frontend" | "backend" | "listen" | "userlist" | "peers" | "resolvers"
                | "cache" | "program"),
                ..,
            ] => {
                remember(&mut defaults, &sections);
                let inherits = matches!(*kind, "frontend" | "backend" | "listen");
                let base = if inherits { defaults.clone() } else { Section::default() };
                sections.push(Section { kind: (*kind).to_owned(), ..base });
            }
            ["timeout", name, value, ..] => {
                if let Some(section) = sections.last_mut() {
                    let from = source(format!("`timeout {name}`"));
                    let value = value.trim_matches(['"', '\'']).to_owned();
                    section.timeouts.insert(format!("timeout {name}"), (value, from));
                }
            }
            ["bind", address, ..] => {
                let ports = address.split(',').filter_map(|address| address.rsplit(':').next()?.parse::<u16>().ok());
                if let Some(section) = sections.last_mut() {
                    section.binds.extend(ports);
                }
            }
            ["option", name @ ("httpclose" | "forceclose"), ..] => {
                if let Some(section) = sections.last_mut() {
                    section.closes = Some(source(format!("`option {name}`")));
                }
            }
            ["option", name @ "http-server-close", ..] => {
                if let Some(section) = sections.last_mut() {
                    section.closes_to_server = Some(source(format!("`option {name}`")));
                }
            }
            ["server", name, address, ..] => {
                if let Some(section) = sections.last_mut() {
                    section.servers.push(((*address).to_owned(), source(format!("`server {name}`"))));
                }
            }
            ["no", "option", "httpclose" | "forceclose", ..] => {
                if let Some(section) = sections.last_mut() {
                    section.closes = None;
                }
            }
            _ => {}
        }
        at += line.len();
    }
    remember(&mut defaults, &sections);
    let fronts: Vec<&Section> =
        sections.iter().filter(|section| matches!(section.kind.as_str(), "frontend" | "listen")).collect();
    let on_port: Vec<&Section> = fronts
        .iter()
        .copied()
        .filter(|front| port.is_none_or(|port| front.binds.is_empty() || front.binds.contains(&port)))
        .collect();
    let chosen = match (on_port.is_empty(), fronts.is_empty()) {
        (false, _) => on_port,
        (true, false) => fronts,
        (true, true) => vec![&defaults],
    };
    let mut reading = Reading::of(server);
    for front in chosen {
        let said = std::mem::replace(&mut reading.idle, Said::Nothing);
        reading.idle = said.and(idle(front));
    }
    for limit in server.limits(Within::Haproxy) {
        let set = sections.iter().filter_map(|section| section.timeouts.get(&limit.setting.name));
        reading.limits.extend(set.filter_map(|(value, from)| limit.say(server, value, from.clone())));
    }
    reading.limits.dedup();
    for section in &sections {
        reading.onward.extend(section.servers.iter().map(|(to, from)| onward(section, to, from)));
    }
    reading
}

const POOL: &str = "HAProxy closes half of the idle ones every `pool-purge-delay`, which is no limit for a single one";

/// How HAProxy reaches a server.
fn onward(section: &Section, to: &str, from: &Source) -> Onward {
    let reuse = match section.closes.as_ref().or(section.closes_to_server.as_ref()) {
        Some(closes) => Said::Stated(Idle::ClosesEach, closes.clone()),
        None => Said::Hidden(Hidden::NotGiven(POOL.into()), from.clone()),
    };
    Onward { to: to.into(), reuse, from: from.clone() }
}

fn remember(defaults: &mut Section, sections: &[Section]) {
    if let Some(section) = sections.last().filter(|section| section.kind == "defaults") {
        *defaults = section.clone();
    }
}

fn idle(front: &Section) -> Said {
    if let Some(from) = &front.closes {
        return Said::Stated(Idle::ClosesEach, from.clone());
    }
    let said = |name: &str| {
        let Some((value, from)) = front.timeouts.get(name) else { return Said::Nothing };
        let setting = Server::of("haproxy").settings(Within::Haproxy).find(|setting| setting.name == name);
        setting.map_or(Said::Nothing, |setting| setting.say(value, from.clone()))
    };
    let client = said("timeout client");
    let own = said("timeout http-keep-alive").or(|| said("timeout http-request"));
    match (own, client) {
        (Said::Nothing, client) => client,
        (own, Said::Nothing) => own,
        (Said::Hidden(why, from), _) | (_, Said::Hidden(why, from)) => Said::Hidden(why, from),
        (own, client) => own.and(client),
    }
}

fn without_comment(line: &str) -> &str {
    let mut quoted = None;
    let mut escaped = false;
    for (at, char) in line.char_indices() {
        match (char, quoted) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            ('#', None) => return line.get(..at).unwrap_or(line),
            (char, Some(open)) if char == open => quoted = None,
            ('"' | '\'', None) => quoted = Some(char),
            _ => {}
        }
    }
    line
}
