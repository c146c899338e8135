//! Spring Boot and Quarkus settings: `application.properties`, `application.yml` with several documents and profiles, and
//! the same keys in environment variables, system properties, arguments and `SPRING_APPLICATION_JSON`.

use super::doc::Doc;
use super::keep_alive::{Hidden, Reading, Said, Source};
use super::settings::{self, Entry};
use super::table::{Server, Setting, Within};

/// Which profiles are active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profiles {
    /// These; none means the profile `default`.
    Known(Vec<String>),
    /// Nobody visible says.
    Unknown,
}

/// One key with its value, from whichever place.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) from: Source,
}

/// What the files of one application say. `files` are `application.*` and `application-<profile>.*`.
#[must_use]
pub fn read(files: &[Doc], profiles: &Profiles) -> Reading {
    let mut layers: Vec<(Profile, bool, Vec<Property>)> = Vec::new();
    for doc in files {
        let documents = if is_properties(doc) { properties(doc) } else { settings::yaml(doc) };
        let documents = match documents {
            Ok(documents) => documents,
            Err(why) => {
                let from = doc.source("Spring configuration", 0..0);
                return Reading::of(Server::of("tomcat-embedded")).saying(Said::Hidden(why, from));
            }
        };
        let of_file = of_name(doc);
        for document in documents {
            let own = document.iter().find(|entry| {
                ["spring.config.activate.on-profile", "spring.profiles"].iter().any(|key| same(key, &entry.path))
            });
            let profile = match (&of_file, own) {
                (Some(name), _) => Profile::File(name.clone()),
                (None, Some(entry)) => Profile::Document(entry.value.clone()),
                (None, None) => Profile::Always,
            };
            let all = document.into_iter().map(|entry| property(doc, entry)).collect();
            layers.push((profile, is_properties(doc), all));
        }
    }
    // Files of a profile win over the others, and properties over YAML, both whatever their order here.
    layers.sort_by_key(|(profile, properties, _)| (matches!(profile, Profile::File(_)), *properties));
    let named = match profiles {
        Profiles::Known(named) => Some(named.clone()),
        Profiles::Unknown => None,
    };
    let active = named.or_else(|| {
        let set =
            layers.iter().flat_map(|(_, _, all)| all).rev().find(|one| same("spring.profiles.active", &one.key))?;
        Some(set.value.split(',').map(|name| name.trim().to_owned()).collect())
    });
    let mut certain: Vec<Property> = Vec::new();
    let mut possible: Vec<Property> = Vec::new();
    for (profile, _, properties) in layers {
        match profile.holds(active.as_deref()) {
            Some(true) => certain.extend(properties),
            Some(false) => {}
            None => possible.extend(properties),
        }
    }
    let reading = of_properties(&certain);
    // A profile that may be active and says something else leaves it open.
    if possible.iter().any(|property| settings().any(|(_, setting)| same(&setting.name, &property.key))) {
        certain.extend(possible);
        let with = of_properties(&certain);
        let differs = match (&reading.idle, &with.idle) {
            (Said::Stated(a, _), Said::Stated(b, _)) => a != b,
            _ => true,
        };
        if let (true, Said::Stated(_, from) | Said::Hidden(_, from)) = (differs, &with.idle) {
            return Reading { idle: Said::Hidden(Hidden::Several, from.clone()), ..with };
        }
    }
    reading
}

/// What keys and values say, later ones over earlier ones.
pub(super) fn of_properties(all: &[Property]) -> Reading {
    let mut fallback = None;
    for (server, setting) in settings() {
        let Some(property) = all.iter().rev().find(|property| same(&setting.name, &property.key)) else { continue };
        let reading = Reading::of(server).saying(setting.say(&property.value, property.from.clone()));
        if !setting.fallback {
            return reading;
        }
        fallback.get_or_insert(reading);
    }
    fallback.unwrap_or_else(|| Reading::of(Server::of("tomcat-embedded")))
}

/// The keys of `SPRING_APPLICATION_JSON`.
pub(super) fn json(doc: &Doc) -> Option<Vec<Property>> {
    let documents = settings::json(doc).ok()?;
    Some(documents.into_iter().flatten().map(|entry| property(doc, entry)).collect())
}

