//! Python: `gunicorn.conf.py`, and programs that start uvicorn, waitress, aiohttp or Sanic themselves. Assignments and
//! keyword arguments of literal numbers; nothing is run. hypercorn's TOML is here, too.

use std::collections::BTreeSet;

use super::code::{Code, Kind, PYTHON, agree};
use super::doc::Doc;
use super::keep_alive::{Hidden, Idle, Reading, Said, Source};
use super::settings;
use super::table::{Server, Within};

/// Worker classes of gunicorn that keep connections.
const KEEPING: [&str; 5] = ["gthread", "gevent", "eventlet", "tornado", "uvicorn"];

/// How gunicorn's workers are chosen, by flags or in its configuration file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Workers {
    /// Nobody says.
    #[default]
    Unsaid,
    /// `sync`, with one thread: closes after each response.
    Sync,
    /// Keeps connections.
    Keeping,
}

impl Workers {
    pub(super) fn of(class: Option<&str>, threads: Option<&str>) -> Workers {
        let class = class.map(|class| class.trim_matches(['"', '\'']));
        match (class, threads.map(str::parse::<u32>)) {
            (None | Some("sync"), Some(Ok(threads))) if threads > 1 => Workers::Keeping,
            (Some("sync"), None | Some(Ok(_))) => Workers::Sync,
            (Some(class), _) if KEEPING.iter().any(|keeping| class.contains(keeping)) => Workers::Keeping,
            _ => Workers::Unsaid,
        }
    }
}

/// What `gunicorn.conf.py` says, and of its workers.
pub(super) fn gunicorn(doc: &Doc) -> (Reading, Workers) {
    let code = Code::of(doc, &PYTHON);
    let server = Server::of("gunicorn");
    let mut reading = Reading::of(server);
    for setting in server.settings(Within::Python) {
        let all = assigned(&code, &setting.name).map(|at| code.say(setting, at + 2, source(&code, &setting.name, at)));
        reading.idle = last_or_several(&code, &setting.name, all.collect());
    }
    for limit in server.limits(Within::Python) {
        let set = assigned(&code, &limit.setting.name).last();
        let value = set.and_then(|at| Some((code.expression(at + 2)?, at)));
        reading.limits.extend(match (set, value) {
            (None, _) => limit.by_default(server),
            (Some(_), Some((value, at))) => {
                limit.say(server, &format!("{value}"), source(&code, &limit.setting.name, at))
            }
            (Some(_), None) => None,
        });
    }
    let text = |name: &str| assigned(&code, name).last().map(|at| code.word(at + 2));
    let workers = Workers::of(text("worker_class"), text("threads"));
    if workers == Workers::Sync && !matches!(reading.idle, Said::Hidden(..)) {
        let from = Source::named("sync workers in gunicorn.conf.py");
        reading.idle = Said::Stated(Idle::ClosesEach, from);
    }
    (reading, workers)
}

/// What a program says that starts a server itself; nothing when it starts none.
#[must_use]
pub fn program(doc: &Doc) -> Option<Reading> {
    const CALLS: [(&str, &str, &str); 7] = [
        ("uvicorn", "run", "uvicorn"),
        ("uvicorn", "Config", "uvicorn"),
        ("waitress", "serve", "waitress"),
        ("", "serve", "waitress"),
        ("web", "run_app", "aiohttp"),
        ("web", "AppRunner", "aiohttp"),
        ("", "run_app", "aiohttp"),
    ];
    let code = Code::of(doc, &PYTHON);
    let imported: BTreeSet<&str> = (0..code.tokens.len())
        .filter(|&at| matches!(code.before(at), "import" | "from"))
        .map(|at| code.word(at))
        .collect();
    for at in 0..code.tokens.len() {
        let owner = if code.before(at) == "." && at >= 2 { code.word(at - 2) } else { "" };
        let call = CALLS.iter().find(|(of, name, _)| *of == owner && *name == code.word(at));
        let Some((_, name, id)) = call.filter(|_| code.word(at + 1) == "(") else { continue };
        if !imported.contains(id) {
            continue;
        }
        let server = Server::of(id);
        let Some(setting) = server.settings(Within::Python).next() else { continue };
        let idle = argument(&code, at + 1, &setting.name).map_or_else(
            || match (spreads(&code, at + 1), server.idle()) {
                (false, Some(idle)) => {
                    Said::Stated(idle, source(&code, &format!("{name}() without `{}`", setting.name), at))
                }
                _ => Said::Hidden(Hidden::Calculated, source(&code, name, at)),
            },
            |value| code.say(setting, value + 2, source(&code, &setting.name, value)),
        );
        return Some(Reading::of(server).saying(idle));
    }
    None
}

/// What `hypercorn.toml` says.
#[must_use]
pub fn hypercorn(doc: &Doc) -> Reading {
    let server = Server::of("hypercorn");
    settings::named(doc, settings::toml(doc), server, Within::Hypercorn)
}

fn source(code: &Code<'_>, name: &str, at: usize) -> Source {
    let range = code.tokens.get(at).map_or(0..0, |token| token.range.clone());
    code.doc.source(format!("`{name}`"), range)
}

/// Assignments at the beginning of a line, whatever their indentation.
fn assigned<'c>(code: &'c Code<'_>, name: &'c str) -> impl Iterator<Item = usize> + 'c {
    (0..code.tokens.len()).filter(move |&at| {
        let starts = at == 0 || code.tokens.get(at - 1).is_some_and(|token| token.kind == Kind::Line);
        starts && code.word(at) == name && code.word(at + 1) == "="
    })
}

/// Assignments at the left margin follow each other, so the last holds; an indented one depends on something.
fn last_or_several(code: &Code<'_>, name: &str, mut all: Vec<Said>) -> Said {
    let at_margin = assigned(code, name).all(|at| {
        let start = code.tokens.get(at).map_or(0, |token| token.range.start);
        start == 0 || code.doc.text.as_bytes().get(start - 1) == Some(&b'\n')
    });
    if at_margin {
        return all.pop().unwrap_or(Said::Nothing);
    }
    match agree(all) {
        Said::Stated(_, from) => Said::Hidden(Hidden::Conditional, from),
        said => said,
    }
}

/// The keyword argument `name` of the call whose bracket is token `open`.
fn argument(code: &Code<'_>, open: usize, name: &str) -> Option<usize> {
    inside(code, open).find(|&at| code.word(at) == name && code.word(at + 1) == "=" && code.before(at) != ".")
}

/// Whether the call takes arguments from a mapping.
fn spreads(code: &Code<'_>, open: usize) -> bool {
    inside(code, open).any(|at| code.word(at) == "**")
}

fn inside<'c>(code: &'c Code<'_>, open: usize) -> impl Iterator<Item = usize> + 'c {
    let depths = code.depths();
    let level = depths.get(open).copied().unwrap_or_default();
    let end = (open + 1..code.tokens.len()).find(|&at| depths.get(at) == Some(&level)).unwrap_or(code.tokens.len());
    (open + 1..end).filter(move |at| depths.get(*at) == Some(&(level + 1)))
}
