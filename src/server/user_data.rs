//! User data in all its forms: a shell script, cloud-config, MIME with several of them, each of these in gzip, base64 or
//! both. What comes out is a [`Machine`]. Unpacking is bounded: a bomb ends as text too large to read.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use mail_parser::{MessageParser, MimeHeaders};

use super::doc::{Doc, File, LARGEST};
use super::keep_alive::{Given, Hidden};
use super::machine::{Machine, base64};
use super::script;
use super::settings::{self, Entry};
use crate::graph::Text;

/// How many wrappings (gzip, base64, MIME) may be around a script.
const DEEPEST: usize = 5;

/// The most parts of a MIME text, all levels together.
const MOST_PARTS: usize = 64;

/// What user data makes of a machine. `name` is what the text is called in places.
#[must_use]
pub fn machine(name: &Text, user_data: &str) -> Machine {
    let mut machine = Machine::default();
    let mut left = MOST_PARTS;
    take(&mut machine, &Doc::new(name.clone(), user_data), 0, &mut left);
    machine
}

fn take(machine: &mut Machine, doc: &Doc, depth: usize, left: &mut usize) {
    if depth > DEEPEST || doc.text.len() > LARGEST || *left == 0 {
        machine.unread.push(Hidden::TooLarge);
        return;
    }
    *left -= 1;
    let text = doc.text.trim_start_matches('\u{feff}');
    let first = text.trim_start().lines().next().unwrap_or_default().trim_end();
    if first.starts_with("#!") {
        match ["sh", "bash", "dash", "ash", "zsh", "ksh"].iter().any(|shell| script::base(interpreter(first)) == *shell)
        {
            true => script::follow(machine, doc),
            false => machine.unread.push(Hidden::Calculated),
        }
    } else if first.starts_with("#cloud-config") {
        cloud_config(machine, doc);
    } else if first.starts_with("#cloud-boothook") {
        script::follow(machine, doc);
    } else if first.starts_with("#include") {
        machine.unread.push(Hidden::NotGiven("it is fetched by the machine".into()));
    } else if is_mime(first) {
        mime(machine, doc, depth, left);
    } else if first.starts_with('<') {
        machine.unread.push(Hidden::NotGiven("it is a script of Windows".into()));
    } else if let Some(bytes) = base64(text).filter(|bytes| looks_like_something(bytes)) {
        bytes_of(machine, doc, &bytes, depth, left);
    } else if !text.trim().is_empty() {
        // The agent takes only what it knows; templates often leave the first line to be filled in.
        let why = "its first line is neither `#!` nor one that cloud-init knows, so none of it may run";
        machine.unread.push(Hidden::NotGiven(why.into()));
    }
}

fn interpreter(first: &str) -> &str {
    let mut words = first.trim_start_matches("#!").split_whitespace();
    match words.next() {
        Some(program) if script::base(program) == "env" => words.next().unwrap_or_default(),
        Some(program) => program,
        None => "",
    }
}

fn is_mime(first: &str) -> bool {
    let lower = first.to_ascii_lowercase();
    lower.starts_with("content-type:") || lower.starts_with("mime-version:")
}

fn looks_like_something(bytes: &[u8]) -> bool {
    if bytes.starts_with(&GZIP) {
        return true;
    }
    let head = String::from_utf8_lossy(bytes.get(..64.min(bytes.len())).unwrap_or_default()).into_owned();
    let head = head.trim_start();
    head.starts_with('#') || head.starts_with('<') || is_mime(head)
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes that came out of a wrapping; nothing of them stands letter by letter in the text any more.
fn bytes_of(machine: &mut Machine, doc: &Doc, bytes: &[u8], depth: usize, left: &mut usize) {
    let unpacked = match inflated(bytes) {
        Ok(unpacked) => unpacked,
        Err(why) => return machine.unread.push(why),
    };
    match String::from_utf8(unpacked) {
        Ok(text) => take(machine, &Doc { name: doc.name.clone(), text: text.into(), start: None }, depth + 1, left),
        Err(_) => machine.unread.push(Hidden::Malformed),
    }
}

/// The bytes, unpacked if they are gzip.
fn inflated(bytes: &[u8]) -> Result<Vec<u8>, Hidden> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.to_vec());
    }
    let mut unpacked = Vec::new();
    let limit = LARGEST as u64 + 1;
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut unpacked).map_err(|_| Hidden::Malformed)?;
    if unpacked.len() > LARGEST { Err(Hidden::TooLarge) } else { Ok(unpacked) }
}

/// Base64 as text, gzip inside it unpacked.
pub(super) fn decoded(text: &str) -> Given {
    let Some(bytes) = base64(text) else { return Given::Hidden(Hidden::Malformed) };
    let text = inflated(&bytes).and_then(|bytes| String::from_utf8(bytes).map_err(|_| Hidden::Malformed));
    text.map_or_else(Given::Hidden, |text| Given::Text(text.into()))
}

