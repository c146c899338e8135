//! One request to an API, asked again where that helps: after faults of the server and of the way there, and when the
//! server says wait. There is a limit to how long all of it may take. What may have had an effect is not simply asked
//! again ([`Fault::Unclear`]).

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{HeaderMap, Method, Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};

use super::clock::Clock;
use super::token::Token;
use crate::source::Problem;

/// The most bytes of an answer: a page of diffs is far below.
const LARGEST: u64 = 64 << 20;

/// How often one thing is tried.
const ATTEMPTS: u32 = 6;

/// The longest one request may take.
const ONE_REQUEST: Duration = Duration::from_secs(30);

/// How long to wait when the server says "too often" and not for how long, as GitHub's documentation has it.
const UNSAID: Duration = Duration::from_secs(60);

/// Entries on a page of a list, the most that both forges give.
const PAGE: u32 = 100;

/// Pages of a list; a pull request with more is not read to its end.
const PAGES: u32 = 100;

/// Redirects that are followed.
const REDIRECTS: u32 = 5;

/// Why something was not done.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It was not, and trying again is no use.
    Final(Problem),
    /// Nobody knows whether it was: look before trying again.
    Unclear(Problem),
}

impl Fault {
    pub(super) fn problem(self) -> Problem {
        match self {
            Fault::Final(problem) | Fault::Unclear(problem) => problem,
        }
    }
}

/// What a forge says of itself, for the client.
pub(super) struct Manners {
    /// Its name for people.
    pub(super) name: &'static str,
    /// Headers every request has.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// What to do about a status.
    pub(super) help: fn(u16) -> Option<&'static str>,
}

/// Asks the API.
pub(super) struct Client<'c> {
    agent: ureq::Agent,
    manners: Manners,
    api: String,
    token: Token,
    clock: &'c dyn Clock,
    deadline: Duration,
    timeout: Duration,
}

