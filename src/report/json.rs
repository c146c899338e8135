//! The JSON of `check` and `paths`: wire structs of their own, so that nothing inside can change what other programs
//! read. A value that is not known or must not be shown is null, and the reason stands beside it.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::graph::{Certainty, Data, DefaultOf, Value};
use crate::judge::{
    Answer, Assessment, Change, Evidence, Exempt, Finding, Hop, KeepAliveView, PathRef, PathView, Reach, SecondsView,
    Verdict,
};
use crate::source::{Edit, Problem};

/// `plangate/check/1`.
#[must_use]
pub fn check_json(assessment: &Assessment) -> String {
    let summary = &assessment.summary;
    pretty(&CheckWire {
        schema: "plangate/check/1",
        inputs: assessment
            .inputs
            .iter()
            .map(|input| InputWire { path: &input.path, form: input.form, resources: input.resources })
            .collect(),
        summary: SummaryWire {
            resources: summary.resources,
            paths: summary.paths,
            policies: summary.policies,
            checks: summary.checks,
            pass: summary.pass,
            fail: summary.fail,
            undecided: summary.undecided,
            exempt: summary.exempt,
            introduced: summary.introduced,
            fixed: summary.fixed,
        },
        findings: assessment.findings.iter().chain(&assessment.fixed).map(FindingWire::from).collect(),
        exempt: assessment.exempt.iter().map(ExemptWire::from).collect(),
        problems: assessment.problems.iter().map(ProblemWire::from).collect(),
    })
}

/// `plangate/paths/1`.
#[must_use]
pub fn paths_json(assessment: &Assessment) -> String {
    pretty(&PathsWire {
        schema: "plangate/paths/1",
        paths: assessment.paths.iter().map(PathWire::from).collect(),
        problems: assessment.problems.iter().map(ProblemWire::from).collect(),
    })
}

/// Indented JSON with a line break at the end.
pub(super) fn pretty(wire: &impl Serialize) -> String {
    // The wire structs have text keys and no failing `Serialize`, so this cannot go wrong; an empty report is still
    // better than a crash.
    let mut text = serde_json::to_string_pretty(wire).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(serde::Serialize)]
struct CheckWire<'a> {
    schema: &'static str,
    inputs: Vec<InputWire<'a>>,
    summary: SummaryWire,
    findings: Vec<FindingWire<'a>>,
    exempt: Vec<ExemptWire<'a>>,
    problems: Vec<ProblemWire<'a>>,
}

#[derive(serde::Serialize)]
struct InputWire<'a> {
    path: &'a str,
    form: &'a str,
    resources: usize,
}

#[derive(serde::Serialize)]
struct SummaryWire {
    resources: usize,
    paths: usize,
    policies: usize,
    checks: usize,
    pass: usize,
    fail: usize,
    undecided: usize,
    exempt: usize,
    introduced: usize,
    fixed: usize,
}

#[derive(serde::Serialize)]
struct FindingWire<'a> {
    policy: &'a str,
    verdict: &'static str,
    severity: &'static str,
    change: Option<&'static str>,
    subject: &'a str,
    construct: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    path: Option<PathRefWire<'a>>,
    title: &'a str,
    message: &'a str,
    why: &'a str,
    fix: &'a str,
    edits: Vec<EditWire<'a>>,
    evidence: Vec<EvidenceWire<'a>>,
    fingerprint: &'a str,
    more_paths: usize,
    hop: &'static str,
    hangs_on: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingWire<'a> {
    fn from(finding: &'a Finding) -> FindingWire<'a> {
        FindingWire {
            policy: &finding.policy,
            verdict: match finding.verdict {
                Verdict::Fail => "fail",
                Verdict::Undecided => "undecided",
            },
            severity: finding.severity.name(),
            change: finding.change.map(Change::name),
            subject: &finding.subject,
            construct: finding.construct.as_deref(),
            file: finding.spot.as_ref().map(|spot| &*spot.file),
            line: finding.spot.as_ref().map(|spot| spot.line),
            column: finding.spot.as_ref().map(|spot| spot.column),
            path: finding.path.as_ref().map(PathRefWire::from),
            title: &finding.title,
            message: &finding.message,
            why: &finding.why,
            fix: &finding.fix,
            edits: finding.edits.iter().map(EditWire::from).collect(),
            evidence: finding.evidence.iter().map(EvidenceWire::from).collect(),
            fingerprint: &finding.fingerprint,
            more_paths: finding.more_paths,
            hop: match finding.hop {
                Hop::Clients => "clients",
                Hop::LoadBalancer => "load_balancer",
                Hop::Listener => "listener",
                Hop::TargetGroup => "target_group",
                Hop::Connection => "connection",
                Hop::Target => "target",
            },
            hangs_on: finding.hangs_on.as_deref(),
        }
    }
}

