//! Command lines: which server a command starts, behind whatever wraps it, and what its flags say. Words come split;
//! runs nothing.

use super::doc::{Doc, Files, HOLE};
use super::keep_alive::{Idle, Reading, Said, Source};
use super::python::Workers;
use super::script::base;
use super::settings::{self, like};
use super::spring::{self, Property};
use super::table::{Server, Within};
use super::{doc, machine::Machine, nginx, script};

/// How often a package script may lead to another.
const DEEPEST: usize = 4;

/// Words that only wrap a command, and how many words of their own come behind them.
const WRAPPERS: [(&[&str], usize); 24] = [
    (&["exec"], 0),
    (&["nohup"], 0),
    (&["sudo"], 0),
    (&["tini"], 0),
    (&["dumb-init"], 0),
    (&["docker-entrypoint.sh"], 0),
    (&["docker-php-entrypoint"], 0),
    (&["env"], 0),
    (&["--"], 0),
    (&["poetry", "run"], 0),
    (&["pipenv", "run"], 0),
    (&["uv", "run"], 0),
    (&["bundle", "exec"], 0),
    (&["npx"], 0),
    (&["pnpm", "exec"], 0),
    (&["yarn", "exec"], 0),
    (&["ddtrace-run"], 0),
    (&["newrelic-admin", "run-program"], 0),
    (&["opentelemetry-instrument"], 0),
    (&["gosu"], 1),
    (&["su-exec"], 1),
    (&["setpriv"], 0),
    (&["with-contenv"], 0),
    (&["chamber", "exec"], 1),
];

/// A command that starts a server.
#[derive(Clone, Debug)]
pub(super) struct Started {
    pub(super) server: Server,
    /// The words behind what names the server.
    pub(super) arguments: Vec<String>,
}

/// The server that words start. Scripts of `package.json` are looked up among `files`.
pub(super) fn started(words: &[String], files: &Files) -> Option<Started> {
    let mut words = words.to_vec();
    for _ in 0..DEEPEST {
        let bare = unwrapped(&words);
        let Some(script) = package_script(bare) else { break };
        let Some(text) = files.ending("package.json").find_map(|file| scripts(&file.doc().ok()?, script)) else {
            break;
        };
        let mut machine = Machine::default();
        script::follow(&mut machine, &Doc { name: "package.json".into(), text: text.into(), start: None });
        words = machine.runs.pop()?.words;
    }
    let words = unwrapped(&words);
    let mut best: Option<(usize, Server)> = None;
    for server in Server::all() {
        for command in server.commands() {
            let count = names(command, words);
            if count > best.map_or(0, |(most, _)| most) {
                best = Some((count, server));
            }
        }
    }
    let (count, server) = best?;
    let arguments = words.get(count..).unwrap_or_default();
    // `node node_modules/.bin/next start` starts what the script is.
    let script = arguments.iter().position(|word| !word.starts_with('-'));
    if let (true, Some(at)) = (server == Server::of("nodejs"), script)
        && let Some(inner) = arguments.get(at..).filter(|inner| inner.first().is_some_and(|word| word.contains('/')))
        && let Some(inner) = started(inner, &Files::new())
    {
        return Some(inner);
    }
    Some(Started { server, arguments: arguments.to_vec() })
}

/// How many words a command of the table takes of these; 0 when they are not it.
fn names(command: &str, words: &[String]) -> usize {
    let mut wanted = command.split(' ');
    let mut at = 0;
    let Some(first) = words.first() else { return 0 };
    let program = base(first).trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    let name = wanted.next().unwrap_or_default();
    let plain = name.trim_end_matches(|char: char| char.is_ascii_digit());
    if !(base(first) == name || (program == plain && (name == plain || program == "python"))) {
        return 0;
    }
    at += 1;
    for word in wanted {
        // Python takes flags in front of `-m`.
        while word == "-m" && words.get(at).is_some_and(|word| matches!(word.as_str(), "-u" | "-O" | "-B" | "-OO")) {
            at += 1;
        }
        if words.get(at).is_none_or(|found| found != word) {
            return 0;
        }
        at += 1;
    }
    at
}

fn unwrapped(words: &[String]) -> &[String] {
    let mut words = words;
    loop {
        let before = words.len();
        for (wrapper, own) in WRAPPERS {
            let fits =
                wrapper.len() < words.len() && wrapper.iter().zip(words).all(|(wanted, word)| base(word) == *wanted);
            if fits {
                words = words.get(wrapper.len() + own..).unwrap_or_default();
                while words.len() > 1
                    && words.first().is_some_and(|word| word.starts_with('-') || is_assignment(word))
                    && words.first().is_some_and(|word| word != "-m")
                {
                    words = words.get(1..).unwrap_or_default();
                }
            }
        }
        while words.len() > 1 && words.first().is_some_and(|word| is_assignment(word)) {
            words = words.get(1..).unwrap_or_default();
        }
        if words.len() == before {
            return words;
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
    })
}

/// The script that `npm start`, `npm run x`, `yarn x` and the like run.
fn package_script(words: &[String]) -> Option<&str> {
    let program = base(words.first()?);
    if !matches!(program, "npm" | "yarn" | "pnpm" | "bun") {
        return None;
    }
    let mut rest = words.iter().skip(1).map(String::as_str).filter(|word| !word.starts_with('-'));
    match rest.next()? {
        "run" | "run-script" => rest.next(),
        "start" => Some("start"),
        other if program == "yarn" || program == "pnpm" => Some(other),
        _ => None,
    }
}