/// What came back.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl<'c> Client<'c> {
    /// A client of the API at `api`, which everything together may keep for as long as `timeout`.
    pub(super) fn new(api: &str, token: Token, manners: Manners, clock: &'c dyn Clock, timeout: Duration) -> Self {
        // The certificates this machine trusts: an Enterprise server often has one of its company's own.
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // Followed by hand: the token must not go elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("plangate/", env!("CARGO_PKG_VERSION")))
            .build();
        let deadline = clock.now() + timeout;
        let api = api.trim_end_matches('/').to_owned();
        Client { agent: config.into(), manners, api, token, clock, deadline, timeout }
    }

    /// Reads. `doing` says for people what it is for: "list the comments".
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str, doing: &str) -> Result<T, Fault> {
        let answer = self.ask(&Method::GET, path, None, doing)?;
        self.accepted(answer, doing).and_then(|answer| self.read(&answer, doing))
    }

    /// Reads, whatever the status is.
    pub(super) fn look(&self, path: &str, doing: &str) -> Result<Answer, Fault> {
        self.ask(&Method::GET, path, None, doing)
    }

    /// Reads a list to its end, page by page.
    pub(super) fn list<T: DeserializeOwned>(&self, path: &str, doing: &str) -> Result<Vec<T>, Fault> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let path = format!("{path}?per_page={PAGE}&page={page}");
            let answer = self.ask(&Method::GET, &path, None, doing)?;
            let answer = self.accepted(answer, doing)?;
            all.extend(self.read::<Vec<T>>(&answer, doing)?);
            if !answer.has_next() {
                return Ok(all);
            }
        }
        let most = PAGE * PAGES;
        Err(Fault::Final(Problem::error(format!("cannot {doing}: there are more than {most}"))))
    }

    /// Writes.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        body: &Value,
        doing: &str,
    ) -> Result<T, Fault> {
        let answer = self.ask(method, path, Some(body), doing)?;
        self.accepted(answer, doing).and_then(|answer| self.read(&answer, doing))
    }

    /// Waits before the `attempt`th time something is tried again (from 1).
    ///
    /// # Errors
    /// `why`, with what it came to, when that was once too often or would take too long.
    fn back_off(&self, attempt: u32, asked: Option<Duration>, why: Problem) -> Result<(), Fault> {
        let wait = asked.unwrap_or_else(|| Duration::from_secs(1 << attempt.saturating_sub(1).min(6)));
        if self.clock.now() + wait > self.deadline {
            let (wait, most) = (wait.as_secs(), self.timeout.as_secs());
            let help = format!(
                "{} has to be asked again in {wait} s, and all of it may take {most} s (--timeout)",
                self.manners.name
            );
            return Err(Fault::Final(why.help(help)));
        }
        if attempt >= ATTEMPTS {
            return Err(Fault::Final(why.help(format!("tried {ATTEMPTS} times; try again later"))));
        }
        self.clock.sleep(wait);
        Ok(())
    }

    fn ask(&self, method: &Method, path: &str, body: Option<&Value>, doing: &str) -> Result<Answer, Fault> {
        let body = body.map(|body| body.to_string().into_bytes());
        let mut attempt = 1;
        loop {
            let (asked, why) = match self.once(method, path, body.as_deref(), doing) {
                Ok(answer) => match answer.hold_off(self.clock.now()) {
                    Hold::None => return Ok(answer),
                    Hold::Until(wait) => (wait, self.refused(&answer, doing)),
                    // Only what does the same when done twice is asked again without a look.
                    Hold::Fault(_) if *method == Method::POST => {
                        return Err(Fault::Unclear(self.refused(&answer, doing)));
                    }
                    Hold::Fault(wait) => (wait, self.refused(&answer, doing)),
                },
                Err(Fault::Unclear(why)) if *method != Method::POST => (None, why),
                Err(fault) => return Err(fault),
            };
            self.back_off(attempt, asked, why)?;
            attempt += 1;
        }
    }

    /// One request, and where redirects lead.
    fn once(&self, method: &Method, path: &str, body: Option<&[u8]>, doing: &str) -> Result<Answer, Fault> {
        let mut address = format!("{}{path}", self.api);
        for _ in 0..=REDIRECTS {
            let answer = self.request(method, &address, body, doing)?;
            if !matches!(answer.status, 301 | 302 | 307 | 308) {
                return Ok(answer);
            }
            let to = answer.header("location").unwrap_or_default();
            if origin(to).is_none() || origin(to) != origin(&self.api) {
                let host = to.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
                let host = host.unwrap_or_else(|| "an address that cannot be read".to_owned());
                let words = format!("cannot {doing}: {} redirects to {host}", self.manners.name);
                let help = "the token is not sent to another host; give that one as --api-url if it is the right one";
                return Err(Fault::Final(Problem::error(self.token.scrub(&words)).help(help)));
            }
            address = to.to_owned();
        }
        let words = format!("cannot {doing}: {} redirects in circles", self.manners.name);
        Err(Fault::Final(Problem::error(words)))
    }

    fn request(&self, method: &Method, address: &str, body: Option<&[u8]>, doing: &str) -> Result<Answer, Fault> {
        let left = self.deadline.saturating_sub(self.clock.now());
        if left.is_zero() {
            let words = format!("cannot {doing}: all of it took longer than {} s", self.timeout.as_secs());
            return Err(Fault::Final(Problem::error(words).help("give it longer: --timeout SECONDS")));
        }
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::error(self.token.scrub(&format!("cannot {doing}: {}: {error}", self.manners.name)))
        };
        let build = || -> Result<_, ureq::http::Error> {
            let mut builder = Request::builder().method(method).uri(address);
            for (name, value) in self.manners.headers {
                builder = builder.header(*name, *value);
            }
            Ok(builder.header("authorization", self.token.header()?))
        };
        let builder = build().map_err(|error| Fault::Final(wrong(&error)))?;
        let limit = left.min(ONE_REQUEST);
        let sent = match body {
            None => builder.body(()).map_err(ureq::Error::from).and_then(|request| {
                self.agent.run(self.agent.configure_request(request).timeout_global(Some(limit)).build())
            }),
            Some(body) => {
                builder.header("content-type", "application/json").body(body).map_err(ureq::Error::from).and_then(
                    |request| self.agent.run(self.agent.configure_request(request).timeout_global(Some(limit)).build()),
                )
            }
        };
        let mut response = sent.map_err(|error| fault(&error, wrong(&error)))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.body_mut().with_config().limit(LARGEST).read_to_vec();
        let body = body.map_err(|error| fault(&error, wrong(&error)))?;
        Ok(Answer { status, headers, body })
    }

    fn accepted(&self, answer: Answer, doing: &str) -> Result<Answer, Fault> {
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(Fault::Final(self.refused(&answer, doing))) }
    }

    fn refused(&self, answer: &Answer, doing: &str) -> Problem {
        let said = self.token.scrub(&answer.said());
        let words = format!("cannot {doing}: {} answered {}{said}", self.manners.name, answer.status);
        let problem = Problem::error(words);
        match (self.manners.help)(answer.status) {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer, doing: &str) -> Result<T, Fault> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            // serde's words may quote the answer.
            let (line, column) = (error.line(), error.column());
            let words = format!(
                "cannot {doing}: what {} answered is not what its API answers (line {line}, column {column})",
                self.manners.name
            );
            let help = "is this the address of the API? GitHub Enterprise has it at https://HOST/api/v3, GitLab at \
                        https://HOST/api/v4 (--api-url)";
            Fault::Final(Problem::error(words).help(help))
        })
    }

    /// The answer's JSON.
    pub(super) fn parse<T: DeserializeOwned>(&self, answer: Answer, doing: &str) -> Result<T, Fault> {
        self.accepted(answer, doing).and_then(|answer| self.read(&answer, doing))
    }
}