/// A finding, and why it does not count.
#[derive(serde::Serialize)]
struct ExemptWire<'a> {
    #[serde(flatten)]
    finding: FindingWire<'a>,
    exempt: CauseWire<'a>,
}

#[derive(serde::Serialize)]
struct CauseWire<'a> {
    by: &'static str,
    reason: Option<&'a str>,
    until: Option<String>,
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> From<&'a Exempt> for ExemptWire<'a> {
    fn from(exempt: &'a Exempt) -> ExemptWire<'a> {
        let cause = &exempt.cause;
        ExemptWire {
            finding: FindingWire::from(&exempt.finding),
            exempt: CauseWire {
                by: cause.origin.name(),
                reason: cause.reason.as_deref(),
                until: cause.until.map(|until| until.to_string()),
                file: &cause.file,
                line: cause.position.map(|position| position.line),
                column: cause.position.map(|position| position.column),
            },
        }
    }
}

#[derive(serde::Serialize)]
struct PathRefWire<'a> {
    load_balancer: Option<&'a str>,
    listener: Option<&'a str>,
    rule: Option<&'a str>,
    target_group: &'a str,
    target: Option<&'a str>,
}

impl<'a> From<&'a PathRef> for PathRefWire<'a> {
    fn from(path: &'a PathRef) -> PathRefWire<'a> {
        PathRefWire {
            load_balancer: path.load_balancer.as_deref(),
            listener: path.listener.as_deref(),
            rule: path.rule.as_deref(),
            target_group: &path.target_group,
            target: path.target.as_deref(),
        }
    }
}

/// What goes reaches from `line` and `column` to before `end_line` and `end_column`.
#[derive(serde::Serialize)]
struct EditWire<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    replacement: &'a str,
}

impl<'a> From<&'a Edit> for EditWire<'a> {
    fn from(edit: &'a Edit) -> EditWire<'a> {
        EditWire {
            file: &edit.file,
            line: edit.from.line,
            column: edit.from.column,
            end_line: edit.to.line,
            end_column: edit.to.column,
            replacement: &edit.replacement,
        }
    }
}

#[derive(serde::Serialize)]
struct EvidenceWire<'a> {
    address: &'a str,
    attribute: &'a str,
    value: Shown<'a>,
    unknown: Option<String>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    snippet: Option<&'a str>,
    default: Option<&'static str>,
}

impl<'a> From<&'a Evidence> for EvidenceWire<'a> {
    fn from(evidence: &'a Evidence) -> EvidenceWire<'a> {
        let mut unknown = Vec::new();
        gaps(&evidence.value, "", &mut unknown);
        EvidenceWire {
            address: &evidence.address,
            attribute: &evidence.attribute,
            value: Shown(&evidence.value),
            unknown: (!unknown.is_empty()).then(|| unknown.join("; ")),
            file: evidence.spot.as_ref().map(|spot| &*spot.file),
            line: evidence.spot.as_ref().map(|spot| spot.line),
            column: evidence.spot.as_ref().map(|spot| spot.column),
            snippet: evidence.snippet(),
            default: evidence.value.marks.default.map(|of| match of {
                DefaultOf::Provider => "provider",
                DefaultOf::Aws => "aws",
            }),
        }
    }
}

#[derive(serde::Serialize)]
struct ProblemWire<'a> {
    level: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    help: Option<&'a str>,
}

impl<'a> From<&'a Problem> for ProblemWire<'a> {
    fn from(problem: &'a Problem) -> ProblemWire<'a> {
        ProblemWire {
            level: problem.level.name(),
            message: &problem.message,
            file: problem.file.as_deref(),
            line: problem.position.map(|position| position.line),
            column: problem.position.map(|position| position.column),
            help: problem.help.as_deref(),
        }
    }
}

