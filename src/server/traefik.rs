//! Traefik's static configuration, in YAML or TOML. Its flags and environment variables are read where commands are.

use super::doc::Doc;
use super::keep_alive::Reading;
use super::settings;
use super::table::{Server, Within};

/// What `traefik.yml` or `traefik.toml` says.
#[must_use]
pub fn read(doc: &Doc) -> Reading {
    let documents = if doc.name.ends_with(".toml") { settings::toml(doc) } else { settings::yaml(doc) };
    settings::named(doc, documents, Server::of("traefik"), Within::Traefik)
}
