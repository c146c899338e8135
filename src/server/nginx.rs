//! nginx: its configuration language with blocks, quotes, comments and includes, and what `keepalive_timeout` comes to
//! for each server and location. Includes are looked up among given files. Lua blocks and variables are not run.

use std::collections::HashMap;
use std::ops::Range;

use super::doc::{Doc, File, Files};
use super::keep_alive::{Defect, Hidden, Idle, Onward, Reading, RequestLimit, Said};
use super::table::{Server, Setting, Within};
use crate::graph::Text;

/// How deep blocks and includes may nest together.
const DEEPEST: usize = 32;

/// The most directives of one configuration, includes and all.
const MOST: usize = 100_000;

/// The most files that includes may bring in, each as often as it is included.
const MOST_FILES: usize = 200;

/// What a configuration says. `port` is the one the target listens on, when it is known: only servers that listen
/// there count. A text without an `http` block is taken as what stands inside one (a file of `conf.d`).
#[must_use]
pub fn read(doc: &Doc, files: &Files, port: Option<u16>) -> Reading {
    let server = Server::of("nginx");
    let mut reader = Reader { files, left: MOST, left_files: MOST_FILES, base: folder(doc) };
    let tree = match reader.blocks(doc, 0) {
        Ok(tree) => tree,
        Err(why) => {
            let said = Said::Hidden(why, doc.source("nginx configuration", 0..0));
            return Reading::of(server).saying(said);
        }
    };
    interpret(&tree, port)
}

/// What the text after `nginx -g` says. These directives stand outside of all blocks, where nginx takes no
/// `keepalive_timeout`: it refuses to start.
#[must_use]
pub fn global(doc: &Doc) -> Reading {
    let server = Server::of("nginx");
    let mut reading = Reading::of(server);
    let Ok(tree) = (Reader { files: &Files::new(), left: MOST, left_files: 0, base: String::new() }).blocks(doc, 0)
    else {
        return reading;
    };
    for directive in tree.iter().filter(|directive| directive.name == "keepalive_timeout") {
        reading.idle = keep_alive(directive);
        let from = directive.source();
        reading.defects.push(Defect::Misplaced { directive: "keepalive_timeout".into(), from });
    }
    reading
}

/// A directive with its arguments and, when it is a block, what stands in it.
#[derive(Debug)]
struct Directive {
    name: String,
    arguments: Vec<String>,
    doc: Doc,
    range: Range<usize>,
    block: Option<Vec<Directive>>,
    /// Its files are not there.
    absent: bool,
}

impl Directive {
    fn source(&self) -> super::keep_alive::Source {
        self.doc.source(format!("directive `{}`", self.name), self.range.clone())
    }

    fn children<'d>(&'d self, name: &'d str) -> impl Iterator<Item = &'d Directive> {
        self.block.iter().flatten().filter(move |child| child.name == name)
    }
}

fn interpret(tree: &[Directive], port: Option<u16>) -> Reading {
    let mut reading = Reading::of(Server::of("nginx"));
    let http: Vec<&Directive> = tree.iter().filter(|directive| directive.name == "http").collect();
    let implied;
    let scopes: Vec<&[Directive]> = if http.is_empty() {
        implied = tree;
        vec![implied]
    } else {
        http.iter().filter_map(|http| http.block.as_deref()).collect()
    };
    for directives in scopes {
        scope(directives, port, &mut reading);
    }
    if matches!(reading.idle, Said::Nothing)
        && let Some(include) = tree.iter().find(|directive| directive.absent)
    {
        reading.idle = hidden_by(include);
    }
    for limit in reading.server.limits(Within::Nginx) {
        let serves = match limit.setting.name.as_str() {
            "proxy_read_timeout" => "proxy_pass",
            "fastcgi_read_timeout" => "fastcgi_pass",
            "uwsgi_read_timeout" => "uwsgi_pass",
            _ => "grpc_pass",
        };
        if any(tree, serves) && !reading.limits.iter().any(|known| known.key.as_str() == limit.setting.name) {
            reading.limits.extend(limit.by_default(reading.server));
        }
    }
    reading
}

