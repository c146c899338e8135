//! A container: what its image, entry point, command and environment say, in the order in which they win over each other.
//! Files beside it and defaults are weighed elsewhere.

use super::command::{self, Started};
use super::doc::{Doc, Files, HOLE};
use super::dockerfile::{Dockerfile, Words};
use super::keep_alive::{Given, Hidden, KeepAlive, Reading, Said, Source, Strength};
use super::machine::Machine;
use super::python::Workers;
use super::script::{self, base};
use super::shell;
use super::spring::{self, Profiles, Property};
use super::table::{Server, Within};
use crate::graph::Text;

/// A container as its definition gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its image.
    pub image: Given,
    /// What takes the place of the image's entry point; nothing when the definition says nothing of it.
    pub entry_point: Option<Vec<Given>>,
    /// What takes the place of the image's command.
    pub command: Option<Vec<Given>>,
    /// Its environment. A secret is [`Hidden::Secret`].
    pub env: Vec<(Text, Given)>,
    /// There may be variables that are not in `env`: files of them in a bucket.
    pub more_env: bool,
    /// The paths at which something is mounted.
    pub mounts: Vec<Text>,
}

impl Default for Container {
    fn default() -> Container {
        let image = Given::Hidden(Hidden::NotGiven("the image is not known".into()));
        Container { image, entry_point: None, command: None, env: Vec::new(), more_env: false, mounts: Vec::new() }
    }
}

/// What command and environment say.
#[derive(Debug)]
pub(super) struct Launch {
    /// The server that the command starts.
    pub(super) by_command: Option<Server>,
    /// The server that a variable of its own names.
    pub(super) by_env: Option<Server>,
    /// A command is visible.
    pub(super) has_command: bool,
    /// A program is named that starts no server we know.
    pub(super) runs_something_else: bool,
    /// The words behind what names the server.
    pub(super) arguments: Vec<String>,
    /// Files that the command writes before it starts the server.
    pub(super) machine: Machine,
    /// What the flags say.
    flags: Option<Reading>,
    env: Vec<(Text, Given)>,
    properties: Vec<Property>,
}

impl Launch {
    /// Reads a container; what it leaves out comes from the Dockerfile of its image, where that is visible.
    pub(super) fn of(container: &Container, dockerfile: Option<&Dockerfile>, files: &Files) -> Launch {
        let mut env = container.env.clone();
        for (name, value) in dockerfile.iter().flat_map(|dockerfile| &dockerfile.env) {
            if !env.iter().any(|(known, _)| known == name) {
                env.push((name.clone(), value.clone()));
            }
        }
        let (words, text) = line(container, dockerfile);
        let mut launch = Launch {
            by_command: None,
            by_env: None,
            has_command: !words.is_empty() || text.is_some(),
            runs_something_else: text.is_some() || words.first().is_some_and(|word| !word.starts_with('-')),
            arguments: Vec::new(),
            machine: Machine::default(),
            flags: None,
            env,
            properties: Vec::new(),
        };
        let doc = Doc { name: "command".into(), text: words.join(" ").into(), start: None };
        let script = text.or_else(|| shell_text(&words)).or_else(|| entry_script(&words, files));
        let mut all: Vec<(Vec<String>, Doc)> = Vec::new();
        if let Some(script) = script {
            script::follow(&mut launch.machine, &script);
            all.extend(launch.machine.runs.iter().map(|run| (run.words.clone(), script.clone())));
            if words.len() > 1 && shell_text(&words).is_none() {
                all.push((words.get(1..).unwrap_or_default().to_vec(), doc.clone()));
            }
        } else {
            all.push((words.clone(), doc.clone()));
        }
        for (words, doc) in &all {
            if let Some(started) = command::started(words, files) {
                launch.start(&started, doc);
            }
            launch.properties.extend(command::properties(words, doc));
        }
        if launch.by_command.is_none() {
            launch.flags = command::bare(&words, &doc);
            launch.by_command = launch.flags.as_ref().map(|reading| reading.server);
        }
        launch.by_env = launch.server_of_env();
        launch
    }

    fn start(&mut self, started: &Started, doc: &Doc) {
        self.by_command = Some(started.server);
        self.arguments.clone_from(&started.arguments);
        self.flags = Some(command::flags(started, doc));
    }

    /// What flags and variables say of `server`.
    pub(super) fn of_server(&self, server: Server) -> Reading {
        let mut reading =
            self.flags.clone().filter(|reading| reading.server.is_a(server) || server.is_a(reading.server));
        if server == Server::of("gunicorn") {
            reading = Some(self.gunicorn(reading));
        }
        let mut reading = reading.unwrap_or_else(|| Reading::of(server));
        reading.server = server;
        reading.idle = reading.idle.or(|| self.variable(server));
        reading
    }

