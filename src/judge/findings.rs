//! From a policy's outcome on one case to a finding in words, with its places. Nothing sensitive gets past here.

use std::borrow::Cow;
use std::fmt::Write as _;

use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};

use super::assessment::{Cure, Evidence, Finding, Hop, PathRef, Verdict};
use super::facts::Case;
use super::model::Model;
use super::variable::Variable;
use crate::catalog::{Dialect, Subject, kind_named, names, value_of};
use crate::graph::{Certainty, Data, Kind, Mode, Place, Reason, ResourceId, Text, Unknown, Value};
use crate::policy::{Evaluation, Policy, Precedents, Read, Remedied, Ruling, Said, evaluate, evaluate_selected};
use crate::relate::{MissingRule, RightDimension};

/// What one policy says of one case.
pub(super) enum Judged {
    NotApplicable,
    Pass,
    Finding(Box<Finding>),
}

/// Holds `policy` against `case`, the one that `precedents` turned to last; `at` is the policy's position in them.
pub(super) fn judge_case(
    model: &Model<'_>,
    policy: &Policy,
    case: &Case<'_>,
    precedents: &mut Precedents,
    at: usize,
) -> Judged {
    let hold = || {
        let variables = case.variables.iter().map(|variable| (variable.name, variable.whole()));
        evaluate(policy, &variables.collect::<Vec<(&str, &Value)>>())
    };
    let evaluation = match precedents.say(at, |name, path| case.variable(name, path), hold) {
        Said::NotApplicable => return Judged::NotApplicable,
        Said::Pass => return Judged::Pass,
        Said::Words(evaluation) => evaluation,
    };
    // Broken on a path that may not exist is not broken yet.
    let doubt = case.why.as_ref().filter(|_| case.certainty == Certainty::Possible);
    let Some((verdict, message)) = verdict(&evaluation, case.certainty) else { return passed(&evaluation.ruling) };
    let place = Where {
        subject: case.subject,
        path: case.routes.first().map(|&at| model.path_ref(&model.routes.all[at])),
        more_paths: case.routes.len().saturating_sub(1),
    };
    let evidence = evidence(model, case, &evaluation);
    let mut found = finding(model, policy, place, verdict, message, &evaluation, doubt, evidence);
    if verdict == Verdict::Fail {
        found.cure = cure(model, case, &evaluation.cure).unwrap_or_default();
    }
    Judged::Finding(Box::new(found))
}

/// Holds a policy about raw resources against all of its type.
pub(super) fn judge_raw(model: &Model<'_>, policy: &Policy) -> Vec<(ResourceId, Judged)> {
    let mut judged = Vec::new();
    for (id, resource) in model.graph.resources() {
        if policy.type_name.as_deref() != Some(&*resource.type_name) || resource.mode == Mode::Data {
            continue;
        }
        for selected in evaluate_selected(policy, &resource.raw) {
            let evaluation = selected.evaluation;
            let Some((verdict, message)) = verdict(&evaluation, Certainty::Certain) else {
                judged.push((id, passed(&evaluation.ruling)));
                continue;
            };
            let evidence = evaluation
                .reads
                .iter()
                .map(|read| Evidence {
                    address: resource.address.0.clone(),
                    attribute: read.path.as_str().into(),
                    value: read.value.clone(),
                    spot: resource.spot(&read.path).cloned(),
                })
                .collect();
            let mut routes = model.routes_over.get(id);
            let place = Where {
                subject: id,
                path: routes.next().map(|at| model.path_ref(&model.routes.all[at])),
                more_paths: routes.len(),
            };
            let found = finding(model, policy, place, verdict, message, &evaluation, None, evidence);
            judged.push((id, Judged::Finding(Box::new(found))));
        }
    }
    judged
}

/// What a finding is about.
struct Where {
    subject: ResourceId,
    path: Option<PathRef>,
    more_paths: usize,
}

fn verdict(evaluation: &Evaluation, certainty: Certainty) -> Option<(Verdict, Text)> {
    match &evaluation.ruling {
        Ruling::NotApplicable | Ruling::Pass => None,
        Ruling::Fail { message } if certainty == Certainty::Certain => Some((Verdict::Fail, message.clone())),
        Ruling::Fail { message } | Ruling::Undecided { message } => Some((Verdict::Undecided, message.clone())),
    }
}