#[derive(serde::Serialize)]
struct PathsWire<'a> {
    schema: &'static str,
    paths: Vec<PathWire<'a>>,
    problems: Vec<ProblemWire<'a>>,
}

#[derive(serde::Serialize)]
struct PathWire<'a> {
    #[serde(flatten)]
    path: PathEnds<'a>,
    certainty: &'static str,
    idle_timeout: Option<i64>,
    protocol: Option<String>,
    port: Option<i64>,
    target_type: Option<String>,
    health_check: HealthCheckWire,
    reach: ReachesWire<'a>,
    keep_alive: Option<KeepAliveWire<'a>>,
    listener_port: Option<i64>,
    listener_protocol: Option<String>,
    weight: Option<i64>,
    note: Option<&'a str>,
    unknown: BTreeMap<&'static str, String>,
}

#[derive(serde::Serialize)]
struct PathEnds<'a> {
    load_balancer: Option<&'a str>,
    listener: Option<&'a str>,
    rule: Option<&'a str>,
    target_group: &'a str,
    target: Option<TargetWire<'a>>,
}

#[derive(serde::Serialize)]
struct TargetWire<'a> {
    address: &'a str,
    r#type: Option<&'static str>,
}

#[derive(serde::Serialize)]
struct HealthCheckWire {
    enabled: Option<bool>,
    protocol: Option<String>,
    port: Option<i64>,
    path: Option<String>,
    matcher: Option<String>,
    interval: Option<i64>,
    timeout: Option<i64>,
    healthy_threshold: Option<i64>,
    unhealthy_threshold: Option<i64>,
}

#[derive(serde::Serialize)]
struct ReachesWire<'a> {
    traffic: ReachWire<'a>,
    health_check: ReachWire<'a>,
}

#[derive(serde::Serialize)]
struct ReachWire<'a> {
    answer: Option<&'static str>,
    because: &'a str,
}

