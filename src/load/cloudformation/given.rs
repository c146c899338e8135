//! What is said on the command line about a template, before any file is read.

use std::fmt;

/// What was said on the command line about a template.
#[derive(Clone, Debug, Default)]
pub struct TemplateInputs {
    /// `--parameters`, in their order: the later one wins.
    pub parameters: Vec<GivenParameter>,
    /// `--region`: what `AWS::Region` is.
    pub region: Option<String>,
    /// `--account`: what `AWS::AccountId` is.
    pub account: Option<String>,
}

/// A region, when the text is one.
///
/// # Errors
/// What was expected.
pub fn is_region(text: &str) -> Result<String, String> {
    let fits = text.contains('-') && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if fits { Ok(text.to_owned()) } else { Err("expected a region such as eu-central-1".to_owned()) }
}

/// An account's number, when the text is one.
///
/// # Errors
/// What was expected.
pub fn is_account(text: &str) -> Result<String, String> {
    let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("expected 12 digits".to_owned()) }
}

/// One `--parameters` on the command line.
#[derive(Clone, PartialEq, Eq)]
pub enum GivenParameter {
    /// `NAME=VALUE`, or `ParameterKey=NAME,ParameterValue=VALUE`.
    Value(String, String),
    /// `ParameterKey=NAME,UsePreviousValue=true`.
    Previous(String),
    /// A file.
    File(String),
}

impl fmt::Debug for GivenParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GivenParameter::Value(name, _) => write!(f, "{name}=…"),
            GivenParameter::Previous(name) => write!(f, "{name}, as before"),
            GivenParameter::File(path) => f.write_str(path),
        }
    }
}

impl GivenParameter {
    /// Reads one argument. What stands before a `=` is a name when it is made of letters and digits, as CloudFormation's
    /// names are; everything else is the path of a file, with or without `file://`.
    ///
    /// # Errors
    /// When it is neither, in words that leave out the value.
    pub fn parse(text: &str) -> Result<GivenParameter, String> {
        if text.starts_with("ParameterKey=") {
            return Self::parse_pairs(text);
        }
        if let Some((name, value)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
            return Ok(GivenParameter::Value(name.to_owned(), value.to_owned()));
        }
        match text.strip_prefix("file://").unwrap_or(text) {
            "" => Err("expected NAME=VALUE or a file".to_owned()),
            "-" => Err("parameters are read from files, not from standard input".to_owned()),
            path => Ok(GivenParameter::File(path.to_owned())),
        }
    }

    /// `ParameterKey=…,ParameterValue=…`; a comma in the value has a backslash before it.
    fn parse_pairs(text: &str) -> Result<GivenParameter, String> {
        let (mut name, mut value, mut previous) = (None, None, false);
        // No argument holds a zero byte.
        for pair in text.replace("\\,", "\0").split(',') {
            let pair = pair.replace('\0', ",");
            match pair.split_once('=') {
                Some((KEY, said)) => name = Some(said.to_owned()),
                Some((VALUE, said)) => value = Some(said.to_owned()),
                Some((PREVIOUS, said)) => previous = said.eq_ignore_ascii_case("true"),
                _ => {
                    let form =
                        format!("expected {KEY}=NAME,{VALUE}=VALUE; a comma in a value takes a backslash before it");
                    return Err(form);
                }
            }
        }
        match (name, value, previous) {
            (Some(name), Some(value), false) => Ok(GivenParameter::Value(name, value)),
            (Some(name), None, true) => Ok(GivenParameter::Previous(name)),
            _ => Err(format!("expected {KEY}=NAME with either {VALUE}=VALUE or {PREVIOUS}=true")),
        }
    }
}

/// Whether a text can be the name of a parameter.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) const KEY: &str = "ParameterKey";
pub(super) const VALUE: &str = "ParameterValue";
pub(super) const PREVIOUS: &str = "UsePreviousValue";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let parse = GivenParameter::parse;
        let value = |name: &str, value: &str| Ok(GivenParameter::Value(name.to_owned(), value.to_owned()));
        assert_eq!(parse("A=b=c"), value("A", "b=c"));
        assert_eq!(parse("A="), value("A", ""));
        assert_eq!(parse(r"ParameterKey=A,ParameterValue=a\,b=c"), value("A", "a,b=c"));
        assert_eq!(parse("ParameterKey=A,UsePreviousValue=true"), Ok(GivenParameter::Previous("A".to_owned())));
        for path in ["prod.json", "./a=b.json", "file://prod.json", "a-b=c"] {
            let bare = path.trim_start_matches("file://").to_owned();
            assert_eq!(parse(path), Ok(GivenParameter::File(bare)));
        }
        for wrong in [
            "",
            "-",
            "file://",
            "ParameterKey=A",
            "ParameterKey=A,b",
            "ParameterKey=A,ParameterValue=b,UsePreviousValue=true",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", parse("A=secret").unwrap()), "A=…");
    }
}
