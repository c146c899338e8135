//! Shell text as simple commands: words with their quotes resolved, redirections, here-documents, and whether a command
//! runs only under a condition. Runs nothing and expands nothing but variables that the script itself sets.

use std::collections::BTreeMap;
use std::ops::Range;

use super::doc::HOLE;

/// The most commands of one script.
const MOST: usize = 50_000;

/// The most bytes a word may come to when its variables are put in.
const LONGEST: usize = 1 << 20;

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Letter by letter.
    Text(String),
    /// The value of a variable.
    Variable(String),
    /// What only the machine knows.
    Hole,
}

/// A word and the bytes it was written in.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    pub(super) range: Range<usize>,
    /// Some of it is quoted.
    pub(super) quoted: bool,
}

/// Variables that a script sets itself.
pub(super) type Variables = BTreeMap<String, String>;

impl Word {
    /// The word with its variables; a [`HOLE`] for each that is not known.
    pub(super) fn resolve(&self, variables: &Variables) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Hole => text.push(HOLE),
                Part::Variable(name) => match variables.get(name) {
                    Some(value) if text.len() + value.len() <= LONGEST => text.push_str(value),
                    _ => text.push(HOLE),
                },
            }
        }
        text
    }

    /// The word when it has no unknown part at all.
    fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// A redirection: `>`, `>>`, `<`, `<<`, `<<<`.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    pub(super) operator: &'static str,
    pub(super) target: Word,
    /// The text of a here-document.
    pub(super) body: Option<Word>,
}

/// A simple command.
#[derive(Clone, Debug, Default)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    pub(super) redirects: Vec<Redirect>,
    /// It runs only if something holds that is not visible.
    pub(super) conditional: bool,
    /// Its output goes into the next command.
    pub(super) piped: bool,
}

/// The commands of a script. What is behind the limit is not read; the second is false then.
pub(super) fn commands(text: &str) -> (Vec<Command>, bool) {
    let mut parser = Parser { lexer: Lexer { text, at: 0, waiting: Vec::new() }, ..Parser::default() };
    let whole = parser.run();
    (parser.commands, whole)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    If,
    Loop,
    Case,
    Function,
    Group,
}

#[derive(Default)]
struct Parser<'t> {
    lexer: Lexer<'t>,
    commands: Vec<Command>,
    current: Command,
    open: Vec<Block>,
    /// The command comes behind `||`, or behind a test and `&&`.
    depends: bool,
}

impl Parser<'_> {
    fn run(&mut self) -> bool {
        // A bracket right behind a single word makes it the name of a function.
        let mut names_function = false;
        while let Some(token) = self.lexer.next() {
            if self.commands.len() >= MOST {
                return false;
            }
            match token {
                Token::Word(word) => self.word(word),
                Token::Redirect(operator, target) => {
                    if operator.starts_with("<<") && operator != "<<<" {
                        self.lexer.waiting.push(Waiting::new(
                            operator,
                            &target,
                            self.commands.len(),
                            self.current.redirects.len(),
                        ));
                    }
                    self.current.redirects.push(Redirect { operator, target, body: None });
                }
                Token::Operator("(") if self.current.words.len() == 1 && self.current.redirects.is_empty() => {
                    names_function = true;
                }
                Token::Operator(")") if names_function => {
                    self.current = Command::default();
                    self.open.push(Block::Function);
                    names_function = false;
                    continue;
                }
                Token::Operator(operator) => self.operator(operator),
            }
            for (at, redirect, body) in std::mem::take(&mut self.lexer.ready()) {
                let command =
                    if at < self.commands.len() { self.commands.get_mut(at) } else { Some(&mut self.current) };
                if let Some(redirect) = command.and_then(|command| command.redirects.get_mut(redirect)) {
                    redirect.body = Some(body);
                }
            }
        }
        self.end(false);
        true
    }

    fn word(&mut self, word: Word) {
        if self.current.words.is_empty() && self.current.redirects.is_empty() {
            match word.literal() {
                Some("if") => return self.open.push(Block::If),
                Some("for" | "select") => {
                    self.open.push(Block::Loop);
                    // The head of the loop is no command: `for x in a b`.
                }
                Some("while" | "until") => return self.open.push(Block::Loop),
                Some("case") => self.open.push(Block::Case),
                Some("fi") => return self.close(Block::If),
                Some("done") => return self.close(Block::Loop),
                Some("esac") => return self.close(Block::Case),
                Some("{") => {
                    // The body of a function has its block already.
                    if self.open.last() != Some(&Block::Function) {
                        self.open.push(Block::Group);
                    }
                    return;
                }
                Some("}") => {
                    if matches!(self.open.last(), Some(Block::Function | Block::Group)) {
                        self.open.pop();
                    }
                    return;
                }
                Some("then" | "else" | "elif" | "do" | "!" | "time" | "function") => return,
                _ => {}
            }
        }
        self.current.words.push(word);
    }

    fn close(&mut self, block: Block) {
        if let Some(at) = self.open.iter().rposition(|open| *open == block) {
            self.open.truncate(at);
        }
    }

    fn operator(&mut self, operator: &str) {
        let test = self.current.words.first().and_then(Word::literal).is_some_and(|word| {
            matches!(word, "[" | "[[" | "test" | "grep" | "which" | "command" | "type" | "id" | "false")
        });
        let depends = self.depends;
        self.end(operator == "|");
        self.depends = match operator {
            "||" => true,
            "&&" => depends || test,
            "|" => depends,
            _ => false,
        };
    }

    fn end(&mut self, piped: bool) {
        let mut command = std::mem::take(&mut self.current);
        if command.words.is_empty() && command.redirects.is_empty() {
            // Redirections behind a block (`} > file`) belong to it as a whole; nothing of that is followed.
            return;
        }
        command.conditional = self.depends || self.open.iter().any(|block| *block != Block::Group);
        command.piped = piped;
        self.commands.push(command);
    }
}

