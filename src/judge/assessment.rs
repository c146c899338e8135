//! What judging gives: verdicts in words, with places, already safe to show. Reports write this down and decide
//! nothing.

use crate::catalog::{Severity, Subject};
use crate::graph::{Certainty, Data, Day, Spot, Text, Value};
use crate::relate::reach::Answer;
use crate::relate::{MissingRule, RightDimension};
use crate::source::{Edit, Position, Problem};

/// Everything a run found.
#[derive(Debug, Default)]
pub struct Assessment {
    /// What was looked at.
    pub inputs: Vec<Input>,
    /// Counts.
    pub summary: Summary,
    /// Fails and undecided ones, in a stable order: path, severity, policy, subject.
    pub findings: Vec<Finding>,
    /// Findings that somebody decided to live with, in the same order. They are not among `findings` and decide nothing.
    pub exempt: Vec<Exempt>,
    /// What failed before the change and does not after it. Counted nowhere but in `fixed`.
    pub fixed: Vec<Finding>,
    /// Every request path.
    pub paths: Vec<PathView>,
    /// Faults in what we were given.
    pub problems: Vec<Problem>,
    /// Fails that have no edits because so many could not be proven; a note in `problems` says so of each input.
    pub unproven: usize,
}

/// One input.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its path as given, `<stdin>` for standard input.
    pub path: String,
    /// Its form, e.g. `terraform-plan`.
    pub form: &'static str,
    /// Resources and data sources in it after the change.
    pub resources: usize,
}

/// Counts over all inputs. `checks` = `pass` + `fail` + `undecided` + `exempt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Resources and data sources looked at.
    pub resources: usize,
    /// Request paths found.
    pub paths: usize,
    /// Policies run.
    pub policies: usize,
    /// Verdicts given: one policy on one subject it applies to.
    pub checks: usize,
    /// Of those, passed.
    pub pass: usize,
    /// Of those, failed.
    pub fail: usize,
    /// Of those, not decidable before apply.
    pub undecided: usize,
    /// Of those, exempt.
    pub exempt: usize,
    /// Of those that failed, introduced by the change; those of inputs that do not tell what was before are not among
    /// them.
    pub introduced: usize,
    /// Checks that failed before the change and do not after it. They are not among the others.
    pub fixed: usize,
}

/// A verdict worth showing. A pass is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Broken whatever the unknown values turn out to be.
    Fail,
    /// Hangs on values not known before apply.
    Undecided,
}

/// What a change does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was not there before.
    Introduced,
    /// It is there before and after.
    Existing,
    /// It was there before and is not any more.
    Fixed,
    /// It was there before and goes away together with what it was about.
    Gone,
}

impl Change {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Change::Introduced => "introduced",
            Change::Existing => "existing",
            Change::Fixed | Change::Gone => "fixed",
        }
    }
}

/// One policy's verdict on one subject, in words.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Policy id.
    pub policy: Text,
    /// Fail or undecided.
    pub verdict: Verdict,
    /// The policy's severity.
    pub severity: Severity,
    /// What the change does to it; none when the input does not tell what was before.
    pub change: Option<Change>,
    /// Which of the inputs it is in, from 0.
    pub input: usize,
    /// Address of what it is about.
    pub subject: Text,
    /// What else people know its subject by: the path of the CDK construct that made it.
    pub construct: Option<Text>,
    /// Where its subject stands in a text, when the input is one.
    pub spot: Option<Spot>,
    /// The first path it sits on, when it sits on one.
    pub path: Option<PathRef>,
    /// How many more paths it sits on.
    pub more_paths: usize,
    /// Which hop of the path is broken.
    pub hop: Hop,
    /// The policy's title.
    pub title: Text,
    /// What is wrong, with the numbers seen.
    pub message: Text,
    /// Why that breaks requests.
    pub why: Text,
    /// What to change.
    pub fix: Text,
    /// What would cure it, step by step; empty where what is right is for people to say.
    pub cure: Vec<Cure>,
    /// Changes to the texts that cure it: with all of them made and nothing else changed, judging again does not find it
    /// any more and finds nothing new. Empty where there is no such change, and where nobody asked for one.
    pub edits: Vec<Edit>,
    /// The values it rests on.
    pub evidence: Vec<Evidence>,
    /// For an undecided one: whether there is a number to presume for what it hangs on.
    pub presumed: bool,
    /// For an undecided one: the value it hangs on first, as one line; findings with the same text are one question.
    pub hangs_on: Option<Text>,
    /// Stable over moved lines and reordered resources; hex.
    pub fingerprint: Text,
}

