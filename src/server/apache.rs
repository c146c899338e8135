//! Apache httpd: its directives with line continuation, sections and includes, and what `KeepAlive` and
//! `KeepAliveTimeout` come to for the main server and each virtual host; where mod_proxy hands requests on to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::doc::{Doc, Files};
use super::keep_alive::{Hidden, Idle, Onward, Reading, Said, Source};
use super::table::{Server, Within};

/// How deep sections and includes may nest together.
const DEEPEST: usize = 32;

/// The most lines of one configuration, includes and all.
const MOST: usize = 100_000;

/// The most `Include` lines of one configuration.
const MOST_INCLUDES: usize = 200;

/// What a configuration says. `port` is the one the target listens on, when it is known: of virtual hosts only those on
/// this port count.
#[must_use]
pub fn read(doc: &Doc, files: &Files, port: Option<u16>) -> Reading {
    let server = Server::of("apache");
    let mut lines = Vec::new();
    let mut left = MOST;
    if let Err(why) = collect(doc, files, 0, &mut left, &mut Vec::new(), &mut lines) {
        return Reading::of(server).saying(Said::Hidden(why, doc.source("Apache configuration", 0..0)));
    }
    let mut reading = Reading::of(server);
    for limit in server.limits(Within::Apache) {
        let set = lines.iter().rev().find(|line| line.is(&limit.setting.name));
        reading.limits.extend(match set {
            Some(line) => line.arguments.first().and_then(|value| limit.say(server, value, line.source())),
            None => limit.by_default(server),
        });
    }
    reading.onward.extend(lines.iter().filter_map(|line| onward(line, &lines)));
    let speaks = |line: &&Line| line.is("KeepAlive") || line.is("KeepAliveTimeout") || line.absent;
    let mut main = Vec::new();
    let mut hosts: BTreeMap<usize, Vec<&Line>> = BTreeMap::new();
    for line in lines.iter().filter(speaks) {
        match line.host {
            None => main.push(line),
            Some(host) => hosts.entry(host).or_default().push(line),
        }
    }
    reading.idle = said(&main, &[]);
    for own in hosts.values() {
        let elsewhere =
            own.first().is_some_and(|line| port.is_some() && line.host_port.is_some() && line.host_port != port);
        if !elsewhere {
            reading.idle = std::mem::replace(&mut reading.idle, Said::Nothing).and(said(&main, own));
        }
    }
    reading
}

/// One directive where it stands.
struct Line {
    name: String,
    arguments: Vec<String>,
    doc: Doc,
    range: Range<usize>,
    /// The virtual host around it, by number.
    host: Option<usize>,
    host_port: Option<u16>,
    /// Inside something that holds only sometimes (`<If>`, `<IfDefine>`).
    conditional: bool,
    /// It includes files…
    includes: bool,
    /// …and these are not there.
    absent: bool,
}

impl Line {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn source(&self) -> Source {
        self.doc.source(format!("directive `{}`", self.name), self.range.clone())
    }
}

/// The timeout of the main server, or of a host, which inherits from it. The last directive of a name holds.
fn said(main: &[&Line], host: &[&Line]) -> Said {
    let last = |name: &str| {
        host.iter().rev().find(|line| line.is(name)).or_else(|| main.iter().rev().find(|line| line.is(name)))
    };
    if let Some(off) =
        last("KeepAlive").filter(|line| line.arguments.first().is_some_and(|word| word.eq_ignore_ascii_case("off")))
    {
        return match off.conditional {
            true => Said::Hidden(Hidden::Conditional, off.source()),
            false => Said::Stated(Idle::ClosesEach, off.source()),
        };
    }
    let Some(line) = last("KeepAliveTimeout") else {
        let absent = main.iter().chain(host).find(|line| line.absent);
        return absent.map_or(Said::Nothing, |line| {
            let name = line.arguments.first().map_or("", String::as_str);
            Said::Hidden(Hidden::AbsentFile(name.into()), line.source())
        });
    };
    let setting = Server::of("apache").settings(Within::Apache).next();
    match (setting, line.arguments.first()) {
        _ if line.conditional => Said::Hidden(Hidden::Conditional, line.source()),
        (Some(setting), Some(value)) => setting.say(value, line.source()),
        _ => Said::Hidden(Hidden::Malformed, line.source()),
    }
}