/// One `http` block: its own timeout goes for each server that has none, a server's for each of its locations.
fn scope(http: &[Directive], port: Option<u16>, reading: &mut Reading) {
    let outer = own(http, Said::Nothing);
    let servers: Vec<&Directive> = http.iter().filter(|directive| directive.name == "server").collect();
    let on_port: Vec<&&Directive> =
        servers.iter().filter(|server| port.is_none_or(|port| ports(server).contains(&port))).collect();
    let ports_differ = {
        let mut seen: Vec<Vec<u16>> = servers.iter().map(|server| ports(server)).collect();
        seen.sort();
        seen.dedup();
        seen.len() > 1
    };
    let mut said = Said::Nothing;
    let mut values = Vec::new();
    let answering = if on_port.is_empty() { servers.iter().collect() } else { on_port };
    let versions: Option<Vec<&Directive>> =
        answering.iter().map(|server| tls_versions(server.block.as_deref().unwrap_or_default(), http)).collect();
    if let Some([first, ..]) = versions.as_deref()
        && versions.iter().flatten().all(|versions| versions.arguments == ["TLSv1.3"])
    {
        reading.defects.push(Defect::OnlyTls13 { from: first.source() });
    }
    for server in answering {
        let children = server.block.as_deref().unwrap_or_default();
        let of_server = locations(children, own(children, outer.clone()));
        values.push(of_server.clone());
        said = said.and(of_server);
    }
    if servers.is_empty() {
        said = locations(http, outer);
    }
    if let Some(include) = http.iter().find(|directive| directive.absent && !is_folder(directive)) {
        said = said.and(hidden_by(include));
    }
    let first = values.first().and_then(stated);
    if port.is_none() && ports_differ && values.iter().any(|value| stated(value) != first) {
        let from = match said {
            Said::Stated(_, from) | Said::Hidden(_, from) => from,
            Said::Nothing => super::keep_alive::Source::named("directive `keepalive_timeout`"),
        };
        said = Said::Hidden(Hidden::Several, from);
    }
    reading.idle = std::mem::replace(&mut reading.idle, Said::Nothing).and(said);
    collect(http, http, reading);
}

/// The TLS versions of a server: its own, else those around it.
fn tls_versions<'d>(server: &'d [Directive], http: &'d [Directive]) -> Option<&'d Directive> {
    server.iter().chain(http).find(|directive| directive.name == "ssl_protocols")
}

fn stated(said: &Said) -> Option<Idle> {
    match said {
        Said::Stated(idle, _) => Some(*idle),
        _ => None,
    }
}

/// The timeout that holds for these directives: their own (nginx refuses a second one), else that around them. A file
/// that is included but not there may set it. A folder of which nothing is there sets it rarely, so it hides only
/// where nothing is set at all.
fn own(directives: &[Directive], outer: Said) -> Said {
    if let Some(directive) = directives.iter().find(|directive| directive.name == "keepalive_timeout") {
        return keep_alive(directive);
    }
    match directives.iter().find(|directive| directive.absent && !is_folder(directive)) {
        Some(include) => hidden_by(include),
        None => outer.or(|| directives.iter().find(|directive| directive.absent).map_or(Said::Nothing, hidden_by)),
    }
}

fn is_folder(include: &Directive) -> bool {
    include.arguments.first().is_some_and(|pattern| pattern.contains('*'))
}

/// What a server comes to: the shortest of its locations, and its own for requests that match none.
fn locations(directives: &[Directive], outer: Said) -> Said {
    let mut said = outer.clone();
    let mut left: Vec<(&Directive, Said)> = inside(directives).map(|child| (child, outer.clone())).collect();
    while let Some((location, outer)) = left.pop() {
        let children = location.block.as_deref().unwrap_or_default();
        let here = own(children, outer);
        // nginx's own default, where nothing is set around a location that sets something.
        if matches!(said, Said::Nothing) && !matches!(here, Said::Nothing) {
            let by_default = super::keep_alive::Source::named("default of `keepalive_timeout`");
            said = Said::Stated(Idle::Millis(75_000), by_default);
        }
        said = said.and(here.clone());
        left.extend(inside(children).map(|child| (child, here.clone())));
    }
    said
}

fn inside(directives: &[Directive]) -> impl Iterator<Item = &Directive> {
    directives.iter().filter(|child| child.name == "location")
}