/// A finding that does not count.
#[derive(Clone, Debug)]
pub struct Exempt {
    /// What was found.
    pub finding: Finding,
    /// Why it does not count.
    pub cause: Cause,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Where it was decided.
    pub origin: Origin,
    /// The reason somebody gave; a baseline has none.
    pub reason: Option<String>,
    /// The last day it holds on; none when it has no end.
    pub until: Option<Day>,
    /// The file it stands in.
    pub file: String,
    /// Where in the file.
    pub position: Option<Position>,
}

/// Where it was decided that a finding does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In a comment or the metadata of a resource.
    Inline,
    /// In plangate.yaml.
    Config,
    /// By a baseline.
    Baseline,
}

impl Origin {
    /// All of them.
    pub const ALL: [Origin; 3] = [Origin::Inline, Origin::Config, Origin::Baseline];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Origin::Inline => "inline",
            Origin::Config => "config",
            Origin::Baseline => "baseline",
        }
    }
}

/// One step of what would cure a finding, were it written. Holds nothing sensitive.
#[derive(Clone, Debug, PartialEq)]
pub enum Cure {
    /// Give an attribute of a resource a value.
    Set {
        /// The resource.
        address: String,
        /// The attribute, in our vocabulary.
        attribute: String,
        /// What it is; none when it is not there and has no default.
        old: Option<Value>,
        /// What it should be.
        new: Value,
    },
    /// Add a security-group rule.
    AddRule(MissingRule),
    /// Give a dimension of an alarm the end of an ARN.
    SetDimension(RightDimension),
}

/// The hop of a path a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// Client to load balancer.
    Clients,
    /// The load balancer itself.
    LoadBalancer,
    /// A listener or rule.
    Listener,
    /// The target group and its health check.
    TargetGroup,
    /// The connection from load balancer to target.
    Connection,
    /// The target.
    Target,
}

/// One path, by addresses. None: not there, or not visible.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathRef {
    /// Load balancer.
    pub load_balancer: Option<Text>,
    /// Listener.
    pub listener: Option<Text>,
    /// Rule; none is the default action.
    pub rule: Option<Text>,
    /// Target group.
    pub target_group: Text,
    /// Target.
    pub target: Option<Text>,
}

impl PathRef {
    /// What of it tells apart checks on a subject. Which of several paths a resource is shown on hangs on their order;
    /// what is about a path is told by its ends.
    #[must_use]
    pub fn ends(&self, subject: Subject) -> Vec<Option<&str>> {
        let (load_balancer, target) = (self.load_balancer.as_deref(), self.target.as_deref());
        let group = Some(&*self.target_group);
        match subject {
            Subject::Path => vec![load_balancer, self.listener.as_deref(), self.rule.as_deref(), group, target],
            Subject::Connection => vec![load_balancer, group, target],
            Subject::Registration => vec![group, target],
            Subject::Kind(_) | Subject::Resource => Vec::new(),
        }
    }
}

/// One value a verdict rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Resource address.
    pub address: Text,
    /// Attribute in the input's own language.
    pub attribute: Text,
    /// The value; may be unknown, sensitive, or marked as a default.
    pub value: Value,
    /// Where it stands in a text, when the input is one.
    pub spot: Option<Spot>,
}

impl Evidence {
    /// The line it stands on, when nothing but a value that may be shown can be on it.
    #[must_use]
    pub fn snippet(&self) -> Option<&str> {
        let scalar = matches!(self.value.data, Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_));
        // A resource as a whole has no line that says the value.
        let plain = scalar && !self.attribute.is_empty();
        let spot = self.spot.as_ref().filter(|_| plain && !self.value.marks.sensitive)?;
        // An entry of a list of Key and Value is called by its key, and what it is stands beside the key.
        let key = self
            .attribute
            .split_once('[')
            .and_then(|(_, key)| key.strip_suffix(']'))
            .filter(|key| !key.starts_with(|c: char| c.is_ascii_digit()));
        let name = if key.is_some() { "Value" } else { self.attribute.rsplit('.').next().unwrap_or_default() };
        let (before, entry, after) = around(spot)?;
        // What is written below its name is not on this line.
        if entry.trim_end().ends_with(':') {
            return None;
        }
        let fits =
            entry.trim_start_matches(['"', '\'']).starts_with(name) && is_frame(before, key) && is_frame(after, key);
        fits.then_some(&*spot.text)
    }
}

