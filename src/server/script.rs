//! What a shell script does to a machine, as far as it shows: the files it writes or edits and the commands it runs,
//! in order. A file that something else makes (a download, a program's output) is there with hidden content.

use super::doc::{Doc, File, HOLE, LARGEST};
use super::keep_alive::{Given, Hidden};
use super::machine::{Machine, Run};
use super::sed;
use super::shell::{Command, Redirect, Variables, Word, commands, escapes};
use crate::graph::Text;

/// How deep `sh -c` may nest.
const DEEPEST: usize = 4;

/// The most bytes of one script, and of a file that `sed` is applied to.
const LONGEST: usize = 256 << 10;

/// The most edits of `sed` on one machine.
const MOST_EDITS: usize = 200;

/// The most files and the most commands of one machine.
const MOST: usize = 2000;

/// Follows a script that runs.
pub(super) fn follow(machine: &mut Machine, script: &Doc) {
    Follower { machine, variables: Variables::new(), folder: None, certain: true, depth: 0 }.script(script);
}

struct Follower<'m> {
    machine: &'m mut Machine,
    variables: Variables,
    folder: Option<String>,
    certain: bool,
    depth: usize,
}

impl Follower<'_> {
    fn script(&mut self, doc: &Doc) {
        if doc.text.len() > LONGEST {
            self.machine.unread.push(Hidden::TooLarge);
            return;
        }
        let (all, whole) = commands(&doc.text);
        if !whole {
            self.machine.unread.push(Hidden::TooLarge);
        }
        let mut piped: Option<(Given, Option<(Text, usize)>)> = None;
        for command in &all {
            let input = piped.take();
            let output = self.command(doc, command, input);
            if command.piped {
                piped = Some(output.unwrap_or((Given::Hidden(Hidden::Calculated), None)));
            }
        }
    }

    /// Does one command; gives back what it prints, when that is plain text.
    fn command(&mut self, doc: &Doc, command: &Command, input: Option<Content>) -> Option<Content> {
        let mut words: Vec<String> = command.words.iter().map(|word| word.resolve(&self.variables)).collect();
        let conditional = command.conditional || !self.certain;
        if self.assign(&words, conditional) {
            return None;
        }
        let skip = words.iter().take_while(|word| is_assignment(word)).count();
        words.drain(..skip);
        let skip = skip + unwrap(&mut words);
        let here = command.redirects.iter().rev().find_map(|redirect| self.here(doc, redirect));
        let input = here.or(input);
        let program = words.first().map(|word| base(word).to_owned()).unwrap_or_default();
        let printed = self.printed(doc, &program, &words, command, skip, input.clone());
        for redirect in command.redirects.iter().filter(|redirect| matches!(redirect.operator, ">" | ">>")) {
            let path = self.path(&redirect.target.resolve(&self.variables));
            let content = printed.clone().unwrap_or((Given::Hidden(Hidden::Calculated), None));
            self.write(&path, content, redirect.operator == ">>", conditional);
        }
        self.act(doc, &program, &words, input, conditional);
        if !words.is_empty() && !matches!(program.as_str(), "cat" | "echo" | "printf" | "tee" | "sed" | "cd" | ":") {
            let range = command.words.first().map_or(0..0, |word| {
                word.range.start..command.words.last().map_or(word.range.end, |last| last.range.end)
            });
            let from = doc.source(format!("command `{program}`"), range);
            match self.machine.runs.len() < MOST {
                true => self.machine.runs.push(Run { words, conditional, from }),
                false => self.machine.unread.push(Hidden::TooLarge),
            }
        }
        printed
    }

    /// `NAME=value`, also behind `export` and the like. Under a condition the value is not known afterwards.
    fn assign(&mut self, words: &[String], conditional: bool) -> bool {
        let declares = matches!(words.first().map(String::as_str), Some("export" | "local" | "readonly" | "declare"));
        let all = words.get(usize::from(declares)..).unwrap_or_default();
        if all.is_empty() || !all.iter().all(|word| is_assignment(word)) {
            return declares;
        }
        for word in all {
            let Some((name, value)) = word.split_once('=') else { continue };
            if conditional || value.contains(HOLE) || value.len() > 4096 {
                self.variables.remove(name);
            } else if self.variables.len() < 1000 {
                self.variables.insert(name.to_owned(), value.to_owned());
            }
        }
        true
    }

    fn here(&self, doc: &Doc, redirect: &Redirect) -> Option<Content> {
        if redirect.operator == "<<<" {
            let line = redirect.target.resolve(&self.variables) + "\n";
            return Some((Given::Text(line.into()), None));
        }
        Some(self.content(doc, redirect.body.as_ref()?))
    }

    /// A word as content, with its place when it stands there letter by letter.
    fn content(&self, doc: &Doc, word: &Word) -> Content {
        let text = word.resolve(&self.variables);
        let raw = doc.slice(&word.range);
        let inside = raw.find(&text).filter(|_| !text.is_empty());
        let origin = doc.start.zip(inside).map(|(start, at)| (doc.name.clone(), start + word.range.start + at));
        (Given::Text(text.into()), origin)
    }

    fn printed(
        &self,
        doc: &Doc,
        program: &str,
        words: &[String],
        command: &Command,
        skipped: usize,
        input: Option<Content>,
    ) -> Option<Content> {
        match program {
            "cat" if words.len() == 1 => input,
            "cat" if words.len() == 2 => {
                let path = self.path(words.get(1)?);
                self.machine.files.find(&path).map(|file| (file.content.clone(), file.origin.clone()))
            }
            "tee" => input,
            "echo" => {
                let flags =
                    words.iter().skip(1).take_while(|word| matches!(word.as_str(), "-e" | "-n" | "-ne" | "-en"));
                let count = flags.clone().count();
                let escaped = flags.clone().any(|flag| flag.contains('e'));
                let end = if flags.clone().any(|flag| flag.contains('n')) { "" } else { "\n" };
                let rest = words.get(1 + count..)?;
                if let (false, [_]) = (escaped, rest)
                    && let Some(word) = command.words.get(skipped + 1 + count)
                {
                    let (given, origin) = self.content(doc, word);
                    let line = given.text().map_or(String::new(), |text| format!("{text}{end}"));
                    return Some((Given::Text(line.into()), origin));
                }
                let joined = rest.join(" ");
                let text = if escaped { escapes(&joined) } else { joined };
                Some((Given::Text(format!("{text}{end}").into()), None))
            }
            "printf" => {
                let format = words.get(1)?;
                let mut arguments = words.iter().skip(2);
                let mut text = String::new();
                let mut pieces = format.split("%s");
                text.push_str(pieces.next()?);
                for piece in pieces {
                    text.push_str(arguments.next().map_or("", String::as_str));
                    text.push_str(piece);
                }
                (!text.contains('%')).then(|| (Given::Text(escapes(&text).into()), None))
            }
            _ => None,
        }
    }

    fn act(&mut self, doc: &Doc, program: &str, words: &[String], input: Option<Content>, conditional: bool) {
        let hidden = || (Given::Hidden(Hidden::NotGiven("it is fetched by the machine".into())), None);
        let plain: Vec<&String> = words.iter().skip(1).filter(|word| !word.starts_with('-')).collect();
        match program {
            "tee" => {
                let append = words.iter().any(|word| matches!(word.as_str(), "-a" | "--append"));
                let content = input.unwrap_or((Given::Hidden(Hidden::Calculated), None));
                for path in plain {
                    self.write(&self.path(path), content.clone(), append, conditional);
                }
            }
            "sed" => self.sed(doc, words, conditional),
            "cd" => {
                self.folder =
                    plain.first().filter(|_| !conditional).map(|path| self.path(path)).filter(|path| !path.is_empty())
            }
            "cp" | "mv" | "install" | "ln" => {
                let [from, to] = plain.as_slice() else { return };
                let (from, mut to) = (self.path(from), self.path(to));
                if to.ends_with('/') {
                    to.push_str(base(&from));
                }
                let content = self.machine.files.find(&from).map(|file| (file.content.clone(), file.origin.clone()));
                let absent = (Given::Hidden(Hidden::AbsentFile(from.as_str().into())), None);
                self.write(&to, content.unwrap_or(absent), false, conditional);
                if program == "mv" && !conditional {
                    self.machine.files.remove(&from);
                }
            }
            "rm" | "unlink" if !conditional => {
                for path in plain {
                    self.machine.files.remove(&self.path(path));
                }
            }
            "curl" | "wget" => {
                let flag = words
                    .iter()
                    .position(|word| matches!(word.as_str(), "-o" | "-O" | "--output" | "-qO" | "-sLo" | "-fsSLo"));
                if let Some(path) = flag.and_then(|at| words.get(at + 1)).filter(|path| !path.contains("://")) {
                    self.write(&self.path(path), hidden(), false, conditional);
                }
            }
            "aws" if words.get(1).map(String::as_str) == Some("s3") => {
                if let Some(path) = plain.last().filter(|path| !path.starts_with("s3://")) {
                    self.write(&self.path(path), hidden(), false, conditional);
                }
            }
            "sh" | "bash" | "dash" | "ash" => {
                let Some(at) = words.iter().position(|word| word.starts_with('-') && word.ends_with('c')) else {
                    return;
                };
                let Some(script) = words.get(at + 1).filter(|_| self.depth < DEEPEST) else { return };
                let doc = Doc { name: doc.name.clone(), text: script.as_str().into(), start: None };
                let certain = std::mem::replace(&mut self.certain, !conditional);
                self.depth += 1;
                self.script(&doc);
                self.depth -= 1;
                self.certain = certain;
            }
            _ => {}
        }
    }

    fn sed(&mut self, doc: &Doc, words: &[String], conditional: bool) {
        let mut scripts: Vec<&str> = Vec::new();
        let mut files: Vec<&str> = Vec::new();
        let (mut in_place, mut extended, mut explicit) = (false, false, false);
        let mut rest = words.iter().skip(1).map(String::as_str);
        while let Some(word) = rest.next() {
            match word {
                "-e" | "--expression" => {
                    explicit = true;
                    scripts.extend(rest.next());
                }
                "-E" | "-r" | "--regexp-extended" => extended = true,
                word if word.starts_with("--in-place") => in_place = true,
                word if word.starts_with("-i") => in_place = true,
                word if word.starts_with('-') && word.len() > 1 => {
                    in_place |= word.contains('i');
                    extended |= word.contains(['E', 'r']);
                    if word.ends_with('e') {
                        explicit = true;
                        scripts.extend(rest.next());
                    }
                }
                word if scripts.is_empty() && !explicit => scripts.push(word),
                word => files.push(word),
            }
        }
        if !in_place {
            return;
        }
        let edits: Option<Vec<sed::Edit>> = scripts
            .iter()
            .map(|script| sed::parse(script))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().flatten().collect());
        for path in files {
            let path = self.path(path);
            let known = self.machine.files.find(&path);
            let visible = known.and_then(|file| file.content.text().cloned());
            self.machine.edits += edits.as_ref().map_or(0, Vec::len);
            if self.machine.edits > MOST_EDITS || visible.as_ref().is_some_and(|text| text.len() > LONGEST) {
                self.write(&path, (Given::Hidden(Hidden::TooLarge), None), false, conditional);
                continue;
            }
            match (&edits, visible) {
                (Some(edits), Some(text)) => {
                    let edited = sed::apply(edits, &text, extended);
                    let content = edited.map_or(Given::Hidden(Hidden::Calculated), |text| Given::Text(text.into()));
                    let conditional = conditional || known.is_some_and(|file| file.conditional);
                    self.write(&path, (content, None), false, conditional);
                }
                (Some(edits), None) => {
                    let mut file = known.cloned().unwrap_or_else(|| {
                        File::new(path.as_str(), Given::Hidden(Hidden::NotGiven("a package ships it".into())))
                    });
                    let Some(lines) = sed::written_after(edits, &mut file.edits, doc, extended) else {
                        self.write(&path, (Given::Hidden(Hidden::Calculated), None), false, conditional);
                        continue;
                    };
                    file.edits.extend(lines.into_iter().take(1000));
                    file.conditional |= conditional;
                    self.machine.files.put(file);
                }
                (None, _) => self.write(&path, (Given::Hidden(Hidden::Calculated), None), false, conditional),
            }
        }
    }

    fn write(&mut self, path: &str, (content, origin): Content, append: bool, conditional: bool) {
        if path.starts_with("/dev/") {
            return;
        }
        if self.machine.files.iter().count() >= MOST {
            self.machine.unread.push(Hidden::TooLarge);
            return;
        }
        let old = self.machine.files.find(path);
        let mut file = File { path: path.into(), content, origin, edits: Vec::new(), conditional };
        if let (true, Some(old)) = (append, old) {
            file.conditional |= old.conditional;
            match (&old.content, &file.content) {
                (Given::Text(before), Given::Text(added)) => {
                    // Offsets hold for the first part only, and a reader cannot tell which part it reads.
                    file.origin = old.origin.clone().filter(|_| added.trim().is_empty());
                    file.content = Given::Text(format!("{before}{added}").into());
                }
                (Given::Hidden(why), Given::Text(added)) => {
                    let doc = Doc { name: path.into(), text: added.clone(), start: None };
                    let mut edited = old.clone();
                    edited.content = Given::Hidden(why.clone());
                    edited.edits.push(doc);
                    edited.conditional |= conditional;
                    file = edited;
                }
                (_, Given::Hidden(_)) => {}
            }
        } else if append && let Given::Text(added) = &file.content {
            // Behind what a package ships.
            let added = Doc {
                name: file.origin.as_ref().map_or(path.into(), |(name, _)| name.clone()),
                text: added.clone(),
                start: file.origin.as_ref().map(|(_, start)| *start),
            };
            file.edits.push(added);
            file.content = Given::Hidden(Hidden::NotGiven("a package ships it".into()));
        }
        let more = file.content.text().map_or(0, |text| text.len());
        if self.machine.files.weight() + more > LARGEST {
            file.content = Given::Hidden(Hidden::TooLarge);
        }
        self.machine.files.put(file);
    }

    fn path(&self, path: &str) -> String {
        let whole = match &self.folder {
            Some(folder) if !path.starts_with('/') => format!("{}/{path}", folder.trim_end_matches('/')),
            _ => path.to_owned(),
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "." => {}
                ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    }
}

type Content = (Given, Option<(Text, usize)>);

/// Takes away what only says how to run a command; gives back how many words that were.
fn unwrap(words: &mut Vec<String>) -> usize {
    let before = words.len();
    while let Some(first) = words.first() {
        match base(first) {
            "sudo" | "doas" => {
                words.remove(0);
                while let Some(flag) = words.first().filter(|word| word.starts_with('-')).cloned() {
                    words.remove(0);
                    if matches!(flag.as_str(), "-u" | "-g") && !words.is_empty() {
                        words.remove(0);
                    }
                }
            }
            "exec" | "nohup" | "command" | "builtin" | "time" | "setsid" if words.len() > 1 => drop(words.remove(0)),
            _ => break,
        }
    }
    before - words.len()
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !name.starts_with(|char: char| char.is_ascii_digit())
}

pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