    /// What Spring's and Java's properties say, wherever they stand.
    pub(super) fn of_properties(&self) -> Reading {
        let mut all: Vec<Property> = Vec::new();
        for (name, value) in &self.env {
            let setting = spring::settings().find(|(_, setting)| spring::is_variable(&setting.name, name));
            if let Some((_, setting)) = setting {
                all.push(Property { key: setting.name.clone(), value: shown(value), from: variable(name) });
            }
        }
        for name in
            ["JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTIONS", "CATALINA_OPTS"]
        {
            let Some((name, value)) = self.env.iter().find(|(own, _)| own.as_str() == name) else { continue };
            let doc = Doc { name: name.clone(), text: "".into(), start: None };
            for mut property in command::properties(&split(&shown(value)), &doc) {
                property.from = Source::named(format!("`{}` in environment variable `{name}`", property.key));
                all.push(property);
            }
        }
        let (arguments, system): (Vec<Property>, Vec<Property>) =
            self.properties.iter().cloned().partition(|property| property.from.what.contains("`--"));
        all.extend(system);
        if let Some((name, Given::Text(value))) =
            self.env.iter().find(|(own, _)| own.as_str() == "SPRING_APPLICATION_JSON")
        {
            let doc = Doc { name: name.clone(), text: value.clone(), start: None };
            for mut property in spring::json(&doc).unwrap_or_default() {
                property.from = Source::named(format!("`{}` in environment variable `{name}`", property.key));
                all.push(property);
            }
        }
        all.extend(arguments);
        let mut reading = spring::of_properties(&all);
        if let Said::Hidden(why, from) = &mut reading.idle {
            let hidden = self.env.iter().find(|(name, _)| variable(name) == *from);
            if let Some((_, Given::Hidden(reason))) = hidden {
                *why = reason.clone();
            }
        }
        reading
    }

    /// Which of Spring's profiles are active, as far as the container says.
    pub(super) fn profiles(&self, complete: bool) -> Profiles {
        let listed = |value: &str| value.split(',').map(|name| name.trim().to_owned()).collect();
        let argument = self.properties.iter().rev().find(|property| property.key == "spring.profiles.active");
        if let Some(property) = argument {
            return Profiles::Known(listed(&property.value));
        }
        match self.env.iter().find(|(name, _)| name.as_str() == "SPRING_PROFILES_ACTIVE") {
            Some((_, Given::Text(value))) => Profiles::Known(listed(value)),
            Some((_, Given::Hidden(_))) => Profiles::Unknown,
            None if complete => Profiles::Known(Vec::new()),
            None => Profiles::Unknown,
        }
    }

    /// How the flags choose gunicorn's workers.
    pub(super) fn workers(&self) -> Workers {
        let of_flags = command::workers(&self.arguments);
        if of_flags != Workers::Unsaid {
            return of_flags;
        }
        command::workers(&self.gunicorn_arguments().map(|(words, _)| words).unwrap_or_default())
    }

    /// A number that the name of a variable only suggests.
    pub(super) fn hint(&self, server: Option<Server>) -> Option<KeepAlive> {
        let candidates: Vec<Server> = match server {
            Some(server) => vec![server],
            None => Server::all().collect(),
        };
        for server in candidates {
            for setting in server.settings(Within::Env).filter(|setting| setting.hint) {
                let Some((name, Given::Text(value))) = self.env.iter().find(|(name, _)| **name == *setting.name) else {
                    continue;
                };
                let idle = setting.read(value).ok()?;
                return Some(KeepAlive { idle, server, strength: Strength::Presumed, from: variable(name) });
            }
        }
        None
    }

    fn server_of_env(&self) -> Option<Server> {
        if self.gunicorn_arguments().is_some() {
            return Server::find("gunicorn");
        }
        Server::all().find(|server| {
            server.settings(Within::Env).any(|setting| {
                !setting.hint && !setting.needs_server && self.env.iter().any(|(name, _)| is_named(&setting.name, name))
            })
        })
    }

    fn variable(&self, server: Server) -> Said {
        for setting in server.settings(Within::Env).filter(|setting| !setting.hint) {
            let mut said = Said::Nothing;
            for (name, value) in self.env.iter().filter(|(name, _)| is_named(&setting.name, name)) {
                said = said.and(match value {
                    Given::Text(value) => setting.say(value, variable(name)),
                    Given::Hidden(why) => Said::Hidden(why.clone(), variable(name)),
                });
            }
            if !matches!(said, Said::Nothing) {
                return said;
            }
        }
        Said::Nothing
    }