/// What an answer says about asking again.
enum Hold {
    /// Nothing.
    None,
    /// The request was turned away: after a time that may be given.
    Until(Option<Duration>),
    /// Something went wrong; whether the request had an effect is open.
    Fault(Option<Duration>),
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn seconds(&self, name: &str) -> Option<Duration> {
        self.header(name)?.trim().parse().ok().map(Duration::from_secs)
    }

    /// Whether the list goes on; which page comes next is counted, not taken from here.
    fn has_next(&self) -> bool {
        let links = self.header("link").unwrap_or_default();
        links.split(',').any(|link| link.split(';').skip(1).any(|part| part.trim() == "rel=\"next\""))
    }

    fn hold_off(&self, now: Duration) -> Hold {
        let used_up = |left: &str, reset: &str| {
            let none = self.seconds(left).is_some_and(|left| left.is_zero());
            // One second more: clocks differ.
            let until = |reset: Duration| reset.saturating_sub(now) + Duration::from_secs(1);
            none.then(|| self.seconds(reset).map_or(UNSAID, until))
        };
        let after = self.seconds("retry-after");
        let limited = || {
            let primary = used_up("x-ratelimit-remaining", "x-ratelimit-reset");
            after.or(primary).or_else(|| used_up("ratelimit-remaining", "ratelimit-reset"))
        };
        match self.status {
            429 => Hold::Until(limited().or(Some(UNSAID))),
            403 => match limited() {
                Some(wait) => Hold::Until(Some(wait)),
                None if self.said().to_lowercase().contains("rate limit") => Hold::Until(Some(UNSAID)),
                None => Hold::None,
            },
            500 | 502..=504 => Hold::Fault(after),
            _ => Hold::None,
        }
    }

    /// What the API says is wrong, as the end of a sentence; nothing when it says nothing. GitHub has `message` and
    /// `errors`, GitLab `message` (a text, or fields with texts) or `error`.
    fn said(&self) -> String {
        let Ok(Value::Object(said)) = serde_json::from_slice::<Value>(&self.body) else { return String::new() };
        let mut texts = Vec::new();
        ["message", "error", "errors"].iter().filter_map(|key| said.get(*key)).for_each(|one| gather(one, &mut texts));
        let text = texts.join(", ").chars().filter(|char| !char.is_control()).take(300).collect::<String>();
        if text.is_empty() { text } else { format!(": {text}") }
    }
}

/// The texts in a value; a limit to how deep is that of the JSON reader.
fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| gather(one, texts)),
        Value::Object(fields) => fields.iter().for_each(|(name, one)| {
            let mut inner = Vec::new();
            gather(one, &mut inner);
            texts.extend(inner.into_iter().map(|text| format!("{name} {text}")));
        }),
        _ => {}
    }
}

/// Scheme, host and port.
fn origin(address: &str) -> Option<(String, String, u16)> {
    let uri: Uri = address.parse().ok()?;
    let scheme = uri.scheme_str()?.to_owned();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some((scheme, uri.host()?.to_lowercase(), port))
}

/// Whether a request that broke off may have had an effect, and whether trying again helps.
fn fault(error: &ureq::Error, problem: Problem) -> Fault {
    match error {
        ureq::Error::Io(_)
        | ureq::Error::Timeout(_)
        | ureq::Error::Protocol(_)
        | ureq::Error::ConnectionFailed
        | ureq::Error::HostNotFound => Fault::Unclear(problem),
        _ => Fault::Final(problem),
    }
}
