//! From the text of an expression to tokens, one at a time: a message template stops in the middle of a text. Does
//! not know which words are functions.

use super::Fault;

/// One token and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// Whole number without its sign, so that the smallest integer can be written.
    Int(u64),
    Double(f64),
    Text(String),
    Name(String),
    /// Operators and punctuation.
    Mark(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const MARKS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", "(", ")", "[", "]", "{", "}",
    ",", ".",
];

/// Reads tokens from `source`, beginning at byte `at`.
pub(super) struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str, at: usize) -> Lexer<'s> {
        Lexer { source, at }
    }

    /// The next token; `End` again and again at the end.
    pub(super) fn next(&mut self) -> Result<Token, Fault> {
        self.skip_blank();
        let from = self.at;
        let rest = self.rest();
        let kind = match rest.chars().next() {
            None => TokenKind::End,
            Some(first) if first.is_ascii_digit() || (first == '.' && second_is_digit(rest)) => self.number()?,
            Some(first) if first.is_ascii_alphabetic() || first == '_' => match string_prefix(rest) {
                Some(_) => self.string()?,
                None => self.name(),
            },
            Some('"' | '\'') => self.string()?,
            Some(first) => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => {
                    self.at += mark.len();
                    TokenKind::Mark(mark)
                }
                None => return Err(self.unexpected(first)),
            },
        };
        Ok(Token { kind, from, to: self.at })
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn unexpected(&self, first: char) -> Fault {
        let help = match first {
            '=' => Some("equality is `==`"),
            '&' => Some("and is `&&`"),
            '|' => Some("or is `||`"),
            '`' => Some("strings stand in single or double quotes"),
            _ => None,
        };
        let fault = Fault::new(self.at, format!("`{}` has no meaning here", first.escape_debug()));
        match help {
            Some(help) => fault.help(help),
            None => fault,
        }
    }

    fn name(&mut self) -> TokenKind {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        TokenKind::Name(rest[..end].to_owned())
    }

    fn number(&mut self) -> Result<TokenKind, Fault> {
        let from = self.at;
        let rest = self.rest();
        if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let len = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
            self.at += 2 + len;
            self.no_suffix(from)?;
            return match u64::from_str_radix(&hex[..len], 16) {
                Ok(number) => Ok(TokenKind::Int(number)),
                Err(_) => Err(Fault::new(from, "is not a whole number of at most 64 bits")),
            };
        }
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let mut len = digits(rest);
        let mut double = false;
        if rest[len..].starts_with('.') && second_is_digit(&rest[len..]) {
            double = true;
            len += 1 + digits(&rest[len + 1..]);
        }
        if rest[len..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[len + 1..].starts_with(['+', '-']));
            let exponent = digits(&rest[len + 1 + sign..]);
            if exponent > 0 {
                double = true;
                len += 1 + sign + exponent;
            }
        }
        self.at += len;
        self.no_suffix(from)?;
        let text = &rest[..len];
        if double {
            return match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(TokenKind::Double(number)),
                _ => Err(Fault::new(from, format!("`{text}` is too large for a number"))),
            };
        }
        match text.parse::<u64>() {
            Ok(number) => Ok(TokenKind::Int(number)),
            Err(_) => Err(Fault::new(from, format!("`{text}` does not fit into 64 bits"))),
        }
    }

    fn no_suffix(&self, from: usize) -> Result<(), Fault> {
        match self.rest().chars().next() {
            Some('u' | 'U') => Err(Fault::new(from, "unsigned numbers are not supported").help("leave out the `u`")),
            Some(next) if next.is_ascii_alphanumeric() || next == '_' => {
                Err(Fault::new(from, format!("`{next}` cannot follow a number")))
            }
            _ => Ok(()),
        }
    }

    fn string(&mut self) -> Result<TokenKind, Fault> {
        let from = self.at;
        let prefix = string_prefix(self.rest()).unwrap_or("");
        if prefix.contains(['b', 'B']) {
            return Err(Fault::new(from, "bytes are not supported").help("leave out the `b`"));
        }
        let raw = !prefix.is_empty();
        self.at += prefix.len();
        let rest = self.rest();
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(*quote)).unwrap_or("\"");
        self.at += quote.len();
        let mut text = String::new();
        loop {
            let rest = self.rest();
            if rest.starts_with(quote) {
                self.at += quote.len();
                return Ok(TokenKind::Text(text));
            }
            match rest.chars().next() {
                Some('\\') if !raw => self.escape(&mut text)?,
                Some('\n' | '\r') if quote.len() == 1 => {
                    return Err(Fault::new(from, "the string does not end on its line")
                        .help(format!("close it with {quote}, or write it in triple quotes")));
                }
                Some(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
                None => return Err(Fault::new(from, format!("the string has no closing {quote}"))),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        let from = self.at;
        let bad = |what: &str| Fault::new(from, what.to_owned()).help("write `\\\\` for a backslash");
        let mut chars = self.rest()[1..].chars();
        let Some(letter) = chars.next() else { return Err(bad("nothing follows the backslash")) };
        let simple = match letter {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' | '?' | '"' | '\'' | '`' => letter,
            _ => '\0',
        };
        if simple != '\0' {
            self.at += 1 + letter.len_utf8();
            text.push(simple);
            return Ok(());
        }
        let (skip, len, radix) = match letter {
            'x' | 'X' => (1, 2, 16),
            'u' => (1, 4, 16),
            'U' => (1, 8, 16),
            '0'..='3' => (0, 3, 8),
            _ => return Err(bad("this escape does not exist")),
        };
        let digits = self.rest().get(1 + skip..1 + skip + len).unwrap_or("");
        let valid = digits.len() == len && digits.chars().all(|c| c.is_digit(radix));
        let code = if valid { u32::from_str_radix(digits, radix).ok().and_then(char::from_u32) } else { None };
        match code {
            Some(code) => {
                self.at += 1 + skip + len;
                text.push(code);
                Ok(())
            }
            None => Err(bad("this escape is not a character")),
        }
    }
}

fn second_is_digit(text: &str) -> bool {
    text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// The letters before a quote: `r`, `b`, `rb` or `br`, in either case.
fn string_prefix(text: &str) -> Option<&str> {
    let len = text.bytes().take(3).position(|byte| matches!(byte, b'"' | b'\''))?;
    let prefix = text.get(..len)?;
    let known = ["r", "b", "rb", "br"].iter().any(|known| known.eq_ignore_ascii_case(prefix));
    known.then_some(prefix)
}