fn mime(machine: &mut Machine, doc: &Doc, depth: usize, left: &mut usize) {
    let Some(message) = MessageParser::default().parse(doc.text.trim_start()) else {
        return machine.unread.push(Hidden::Malformed);
    };
    for part in message.parts.iter().filter(|part| !part.is_multipart()) {
        let subtype = part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default();
        let contents = part.contents();
        let Ok(text) = std::str::from_utf8(contents) else {
            bytes_of(machine, doc, contents, depth, left);
            continue;
        };
        // A part that stands there as it is keeps its place.
        let start = doc.start.zip(doc.text.find(text).filter(|_| !text.is_empty())).map(|(start, at)| start + at);
        let inner = Doc { name: doc.name.clone(), text: text.into(), start };
        match subtype {
            "cloud-config" => cloud_config(machine, &inner),
            "x-shellscript" if interpreter(text.lines().next().unwrap_or_default()).is_empty() => {
                script::follow(machine, &inner);
            }
            _ => take(machine, &inner, depth + 1, left),
        }
    }
}

/// `write_files` come first, then packages, then `runcmd`; files with `defer` after the packages.
fn cloud_config(machine: &mut Machine, doc: &Doc) {
    let documents = match settings::yaml(doc) {
        Ok(documents) => documents,
        Err(why) => return machine.unread.push(why),
    };
    let entries: Vec<&Entry> = documents.iter().flatten().collect();
    for (_, words) in grouped(&entries, "bootcmd") {
        run(machine, doc, &words);
    }
    let files = grouped(&entries, "write_files");
    let deferred = |file: &BTreeMap<String, &Entry>| file.get("defer").is_some_and(|entry| entry.value == "true");
    for file in files.values().filter(|file| !deferred(file)) {
        write(machine, doc, file);
    }
    for package in grouped(&entries, "packages").values() {
        if let Some(name) = package.get("").or(package.get("[0]")) {
            machine.run(&["packages", "install", &name.value]);
        }
    }
    for file in files.values().filter(|file| deferred(file)) {
        write(machine, doc, file);
    }
    for (_, words) in grouped(&entries, "runcmd") {
        run(machine, doc, &words);
    }
}

/// The entries of a list by position, each by the rest of its path.
fn grouped<'e>(entries: &[&'e Entry], list: &str) -> BTreeMap<usize, BTreeMap<String, &'e Entry>> {
    let mut groups: BTreeMap<usize, BTreeMap<String, &Entry>> = BTreeMap::new();
    for entry in entries {
        let Some(rest) = entry.path.strip_prefix(list).and_then(|rest| rest.strip_prefix('[')) else { continue };
        let Some((at, rest)) = rest.split_once(']') else { continue };
        let Ok(at) = at.parse::<usize>() else { continue };
        groups.entry(at).or_default().insert(rest.trim_start_matches('.').to_owned(), entry);
    }
    groups
}

fn write(machine: &mut Machine, doc: &Doc, file: &BTreeMap<String, &Entry>) {
    let Some(path) = file.get("path") else { return };
    let encoding = file.get("encoding").map_or("", |entry| entry.value.as_str());
    let (content, origin) = match file.get("content") {
        None if file.contains_key("source.uri") => {
            (Given::Hidden(Hidden::NotGiven("it is fetched by the machine".into())), None)
        }
        None => (Given::Text("".into()), None),
        Some(content) => {
            let value = content.value.as_str();
            match encoding {
                "" | "text/plain" => {
                    let inside = doc.slice(&content.range).find(value).filter(|_| !value.is_empty());
                    let origin =
                        doc.start.zip(inside).map(|(start, at)| (doc.name.clone(), start + content.range.start + at));
                    (Given::Text(value.into()), origin)
                }
                "b64" | "base64" | "gz+b64" | "gz+base64" | "gzip+b64" | "gzip+base64" => (decoded(value), None),
                _ => (Given::Hidden(Hidden::Malformed), None),
            }
        }
    };
    let append = file.get("append").is_some_and(|entry| entry.value == "true");
    let known = machine.files.find(&path.value).cloned();
    let mut written = File { origin, ..File::new(path.value.as_str(), content) };
    if append {
        let added = written.content.clone();
        match (known.as_ref().map(|file| &file.content), &added) {
            (Some(Given::Text(before)), Given::Text(added)) => {
                written.content = Given::Text(format!("{before}{added}").into());
                written.origin = None;
            }
            (_, Given::Text(added)) => {
                let start = written.origin.as_ref().map(|(_, start)| *start);
                written.edits.push(Doc { name: doc.name.clone(), text: added.clone(), start });
                written.content = Given::Hidden(Hidden::NotGiven("a package ships it".into()));
            }
            _ => {}
        }
    }
    machine.files.put(written);
}

/// One entry of `runcmd`: shell text, or a list of words.
fn run(machine: &mut Machine, doc: &Doc, words: &BTreeMap<String, &Entry>) {
    if let Some(entry) = words.get("") {
        let text = entry.value.as_str();
        let inside = doc.slice(&entry.range).find(text);
        let start = doc.start.zip(inside).map(|(start, at)| start + entry.range.start + at);
        return script::follow(machine, &Doc { name: doc.name.clone(), text: text.into(), start });
    }
    let mut ordered: Vec<(usize, &str)> = words
        .iter()
        .filter_map(|(at, entry)| Some((at.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?, entry.value.as_str())))
        .collect();
    ordered.sort_unstable();
    let words: Vec<&str> = ordered.into_iter().map(|(_, word)| word).collect();
    machine.run(&words);
}