fn passed(ruling: &Ruling) -> Judged {
    if *ruling == Ruling::NotApplicable { Judged::NotApplicable } else { Judged::Pass }
}

#[allow(clippy::too_many_arguments)]
fn finding(
    model: &Model<'_>,
    policy: &Policy,
    place: Where,
    verdict: Verdict,
    message: Text,
    evaluation: &Evaluation,
    doubt: Option<&Unknown>,
    evidence: Vec<Evidence>,
) -> Finding {
    let unknown = evaluation.unknowns.first().map(AsRef::as_ref).or(doubt);
    let presumed =
        verdict == Verdict::Undecided && unknown.is_some_and(|unknown| matches!(unknown.reason, Reason::Presumed(_)));
    let hangs_on =
        (verdict == Verdict::Undecided).then(|| unknown.map_or_else(|| message.clone(), |one| one.to_string().into()));
    let mut finding = Finding {
        policy: policy.id.clone(),
        verdict,
        severity: policy.severity,
        change: None,
        input: 0,
        subject: model.address(place.subject),
        construct: model.graph.resource(place.subject).construct.clone(),
        spot: model.graph.resource(place.subject).spot("").cloned(),
        path: place.path,
        more_paths: place.more_paths,
        hop: hop(policy.subject, model.graph.resource(place.subject).kind, evaluation),
        title: policy.title.clone(),
        message,
        why: policy.why.clone(),
        fix: evaluation.fix.clone(),
        cure: Vec::new(),
        edits: Vec::new(),
        evidence,
        presumed,
        hangs_on,
        fingerprint: Text::new(),
    };
    finding.fingerprint = fingerprint(&finding, policy.subject);
    finding
}

fn evidence(model: &Model<'_>, case: &Case<'_>, evaluation: &Evaluation) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for read in &evaluation.reads {
        let Some(variable) = case.variables.iter().find(|variable| variable.name == read.variable) else { continue };
        match variable.resource {
            Some(id) => match variable.evidence().iter().find(|(path, ..)| *path == read.path) {
                Some((_, place, value)) => found.push(placed(model, place, value)),
                None => found.push(attribute(model, id, read)),
            },
            None => found.extend(of_derived(model, variable, read)),
        }
    }
    let mut seen = FxHashSet::default();
    found.retain(|one| seen.insert((one.address.clone(), one.attribute.clone())));
    // There may be very many findings, each with little.
    found.shrink_to_fit();
    found
}

/// What would cure a case, in terms of resources; none when it is not told of one of them. What is so already is no
/// step.
fn cure(model: &Model<'_>, case: &Case<'_>, steps: &[Remedied]) -> Option<Vec<Cure>> {
    let mut cure = Vec::new();
    for step in steps {
        match step {
            Remedied::Set { variable, path, value } => {
                let id = case.variables.iter().find(|one| one.name == variable)?.resource?;
                let resource = model.graph.resource(id);
                let old = resource.get(path).to_value();
                let spec = resource.kind.and_then(|kind| kind_named(kind.0));
                let written = spec.and_then(|spec| spec.attribute(path));
                let dialect = Dialect::of(&resource.type_name);
                // What is said in one language only is a step in that one.
                if written.and_then(|attribute| attribute.written_in(dialect, &resource.attributes)).is_none() {
                    continue;
                }
                if old.as_ref().is_some_and(|old| old.data == value.data) || resource.mode == Mode::Data {
                    continue;
                }
                let (address, attribute) = (resource.address.to_string(), path.clone());
                cure.push(Cure::Set { address, attribute, old, new: Value::new(value.data.clone()) });
            }
            Remedied::AddRules(rules) => {
                for rule in rules.as_list()? {
                    cure.push(Cure::AddRule(MissingRule::from_value(rule)?));
                }
            }
            Remedied::SetDimensions(right) => {
                for dimension in right.as_list()? {
                    cure.push(Cure::SetDimension(RightDimension::from_value(dimension)?));
                }
            }
        }
    }
    Some(cure)
}

fn attribute(model: &Model<'_>, id: ResourceId, read: &Read) -> Evidence {
    let resource = model.graph.resource(id);
    let spec = resource.kind.and_then(|kind| kind_named(kind.0));
    let dialect = Dialect::of(&resource.type_name);
    let attribute = spec.and_then(|spec| spec.attribute(&read.path)).map(|attribute| attribute.path_in(dialect));
    let attribute = Text::from(attribute.unwrap_or(Cow::Borrowed(&read.path)));
    Evidence {
        address: resource.address.0.clone(),
        spot: resource.spot(&attribute).cloned(),
        value: value_of(resource, &attribute, &read.value),
        attribute,
    }
}