impl<'a> From<&'a PathView> for PathWire<'a> {
    fn from(view: &'a PathView) -> PathWire<'a> {
        let mut fields = Fields::default();
        let check = &view.health_check;
        PathWire {
            path: PathEnds {
                load_balancer: view.path.load_balancer.as_deref(),
                listener: view.path.listener.as_deref(),
                rule: view.path.rule.as_deref(),
                target_group: &view.path.target_group,
                target: view.path.target.as_deref().map(|address| TargetWire { address, r#type: view.target_kind }),
            },
            certainty: match view.certainty {
                Certainty::Certain => "certain",
                Certainty::Possible => "possible",
            },
            idle_timeout: fields.number("idle_timeout", view.idle_timeout.as_ref()),
            protocol: fields.text("protocol", view.protocol.as_ref()),
            port: fields.number("port", view.port.as_ref()),
            target_type: fields.text("target_type", view.target_type.as_ref()),
            health_check: HealthCheckWire {
                enabled: fields.boolean("health_check.enabled", check.enabled.as_ref()),
                protocol: fields.text("health_check.protocol", check.protocol.as_ref()),
                port: fields.number("health_check.port", check.port.as_ref()),
                path: fields.text("health_check.path", check.path.as_ref()),
                matcher: fields.text("health_check.matcher", check.matcher.as_ref()),
                interval: fields.number("health_check.interval", check.interval.as_ref()),
                timeout: fields.number("health_check.timeout", check.timeout.as_ref()),
                healthy_threshold: fields.number("health_check.healthy_threshold", check.healthy_threshold.as_ref()),
                unhealthy_threshold: fields
                    .number("health_check.unhealthy_threshold", check.unhealthy_threshold.as_ref()),
            },
            reach: ReachesWire { traffic: ReachWire::from(&view.traffic), health_check: ReachWire::from(&view.health) },
            keep_alive: fields.keep_alive(view.keep_alive.as_ref()),
            listener_port: fields.number("listener_port", view.listener_port.as_ref()),
            listener_protocol: fields.text("listener_protocol", view.listener_protocol.as_ref()),
            weight: fields.number("weight", view.weight.as_ref()),
            note: view.note.as_deref(),
            unknown: fields.unknown,
        }
    }
}

impl<'a> From<&'a Reach> for ReachWire<'a> {
    fn from(reach: &'a Reach) -> ReachWire<'a> {
        ReachWire {
            answer: match reach.answer {
                Answer::Yes => Some("yes"),
                Answer::No => Some("no"),
                Answer::Partly => Some("partly"),
                Answer::Unknown => Some("unknown"),
                Answer::NotApplicable => None,
            },
            because: &reach.because,
        }
    }
}

#[derive(serde::Serialize)]
struct KeepAliveWire<'a> {
    seconds: serde_json::Value,
    server: &'a str,
    strength: &'a str,
    from: &'a str,
}

/// Turns values into fields of one JSON type each and collects why some are null.
#[derive(Default)]
struct Fields {
    unknown: BTreeMap<&'static str, String>,
}

impl Fields {
    fn keep_alive<'a>(&mut self, view: Option<&'a KeepAliveView>) -> Option<KeepAliveWire<'a>> {
        match view? {
            KeepAliveView::Known { seconds, server, strength, from } => {
                let seconds = match *seconds {
                    SecondsView::Millis(millis) if millis % 1000 == 0 => (millis / 1000).into(),
                    SecondsView::Millis(millis) => (millis as f64 / 1000.0).into(),
                    SecondsView::Infinite => "infinite".into(),
                    SecondsView::None => "none".into(),
                };
                Some(KeepAliveWire { seconds, server, strength, from })
            }
            KeepAliveView::Unknown(why) => {
                self.unknown.insert("keep_alive", why.clone());
                None
            }
        }
    }

    fn number(&mut self, name: &'static str, value: Option<&Value>) -> Option<i64> {
        self.known(name, value, "a whole number", Value::as_int)
    }

    fn boolean(&mut self, name: &'static str, value: Option<&Value>) -> Option<bool> {
        self.known(name, value, "true or false", Value::as_bool)
    }

    fn text(&mut self, name: &'static str, value: Option<&Value>) -> Option<String> {
        self.known(name, value, "text", |value| match &value.data {
            Data::String(text) => Some(text.to_string()),
            Data::Bool(_) | Data::Int(_) | Data::Float(_) => Some(value.to_string()),
            _ => None,
        })
    }

    fn known<T>(
        &mut self,
        name: &'static str,
        value: Option<&Value>,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = value?;
        let why = match &value.data {
            _ if value.marks.sensitive => "sensitive".to_owned(),
            Data::Null => return None,
            Data::Unknown(unknown) => unknown.to_string(),
            _ => match read(value) {
                Some(known) => return Some(known),
                None => format!("not {wanted}: {value}"),
            },
        };
        self.unknown.insert(name, why);
        None
    }
}

/// A value as JSON; what is unknown or sensitive, at any depth, is null.
struct Shown<'a>(&'a Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.marks.sensitive {
            return to.serialize_unit();
        }
        match &self.0.data {
            Data::Null | Data::Unknown(_) => to.serialize_unit(),
            Data::Bool(value) => to.serialize_bool(*value),
            Data::Int(value) => to.serialize_i64(*value),
            Data::Float(value) => to.serialize_f64(*value),
            Data::String(value) => to.serialize_str(value),
            Data::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Shown(item))?;
                }
                list.end()
            }
            Data::Map(map) => {
                let mut object = to.serialize_map(Some(map.len()))?;
                for (key, item) in map.iter() {
                    object.serialize_entry(key.as_str(), &Shown(item))?;
                }
                object.end()
            }
        }
    }
}

/// Why parts of a value are null in [`Shown`]: the reason, with the place inside the value in front of it.
fn gaps(value: &Value, place: &str, found: &mut Vec<String>) {
    let why = match &value.data {
        _ if value.marks.sensitive => "sensitive".to_owned(),
        Data::Unknown(unknown) => unknown.to_string(),
        Data::List(items) => {
            return items.iter().enumerate().for_each(|(at, item)| gaps(item, &format!("{place}[{at}]"), found));
        }
        Data::Map(map) => {
            return map.iter().for_each(|(key, item)| {
                let dot = if place.is_empty() { "" } else { "." };
                gaps(item, &format!("{place}{dot}{key}"), found);
            });
        }
        _ => return,
    };
    found.push(if place.is_empty() { why } else { format!("{place}: {why}") });
}
