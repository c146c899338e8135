//! What can be said of a backend's keep-alive: how long it keeps an idle connection, which server does so, how strong
//! the evidence is and where it stands; or why it cannot be told. Words and numbers only; reads nothing.

use std::fmt;
use std::ops::Range;

use super::table::Server;
use crate::graph::Text;

/// How long a server keeps an idle HTTP/1.1 connection open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Idle {
    /// It closes the connection after so many milliseconds.
    Millis(u64),
    /// It never closes the connection by itself.
    Infinite,
    /// It closes the connection after each response and says so, thus no connection is ever idle.
    ClosesEach,
}

impl Idle {
    /// The shorter of two, for a target whose parts differ: a connection is lost as soon as one of them closes it.
    /// Closing after each response loses none, so it counts as the longest.
    #[must_use]
    pub fn shorter(self, other: Idle) -> Idle {
        match (self, other) {
            (Idle::Millis(a), Idle::Millis(b)) => Idle::Millis(a.min(b)),
            (Idle::Millis(_), _) => self,
            (_, Idle::Millis(_)) => other,
            (Idle::Infinite, _) | (_, Idle::Infinite) => Idle::Infinite,
            (Idle::ClosesEach, Idle::ClosesEach) => Idle::ClosesEach,
        }
    }
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Idle::Millis(millis) => write!(f, "{}", Seconds(*millis)),
            Idle::Infinite => f.write_str("no limit"),
            Idle::ClosesEach => f.write_str("closes after each response"),
        }
    }
}

/// Milliseconds, shown as seconds: `75 s`, `0.5 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 {
            return write!(f, "{whole} s");
        }
        write!(f, "{whole}.{} s", format!("{rest:03}").trim_end_matches('0'))
    }
}

/// How strong the evidence for a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Inferred from an image or runtime whose code cannot be seen, or from a name that only suggests it.
    Presumed,
    /// What a known server does as it is shipped, and nothing visible replaces its settings.
    Shipped,
    /// A flag, directive or setting with a known unit.
    Stated,
}

impl Strength {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Strength::Presumed => "presumed",
            Strength::Shipped => "shipped",
            Strength::Stated => "stated",
        }
    }
}

/// Bytes of a text that we were given, by the text's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The name of the text: a path, or what the caller called it.
    pub text: Text,
    /// The bytes.
    pub range: Range<usize>,
}

/// What a number comes from, in words, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// In words: ``directive `keepalive_timeout` ``, ``environment variable `UVICORN_TIMEOUT_KEEP_ALIVE` ``.
    pub what: Text,
    /// Where it stands, when it stands in a text. Flags and environment variables stand in the container definition.
    pub passage: Option<Passage>,
}

impl Source {
    /// Something that stands in no text of its own.
    #[must_use]
    pub fn named(what: impl Into<Text>) -> Source {
        Source { what: what.into(), passage: None }
    }

    /// Something at `range` of the text called `text`.
    #[must_use]
    pub fn at(what: impl Into<Text>, text: &Text, range: Range<usize>) -> Source {
        Source { what: what.into(), passage: Some(Passage { text: text.clone(), range }) }
    }
}

/// A backend's keep-alive: the number, whose it is, how strong, and where from.
#[derive(Clone, Debug, PartialEq)]
pub struct KeepAlive {
    /// How long.
    pub idle: Idle,
    /// Which server.
    pub server: Server,
    /// How strong the evidence is.
    pub strength: Strength,
    /// Where it stands.
    pub from: Source,
}

/// Why a value that is set cannot be read. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hidden {
    /// Filled in on the machine: a variable, a command's output, a template left in the text.
    Variable,
    /// Calculated by code.
    Calculated,
    /// It comes from a secret.
    Secret,
    /// Known only after apply, or otherwise not in the input; with the reason.
    NotGiven(Text),
    /// A file that is named but not there; with its name.
    AbsentFile(Text),
    /// Written only under a condition.
    Conditional,
    /// Its unit is not known, or it is no duration at all.
    Unit,
    /// Several places say different things, and which applies is not visible.
    Several,
    /// The text is no valid text of its format.
    Malformed,
    /// It is larger, deeper or more nested than what is read.
    TooLarge,
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hidden::Variable => f.write_str("it is filled in on the machine"),
            Hidden::Calculated => f.write_str("code calculates it"),
            Hidden::Secret => f.write_str("it comes from a secret"),
            Hidden::NotGiven(why) => f.write_str(why),
            Hidden::AbsentFile(name) => write!(f, "it may stand in {name}, which is not there"),
            Hidden::Conditional => f.write_str("it is written only under a condition"),
            Hidden::Unit => f.write_str("it is no duration in a known unit"),
            Hidden::Several => f.write_str("several places say different things"),
            Hidden::Malformed => f.write_str("the text that sets it cannot be read"),
            Hidden::TooLarge => f.write_str("the text that sets it is too large to read"),
        }
    }
}

