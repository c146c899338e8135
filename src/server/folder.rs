//! Configuration files among many: which file is whose by its path and content, and what each says. Works on a source
//! folder and on the files that user data writes alike.

use super::command::{self, Started};
use super::doc::{Doc, File, Files};
use super::keep_alive::{Hidden, Reading, Said};
use super::spring::Profiles;
use super::table::Server;
use super::{
    apache, caddy, elixir, envoy, haproxy, kestrel, machine, nginx, node, procfile, puma, python, script, spring,
    tomcat, traefik,
};

/// What is to be known of the target to read its files.
#[derive(Clone, Debug)]
pub struct Context {
    /// The port it listens on.
    pub port: Option<u16>,
    /// Spring's profiles.
    pub profiles: Profiles,
}

/// Reads all files that are known formats.
#[must_use]
pub fn read(files: &Files, context: &Context) -> Vec<Reading> {
    let mut found = Vec::new();
    let nginx_root = files.iter().any(|file| file.name() == "nginx.conf" && file.content.text().is_some());
    for file in files.iter() {
        let Some(format) = format(file) else { continue };
        // What `nginx.conf` includes is read with it.
        if format == Format::NginxPart && nginx_root && is_included(files, file) {
            continue;
        }
        let docs = match (file.doc(), file.edits.as_slice()) {
            (Ok(doc), _) => vec![doc],
            (Err(_), edits @ [_, ..]) => edits.to_vec(),
            (Err(why), []) => {
                let Some(server) = format.server() else { continue };
                let from = super::keep_alive::Source::named(format!("file {}", file.path));
                found.push(Reading::of(server).saying(Said::Hidden(why, from)));
                continue;
            }
        };
        let whole = file.content.text().is_some();
        for doc in docs {
            let reading = format.read(&doc, files, context, whole);
            if let Some(mut reading) = reading {
                if file.conditional
                    && let Said::Stated(_, from) = reading.idle
                {
                    reading.idle = Said::Hidden(Hidden::Conditional, from);
                }
                found.push(reading);
            }
        }
    }
    found.extend(of_spring(files, context));
    found
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Nginx,
    NginxPart,
    Apache,
    Javascript,
    Gunicorn,
    Python,
    Hypercorn,
    Puma,
    GemfileLock,
    Tomcat,
    Haproxy,
    Caddy,
    Traefik,
    Envoy,
    Appsettings,
    Procfile,
    Unit,
    Elixir,
}

