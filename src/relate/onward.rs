//! The hop behind a proxy: a server that answers the load balancer and hands requests on to an application beside it, in
//! the same task or on the same machine. What each of the two keeps is `server`'s business; which is too short, the
//! judge's.

use super::ecs::mapping_of;
use crate::graph::{Lookup, Value, lookup};
use crate::server::{Backend, Onward};

/// An application behind a proxy.
#[derive(Debug)]
pub struct Hop {
    /// How the proxy reaches it.
    pub onward: Onward,
    /// What it does.
    pub application: Backend,
    /// The container, or the machine, in words.
    pub what: String,
}

/// Host and port of an address a proxy hands on to; none when it is no such address.
pub(super) fn address(to: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = to.split_once("://").map_or(("http", to), |(scheme, rest)| (scheme, rest));
    if rest.starts_with("unix:") {
        return None;
    }
    let rest = rest.split('/').next().unwrap_or(rest);
    match rest.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((rest, if scheme == "https" { 443 } else { 80 })),
    }
}

/// Whether a host is the machine, or the network of the task, that the proxy itself is in.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

/// The container of a task that listens at an address: the one of that name, or, where containers share their network, the
/// one that maps the port or whose command names it.
pub(super) fn container_at<'v>(
    (host, port): (&str, u16),
    containers: &'v [Value],
    proxy: &Value,
    shared_network: bool,
) -> Option<&'v Value> {
    let name = |container: &Value| lookup(container, "name").str().map(str::to_owned);
    let own = name(proxy);
    let others: Vec<&Value> = containers.iter().filter(|container| name(container) != own).collect();
    if let Some(named) = others.iter().find(|container| name(container).as_deref() == Some(host)) {
        return Some(named);
    }
    if !shared_network || !is_loopback(host) {
        return None;
    }
    let maps = |container: &&&Value| matches!(mapping_of(container, i64::from(port)), Lookup::Known(_));
    let mut candidates: Vec<&Value> = others.iter().filter(maps).copied().collect();
    if candidates.is_empty() {
        candidates = others.into_iter().filter(|container| names_port(container, port)).collect();
    }
    match candidates.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// Whether a word of a container's command is this port, or ends in it.
fn names_port(container: &Value, port: u16) -> bool {
    let port = port.to_string();
    let is_it = |text: &str| {
        let parts = text.split(|char: char| !char.is_ascii_digit());
        text.len() < 1024 && parts.into_iter().any(|part| part == port)
    };
    ["entry_point", "command"].into_iter().any(|name| {
        let words = lookup(container, name).list().unwrap_or_default();
        words.iter().any(|word| word.as_str().is_some_and(is_it))
    })
}
