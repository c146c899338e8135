//! `config/runtime.exs` and its siblings: what Phoenix gives Cowboy or Bandit. Keywords with literal numbers.

use super::code::{Code, ELIXIR, agree};
use super::doc::Doc;
use super::keep_alive::{Reading, Said};
use super::table::{Server, Within};

/// What an Elixir configuration says; nothing when it speaks of neither server.
#[must_use]
pub fn read(doc: &Doc) -> Option<Reading> {
    let code = Code::of(doc, &ELIXIR);
    let has = |word: &str| (0..code.tokens.len()).any(|at| code.word(at) == word);
    let server = if has("thousand_island_options") || has("Bandit") {
        Server::of("bandit")
    } else if has("protocol_options") {
        Server::of("cowboy")
    } else {
        return None;
    };
    let mut said = Vec::new();
    for setting in server.settings(Within::Elixir) {
        for at in 0..code.tokens.len() {
            let Some(token) = code.tokens.get(at) else { break };
            if code.word(at) == setting.name && code.word(at + 1) == ":" {
                let from = code.doc.source(format!("`{}`", setting.name), token.range.clone());
                said.push(code.say(setting, at + 2, from));
            }
        }
    }
    let idle = if said.is_empty() { Said::Nothing } else { agree(said) };
    Some(Reading::of(server).saying(idle))
}
