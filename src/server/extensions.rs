//! `option_settings` in the `.ebextensions/*.config` of a bundle for Elastic Beanstalk: settings that hold where neither
//! the environment nor what it starts from says anything. Knows no option's meaning or default.

use super::beanstalk::VARIABLES;
use super::doc::{File, Files, has_hole};
use super::keep_alive::{Given, Hidden, Source};
use super::settings::{self, Entry};

/// What the files set, the last file first: it holds.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    settings: Vec<Setting>,
    /// A file that may set anything.
    unread: Option<Set>,
}

/// What is set, and by which file.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// The value.
    pub value: Given,
    /// Where it stands.
    pub from: Source,
}

#[derive(Clone, Debug)]
struct Setting {
    namespace: String,
    name: String,
    set: Set,
}

impl Extensions {
    /// Those of a bundle. Which of several bundles is meant cannot be told, so what any of them sets is hidden.
    #[must_use]
    pub fn of(bundle: &Files) -> Extensions {
        let mut extensions = Extensions::default();
        let mut folders: Vec<&str> = Vec::new();
        for file in bundle.iter() {
            let Some((folder, name)) = file.path.rsplit_once(".ebextensions/") else { continue };
            if !(folder.is_empty() || folder.ends_with('/')) || name.contains('/') || !name.ends_with(".config") {
                continue;
            }
            extensions.read(file);
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        extensions.settings.reverse();
        if folders.len() > 1 {
            extensions.settings.iter_mut().for_each(|setting| setting.set.value = Given::Hidden(Hidden::Several));
        }
        extensions
    }

    /// What they set an option to, which is called `namespace/name`.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&Set> {
        let is_it = |setting: &&Setting| key.split_once('/') == Some((&setting.namespace, &setting.name));
        self.unread.as_ref().or_else(|| self.settings.iter().find(is_it).map(|setting| &setting.set))
    }

    /// The options of a namespace that they set, by name.
    pub fn within<'e>(&'e self, namespace: &'e str) -> impl Iterator<Item = (&'e str, &'e Set)> {
        let inside = self.settings.iter().filter(move |setting| setting.namespace == namespace);
        inside.map(|setting| (setting.name.as_str(), &setting.set))
    }

    fn read(&mut self, file: &File) {
        if file.content.text().is_some_and(|text| !text.contains(SETTINGS)) {
            return;
        }
        let source = || Source::named(format!("file {}", file.path));
        let documents = match file.doc().and_then(|doc| settings::yaml(&doc)) {
            Ok(documents) => documents,
            Err(why) => {
                self.unread = Some(Set { value: Given::Hidden(why), from: source() });
                return;
            }
        };
        for document in &documents {
            for entry in document {
                let Some(inside) = entry.path.strip_prefix(SETTINGS) else { continue };
                let found = match inside.strip_prefix('.') {
                    Some(inside) => Some(mapped(inside)),
                    None => listed(document, inside),
                };
                let Some((namespace, name, whole)) = found else { continue };
                let value = match whole && !has_hole(&entry.value) {
                    true => Given::from(entry.value.as_str()),
                    false => Given::Hidden(Hidden::NotGiven("a function in the bundle says it".into())),
                };
                self.settings.push(Setting {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    set: Set { value, from: source() },
                });
            }
        }
    }
}

/// The key of a file that holds them.
const SETTINGS: &str = "option_settings";

/// Namespace and name of an option (what names no namespace sets a variable), and whether what stands there is its value
/// and not a part of one, which a function makes it of.
type Named<'d> = (&'d str, &'d str, bool);

fn mapped(path: &str) -> Named<'_> {
    let (namespace, rest) = path.split_once('.').filter(|(head, _)| head.contains(':')).unwrap_or((VARIABLES, path));
    let (name, part) = rest.split_once('.').unwrap_or((rest, ""));
    (namespace, name, part.is_empty())
}

/// For the value of an entry of a list.
fn listed<'d>(document: &'d [Entry], path: &'d str) -> Option<Named<'d>> {
    let (item, field) = path.split_once("].")?;
    let beside = |field: &str| {
        let path = format!("{SETTINGS}{item}].{field}");
        document.iter().find(|entry| entry.path == path).map(|entry| entry.value.as_str())
    };
    let (field, part) = field.split_once('.').unwrap_or((field, ""));
    let name = (field == "value").then(|| beside("option_name")).flatten()?;
    Some((beside("namespace").unwrap_or(VARIABLES), name, part.is_empty()))
}
