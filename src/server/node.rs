//! JavaScript and TypeScript: what a program sets as `keepAliveTimeout` of its HTTP server, and whether its
//! `headersTimeout` is larger. Only assignments and options of a server's constructor count; an HTTP agent's do not.

use super::code::{Code, JAVASCRIPT, Kind, agree, millis};
use super::doc::Doc;
use super::keep_alive::{Defect, Hidden, Reading, Said};
use super::table::{Server, Setting, Within};

/// Functions that make a server and take the option in an object.
const MAKERS: [&str; 6] = ["createServer", "createSecureServer", "Server", "Fastify", "fastify", "serve"];

/// The most places of one file that may set something.
const MOST_PLACES: usize = 500;

/// The `headersTimeout` of Node itself.
const HEADERS_DEFAULT: u64 = 60_000;

/// What a file of JavaScript or TypeScript says. Nothing when it neither sets a timeout nor names a server.
#[must_use]
pub fn read(doc: &Doc) -> Option<Reading> {
    let code = Code::of(doc, &JAVASCRIPT);
    let named = framework(&code);
    let server = named.unwrap_or_else(|| Server::of("nodejs"));
    let mut reading = Reading::of(server);
    let Some(setting) = Server::of("nodejs").settings(Within::Javascript).next() else { return Some(reading) };
    reading.idle = found(&code, setting, "keepAliveTimeout");
    if server == Server::of("bun")
        && let Some(own) = server.settings(Within::Javascript).next()
    {
        reading.idle = found(&code, own, "idleTimeout");
    }
    let headers = found(&code, setting, "headersTimeout");
    let nothing = matches!((&reading.idle, &headers), (Said::Nothing, Said::Nothing));
    if nothing && named.is_none() && !listens(&code) {
        return None;
    }
    reading.defects.extend(too_short(&reading.idle, headers));
    for limit in server.limits(Within::Javascript) {
        if let Said::Stated(_, from) = found(&code, &limit.setting, &limit.setting.name) {
            let value = value_of(&code, &limit.setting.name);
            reading.limits.extend(value.and_then(|value| limit.say(server, &value, from)));
        }
    }
    Some(reading)
}

/// A keep-alive that the headers timeout cuts short.
fn too_short(idle: &Said, headers: Said) -> Option<Defect> {
    let Said::Stated(_, idle_from) = idle else { return None };
    let keep_alive = millis(idle)?;
    let (headers, stated, from) = match headers {
        Said::Stated(..) => (
            millis(&headers)?,
            true,
            match headers {
                Said::Stated(_, from) => from,
                _ => return None,
            },
        ),
        Said::Nothing => (HEADERS_DEFAULT, false, idle_from.clone()),
        Said::Hidden(..) => return None,
    };
    (headers <= keep_alive).then_some(Defect::HeadersTimeout { headers, stated, keep_alive, from })
}

/// Whether the file starts a server at all.
fn listens(code: &Code<'_>) -> bool {
    (0..code.tokens.len()).any(|at| {
        let made = matches!(code.word(at), "createServer" | "createSecureServer" | "listen");
        made && code.tokens.get(at).is_some_and(|token| token.kind == Kind::Word) && code.word(at + 1) == "("
    })
}

/// The framework it imports.
fn framework(code: &Code<'_>) -> Option<Server> {
    let mut found = None;
    for at in 0..code.tokens.len() {
        let imported = matches!(code.before(at), "from" | "import")
            || (code.before(at) == "(" && at >= 2 && matches!(code.word(at - 2), "require" | "import"));
        if code.word(at) == "Bun" && code.word(at + 1) == "." && code.word(at + 2) == "serve" {
            return Server::find("bun");
        }
        let Some(module) = code.string(at).filter(|_| imported) else { continue };
        let id = match module {
            "fastify" | "@nestjs/platform-fastify" => "fastify",
            "express" => "express",
            "koa" => "koa",
            "@hapi/hapi" => "hapi",
            "@nestjs/core" => "nestjs",
            "next" => "nextjs",
            _ => continue,
        };
        // Fastify under Nest answers as Fastify does.
        if found.is_none() || id == "fastify" {
            found = Server::find(id);
        }
    }
    found
}

fn found(code: &Code<'_>, setting: &Setting, name: &str) -> Said {
    let mut of_objects: Vec<(String, Vec<InBlock>)> = Vec::new();
    let places = places(code, name);
    if places.len() > MOST_PLACES {
        return Said::Hidden(Hidden::TooLarge, code.doc.source(format!("`{name}`"), 0..0));
    }
    for Place { owner, at, block } in places {
        let Some(token) = code.tokens.get(at) else { continue };
        let from = code.doc.source(format!("`{name}`"), token.range.clone());
        let said = code.say(setting, at + 2, from);
        match of_objects.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, all)) => all.push((block, said)),
            None => of_objects.push((owner, vec![(block, said)])),
        }
    }
    let mut said = Said::Nothing;
    for (_, all) in of_objects {
        // One after the other in the same block: the last one holds. In different blocks it depends.
        let first = all.first().map(|(block, _)| *block);
        let same_block = all.iter().all(|(block, _)| Some(*block) == first);
        let mut all: Vec<Said> = all.into_iter().map(|(_, said)| said).collect();
        let of_one = if same_block { all.pop().unwrap_or(Said::Nothing) } else { agree(all) };
        said = said.and(of_one);
    }
    said
}

fn value_of(code: &Code<'_>, name: &str) -> Option<String> {
    let at = places(code, name).pop()?.at;
    Some(format!("{}", code.expression(at + 2)?))
}

/// What is said in the block whose bracket is this token.
type InBlock = (Option<usize>, Said);

/// Where something is set.
struct Place {
    /// The object it is set on.
    owner: String,
    /// The token of its name; the value begins two tokens on.
    at: usize,
    /// The bracket of the block around it.
    block: Option<usize>,
}

fn places(code: &Code<'_>, name: &str) -> Vec<Place> {
    let mut places = Vec::new();
    // Open brackets: where, and what is called there.
    let mut open: Vec<(usize, &str)> = Vec::new();
    for at in 0..code.tokens.len() {
        let Some(token) = code.tokens.get(at) else { break };
        let word = code.word(at);
        let block = open.last().map(|(at, _)| *at);
        match token.kind {
            Kind::Mark if word == "(" => open.push((at, callee(code, at))),
            Kind::Mark if matches!(word, "[" | "{") => open.push((at, word)),
            Kind::Mark if matches!(word, ")" | "]" | "}") => drop(open.pop()),
            Kind::Word if word == name && code.before(at) == "." && code.word(at + 1) == "=" => {
                places.push(Place { owner: code.word(at.saturating_sub(2)).to_owned(), at, block });
            }
            Kind::Word if word == name && code.word(at + 1) == ":" => {
                let mut around = open.iter().rev().map(|(_, called)| *called);
                if around.next() == Some("{") && around.next().is_some_and(|maker| MAKERS.contains(&maker)) {
                    places.push(Place { owner: "{".to_owned(), at, block });
                }
            }
            _ => {}
        }
    }
    places
}

/// What is called at this bracket; for `require('fastify')(…)` the module.
fn callee<'c>(code: &Code<'c>, open: usize) -> &'c str {
    match code.before(open) {
        ")" => open.checked_sub(2).and_then(|at| code.string(at)).unwrap_or_default(),
        name => name,
    }
}