fn of_derived(model: &Model<'_>, variable: &Variable<'_>, read: &Read) -> Vec<Evidence> {
    let step = read.path.split('.').next().unwrap_or("");
    let rests = variable.evidence().iter().filter(|(on, _, _)| on.is_empty() || *on == step);
    rests.map(|(_, place, value)| placed(model, place, value)).collect()
}

fn placed(model: &Model<'_>, place: &Place, value: &Value) -> Evidence {
    let resource = model.graph.find(place.address.as_str()).map(|id| model.graph.resource(id));
    Evidence {
        address: place.address.0.clone(),
        attribute: place.path.clone(),
        value: resource.map_or_else(|| value.clone(), |resource| value_of(resource, &place.path, value)),
        spot: resource.and_then(|resource| resource.spot(&place.path)).cloned(),
    }
}

/// Where on a path it is about: what a check asks of a listener's clients is about their way in, and what stands beside
/// a path is about the hop it watches or guards.
fn hop(subject: Subject, kind: Option<Kind>, evaluation: &Evaluation) -> Hop {
    match subject {
        Subject::Connection => return Hop::Connection,
        Subject::Registration => return Hop::Target,
        Subject::Path => return Hop::TargetGroup,
        Subject::Kind(_) | Subject::Resource => {}
    }
    match kind {
        _ if evaluation.reads.iter().any(|read| read.variable == "clients") => Hop::Clients,
        Some(names::DISTRIBUTION | names::API_INTEGRATION) => Hop::Clients,
        Some(names::LOAD_BALANCER | names::ALARM) => Hop::LoadBalancer,
        Some(names::LISTENER | names::LISTENER_RULE | names::LISTENER_CERTIFICATE) => Hop::Listener,
        Some(names::TARGET_GROUP) => Hop::TargetGroup,
        Some(
            names::SECURITY_GROUP
            | names::SECURITY_GROUP_RULE
            | names::SECURITY_GROUP_INGRESS_RULE
            | names::SECURITY_GROUP_EGRESS_RULE
            | names::NETWORK_ACL
            | names::NETWORK_ACL_RULE,
        ) => Hop::Connection,
        _ => Hop::Target,
    }
}

/// Policy, subject and the values it rests on; not the places in files, nor the order of anything. What is not known
/// says nothing: it is told in other words by a plan, by its configuration, and after apply.
fn fingerprint(finding: &Finding, subject: Subject) -> Text {
    let mut parts = String::with_capacity(256);
    let mut part = |text: &str| {
        parts.push_str(text);
        parts.push('\0');
    };
    part(&finding.policy);
    part(&finding.subject);
    for end in finding.path.iter().flat_map(|path| path.ends(subject)) {
        part(end.unwrap_or(""));
    }
    let known = |evidence: &&Evidence| evidence.value.as_unknown().is_none();
    let fact = |evidence: &Evidence| {
        let value = &evidence.value;
        let value = if value.holds_unknown() { Cow::Owned(settled(value)) } else { Cow::Borrowed(value) };
        // Writing to a String cannot fail.
        let mut fact = [&*evidence.address, ".", &*evidence.attribute, "="].concat();
        let _ = write!(fact, "{value}");
        fact
    };
    let mut facts: Vec<String> = finding.evidence.iter().filter(known).map(fact).collect();
    facts.sort_unstable();
    facts.dedup();
    facts.iter().for_each(|fact| part(fact));
    let digest = Sha256::digest(parts);
    let mut digits = String::with_capacity(24);
    for byte in digest.iter().take(12) {
        digits.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    digits.into()
}

/// A value with a mark for every part of it that is not known.
fn settled(value: &Value) -> Value {
    let data = match &value.data {
        Data::Unknown(_) => return "?".into(),
        Data::List(items) => Data::List(items.iter().map(settled).collect()),
        Data::Map(map) => Data::Map(map.iter().map(|(key, value)| (key.clone(), settled(value))).collect()),
        _ => return value.clone(),
    };
    Value { data, marks: value.marks }
}