/// The line of a spot: what stands before it, the part of it on this line, and what follows there.
fn around(spot: &Spot) -> Option<(&str, &str, &str)> {
    let start = spot.text.char_indices().nth((spot.column as usize).checked_sub(1)?)?.0;
    let rest = spot.text.get(start..)?;
    let (entry, after) = rest.split_at_checked(spot.end.saturating_sub(spot.start)).unwrap_or((rest, ""));
    Some((&spot.text[..start], entry, after))
}

/// Whether this part of a line holds no value: punctuation, a comment, or the `Key` that names an entry.
fn is_frame(part: &str, key: Option<&str>) -> bool {
    let bare = |part: &str| part.chars().all(|char| " \t-{}[],:\"'".contains(char));
    let part = match part.trim_start() {
        comment if ["#", "//", "/*"].iter().any(|mark| comment.starts_with(mark)) => "",
        part => part,
    };
    bare(part)
        || key.is_some_and(|key| {
            part.split_once(key).is_some_and(|(one, other)| bare(&one.replacen("Key", "", 1)) && bare(other))
        })
}

/// One path with everything a picture of it needs. `None` means it does not apply; a value inside may be unknown.
#[derive(Clone, Debug)]
pub struct PathView {
    /// Who is on it.
    pub path: PathRef,
    /// What kind of thing the target is (`ecs_service`, `ip` …).
    pub target_kind: Option<&'static str>,
    /// Whether the path exists for sure.
    pub certainty: Certainty,
    /// Why it is only possible, or why nothing is registered.
    pub note: Option<String>,
    /// Listener port.
    pub listener_port: Option<Value>,
    /// Listener protocol.
    pub listener_protocol: Option<Value>,
    /// Weight in the forward action.
    pub weight: Option<Value>,
    /// Idle timeout of the load balancer, seconds.
    pub idle_timeout: Option<Value>,
    /// Target group protocol.
    pub protocol: Option<Value>,
    /// Port the requests go to; null with dynamic host ports.
    pub port: Option<Value>,
    /// Target type.
    pub target_type: Option<Value>,
    /// Health check.
    pub health_check: HealthCheckView,
    /// Whether requests get through.
    pub traffic: Reach,
    /// Whether health checks get through.
    pub health: Reach,
    /// How long the backend keeps an idle connection; none where nothing is connected to.
    pub keep_alive: Option<KeepAliveView>,
}

/// How long a backend keeps an idle connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepAliveView {
    /// As stated, shipped or presumed.
    Known {
        /// How long.
        seconds: SecondsView,
        /// The server's name.
        server: String,
        /// `stated`, `shipped` or `presumed`.
        strength: &'static str,
        /// What says so, and where.
        from: String,
    },
    /// It cannot be told; why.
    Unknown(String),
}

/// A number of seconds, or what stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondsView {
    /// So many milliseconds.
    Millis(u64),
    /// It never closes a connection first.
    Infinite,
    /// It closes the connection after each response.
    None,
}

/// The effective health check of a target group. `None`: does not apply.
#[derive(Clone, Debug, Default)]
pub struct HealthCheckView {
    /// Whether it runs.
    pub enabled: Option<Value>,
    /// HTTP or HTTPS.
    pub protocol: Option<Value>,
    /// The number the packets use.
    pub port: Option<Value>,
    /// Path.
    pub path: Option<Value>,
    /// Codes that count as healthy.
    pub matcher: Option<Value>,
    /// Seconds between checks.
    pub interval: Option<Value>,
    /// Seconds until a check counts as not answered.
    pub timeout: Option<Value>,
    /// Successes until healthy.
    pub healthy_threshold: Option<Value>,
    /// Failures until unhealthy.
    pub unhealthy_threshold: Option<Value>,
}

/// An [`Answer`] with its reason.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The answer.
    pub answer: Answer,
    /// The rule, the missing rule or the unknown that decides it.
    pub because: String,
}
