//! A machine as a backend: which of the servers on it answers, by its files, packages, services and commands, and what
//! its files say. A proxy answers before the application behind it.

use super::backend::{Backend, Evidence, Why, backend as weigh, by_default, default_of, of_files, single};
use super::command;
use super::container::Container;
use super::doc::{Doc, HOLE};
use super::folder::{self, Context};
use super::keep_alive::{Given, Hidden, Reading, Said, Strength};
use super::machine::{Machine, Run};
use super::script::base;
use super::spring::Profiles;
use super::table::Server;

/// Servers that stand in front of others.
const PROXIES: [&str; 7] = ["nginx", "apache", "haproxy", "caddy", "traefik", "envoy", "lighttpd"];

/// Package managers and what comes between their name and the packages.
const INSTALLERS: [&str; 9] =
    ["apt-get", "apt", "yum", "dnf", "apk", "zypper", "amazon-linux-extras", "packages", "snap"];

pub(super) fn backend(machine: &Machine, evidence: &Evidence) -> Backend {
    if let Some(container) = machine.runs.iter().rev().find_map(docker_run) {
        let evidence = Evidence {
            container: Some(container),
            machine: None,
            beside: evidence.beside.clone(),
            beside_belongs: evidence.beside_belongs,
            port: evidence.port,
        };
        return weigh(&evidence);
    }
    let context = Context { port: evidence.port, profiles: Profiles::Unknown };
    let mut all = folder::read(&machine.files, &context);
    let mut installed: Vec<(Server, &Run)> = Vec::new();
    for run in &machine.runs {
        installed.extend(packages(&run.words).map(|server| (server, run)));
        if let Some(reading) = started(run, machine) {
            all.push(reading);
        }
    }
    let mut named = all.clone();
    named.extend(installed.iter().map(|(server, _)| Reading::of(*server)));
    let Some(server) = single(&named).or_else(|| in_front(&named)) else {
        return nothing(machine, !named.is_empty());
    };
    let reading = of_files(&all, server).unwrap_or_else(|| Reading::of(server));
    Backend::of(reading, |server| {
        let run = installed.iter().find(|(found, _)| *found == server).map(|(_, run)| run);
        let from = run.map_or_else(|| default_of(server), |run| run.from.clone());
        let sure = run.is_some_and(|run| !run.conditional) && machine.unread.is_empty();
        let found = server.package().or(server.presumed().map(|idle| (idle, Strength::Presumed)));
        let found = found.map(|(idle, proves)| (idle, if sure { proves } else { Strength::Presumed }));
        by_default(server, found, from)
    })
}

/// The application that runs on a machine behind its proxy: the only server that is started on it and is none; nothing where
/// no or several such are visible.
#[must_use]
pub fn application(machine: &Machine) -> Option<Backend> {
    let readings: Vec<Reading> = machine.runs.iter().filter_map(|run| started(run, machine)).collect();
    let behind: Vec<Reading> = readings.into_iter().filter(|reading| !PROXIES.contains(&reading.server.id())).collect();
    let server = single(&behind)?;
    Some(Backend::of(of_files(&behind, server)?, |server| {
        let found = server.presumed().map(|idle| (idle, Strength::Presumed));
        by_default(server, found, default_of(server))
    }))
}

/// The only proxy among several servers.
pub(super) fn in_front(all: &[Reading]) -> Option<Server> {
    let proxies: Vec<Reading> = all.iter().filter(|reading| PROXIES.contains(&reading.server.id())).cloned().collect();
    single(&proxies)
}

fn nothing(machine: &Machine, several: bool) -> Backend {
    let why = match (several, machine.unread.first()) {
        (true, _) => Why::Hidden(Hidden::Several),
        (false, Some(why)) => Why::Hidden(why.clone()),
        (false, None) => Why::NoServer,
    };
    Backend::unread(Server::unknown(), why, None, None)
}

/// What a command says that starts a server in the machine itself.
fn started(run: &Run, machine: &Machine) -> Option<Reading> {
    let program = base(run.words.first()?);
    if matches!(program, "systemctl" | "service" | "rc-service" | "chkconfig" | "npm" | "yarn" | "pnpm") {
        return None;
    }
    let doc = Doc { name: "command".into(), text: "".into(), start: None };
    let Some(started) = command::started(&run.words, &machine.files) else { return command::java(&run.words, &doc) };
    let mut reading = command::flags(&started, &doc);
    reading.idle = reading.idle.or(|| match (started.server.command_proves(), started.server.idle()) {
        (Some(Strength::Shipped), Some(idle)) => Said::Stated(idle, run.from.clone()),
        _ => Said::Nothing,
    });
    if run.conditional
        && let Said::Stated(_, from) = reading.idle
    {
        reading.idle = Said::Hidden(Hidden::Conditional, from);
    }
    Some(reading)
}

/// The servers that words install as packages or start as services.
fn packages(words: &[String]) -> impl Iterator<Item = Server> {
    let program = words.first().map(|word| base(word)).unwrap_or_default();
    let installs =
        INSTALLERS.contains(&program) && words.iter().any(|word| matches!(word.as_str(), "install" | "add" | "enable"));
    let serves = matches!(program, "systemctl" | "service" | "rc-service" | "chkconfig")
        && !words.iter().any(|word| matches!(word.as_str(), "stop" | "disable" | "mask"));
    let named: Vec<&str> = words
        .iter()
        .skip(1)
        .filter(|_| installs || serves)
        .map(|word| word.split('=').next().unwrap_or(word).trim_end_matches(".service"))
        .collect();
    Server::all()
        .filter(move |server| {
            let has = |name: &String| named.iter().any(|word| word == name);
            server.packages().iter().any(has)
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// The container that `docker run` starts.
fn docker_run(run: &Run) -> Option<Container> {
    const VALUED: [&str; 24] = [
        "-p",
        "--publish",
        "-e",
        "--env",
        "-v",
        "--volume",
        "--name",
        "--restart",
        "--network",
        "--net",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "--env-file",
        "--log-driver",
        "--log-opt",
        "-m",
        "--memory",
        "--cpus",
        "--entrypoint",
        "--platform",
        "--label",
        "--mount",
    ];
    let mut words = run.words.iter();
    if !matches!(base(words.next()?), "docker" | "podman") || words.next()?.as_str() != "run" {
        return None;
    }
    let mut container = Container::default();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            container.image = given(word);
            let command: Vec<Given> = words.by_ref().map(|word| given(word)).collect();
            container.command = (!command.is_empty()).then_some(command);
            return Some(container);
        }
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        if value.is_none() && VALUED.contains(&name) {
            value = words.next().cloned();
        }
        match (name, value) {
            ("-e" | "--env", Some(pair)) => {
                let (name, value) = pair.split_once('=').unwrap_or((&pair, "\u{FFFC}"));
                container.env.push((name.into(), given(value)));
            }
            ("-v" | "--volume", Some(volume)) => {
                container.mounts.extend(volume.split(':').nth(1).map(Into::into));
            }
            ("--mount", Some(_)) => container.mounts.push("/".into()),
            ("--env-file", _) => container.more_env = true,
            ("--entrypoint", Some(word)) => container.entry_point = Some(vec![given(&word)]),
            _ => {}
        }
    }
    None
}

fn given(word: &str) -> Given {
    match word.contains(HOLE) {
        true => Given::Hidden(Hidden::Variable),
        false => word.into(),
    }
}
