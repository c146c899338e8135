//! `config/puma.rb`, and Puma's version in `Gemfile.lock`, on which its default depends. Calls of the configuration
//! language with literal numbers; nothing is run.

use super::code::{Code, Kind, RUBY, agree};
use super::doc::Doc;
use super::keep_alive::{Idle, Reading, Said};
use super::table::{Server, Within};

/// What `config/puma.rb` says.
#[must_use]
pub fn read(doc: &Doc) -> Reading {
    let code = Code::of(doc, &RUBY);
    let server = Server::of("puma");
    let mut said = Vec::new();
    for at in 0..code.tokens.len() {
        let Some(token) = code.tokens.get(at) else { break };
        let starts = at == 0 || code.tokens.get(at - 1).is_some_and(|before| before.kind == Kind::Line);
        let bracket = usize::from(code.word(at + 1) == "(");
        let source = || code.doc.source(format!("`{}`", code.word(at)), token.range.clone());
        if !starts || token.kind != Kind::Word {
            continue;
        }
        if code.word(at) == "enable_keep_alives" {
            match code.word(at + 1 + bracket) {
                "false" => said.push(Said::Stated(Idle::ClosesEach, source())),
                _ => continue,
            }
        }
        if let Some(setting) = server.settings(Within::Puma).find(|setting| setting.name == code.word(at)) {
            said.push(code.say(setting, at + 1 + bracket, source()));
        }
    }
    // Keep-alives switched off leave nothing to time out.
    let off = said.iter().position(|said| matches!(said, Said::Stated(Idle::ClosesEach, _)));
    let idle = match off {
        Some(at) => said.swap_remove(at),
        None => agree(said),
    };
    Reading::of(server).saying(idle)
}

/// What Puma does by default in the version that `Gemfile.lock` names.
#[must_use]
pub fn locked(doc: &Doc) -> Option<Reading> {
    let mut offset = 0;
    for line in doc.text.split_inclusive('\n') {
        if let Some(version) = line.strip_prefix("    puma (") {
            let server = Server::of("puma");
            let major = version.split(['.', ')']).next()?.parse().ok()?;
            let from = doc.source(format!("default of Puma {major}"), offset..offset + line.trim_end().len());
            return Some(Reading::of(server).saying(Said::Stated(server.idle_in(major)?, from)));
        }
        offset += line.len();
    }
    None
}