/// Text that may be hidden: a value of an environment variable, the content of a file, a word of a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// The text.
    Text(Text),
    /// It cannot be seen.
    Hidden(Hidden),
}

impl Given {
    /// The text, when it is visible.
    #[must_use]
    pub fn text(&self) -> Option<&Text> {
        match self {
            Given::Text(text) => Some(text),
            Given::Hidden(_) => None,
        }
    }
}

impl From<&str> for Given {
    fn from(text: &str) -> Given {
        Given::Text(text.into())
    }
}

/// What one place says of the idle timeout.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// This.
    Stated(Idle, Source),
    /// Something that cannot be read.
    Hidden(Hidden, Source),
}

impl Said {
    /// This, or what `other` says when this says nothing.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Said) -> Said {
        match self {
            Said::Nothing => other(),
            said => said,
        }
    }

    /// Puts together what several parts of one target say, all of which apply: the shortest counts; what is hidden
    /// hides the whole, unless it cannot matter.
    #[must_use]
    pub fn and(self, other: Said) -> Said {
        match (self, other) {
            (Said::Nothing, said) | (said, Said::Nothing) => said,
            (Said::Stated(a, from), Said::Stated(b, other_from)) => {
                if a.shorter(b) == a {
                    Said::Stated(a, from)
                } else {
                    Said::Stated(b, other_from)
                }
            }
            (hidden @ Said::Hidden(..), _) | (_, hidden @ Said::Hidden(..)) => hidden,
        }
    }
}

/// How long a server lets a request take, which is held against the load balancer's idle timeout.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestLimit {
    /// Which server.
    pub server: Server,
    /// The setting: `proxy_read_timeout`, `--timeout`.
    pub key: Text,
    /// Milliseconds; nothing for no limit.
    pub millis: Option<u64>,
    /// What happens when it is over.
    pub effect: Effect,
    /// Whether somebody wrote it; else it is the default of the server.
    pub stated: bool,
    /// Where it stands.
    pub from: Source,
}

/// What a server does with a request that takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It answers with an error of its own, such as 504.
    Answers,
    /// It kills the worker and the connection with it, which the load balancer answers with 502.
    Kills,
}

/// A fault inside what one text says, whatever the load balancer's timeout.
#[derive(Clone, Debug, PartialEq)]
pub enum Defect {
    /// Node closes connections by its `headersTimeout` before its keep-alive ends.
    HeadersTimeout {
        /// `headersTimeout` in milliseconds.
        headers: u64,
        /// Whether somebody wrote it; else it is Node's own.
        stated: bool,
        /// `keepAliveTimeout` in milliseconds.
        keep_alive: u64,
        /// Where the shorter one stands.
        from: Source,
    },
    /// The server refuses to start: this directive is not allowed where it is.
    Misplaced {
        /// The directive.
        directive: Text,
        /// Where it stands.
        from: Source,
    },
    /// It accepts TLS 1.3 and no older version.
    OnlyTls13 {
        /// What says so.
        from: Source,
    },
    /// The container speaks FastCGI, not HTTP.
    NotHttp {
        /// What names it.
        from: Source,
    },
}

/// A hop behind the server: it hands requests on to an application over connections of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    /// The address it hands on to, as written: `http://127.0.0.1:8000`, `app:3000`.
    pub to: Text,
    /// How long the proxy keeps idle connections to the application; [`Idle::ClosesEach`] when it makes one a request.
    pub reuse: Said,
    /// Where that stands.
    pub from: Source,
}

/// What one text says of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The server whose text it is.
    pub server: Server,
    /// Its idle timeout.
    pub idle: Said,
    /// How long requests may take.
    pub limits: Vec<RequestLimit>,
    /// Faults inside the text.
    pub defects: Vec<Defect>,
    /// Where it hands requests on to.
    pub onward: Vec<Onward>,
}

impl Reading {
    /// A reading that says nothing yet.
    #[must_use]
    pub fn of(server: Server) -> Reading {
        Reading { server, idle: Said::Nothing, limits: Vec::new(), defects: Vec::new(), onward: Vec::new() }
    }

    /// The same with an idle timeout.
    #[must_use]
    pub fn saying(mut self, idle: Said) -> Reading {
        self.idle = idle;
        self
    }
}
