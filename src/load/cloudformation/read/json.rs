//! JSON: tokens as nodes of a tree. Strict, as CloudFormation is: no comments, no commas too many.

use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::tokens::Token;
use jsonc_parser::{ParseStringErrorKind, Scanner, ScannerOptions};

use super::tree::{Properties, Tree};
use crate::load::cloudformation::node::Content;
use crate::source::Problem;

/// Why a text is no JSON.
pub(super) struct Refused {
    pub(super) problem: Problem,
    /// It has what YAML has and JSON has not, so that it may be YAML that begins with a bracket.
    pub(super) may_be_yaml: bool,
}

/// What has to come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    FirstValue,
    Key,
    FirstKey,
    Colon,
    CommaOrClose,
    End,
}

/// Reads a text into the tree.
///
/// # Errors
/// It is no JSON, or more than anybody writes.
pub(super) fn parse(tree: &mut Tree<'_>) -> Result<(), Refused> {
    let whole = tree.faults.text();
    let text = whole.trim_start_matches('\u{feff}');
    let skipped = whole.len() - text.len();
    let mut scanner = Scanner::new(text, &STRICT);
    let mut expected = Expected::Value;
    // Whether each bracket that is open is one of a map.
    let mut open: Vec<bool> = Vec::new();
    let inside = |open: &[bool]| if open.is_empty() { Expected::End } else { Expected::CommaOrClose };
    loop {
        let token = match scanner.scan() {
            Ok(token) => token,
            Err(error) => return Err(refused(tree, skipped + error.range().start, expected, fault(error.kind()))),
        };
        let span = skipped + scanner.token_start()..skipped + scanner.token_end();
        let value = matches!(expected, Expected::Value | Expected::FirstValue);
        let done = match (expected, token) {
            (Expected::End, None) => return Ok(()),
            (_, None) => {
                let problem = Problem::error("ends in the middle: the JSON is cut off").help("write the file again");
                return Err(too_much(tree.faults.placed(whole.len(), problem)));
            }
            (Expected::Colon, Some(Token::Colon)) => {
                expected = Expected::Value;
                continue;
            }
            (Expected::CommaOrClose, Some(Token::Comma)) => {
                expected = if open.last() == Some(&true) { Expected::Key } else { Expected::Value };
                continue;
            }
            (Expected::Key | Expected::FirstKey, Some(Token::String(key))) => {
                tree.key(&key, span, false, Properties::default());
                expected = Expected::Colon;
                continue;
            }
            (_, Some(Token::OpenBrace)) if value => {
                open.push(true);
                expected = Expected::FirstKey;
                tree.open_map(span.start, Properties::default()).map_err(too_much)?;
                continue;
            }
            (_, Some(Token::OpenBracket)) if value => {
                open.push(false);
                expected = Expected::FirstValue;
                tree.open_list(span.start, Properties::default()).map_err(too_much)?;
                continue;
            }
            (Expected::FirstKey | Expected::CommaOrClose, Some(Token::CloseBrace)) if open.last() == Some(&true) => {
                open.pop();
                tree.close(Some(span.end))
            }
            (Expected::FirstValue | Expected::CommaOrClose, Some(Token::CloseBracket))
                if open.last() == Some(&false) =>
            {
                open.pop();
                tree.close(Some(span.end))
            }
            (_, Some(Token::String(text))) if value => tree.scalar(Content::String(text.into()), span, <_>::default()),
            (_, Some(Token::Number(text))) if value => tree.scalar(Content::Number(text.into()), span, <_>::default()),
            (_, Some(Token::Boolean(truth))) if value => tree.scalar(Content::Bool(truth), span, <_>::default()),
            (_, Some(Token::Null)) if value => tree.scalar(Content::Null, span, <_>::default()),
            (_, Some(token)) => return Err(refused(tree, span.start, expected, unexpected(expected, &token))),
        };
        done.map_err(too_much)?;
        expected = inside(&open);
    }
}

const STRICT: ScannerOptions = ScannerOptions {
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// What is wrong, and what to do.
struct Fault(&'static str, &'static str);

const COMMENT: Fault = Fault("a comment stands here, and JSON has none", "remove it, or write the template in YAML");
const WORD: Fault = Fault("a word stands here without quotes", "put it in double quotes");

fn unexpected(expected: Expected, token: &Token<'_>) -> Fault {
    match (expected, token) {
        (_, Token::CommentLine(_) | Token::CommentBlock(_)) => COMMENT,
        (_, Token::Word(_)) => WORD,
        (Expected::Key | Expected::Value, Token::CloseBrace | Token::CloseBracket) => {
            Fault("a value is missing before this bracket", "remove the comma before it, or write the value")
        }
        (Expected::Key | Expected::FirstKey, _) => {
            Fault("a key in double quotes has to stand here", "write \"Key\": value")
        }
        (Expected::Colon, _) => Fault("a colon has to stand here, after the key", "write \"Key\": value"),
        (Expected::CommaOrClose, Token::CloseBrace | Token::CloseBracket) => {
            Fault("this bracket closes none that is open", "look for the bracket that is missing above")
        }
        (Expected::CommaOrClose, _) => Fault("a comma is missing before this", "put a comma after the value above"),
        (Expected::End, _) => Fault("goes on after the end of the JSON", "give each document a file of its own"),
        _ => Fault("a value has to stand here", "write a text in double quotes, a number, a list or a map"),
    }
}

/// What the scanner found, in words of ours: its own can hold parts of the text.
fn fault(kind: &ParseErrorKind) -> Fault {
    use ParseErrorKind as Kind;
    match kind {
        Kind::SingleQuotedStringsNotAllowed => {
            Fault("a text stands in single quotes", "JSON puts texts in double quotes")
        }
        Kind::String(ParseStringErrorKind::UnterminatedStringLiteral) => {
            Fault("a text begins here and does not end", "close it with a double quote")
        }
        Kind::String(_) => Fault("an escape in a text is none of JSON's", "write a backslash as \\\\"),
        Kind::UnterminatedCommentBlock => COMMENT,
        Kind::HexadecimalNumbersNotAllowed
        | Kind::UnaryPlusNumbersNotAllowed
        | Kind::BareDecimalPointNumbersNotAllowed
        | Kind::NonFiniteNumbersNotAllowed
        | Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral => {
            Fault("this number is none of JSON's", "write it in decimal digits, or in double quotes")
        }
        _ => WORD,
    }
}

fn refused(tree: &Tree<'_>, at: usize, expected: Expected, Fault(said, help): Fault) -> Refused {
    let problem = Problem::error(format!("is no valid JSON: {said}")).help(help);
    let may_be_yaml = match tree.faults.text().as_bytes().get(at) {
        Some(b'!' | b'#' | b'&' | b'*' | b'\'') => true,
        // A word that is a value without quotes is more likely a slip than YAML.
        Some(first) if first.is_ascii_alphanumeric() => matches!(expected, Expected::Key | Expected::FirstKey),
        _ => false,
    };
    Refused { problem: tree.faults.placed(at, problem), may_be_yaml }
}

fn too_much(problem: Problem) -> Refused {
    Refused { problem, may_be_yaml: false }
}