fn scripts(doc: &Doc, script: &str) -> Option<String> {
    let entries = settings::json(doc).ok()?;
    let wanted = format!("scripts.{script}");
    entries.into_iter().flatten().find(|entry| entry.path == wanted).map(|entry| entry.value)
}

/// What the flags of a command say of its server.
pub(super) fn flags(started: &Started, doc: &Doc) -> Reading {
    let Started { server, arguments } = started;
    let mut reading = Reading::of(*server);
    for setting in server.settings(Within::Flag) {
        if let Some((name, value)) = flag(arguments, &setting.name) {
            reading.idle = setting.say(&value, source(doc, &name, &value));
        }
    }
    for limit in server.limits(Within::Flag) {
        let names = std::iter::once(&limit.setting.name).chain(&limit.aliases);
        let set = names.filter_map(|name| flag(arguments, name)).next();
        reading.limits.extend(match set {
            Some((name, value)) => limit.say(*server, &value, source(doc, &name, &value)),
            None => limit.by_default(*server),
        });
    }
    if *server == Server::of("nginx")
        && let Some((_, text)) = flag(arguments, "-g")
    {
        let start = doc.start.zip(doc.text.find(&text)).map(|(start, at)| start + at);
        let inner = Doc { name: doc.name.clone(), text: text.as_str().into(), start };
        let global = nginx::global(&inner);
        reading.idle = global.idle;
        reading.defects = global.defects;
    }
    reading
}

/// How gunicorn's flags choose its workers.
pub(super) fn workers(arguments: &[String]) -> Workers {
    let either =
        |long: &str, short: &str| flag(arguments, long).or_else(|| flag(arguments, short)).map(|(_, value)| value);
    let class = either("--worker-class", "-k");
    let threads = either("--threads", "--threads");
    Workers::of(class.as_deref(), threads.as_deref())
}

/// Properties of Spring and Java in words: `-Dkey=value`, `--key=value`.
pub(super) fn properties(words: &[String], doc: &Doc) -> Vec<Property> {
    let pairs = words.iter().filter_map(|word| {
        let body = word.strip_prefix("-D").or_else(|| word.strip_prefix("--"))?;
        let (key, value) = body.split_once('=')?;
        let from = source(doc, word.split('=').next().unwrap_or_default(), value);
        Some(Property { key: key.to_owned(), value: value.to_owned(), from })
    });
    // Arguments behind the jar win over system properties.
    let mut all: Vec<Property> = pairs.collect();
    all.sort_by_key(|property| property.from.what.contains("`--"));
    all
}

/// What a command of `java` says by its properties; nothing when it names no setting.
pub(super) fn java(words: &[String], doc: &Doc) -> Option<Reading> {
    let properties = properties(words, doc);
    let reading = spring::of_properties(&properties);
    (!matches!(reading.idle, Said::Nothing)).then_some(reading)
}

/// The value of a flag, the last one that is given: `--flag value`, `--flag=value`, `-fvalue`.
pub(super) fn flag(words: &[String], name: &str) -> Option<(String, String)> {
    let mut found = None;
    let short = name.len() == 2;
    let wild = name.contains('*');
    for (at, word) in words.iter().enumerate() {
        let (own, value) = match word.split_once('=') {
            Some((own, value)) if !short => (own, Some(value)),
            _ => (word.as_str(), None),
        };
        let fits = if wild { like(name, own) } else { own == name };
        if fits {
            let next = value.map(str::to_owned).or_else(|| words.get(at + 1).cloned());
            found = Some((own.to_owned(), next.unwrap_or_else(|| HOLE.to_string())));
        } else if short
            && !word.starts_with("--")
            && let Some(rest) = word.strip_prefix(name)
        {
            found = Some((name.to_owned(), rest.trim_start_matches('=').to_owned()));
        }
    }
    found
}

/// A flag as a source, with its place when the words stand in a text.
fn source(doc: &Doc, name: &str, value: &str) -> Source {
    let what = format!("flag `{}`", name.trim_end_matches('='));
    let at = [format!("{name}={value}"), format!("{name} {value}")]
        .into_iter()
        .find_map(|written| Some((doc.text.find(&written)?, written.len())));
    match at {
        Some((start, length)) if !doc::has_hole(value) => doc.source(what, start..start + length),
        _ => Source::named(what),
    }
}

/// Flags without a program, where the image's entry point is not visible: what every server that knows the first of
/// them would make of it, if they agree.
pub(super) fn bare(words: &[String], doc: &Doc) -> Option<Reading> {
    let first = words.first().filter(|word| word.starts_with('-'))?;
    let name = first.split('=').next().unwrap_or(first);
    let all = words.iter().any(|word| word.starts_with("--"));
    let known = |server: &Server| server.settings(Within::Flag).any(|setting| flag(words, &setting.name).is_some());
    let readings: Vec<Reading> = Server::all()
        .filter(|server| all && !name.is_empty() && known(server))
        .map(|server| flags(&Started { server, arguments: words.to_vec() }, doc))
        .collect();
    let mut readings = readings.into_iter();
    let first = readings.next()?;
    let same = readings.all(|other| match (&first.idle, &other.idle) {
        (Said::Stated(a, _), Said::Stated(b, _)) => a == b,
        _ => false,
    });
    same.then_some(first)
}

/// What a gunicorn's setting comes to with its workers.
pub(super) fn with_workers(idle: Said, workers: Workers) -> Said {
    match (workers, idle) {
        (Workers::Sync, Said::Hidden(why, from)) => Said::Hidden(why, from),
        (Workers::Sync, _) => Said::Stated(Idle::ClosesEach, Source::named("sync workers of gunicorn")),
        (_, idle) => idle,
    }
}