fn hidden_by(include: &Directive) -> Said {
    let name: Text = include.arguments.first().map_or("", String::as_str).into();
    Said::Hidden(Hidden::AbsentFile(name), include.source())
}

fn keep_alive(directive: &Directive) -> Said {
    let setting = setting();
    match (setting, directive.arguments.first()) {
        (Some(setting), Some(value)) => setting.say(value, directive.source()),
        _ => Said::Hidden(Hidden::Malformed, directive.source()),
    }
}

fn setting() -> Option<&'static Setting> {
    Server::of("nginx").settings(Within::Nginx).next()
}

/// The ports a server listens on; 80 when it names none.
fn ports(server: &Directive) -> Vec<u16> {
    let mut ports: Vec<u16> = server
        .children("listen")
        .filter_map(|listen| {
            let address = listen.arguments.first()?;
            let last = if address.ends_with(']') { "80" } else { address.rsplit(':').next()? };
            Some(last.parse().unwrap_or(80))
        })
        .collect();
    if ports.is_empty() {
        ports.push(80);
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn any(tree: &[Directive], name: &str) -> bool {
    let mut left: Vec<&Directive> = tree.iter().collect();
    while let Some(directive) = left.pop() {
        if directive.name == name {
            return true;
        }
        left.extend(directive.block.iter().flatten());
    }
    false
}

/// Request limits and hand-overs, wherever they stand.
fn collect(tree: &[Directive], http: &[Directive], reading: &mut Reading) {
    let server = reading.server;
    let upstreams: HashMap<&str, &Directive> = http
        .iter()
        .filter(|directive| directive.name == "upstream")
        .filter_map(|upstream| Some((upstream.arguments.first()?.as_str(), upstream)))
        .collect();
    let keeps = keeps_connections(tree);
    let mut left: Vec<&Directive> = tree.iter().collect();
    while let Some(directive) = left.pop() {
        left.extend(directive.block.iter().flatten());
        let Some(value) = directive.arguments.first() else { continue };
        for limit in server.limits(Within::Nginx).filter(|limit| limit.setting.name == directive.name) {
            let found: Option<RequestLimit> = limit.say(server, value, directive.source());
            reading.limits.extend(found);
        }
        if matches!(directive.name.as_str(), "proxy_pass" | "grpc_pass") {
            reading.onward.push(onward(directive, value, &upstreams, keeps));
        }
    }
    reading.limits.sort_by(|a, b| a.key.cmp(&b.key).then(passage(a).cmp(&passage(b))));
}

fn passage(limit: &RequestLimit) -> usize {
    limit.from.passage.as_ref().map_or(0, |passage| passage.range.start)
}

const VERSIONS: &str =
    "without `proxy_http_version 1.1` and an empty `Connection` header it hangs on the version of nginx";

/// Whether requests are passed on as HTTP/1.1 without `Connection: close`; none where that hangs on the version of nginx:
/// old ones pass on HTTP/1.0 and close, unless told otherwise.
fn keeps_connections(tree: &[Directive]) -> Option<bool> {
    let (mut version, mut connection) = (None, None);
    let mut left: Vec<&Directive> = tree.iter().collect();
    while let Some(directive) = left.pop() {
        left.extend(directive.block.iter().flatten());
        match (directive.name.as_str(), directive.arguments.as_slice()) {
            ("proxy_http_version", [said]) => version = Some(version.unwrap_or(true) && said != "1.0"),
            ("proxy_set_header", [name, value]) if name.eq_ignore_ascii_case("connection") => {
                connection = Some(connection.unwrap_or(true) && value.is_empty());
            }
            _ => {}
        }
    }
    match (version, connection) {
        (Some(true), Some(true)) => Some(true),
        (Some(false), _) => Some(false),
        _ => None,
    }
}

/// nginx opens a connection for each request to the application, unless it passes through an `upstream` with
/// `keepalive`; then it keeps idle ones for the `keepalive_timeout` of that block, by default 60 s.
fn onward(pass: &Directive, to: &str, upstreams: &HashMap<&str, &Directive>, keeps: Option<bool>) -> Onward {
    let host = to.split("://").nth(1).unwrap_or(to).split(['/', ':']).next().unwrap_or_default();
    let upstream = upstreams.get(host);
    let pool = upstream.and_then(|upstream| upstream.children("keepalive").next());
    let reuse = match (upstream, pool) {
        (Some(_), Some(pool)) if keeps.is_none() => Said::Hidden(Hidden::NotGiven(VERSIONS.into()), pool.source()),
        (Some(upstream), Some(pool)) if keeps == Some(true) => match upstream.children("keepalive_timeout").next() {
            Some(directive) => keep_alive(directive),
            None => Said::Stated(Idle::Millis(60_000), pool.source()),
        },
        _ => Said::Stated(Idle::ClosesEach, pass.source()),
    };
    let member = upstream.and_then(|upstream| upstream.children("server").next()?.arguments.first());
    let to = member.map_or(to, String::as_str);
    // What stands in front of an `@` is a name and a password.
    let to = to.rsplit('@').next().unwrap_or(to);
    Onward { to: to.into(), reuse, from: pass.source() }
}

fn folder(doc: &Doc) -> String {
    doc.name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"))
}

struct Reader<'f> {
    files: &'f Files,
    left: usize,
    left_files: usize,
    base: String,
}

impl Reader<'_> {
    /// Reads a text into directives, includes in place.
    fn blocks(&mut self, doc: &Doc, depth: usize) -> Result<Vec<Directive>, Hidden> {
        if depth > DEEPEST {
            return Err(Hidden::TooLarge);
        }
        let mut open: Vec<(Directive, Vec<Directive>)> = Vec::new();
        let mut here: Vec<Directive> = Vec::new();
        let mut words: Vec<(String, Range<usize>)> = Vec::new();
        let mut tokens = Tokens { text: &doc.text, at: 0 };
        while let Some(token) = tokens.next()? {
            match token {
                Token::Word(word, range) => words.push((word, range)),
                Token::End(end) => {
                    let Some(directive) = self.directive(doc, std::mem::take(&mut words), end)? else { continue };
                    if directive.name == "include" {
                        here.extend(self.include(directive, depth)?);
                    } else {
                        here.push(directive);
                    }
                }
                Token::Open(at) => {
                    let directive = self.directive(doc, std::mem::take(&mut words), at)?.ok_or(Hidden::Malformed)?;
                    if open.len() + depth > DEEPEST {
                        return Err(Hidden::TooLarge);
                    }
                    if directive.name.ends_with("_by_lua_block") {
                        tokens.skip_block();
                        here.push(directive);
                        continue;
                    }
                    open.push((directive, std::mem::take(&mut here)));
                }
                Token::Close if words.is_empty() => {
                    let (mut directive, before) = open.pop().ok_or(Hidden::Malformed)?;
                    directive.block = Some(std::mem::replace(&mut here, before));
                    here.push(directive);
                }
                Token::Close => return Err(Hidden::Malformed),
            }
        }
        if open.is_empty() && words.is_empty() { Ok(here) } else { Err(Hidden::Malformed) }
    }

    fn directive(
        &mut self,
        doc: &Doc,
        words: Vec<(String, Range<usize>)>,
        end: usize,
    ) -> Result<Option<Directive>, Hidden> {
        self.left = self.left.checked_sub(1).ok_or(Hidden::TooLarge)?;
        let mut words = words.into_iter();
        let Some((name, range)) = words.next() else { return Ok(None) };
        let arguments = words.map(|(word, _)| word).collect();
        let range = range.start..end;
        Ok(Some(Directive { name, arguments, doc: doc.clone(), range, block: None, absent: false }))
    }

    /// What an include stands for: the directives of its files, or itself when one is not there.
    fn include(&mut self, mut include: Directive, depth: usize) -> Result<Vec<Directive>, Hidden> {
        let pattern = include.arguments.first().cloned().unwrap_or_default();
        if matches!(pattern.rsplit('/').next(), Some("mime.types" | "fastcgi_params" | "uwsgi_params" | "proxy_params"))
            || pattern.contains("modules-enabled")
        {
            return Ok(Vec::new());
        }
        let files: Vec<File> = self.matching(&pattern);
        self.left_files = self.left_files.checked_sub(files.len().max(1)).ok_or(Hidden::TooLarge)?;
        if files.is_empty() {
            // A pattern that matches nothing is allowed; what lies there on the machine is not visible.
            include.absent = true;
            return Ok(vec![include]);
        }
        let mut all = Vec::new();
        for file in files {
            match file.doc() {
                Ok(doc) => all.extend(self.blocks(&doc, depth + 1)?),
                Err(_) => include.absent = true,
            }
        }
        if include.absent {
            all.push(include);
        }
        Ok(all)
    }

    /// The files an include names: by the whole path, or, beside the configuration, by its last two parts or name.
    fn matching(&self, pattern: &str) -> Vec<File> {
        let relative = pattern.trim_start_matches("./");
        let parts: Vec<&str> = relative.split('/').collect();
        let tails = [relative.to_owned(), format!("{}{relative}", self.base)].into_iter();
        let short = (1..=2).rev().filter_map(|count| Some(parts.get(parts.len().checked_sub(count)?..)?.join("/")));
        // `*.conf` alone would be every file, the configuration itself too.
        for tail in tails.chain(short.filter(|tail| !tail.starts_with('*'))) {
            let mut found: Vec<File> = self.files.iter().filter(|file| ends_like(&file.path, &tail)).cloned().collect();
            if !found.is_empty() {
                found.sort_by(|a, b| a.path.cmp(&b.path));
                return found;
            }
        }
        Vec::new()
    }
}

