//! `appsettings.json`: the limits of Kestrel. What `appsettings.<Environment>.json` adds depends on the environment.

use super::doc::Doc;
use super::keep_alive::Reading;
use super::settings;
use super::table::{Server, Within};

/// What `appsettings.json` says.
#[must_use]
pub fn read(doc: &Doc) -> Reading {
    settings::named(doc, settings::json(doc), Server::of("kestrel"), Within::Dotnet)
}