    fn gunicorn_arguments(&self) -> Option<(Vec<String>, Option<Hidden>)> {
        let (_, value) = self.env.iter().find(|(name, _)| name.as_str() == "GUNICORN_CMD_ARGS")?;
        Some(match value {
            Given::Text(text) => (split(text), None),
            Given::Hidden(why) => (Vec::new(), Some(why.clone())),
        })
    }

    /// Flags of gunicorn win over `GUNICORN_CMD_ARGS`, one by one.
    fn gunicorn(&self, flags: Option<Reading>) -> Reading {
        let server = Server::of("gunicorn");
        let mut reading = flags.unwrap_or_else(|| Reading::of(server));
        let Some((words, hidden)) = self.gunicorn_arguments() else { return reading };
        let what = "environment variable `GUNICORN_CMD_ARGS`";
        if let Some(why) = hidden {
            reading.idle = reading.idle.or(|| Said::Hidden(why, Source::named(what)));
            return reading;
        }
        let doc = Doc { name: "GUNICORN_CMD_ARGS".into(), text: "".into(), start: None };
        let of_env = command::flags(&Started { server, arguments: words }, &doc);
        reading.idle = reading.idle.or(|| match of_env.idle {
            Said::Stated(idle, from) => Said::Stated(idle, Source::named(format!("{} in {what}", from.what))),
            Said::Hidden(why, from) => Said::Hidden(why, Source::named(format!("{} in {what}", from.what))),
            Said::Nothing => Said::Nothing,
        });
        if !reading.limits.iter().any(|limit| limit.stated) {
            reading.limits = of_env.limits;
        }
        reading
    }
}

fn variable(name: &str) -> Source {
    Source::named(format!("environment variable `{name}`"))
}

fn shown(value: &Given) -> String {
    value.text().map_or_else(|| HOLE.to_string(), |text| text.to_string())
}

/// Whether a variable is the one of the table, in which `*` stands for any text; without case, as .NET and Traefik
/// take theirs.
fn is_named(setting: &str, name: &str) -> bool {
    let (setting, name) = (setting.to_ascii_lowercase(), name.to_ascii_lowercase());
    match setting.split_once('*') {
        None => setting == name,
        Some((head, tail)) => name.len() > head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail),
    }
}

/// Words of a text, split as a shell splits them.
fn split(text: &str) -> Vec<String> {
    let (commands, _) = shell::commands(text);
    let words = commands.iter().flat_map(|command| &command.words);
    words.map(|word| word.resolve(&shell::Variables::new())).collect()
}

/// The words of entry point and command, or the text that the image hands to a shell.
fn line(container: &Container, dockerfile: Option<&Dockerfile>) -> (Vec<String>, Option<Doc>) {
    let given = |words: &Option<Vec<Given>>| -> Option<Vec<String>> {
        words.as_ref().filter(|words| !words.is_empty()).map(|words| words.iter().map(shown).collect())
    };
    let mut words = Vec::new();
    let of_image = dockerfile.filter(|_| container.entry_point.is_none());
    match (given(&container.entry_point), of_image.and_then(|dockerfile| dockerfile.entry_point.as_ref())) {
        (Some(own), _) => words.extend(own),
        (None, Some(Words::Exec(own))) => words.extend(own.iter().map(|word| word.to_string())),
        // In shell form the command is left out.
        (None, Some(Words::Shell(doc))) => return (Vec::new(), Some(doc.clone())),
        (None, None) => {}
    }
    match (given(&container.command), of_image.and_then(|dockerfile| dockerfile.command.as_ref())) {
        (Some(own), _) => words.extend(own),
        (None, Some(Words::Exec(own))) => words.extend(own.iter().map(|word| word.to_string())),
        (None, Some(Words::Shell(doc))) if words.is_empty() => return (Vec::new(), Some(doc.clone())),
        _ => {}
    }
    (words, None)
}

/// The text of `sh -c text`.
fn shell_text(words: &[String]) -> Option<Doc> {
    let at = words.iter().position(|word| matches!(base(word), "sh" | "bash" | "ash" | "dash"))?;
    let leads = words.iter().take(at).all(|word| {
        word.starts_with('-') || matches!(base(word), "tini" | "dumb-init" | "docker-entrypoint.sh" | "exec" | "env")
    });
    let flag = words.get(at + 1)?;
    let text = words.get(at + 2).filter(|_| leads && flag.starts_with('-') && flag.ends_with('c'))?;
    Some(Doc { name: "command".into(), text: text.as_str().into(), start: None })
}

/// The text of a script that is the entry point and lies beside the definition.
fn entry_script(words: &[String], files: &Files) -> Option<Doc> {
    let name = base(words.first()?);
    let name = if matches!(name, "sh" | "bash" | "ash") { base(words.get(1)?) } else { name };
    files.ending(name).filter(|_| name.ends_with(".sh")).find_map(|file| file.doc().ok())
}
