//! A machine as its first boot leaves it: the files that were written and the commands that ran. What gives one are user
//! data, `AWS::CloudFormation::Init` and the script of a container's command.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::doc::{Doc, File, Files};
use super::keep_alive::{Given, Hidden, Source};
use super::{script, user_data};
use crate::graph::Text;

/// Files and commands, in the order they came to be.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// What was written. A later file took the place of an earlier one.
    pub files: Files,
    /// What was run, apart from what only writes files.
    pub runs: Vec<Run>,
    /// What could not be read, so that absence proves nothing.
    pub unread: Vec<Hidden>,
    /// How many edits in place have been followed.
    pub(super) edits: usize,
}

/// A command that was run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its words; a [`HOLE`](super::HOLE) for what is not known.
    pub words: Vec<String>,
    /// Only under a condition.
    pub conditional: bool,
    /// Where it stands.
    pub from: Source,
}

/// A file of `AWS::CloudFormation::Init`.
#[derive(Clone, Debug)]
pub struct InitFile {
    /// Its path.
    pub path: Text,
    /// Its `content`; an object is given as the JSON that is written.
    pub content: Given,
    /// `base64`, if so.
    pub base64: bool,
}

/// A configuration of `AWS::CloudFormation::Init`: what of it can set a timeout.
#[derive(Clone, Debug, Default)]
pub struct Init {
    /// `packages`, of all package managers.
    pub packages: Vec<Text>,
    /// `files`.
    pub files: Vec<InitFile>,
    /// `commands` by name: the shell text, or the words.
    pub commands: BTreeMap<Text, InitCommand>,
    /// `services` that are to run.
    pub services: Vec<Text>,
}

/// A command of `AWS::CloudFormation::Init`.
#[derive(Clone, Debug)]
pub enum InitCommand {
    /// Shell text.
    Shell(Given),
    /// Words, run without a shell.
    Words(Vec<Given>),
}

impl Machine {
    /// Does what a configuration of `AWS::CloudFormation::Init` does, in its order: packages, files, commands by name,
    /// services. `name` is what the text of the template is called.
    pub fn initialise(&mut self, name: &Text, init: &Init) {
        for package in &init.packages {
            self.run(&["packages", "install", package]);
        }
        for file in &init.files {
            let content = match &file.content {
                Given::Text(text) if file.base64 => user_data::decoded(text),
                given => given.clone(),
            };
            self.files.put(File { origin: None, ..File::new(file.path.clone(), content) });
        }
        for command in init.commands.values() {
            match command {
                InitCommand::Shell(Given::Text(text)) => {
                    let doc = Doc { name: name.clone(), text: text.clone(), start: None };
                    script::follow(self, &doc);
                }
                InitCommand::Shell(Given::Hidden(why)) => self.unread.push(why.clone()),
                InitCommand::Words(words) => {
                    let words: Option<Vec<&str>> = words.iter().map(|word| word.text().map(AsRef::as_ref)).collect();
                    match words {
                        Some(words) => self.run(&words),
                        None => self.unread.push(Hidden::NotGiven("a word of a command is not known".into())),
                    }
                }
            }
        }
        for service in &init.services {
            self.run(&["systemctl", "start", service]);
        }
    }

    /// Follows shell text that runs on the machine: a provisioner, a document of Systems Manager. `name` is what the
    /// text is called in places.
    pub fn follow(&mut self, name: &Text, text: &str) {
        script::follow(self, &Doc::new(name.clone(), text));
    }

    /// Runs words without a shell.
    pub(super) fn run(&mut self, words: &[&str]) {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
        let doc = Doc { name: "command".into(), text: quoted.join(" ").into(), start: None };
        script::follow(self, &doc);
    }
}

/// Base64 with blanks and line breaks in it.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    STANDARD.decode(packed).ok()
}