enum Token {
    Word(Word),
    Redirect(&'static str, Word),
    Operator(&'static str),
}

/// A here-document whose text begins with the next line.
struct Waiting {
    tag: String,
    expands: bool,
    strips: bool,
    command: usize,
    redirect: usize,
    body: Option<Word>,
}

impl Waiting {
    fn new(operator: &str, target: &Word, command: usize, redirect: usize) -> Waiting {
        let tag = target.resolve(&Variables::new());
        Waiting { tag, expands: !target.quoted, strips: operator == "<<-", command, redirect, body: None }
    }
}

#[derive(Default)]
struct Lexer<'t> {
    text: &'t str,
    at: usize,
    waiting: Vec<Waiting>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let char = self.peek()?;
            match char {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '\n' => {
                    self.at += 1;
                    self.documents();
                    return Some(Token::Operator("\n"));
                }
                _ => break,
            }
        }
        if let Some(operator) = self.redirection() {
            while matches!(self.peek(), Some(' ' | '\t')) {
                self.at += 1;
            }
            let target = self.word(operator.starts_with("<<") && operator != "<<<");
            return Some(Token::Redirect(operator, target));
        }
        for operator in ["&&", "||", ";;", ";", "|&", "|", "&", "(", ")"] {
            if self.rest().starts_with(operator) {
                self.at += operator.len();
                return Some(Token::Operator(if operator == "|&" { "|" } else { operator }));
            }
        }
        Some(Token::Word(self.word(false)))
    }

    /// A redirection sign, with the number of its descriptor. Only what goes to standard output or into the command
    /// counts; the others are given as `2>`.
    fn redirection(&mut self) -> Option<&'static str> {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        let sign = rest.get(digits..)?;
        if sign.starts_with("<(") || sign.starts_with(">(") {
            return None;
        }
        let found = ["<<<", "<<-", "<<", "<&", "<", "&>>", "&>", ">>", ">|", ">&", ">"]
            .into_iter()
            .find(|operator| sign.starts_with(operator))?;
        if digits > 0 && found.starts_with('&') {
            return None;
        }
        let descriptor = rest.get(..digits)?.to_owned();
        self.at += digits + found.len();
        Some(match found {
            ">&" | "<&" => "2>",
            "&>" | ">|" if descriptor.is_empty() || descriptor == "1" => ">",
            "&>>" => ">>",
            ">" | ">>" if !(descriptor.is_empty() || descriptor == "1") => "2>",
            found => found,
        })
    }

    /// Reads one word. In the tag of a here-document nothing is expanded.
    fn word(&mut self, tag: bool) -> Word {
        let start = self.at;
        let mut quoted = false;
        let mut parts: Vec<Part> = Vec::new();
        while let Some(char) = self.peek() {
            match char {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' => {
                    if matches!(char, '<' | '>') && self.rest().get(1..).is_some_and(|rest| rest.starts_with('(')) {
                        self.at += 1;
                        self.enclosed();
                        parts.push(Part::Hole);
                        continue;
                    }
                    break;
                }
                '\'' => {
                    self.at += 1;
                    let end = self.rest().find('\'').unwrap_or(self.rest().len());
                    quoted = true;
                    let inside = self.rest().get(..end).unwrap_or_default().to_owned();
                    self.at = (self.at + end + 1).min(self.text.len());
                    add(&mut parts, &inside);
                }
                '"' => {
                    self.at += 1;
                    quoted = true;
                    self.expanded(&mut parts, Some('"'), usize::MAX);
                    self.at = (self.at + 1).min(self.text.len());
                }
                '\\' => {
                    self.at += 1;
                    quoted = true;
                    if let Some(next) = self.peek() {
                        self.at += next.len_utf8();
                        if next != '\n' {
                            add(&mut parts, next.encode_utf8(&mut [0; 4]));
                        }
                    }
                }
                '$' if !tag => self.dollar(&mut parts),
                '`' => self.backquoted(&mut parts),
                char => {
                    self.at += char.len_utf8();
                    add(&mut parts, char.encode_utf8(&mut [0; 4]));
                }
            }
        }
        if self.at == start {
            // A sign that begins no word here; passed over so that reading goes on.
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        Word { parts, range: start..self.at, quoted }
    }

    /// Text in which variables are expanded, up to a quote or byte `end`.
    fn expanded(&mut self, parts: &mut Vec<Part>, quote: Option<char>, end: usize) {
        while let Some(char) = self.peek().filter(|_| self.at < end) {
            match char {
                char if Some(char) == quote => return,
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some(next @ ('$' | '`' | '\\')) => {
                            self.at += 1;
                            add(parts, next.encode_utf8(&mut [0; 4]));
                        }
                        Some('"') if quote.is_some() => {
                            self.at += 1;
                            add(parts, "\"");
                        }
                        Some('\n') => self.at += 1,
                        _ => add(parts, "\\"),
                    }
                }
                '$' => self.dollar(parts),
                '`' => self.backquoted(parts),
                char => {
                    self.at += char.len_utf8();
                    add(parts, char.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    fn dollar(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        match self.peek() {
            Some('(') => {
                self.enclosed();
                parts.push(Part::Hole);
            }
            Some('{') => {
                let end = self.rest().find('}').unwrap_or(self.rest().len());
                let inside = self.rest().get(1..end).unwrap_or_default().to_owned();
                self.at = (self.at + end + 1).min(self.text.len());
                let plain = !inside.is_empty() && inside.chars().all(is_name);
                parts.push(if plain { Part::Variable(inside) } else { Part::Hole });
            }
            Some('\'') => {
                self.at += 1;
                let inside = self.rest().split('\'').next().unwrap_or_default().to_owned();
                self.at = (self.at + inside.len() + 1).min(self.text.len());
                add(parts, &escapes(&inside));
            }
            Some(char) if is_name(char) && !char.is_ascii_digit() => {
                let length = self.rest().find(|char| !is_name(char)).unwrap_or(self.rest().len());
                parts.push(Part::Variable(self.rest().get(..length).unwrap_or_default().to_owned()));
                self.at += length;
            }
            Some('@' | '*' | '#' | '?' | '$' | '!' | '-' | '0'..='9') => {
                self.at += 1;
                parts.push(Part::Hole);
            }
            _ => add(parts, "$"),
        }
    }

    fn backquoted(&mut self, parts: &mut Vec<Part>) {
        let inside = self.rest().get(1..).unwrap_or_default();
        self.at += inside.find('`').map_or(self.rest().len(), |end| end + 2);
        parts.push(Part::Hole);
    }

    /// Passes over brackets with what is in them; quotes are respected.
    fn enclosed(&mut self) {
        let mut depth = 0usize;
        let mut quote = None;
        let mut chars = self.rest().char_indices();
        let mut length = self.rest().len();
        while let Some((at, char)) = chars.next() {
            match (char, quote) {
                ('\\', None | Some('"')) => drop(chars.next()),
                (char, Some(open)) if char == open => quote = None,
                ('\'' | '"', None) => quote = Some(char),
                ('(', None) => depth += 1,
                (')', None) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        length = at + 1;
                        break;
                    }
                }
                _ => {}
            }
        }
        self.at += length;
    }

    /// Reads the here-documents that begin here.
    fn documents(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for document in waiting.iter_mut().filter(|document| document.body.is_none()) {
            let start = self.at;
            let mut end = start;
            let mut behind = self.text.len();
            for line in self.rest().split_inclusive('\n') {
                let own = line.trim_end_matches(['\n', '\r']);
                let own = if document.strips { own.trim_start_matches('\t') } else { own };
                if own == document.tag {
                    behind = end + line.len();
                    break;
                }
                end += line.len();
            }
            let end = end.min(self.text.len());
            let mut parts = Vec::new();
            if document.expands {
                let text = self.text.get(..end).unwrap_or_default();
                Lexer { text, at: start, waiting: Vec::new() }.expanded(&mut parts, None, end);
            } else {
                add(&mut parts, self.text.get(start..end).unwrap_or_default());
            }
            if document.strips {
                strip_tabs(&mut parts);
            }
            self.at = behind;
            document.body = Some(Word { parts, range: start..end, quoted: !document.expands });
        }
        self.waiting = waiting;
    }

    /// The here-documents that have been read: the command, its redirection, the text.
    fn ready(&mut self) -> Vec<(usize, usize, Word)> {
        if self.waiting.iter().all(|waiting| waiting.body.is_none()) {
            return Vec::new();
        }
        let all = std::mem::take(&mut self.waiting);
        all.into_iter().filter_map(|waiting| Some((waiting.command, waiting.redirect, waiting.body?))).collect()
    }
}

fn add(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// Takes the tabs away that `<<-` ignores.
fn strip_tabs(parts: &mut [Part]) {
    let mut at_start = true;
    for part in parts {
        if let Part::Text(text) = part {
            let lines = text.split_inclusive('\n').map(|line| {
                let kept = if at_start { line.trim_start_matches('\t') } else { line };
                at_start = line.ends_with('\n');
                kept
            });
            *text = lines.collect();
        } else {
            at_start = false;
        }
    }
}

/// The escapes of `$'…'` and `printf`.
pub(super) fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other @ ('\\' | '\'' | '"')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
