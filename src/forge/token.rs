//! What lets us in, and must never be seen: nothing here prints it.

use std::fmt;

use ureq::http::HeaderValue;

/// An access token. `Debug` hides it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as a variable has it: white space around it goes, as secrets from files end in a line break. None when
    /// nothing is left.
    ///
    /// # Errors
    /// When it holds what no header may hold; the words do not show it.
    pub fn new(text: &str) -> Result<Option<Token>, &'static str> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("holds characters that no token has: white space in the middle, or not ASCII");
        }
        Ok((!text.is_empty()).then(|| Token(text.to_owned())))
    }

    /// The value of the `Authorization` header. Both forges take it so, whatever kind of token it is.
    pub(super) fn header(&self) -> Result<HeaderValue, ureq::http::Error> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The text without the token in it: a server may repeat what it was sent.
    pub(super) fn scrub(&self, text: &str) -> String {
        text.replace(&self.0, "(token)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_trimmed_and_hides_itself() {
        let token = Token::new(" ghp_abc\r\n").unwrap().unwrap();
        assert_eq!(token, Token("ghp_abc".to_owned()));
        assert_eq!(format!("{token:?} {:?}", token.header().unwrap()), "Token(hidden) Sensitive");
        assert_eq!(token.scrub("no ghp_abc here"), "no (token) here");
        assert_eq!(Token::new(" \n"), Ok(None));
        assert!(Token::new("two words").is_err_and(|words| !words.contains("two words")));
    }
}