/// Where a `ProxyPass` or a member of a balancer hands requests on to. mod_proxy keeps idle connections in a pool without
/// limit, unless `ttl` says so; its `keepalive` is that of TCP.
fn onward(line: &Line, lines: &[Line]) -> Option<Onward> {
    let passes = ["ProxyPass", "ProxyPassMatch", "BalancerMember"].iter().any(|name| line.is(name));
    let at = line.arguments.iter().position(|word| word.starts_with("http://") || word.starts_with("https://"))?;
    let to = line.arguments.get(at).filter(|_| passes)?;
    let option = |name: &str| {
        let own = line.arguments.iter().skip(at + 1);
        own.filter_map(|word| word.split_once('='))
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let off = |line: &&Line| {
        line.is("SetEnv") && line.arguments.first().is_some_and(|name| name.eq_ignore_ascii_case("proxy-nokeepalive"))
    };
    let reuse = match (option("disablereuse"), option("ttl"), lines.iter().find(off)) {
        _ if line.conditional => Said::Hidden(Hidden::Conditional, line.source()),
        (_, _, Some(off)) if off.conditional => Said::Hidden(Hidden::Conditional, off.source()),
        (_, _, Some(off)) => Said::Stated(Idle::ClosesEach, off.source()),
        (Some(word), ..) if word.eq_ignore_ascii_case("on") => Said::Stated(Idle::ClosesEach, line.source()),
        (_, Some(seconds), _) => {
            let setting = Server::of("apache").settings(Within::Apache).next();
            setting.map_or(Said::Nothing, |setting| setting.say(seconds, line.source()))
        }
        _ => Said::Stated(Idle::Infinite, line.source()),
    };
    // What stands in front of an `@` is a name and a password.
    let to = to.rsplit('@').next().unwrap_or(to);
    Some(Onward { to: to.into(), reuse, from: line.source() })
}

/// A section that is open: its name, and what holds in it.
struct Section {
    name: String,
    host: Option<(usize, Option<u16>)>,
    conditional: bool,
}

fn collect(
    doc: &Doc,
    files: &Files,
    depth: usize,
    left: &mut usize,
    open: &mut Vec<Section>,
    lines: &mut Vec<Line>,
) -> Result<(), Hidden> {
    if depth > DEEPEST {
        return Err(Hidden::TooLarge);
    }
    let outside = open.len();
    for (text, range) in logical(&doc.text) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        *left = left.checked_sub(1).ok_or(Hidden::TooLarge)?;
        if let Some(name) = text.strip_prefix("</") {
            let name = name.trim_end_matches('>').trim();
            if open.len() <= outside || !open.pop().is_some_and(|section| section.name.eq_ignore_ascii_case(name)) {
                return Err(Hidden::Malformed);
            }
            continue;
        }
        if let Some(head) = text.strip_prefix('<') {
            if open.len() + depth >= DEEPEST {
                return Err(Hidden::TooLarge);
            }
            let mut parts = words(head.trim_end_matches('>')).into_iter();
            let name = parts.next().ok_or(Hidden::Malformed)?;
            let arguments: Vec<String> = parts.collect();
            let host = name.eq_ignore_ascii_case("VirtualHost").then(|| {
                let port = arguments.first().and_then(|address| address.rsplit(':').next()?.parse().ok());
                (lines.len(), port)
            });
            let host = host.or(open.last().and_then(|section| section.host));
            // Modules are there as a rule, and a missing one would leave out more than a timeout.
            let holds = ["VirtualHost", "IfModule", "Location", "LocationMatch", "Proxy", "ProxyMatch"];
            let conditional = open.last().is_some_and(|section| section.conditional)
                || !(holds.iter().any(|known| name.eq_ignore_ascii_case(known)))
                || arguments.first().is_some_and(|first| first.starts_with('!'));
            open.push(Section { name, host, conditional });
            continue;
        }
        let mut parts = words(text).into_iter();
        let Some(name) = parts.next() else { continue };
        let (host, host_port) =
            open.last().and_then(|section| section.host).map_or((None, None), |(at, port)| (Some(at), port));
        let conditional = open.last().is_some_and(|section| section.conditional);
        let mut line = Line {
            name,
            arguments: parts.collect(),
            doc: doc.clone(),
            range,
            host,
            host_port,
            conditional,
            includes: false,
            absent: false,
        };
        if line.is("Include") || line.is("IncludeOptional") {
            include(&mut line, files, depth, left, open, lines)?;
        }
        lines.push(line);
    }
    if open.len() == outside { Ok(()) } else { Err(Hidden::Malformed) }
}

/// Reads the files that an `Include` names. One with a pattern that matches nothing is harmless; one that is not there
/// may set anything.
fn include(
    line: &mut Line,
    files: &Files,
    depth: usize,
    left: &mut usize,
    open: &mut Vec<Section>,
    lines: &mut Vec<Line>,
) -> Result<(), Hidden> {
    let Some(pattern) = line.arguments.first() else { return Ok(()) };
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let last = folder.rsplit('/').next().unwrap_or_default();
    let found: Vec<Doc> = files
        .iter()
        .filter(|file| {
            let (own_folder, own) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            let near = own_folder.rsplit('/').next().unwrap_or_default() == last;
            let fits = match name.split_once('*') {
                Some((head, tail)) => own.starts_with(head) && own.ends_with(tail),
                None => own == name,
            };
            near && fits
        })
        .filter_map(|file| file.doc().ok())
        .collect();
    if lines.iter().filter(|line| line.includes).count() >= MOST_INCLUDES {
        return Err(Hidden::TooLarge);
    }
    line.includes = true;
    line.absent = found.is_empty() && !name.contains('*') && line.is("Include");
    for doc in found {
        collect(&doc, files, depth + 1, left, open, lines)?;
    }
    Ok(())
}

/// Lines with their continuations joined.
fn logical(text: &str) -> Vec<(String, Range<usize>)> {
    let mut lines: Vec<(String, Range<usize>)> = Vec::new();
    let mut continues = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let (body, more) = body.strip_suffix('\\').map_or((body, false), |body| (body, true));
        let start = at + (body.len() - body.trim_start().len());
        let end = at + body.trim_end().len();
        match lines.last_mut() {
            Some((joined, range)) if continues => {
                joined.push_str(body);
                range.end = end;
            }
            _ => lines.push((body.to_owned(), start..end.max(start))),
        }
        continues = more;
        at += line.len();
    }
    lines
}

/// Words of a line; quotes group.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'') {
            let inside = rest.get(1..).unwrap_or_default();
            let end = inside.find(first).unwrap_or(inside.len());
            words.push(inside.get(..end).unwrap_or_default().to_owned());
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(rest.get(..end).unwrap_or_default().to_owned());
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.trim_start();
    }
    words
}
