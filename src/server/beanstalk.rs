//! Elastic Beanstalk: which proxy its settings put in front of the application, and the files of the bundle that change
//! that proxy. Takes settings as three texts each.

use super::backend::{Backend, Evidence, backend};
use super::doc::{Doc, File, Files};
use super::keep_alive::Given;
use super::machine::Machine;
use super::settings;
use crate::graph::Text;

/// One option setting.
#[derive(Clone, Debug)]
pub struct OptionSetting {
    /// `aws:elasticbeanstalk:environment:proxy`
    pub namespace: Text,
    /// `ProxyServer`
    pub name: Text,
    /// `nginx`
    pub value: Given,
}

/// What answers on an instance of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx, which is also what stands there when nothing is said.
    Nginx,
    /// Apache httpd.
    Apache,
    /// The application itself.
    None,
    /// It cannot be told.
    Unknown,
}

/// The proxy that settings choose.
#[must_use]
pub fn proxy(settings: &[OptionSetting]) -> Proxy {
    let set = settings.iter().rev().find(|setting| {
        setting.namespace.as_ref() == "aws:elasticbeanstalk:environment:proxy" && setting.name.as_ref() == "ProxyServer"
    });
    match set.map(|setting| setting.value.text().map(|value| value.to_ascii_lowercase())) {
        None => Proxy::Nginx,
        Some(Some(value)) if value == "nginx" => Proxy::Nginx,
        Some(Some(value)) if value == "apache" => Proxy::Apache,
        Some(Some(value)) if value == "none" => Proxy::None,
        Some(_) => Proxy::Unknown,
    }
}

/// The environment variables that settings give the application.
#[must_use]
pub fn environment(settings: &[OptionSetting]) -> Vec<(Text, Given)> {
    let own =
        settings.iter().filter(|setting| setting.namespace.as_ref() == "aws:elasticbeanstalk:application:environment");
    own.map(|setting| (setting.name.clone(), setting.value.clone())).collect()
}

/// What an environment does, by its settings and the files of its bundle.
#[must_use]
pub fn environment_backend(settings: &[OptionSetting], bundle: &Files, port: Option<u16>) -> Backend {
    let service = match proxy(settings) {
        Proxy::Nginx => "nginx",
        Proxy::Apache => "httpd",
        Proxy::None => {
            let container = super::Container { env: environment(settings), ..Default::default() };
            return backend(&Evidence {
                container: Some(container),
                beside: bundle.clone(),
                port,
                ..Default::default()
            });
        }
        Proxy::Unknown => return Backend::unknown(),
    };
    let mut machine = Machine::default();
    machine.run(&["systemctl", "start", service]);
    for file in bundle.iter() {
        let inside = file.path.split_once(".platform/").map(|(_, inside)| inside);
        if let Some(inside) = inside.filter(|inside| inside.starts_with(service) || inside.starts_with("nginx")) {
            machine.files.put(File { path: format!("/etc/{inside}").into(), ..file.clone() });
        }
        if file.path.contains(".ebextensions/") && file.path.ends_with(".config") {
            extension(&mut machine, file);
        }
    }
    backend(&Evidence { machine: Some(machine), port, ..Default::default() })
}

/// The `files` and `container_commands` of `.ebextensions/*.config`.
fn extension(machine: &mut Machine, file: &File) {
    let read = file.doc().and_then(|doc| Ok((settings::yaml(&doc)?, doc)));
    let (documents, doc) = match read {
        Ok(read) => read,
        Err(why) => return machine.unread.push(why),
    };
    for entry in documents.iter().flatten() {
        if let Some(path) = entry.path.strip_prefix("files.").and_then(|rest| rest.strip_suffix(".content")) {
            machine.files.put(File { origin: None, ..File::new(path, Given::Text(entry.value.as_str().into())) });
        }
    }
    for entry in documents.iter().flatten() {
        let list = entry.path.strip_prefix("container_commands.").or_else(|| entry.path.strip_prefix("commands."));
        if list.is_some_and(|rest| rest.ends_with(".command")) {
            let doc = Doc { name: doc.name.clone(), text: entry.value.as_str().into(), start: None };
            super::script::follow(machine, &doc);
        }
    }
}
