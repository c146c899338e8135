//! Text from outside, written so that no renderer of Markdown on GitHub or GitLab sees anything but text in it: no
//! markup, no HTML, nobody mentioned, nothing linked. Not the report; that is [`markdown`](super::markdown).

use std::fmt::Write as _;

use super::ink::clean;

/// Characters of a text that are shown.
const LONGEST: usize = 4000;

/// How text from outside is written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    /// Whether the word "fail" may stand in the report. Atlantis looks for it, in any case, and takes a run that has it
    /// for one that did not pass; and so names and messages that hold it are written with a character code in it.
    pub(super) may_say_fail: bool,
}

impl Pen {
    /// A text within a paragraph in which backticks mark code, as policies write it.
    pub(super) fn prose(self, text: &str) -> String {
        let parts: Vec<&str> = text.split('`').collect();
        // One that is left over marks nothing.
        if parts.len().is_multiple_of(2) || text.len() > LONGEST {
            return self.text(text);
        }
        let written = parts.into_iter().enumerate().map(|(at, part)| match at % 2 {
            1 if part.is_empty() => String::new(),
            1 => self.code(part),
            _ => self.run(part, at == 0),
        });
        written.collect::<String>().trim().to_owned()
    }

    /// A text within a paragraph, on one line; a very long one is shortened.
    pub(super) fn text(self, text: &str) -> String {
        self.run(&shortened(text, LONGEST), true).trim().to_owned()
    }

    fn run(self, text: &str, starts: bool) -> String {
        let line = clean(text).replace('\n', " ");
        let line = if starts { line.trim_start() } else { &line };
        let characters: Vec<char> = line.chars().collect();
        let mut out = String::with_capacity(characters.len() + 16);
        for (at, &c) in characters.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
            let after = characters.get(at + 1).copied();
            let inside = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '$' => out.push_str("&#36;"),
                '_' if inside => out.push(c),
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
                '-' | '+' | '=' | '#' if starts && at == 0 => out.extend(['\\', c]),
                '.' | ')' if starts && at > 0 && out.bytes().all(|byte| byte.is_ascii_digit()) => out.extend(['\\', c]),
                c => out.push(c),
            }
            // What GitHub and GitLab make a mention or a link of: `@team`, `#12`, `!12`, `%"1.0"`, `^alert#1`, `GH-12`.
            let refers = matches!(c, '@' | '#' | '!' | '$' | '%' | '~' | '&' | '^')
                || (c == '-' && out.len() >= 3 && out[..out.len() - 1].to_ascii_lowercase().ends_with("gh"));
            if refers && after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '_')) {
                out.push('\u{200b}');
            }
        }
        self.hushed(out, "&#", |c| format!("{};", u32::from(c)))
    }

    /// A name as code, that can be copied in one go.
    pub(super) fn code(self, name: &str) -> String {
        let name = clean(name).replace('\n', " ");
        let plain = !name.contains('`') && name.trim() == name && !name.is_empty();
        if plain && (self.may_say_fail || !says_fail(&name)) { format!("`{name}`") } else { self.html_code(&name) }
    }

    /// The same where Markdown is not read: inside HTML.
    pub(super) fn html_code(self, name: &str) -> String {
        let mut out = String::from("<code>");
        for c in clean(name).replace('\n', " ").chars() {
            if c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '/' | ',') {
                let _ = write!(out, "&#{};", u32::from(c));
            } else {
                out.push(c);
            }
        }
        out.push_str("</code>");
        self.hushed(out, "&#", |c| format!("{};", u32::from(c)))
    }

    /// A block of code, in a fence that nothing in it can close. Nothing when it holds a word it may not hold.
    pub(super) fn block(self, language: &str, code: &str) -> String {
        let code = clean(code);
        if !self.may_say_fail && says_fail(&code) {
            return String::new();
        }
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        format!("{fence}{language}\n{}\n{fence}\n", code.trim_end())
    }

    /// A picture: its words may be hushed, since Mermaid has character codes of its own.
    pub(super) fn mermaid(self, picture: String) -> String {
        self.block("mermaid", &self.hushed(picture, "#", |c| format!("{};", u32::from(c))))
    }

    /// The text with a character code in each "fail", unless it may be said.
    fn hushed(self, text: String, before: &str, code: impl Fn(char) -> String) -> String {
        if self.may_say_fail || !says_fail(&text) {
            return text;
        }
        let lower = text.to_ascii_lowercase();
        let mut out = String::with_capacity(text.len() + 16);
        let mut done = 0;
        for (at, _) in lower.match_indices("fail") {
            let second = at + 1;
            out.push_str(&text[done..second]);
            out.push_str(before);
            out.extend(text[second..].chars().next().map(&code));
            done = second + 1;
        }
        out.push_str(&text[done..]);
        out
    }
}

fn says_fail(text: &str) -> bool {
    text.to_ascii_lowercase().contains("fail")
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: Pen = Pen { may_say_fail: true };
    const HUSHED: Pen = Pen { may_say_fail: false };

    #[test]
    fn text_is_only_text() {
        assert_eq!(
            LOUD.text("aws_lb.web has 2 * 3 [x](y) `z` | a_"),
            "aws_lb.web has 2 \\* 3 \\[x\\](y) \\`z\\` \\| a\\_"
        );
        assert_eq!(LOUD.text("<script>&amp;"), "&lt;script&gt;&amp;\u{200b}amp;");
        assert_eq!(LOUD.text("- a\n# b"), "\\- a # b");
        assert_eq!(LOUD.text("1. one"), "1\\. one");
        assert_eq!(LOUD.text("in 504. And"), "in 504. And");
        assert_eq!(LOUD.prose("set `a_*` or *b*"), "set `a_*` or \\*b\\*");
        assert_eq!(LOUD.prose("one ` and <b>"), "one \\` and &lt;b&gt;");
        assert_eq!(LOUD.text("0.5 s, 10.0.0.0/8"), "0\\.5 s, 10.0.0.0/8");
    }

    #[test]
    fn nobody_is_pinged_and_nothing_is_linked() {
        assert_eq!(
            LOUD.text("@admin #12 org/repo#3 !4 GH-5"),
            "@\u{200b}admin #\u{200b}12 org/repo#\u{200b}3 !\u{200b}4 GH-\u{200b}5"
        );
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(LOUD.code("aws_lb.web[\"a\"]"), "`aws_lb.web[\"a\"]`");
        assert_eq!(LOUD.code("a`b<i>"), "<code>a&#96;b&#60;i&#62;</code>");
        assert_eq!(LOUD.block("hcl", "a\n```\nb"), "````hcl\na\n```\nb\n````\n");
    }

    #[test]
    fn the_word_atlantis_looks_for_is_written_otherwise() {
        assert_eq!(HUSHED.text("a FAILed fail"), "a F&#65;ILed f&#97;il");
        assert_eq!(HUSHED.code("aws_lb.failover"), "<code>aws&#95;lb.f&#97;ilover</code>");
        assert_eq!(HUSHED.mermaid("n1[\"failover\"]".to_owned()), "```mermaid\nn1[\"f#97;ilover\"]\n```\n");
        assert_eq!(HUSHED.block("hcl", "failover = 1"), "");
    }
}
