//! References of container images: registry, repository, tag, digest; and which server an image names. An image of a
//! language or of a registry of one's own names none.

use super::image_names::named_by;
use super::keep_alive::{Idle, Strength};
use super::table::Server;
use crate::graph::Text;

/// A reference taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its registry; nothing for Docker Hub.
    pub registry: Option<Text>,
    /// Its repository, as Docker Hub calls it where it is a mirror of that: `nginx`, `bitnami/nginx`.
    pub repository: Text,
    /// Its tag.
    pub tag: Option<Text>,
    /// Its digest.
    pub digest: Option<Text>,
}

/// What an image tells of the server in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    /// The server.
    pub server: Server,
    /// What it does as shipped, and what that proves.
    pub shipped: Option<(Idle, Strength)>,
    /// It is one of the server's own images.
    pub official: bool,
}

impl Image {
    /// Takes a reference apart; nothing for what is none.
    #[must_use]
    pub fn parse(reference: &str) -> Option<Image> {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.into())),
            None => (reference, None),
        };
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (path, tag) = match rest.get(last..)?.split_once(':') {
            Some((name, tag)) => (rest.get(..last + name.len())?, Some(tag.into())),
            None => (rest, None),
        };
        let (registry, repository) = match path.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, path),
        };
        let hub = registry.is_none_or(|registry| registry == "docker.io" || registry.ends_with(".docker.io"));
        let (registry, repository) = match (registry, repository) {
            (_, repository) if hub => (None, repository.strip_prefix("library/").unwrap_or(repository)),
            (Some("public.ecr.aws"), repository) => match repository.strip_prefix("docker/library/") {
                Some(name) => (None, name),
                None => (Some("public.ecr.aws"), repository),
            },
            other => other,
        };
        let valid = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | '/');
        if repository.is_empty() || !repository.chars().all(valid) {
            return None;
        }
        Some(Image { registry: registry.map(Text::from), repository: repository.into(), tag, digest })
    }

    /// The server it names.
    #[must_use]
    pub fn server(&self) -> Option<Named> {
        let registry = self.registry.as_ref().map_or(String::new(), |registry| format!("{registry}/"));
        let tag = self.tag.as_ref().map_or(String::new(), |tag| format!(":{tag}"));
        let reference = format!("{registry}{}{tag}", self.repository);
        let server = named_by(&reference)?;
        let public = self.registry.as_deref().is_none_or(|registry| registry == "public.ecr.aws");
        let whole = format!("{registry}{}", self.repository);
        let listed = |name: &String| *name == whole || (public && **name == *self.repository);
        let official = server.official().iter().any(listed);
        let shipped =
            server.image().map(|(idle, proves)| if official { (idle, proves) } else { (idle, Strength::Presumed) });
        Some(Named { server, shipped, official })
    }
}