fn format(file: &File) -> Option<Format> {
    let path = file.path.as_str();
    let name = file.name();
    let within = |folder: &str| path.split('/').any(|part| part == folder);
    if ["node_modules", ".git", "vendor", ".terraform", "test", "tests", "__tests__", "site-packages"]
        .into_iter()
        .any(within)
    {
        return None;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Some(match name {
        "nginx.conf" | "nginx.conf.template" => Format::Nginx,
        "httpd.conf" | "apache2.conf" => Format::Apache,
        "gunicorn.conf.py" | "gunicorn_conf.py" | "gunicorn_config.py" | "gunicorn.py" => Format::Gunicorn,
        "hypercorn.toml" => Format::Hypercorn,
        "puma.rb" => Format::Puma,
        "Gemfile.lock" => Format::GemfileLock,
        "server.xml" => Format::Tomcat,
        "haproxy.cfg" => Format::Haproxy,
        "Caddyfile" => Format::Caddy,
        "traefik.yml" | "traefik.yaml" | "traefik.toml" => Format::Traefik,
        "envoy.yaml" | "envoy.yml" => Format::Envoy,
        "appsettings.json" | "appsettings.Production.json" => Format::Appsettings,
        "Procfile" => Format::Procfile,
        "runtime.exs" | "prod.exs" | "releases.exs" => Format::Elixir,
        _ => match extension {
            "service" => Format::Unit,
            "js" | "mjs" | "cjs" | "ts" | "mts" if !is_test(name) => Format::Javascript,
            "py" if !is_test(name) => Format::Python,
            "conf" | "template" if within("httpd") || within("apache2") || within("apache") => Format::Apache,
            "conf" | "template"
                if within("nginx") || within("conf.d") || within("sites-enabled") || within("sites-available") =>
            {
                Format::NginxPart
            }
            "" if within("sites-enabled") || within("sites-available") => Format::NginxPart,
            "conf" if file.content.text().is_some_and(|text| text.contains("<VirtualHost")) => Format::Apache,
            "conf" | "template" if name.starts_with("default.conf") => Format::NginxPart,
            _ => return None,
        },
    })
}

fn is_test(name: &str) -> bool {
    name.contains(".test.") || name.contains(".spec.") || name.starts_with("test_") || name.ends_with(".d.ts")
}

/// Whether `nginx.conf` reads this file itself.
fn is_included(files: &Files, part: &File) -> bool {
    let parents = files.iter().filter(|file| file.name() == "nginx.conf").filter_map(|file| file.content.text());
    let folder = part.path.rsplit('/').nth(1).unwrap_or_default();
    parents.into_iter().any(|text| {
        text.lines().map(str::trim).any(|line| {
            let include = line.strip_prefix("include").unwrap_or_default();
            !include.is_empty()
                && (include.contains(part.name()) || (!folder.is_empty() && include.contains(&format!("{folder}/"))))
        })
    })
}

impl Format {
    fn server(self) -> Option<Server> {
        Server::find(match self {
            Format::Nginx | Format::NginxPart => "nginx",
            Format::Apache => "apache",
            Format::Gunicorn => "gunicorn",
            Format::Hypercorn => "hypercorn",
            Format::Puma => "puma",
            Format::Tomcat => "tomcat",
            Format::Haproxy => "haproxy",
            Format::Caddy => "caddy",
            Format::Traefik => "traefik",
            Format::Envoy => "envoy",
            Format::Appsettings => "kestrel",
            _ => return None,
        })
    }

    fn read(self, doc: &Doc, files: &Files, context: &Context, whole: bool) -> Option<Reading> {
        let port = context.port.filter(|_| whole);
        Some(match self {
            Format::Nginx | Format::NginxPart => nginx::read(doc, files, port),
            Format::Apache => apache::read(doc, files, port),
            Format::Javascript => return node::read(doc),
            Format::Gunicorn => python::gunicorn(doc).0,
            Format::Python => return python::program(doc),
            Format::Hypercorn => python::hypercorn(doc),
            Format::Puma => puma::read(doc),
            Format::GemfileLock => return puma::locked(doc),
            Format::Tomcat if whole => tomcat::read(doc, port),
            Format::Tomcat => return tomcat::fragment(doc),
            Format::Haproxy => haproxy::read(doc, port),
            Format::Caddy => caddy::read(doc),
            Format::Traefik => traefik::read(doc),
            Format::Envoy => envoy::read(doc),
            Format::Appsettings => kestrel::read(doc),
            Format::Procfile => return of_command(&procfile::web(doc)?, files),
            Format::Unit => return of_command(&unit(doc)?, files),
            Format::Elixir => return elixir::read(doc),
        })
    }
}

/// What a shell command says that starts a server, with the server's own default when it says nothing.
pub(super) fn of_command(doc: &Doc, files: &Files) -> Option<Reading> {
    let mut machine = machine::Machine::default();
    script::follow(&mut machine, doc);
    let started: Vec<Started> = machine.runs.iter().filter_map(|run| command::started(&run.words, files)).collect();
    started
        .last()
        .map(|started| command::flags(started, doc))
        .or_else(|| machine.runs.iter().rev().find_map(|run| command::java(&run.words, doc)))
}

/// The command of a systemd unit.
fn unit(doc: &Doc) -> Option<Doc> {
    let mut at = 0;
    let mut service = false;
    for line in doc.text.split_inclusive('\n') {
        let body = line.trim();
        if body.starts_with('[') {
            service = body == "[Service]";
        }
        if let Some(command) = body.strip_prefix("ExecStart=").filter(|_| service) {
            let command = command.trim_start_matches(['-', '@', ':', '+', '!']);
            let start = doc.start.zip(line.find(command)).map(|(start, inside)| start + at + inside);
            return Some(Doc { name: doc.name.clone(), text: command.into(), start });
        }
        at += line.len();
    }
    None
}

/// The Spring files of each folder together, as profiles and formats overlay each other.
fn of_spring(files: &Files, context: &Context) -> Vec<Reading> {
    let mut folders: Vec<(&str, Vec<Doc>)> = Vec::new();
    for file in files.iter() {
        let name = file.name();
        let stem = name.rsplit_once('.').filter(|(_, extension)| matches!(*extension, "properties" | "yml" | "yaml"));
        let Some((stem, _)) = stem else { continue };
        if stem != "application" && !stem.starts_with("application-") {
            continue;
        }
        let Ok(doc) = file.doc() else { continue };
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, docs)) => docs.push(doc),
            None => folders.push((folder, vec![doc])),
        }
    }
    let read = folders.into_iter().filter(|(folder, _)| !folder.split('/').any(|part| part == "test"));
    read.map(|(_, docs)| spring::read(&docs, &context.profiles)).collect()
}

/// What `gunicorn.conf.py` among the files says, with its workers.
pub(super) fn gunicorn(files: &Files) -> Option<(Reading, python::Workers)> {
    let file = files.iter().find(|file| format(file) == Some(Format::Gunicorn))?;
    Some(python::gunicorn(&file.doc().ok()?))
}