/// Whether the last parts of `path` match `pattern`, in which `*` stands for anything but `/`.
fn ends_like(path: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let wanted: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
    let Some(start) = parts.len().checked_sub(wanted.len()) else { return false };
    if pattern.starts_with('/') && path.starts_with('/') && start > 0 {
        return false;
    }
    parts.iter().skip(start).zip(&wanted).all(|(part, wanted)| like(part, wanted))
}

fn like(name: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return left.ends_with(piece);
        }
        let Some(at) = left.find(piece) else { return false };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    true
}

enum Token {
    Word(String, Range<usize>),
    End(usize),
    Open(usize),
    Close,
}

struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl Tokens<'_> {
    fn next(&mut self) -> Result<Option<Token>, Hidden> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'#') => self.at += bytes.iter().skip(self.at).take_while(|&&byte| byte != b'\n').count(),
                Some(_) if self.text.get(self.at..).is_some_and(|rest| rest.starts_with('\u{feff}')) => self.at += 3,
                Some(b';') => {
                    self.at += 1;
                    return Ok(Some(Token::End(self.at)));
                }
                Some(b'{') => {
                    self.at += 1;
                    return Ok(Some(Token::Open(self.at)));
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Some(Token::Close));
                }
                Some(&quote @ (b'"' | b'\'')) => return self.quoted(quote).map(Some),
                Some(_) => return Ok(Some(self.bare())),
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<Token, Hidden> {
        let start = self.at;
        let mut word = Vec::new();
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                None => return Err(Hidden::Malformed),
                Some(&byte) if byte == quote => break,
                Some(b'\\') => {
                    match bytes.get(at + 1) {
                        Some(&byte @ (b'"' | b'\'' | b'\\')) => word.push(byte),
                        Some(&byte) => word.extend([b'\\', byte]),
                        None => return Err(Hidden::Malformed),
                    }
                    at += 2;
                }
                Some(&byte) => {
                    word.push(byte);
                    at += 1;
                }
            }
        }
        self.at = at + 1;
        Ok(Token::Word(String::from_utf8_lossy(&word).into_owned(), start..self.at))
    }

    fn bare(&mut self) -> Token {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' => break,
                // `${name}` is part of a word, any other brace opens a block.
                b'{' if at > start && bytes.get(at - 1) == Some(&b'$') => {
                    at += bytes.iter().skip(at).take_while(|&&byte| byte != b'}' && byte != b'\n').count();
                }
                b'{' => break,
                b'\\' => at += 1,
                _ => {}
            }
            at += 1;
        }
        self.at = at.min(bytes.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Token::Word(word, start..self.at)
    }

    /// Passes over a block of another language, up to the brace that closes it.
    fn skip_block(&mut self) {
        let mut depth = 1usize;
        for byte in self.text.bytes().skip(self.at) {
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}