/// Whether a key or the name of an environment variable is this setting: without case, dashes and underlines.
pub(super) fn is_variable(setting: &str, variable: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| char.is_alphanumeric()).map(|char| char.to_ascii_lowercase()).collect()
    };
    !variable.contains('.') && variable.contains('_') && plain(setting) == plain(variable)
}

/// All settings that are written as Spring properties.
pub(super) fn settings() -> impl Iterator<Item = (Server, &'static Setting)> {
    Server::all().flat_map(|server| {
        let own = server.settings(Within::Spring).chain(server.settings(Within::JavaProperty));
        own.map(move |setting| (server, setting))
    })
}

/// Whether two property names are the same to Spring: dots apart, dashes, underlines and case aside.
fn same(wanted: &str, key: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase()).collect()
    };
    plain(wanted) == plain(key)
}

fn property(doc: &Doc, entry: Entry) -> Property {
    let from = doc.source(format!("`{}`", entry.path), entry.range);
    Property { key: entry.path, value: entry.value, from }
}

enum Profile {
    Always,
    File(String),
    Document(String),
}

impl Profile {
    fn holds(&self, active: Option<&[String]>) -> Option<bool> {
        match self {
            Profile::Always => Some(true),
            Profile::File(name) => Some(is_active(name, active?)),
            Profile::Document(expression) => {
                let active = active?;
                if expression.contains(['(', ')']) || (expression.contains('&') && expression.contains('|')) {
                    return None;
                }
                let one = |name: &str| match name.trim().strip_prefix('!') {
                    Some(name) => !is_active(name.trim(), active),
                    None => is_active(name.trim(), active),
                };
                Some(match expression.contains('&') {
                    true => expression.split('&').all(one),
                    false => expression.split([',', '|']).any(one),
                })
            }
        }
    }
}

fn is_active(name: &str, active: &[String]) -> bool {
    if active.is_empty() { name == "default" } else { active.iter().any(|known| known == name) }
}

fn is_properties(doc: &Doc) -> bool {
    doc.name.ends_with(".properties")
}

/// The profile in a file's name: `application-prod.yml`.
fn of_name(doc: &Doc) -> Option<String> {
    let file = doc.name.rsplit('/').next()?;
    let (stem, _) = file.rsplit_once('.')?;
    stem.strip_prefix("application-").map(str::to_owned)
}

/// The documents of a properties file.
fn properties(doc: &Doc) -> Result<Vec<Vec<Entry>>, Hidden> {
    let mut documents: Vec<Vec<Entry>> = vec![Vec::new()];
    let mut joined = String::new();
    let mut start = 0;
    let mut at = 0;
    for line in doc.text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim_start();
        let begins = joined.is_empty();
        if begins {
            start = at + (body.len() - trimmed.len());
        }
        at += line.len();
        if begins && trimmed.starts_with(['#', '!']) {
            if matches!(body, "#---" | "!---") {
                documents.push(Vec::new());
            }
            continue;
        }
        let slashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
        if slashes % 2 == 1 {
            joined.push_str(trimmed.get(..trimmed.len() - 1).unwrap_or_default());
            continue;
        }
        joined.push_str(trimmed);
        let whole = std::mem::take(&mut joined);
        if let Some((key, value)) = pair(&whole)
            && let Some(document) = documents.last_mut()
        {
            let end = at - (line.len() - body.len());
            document.push(Entry { path: key, value, range: start..end });
        }
    }
    Ok(documents)
}

/// Key and value of a line: apart by `=`, `:` or a blank; a backslash takes the meaning of what follows.
fn pair(line: &str) -> Option<(String, String)> {
    let mut key = String::new();
    let mut chars = line.char_indices();
    let mut end = line.len();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => key.extend(chars.next().map(|(_, char)| char)),
            '=' | ':' | ' ' | '\t' => {
                end = at;
                break;
            }
            char => key.push(char),
        }
    }
    let rest = line.get(end..).unwrap_or_default().trim_start();
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    let mut value = String::new();
    let mut escaped = false;
    for char in rest.chars() {
        escaped = char == '\\' && !escaped;
        if !escaped {
            value.push(char);
        }
    }
    (!key.is_empty()).then_some((key, value))
}
