//! Which findings sit on which hop, and what they come to there. A finding names one path and counts the others it sits
//! on; those share its hop. Not how a hop looks; that is each format's own.

use rustc_hash::FxHashMap;

use crate::catalog::Severity;
use crate::judge::{Finding, Hop, PathRef, Verdict};

/// A hop of a path, so that two paths which share it have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Spot<'a> {
    /// Clients of a listener.
    Clients(Option<&'a str>),
    /// A load balancer; one that is not visible is told by its listener.
    LoadBalancer(Option<&'a str>, Option<&'a str>),
    /// A listener.
    Listener(Option<&'a str>),
    /// A rule.
    Rule(&'a str),
    /// A target group and its health check.
    TargetGroup(&'a str),
    /// From a load balancer, by a target group, to a target.
    Connection(Option<&'a str>, &'a str, Option<&'a str>),
    /// A target; one that is not visible is told by its group.
    Target(Option<&'a str>, Option<&'a str>),
}

impl<'a> Spot<'a> {
    /// The hops of a path, first to last.
    pub(super) fn all(path: &'a PathRef) -> impl Iterator<Item = Spot<'a>> {
        use Hop::{Clients, Connection, Listener, LoadBalancer, Target, TargetGroup};
        let at = |hop| Spot::at(hop, path);
        let rule = path.rule.as_deref().map(Spot::Rule);
        [Clients, LoadBalancer, Listener]
            .map(at)
            .into_iter()
            .chain(rule)
            .chain([TargetGroup, Connection, Target].map(at))
    }

    fn at(hop: Hop, path: &'a PathRef) -> Spot<'a> {
        let (balancer, listener) = (path.load_balancer.as_deref(), path.listener.as_deref());
        let (group, target) = (path.target_group.as_str(), path.target.as_deref());
        match hop {
            Hop::Clients => Spot::Clients(listener),
            Hop::LoadBalancer => Spot::LoadBalancer(balancer, listener.filter(|_| balancer.is_none())),
            Hop::Listener => Spot::Listener(listener),
            Hop::TargetGroup => Spot::TargetGroup(group),
            Hop::Connection => Spot::Connection(balancer, group, target),
            Hop::Target => Spot::Target(target, Some(group).filter(|_| target.is_none())),
        }
    }

    /// The hop a finding is about; the address it is about tells a rule from its listener.
    fn of(finding: &'a Finding, path: &'a PathRef) -> Spot<'a> {
        match path.rule.as_deref() {
            Some(rule) if finding.hop == Hop::Listener && rule == finding.subject => Spot::Rule(rule),
            _ => Spot::at(finding.hop, path),
        }
    }
}

/// What is to be said about a hop; the worse one is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// Nothing was found.
    Holds,
    /// Something low or less failed: it breaks no request.
    Advice,
    /// Something is not decided before apply.
    Open,
    /// Something failed that breaks requests.
    Broken,
}

impl Mark {
    /// Of one finding.
    pub(super) fn of(finding: &Finding) -> Mark {
        match finding.verdict {
            Verdict::Undecided => Mark::Open,
            Verdict::Fail if finding.severity >= Severity::Medium => Mark::Broken,
            Verdict::Fail => Mark::Advice,
        }
    }

    /// The worst of several.
    pub(super) fn worst<'f>(findings: impl IntoIterator<Item = &'f &'f Finding>) -> Mark {
        findings.into_iter().map(|finding| Mark::of(finding)).max().unwrap_or(Mark::Holds)
    }

    /// One character, so that it is told not by colour alone.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Holds => "✓",
            Mark::Advice => "!",
            Mark::Open => "?",
            Mark::Broken => "✗",
        }
    }

    /// In a word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Mark::Holds => "holds",
            Mark::Advice => "advice",
            Mark::Open => "undecided",
            Mark::Broken => "broken",
        }
    }
}

/// Findings by hop.
#[derive(Default)]
pub(super) struct Verdicts<'a> {
    by_spot: FxHashMap<Spot<'a>, Vec<&'a Finding>>,
}

impl<'a> Verdicts<'a> {
    /// Of these findings; those on no path are on no hop.
    pub(super) fn of(findings: impl IntoIterator<Item = &'a Finding>) -> Verdicts<'a> {
        let mut verdicts = Verdicts::default();
        for finding in findings {
            if let Some(path) = &finding.path {
                verdicts.by_spot.entry(Spot::of(finding, path)).or_default().push(finding);
            }
        }
        verdicts
    }

    /// What was found at a hop of this path, in the order of the findings.
    pub(super) fn on(&self, spot: Spot<'a>, path: &PathRef) -> impl Iterator<Item = &'a Finding> {
        let here = self.by_spot.get(&spot).map_or(&[][..], Vec::as_slice);
        let sits = |finding: &&Finding| finding.more_paths > 0 || finding.path.as_ref() == Some(path);
        here.iter().copied().filter(sits)
    }

    /// The worst of what was found on this path.
    pub(super) fn mark(&self, path: &'a PathRef) -> Mark {
        let marks = Spot::all(path).flat_map(|spot| self.on(spot, path)).map(Mark::of);
        marks.max().unwrap_or(Mark::Holds)
    }

    /// Whether anything was found on this path.
    pub(super) fn touch(&self, path: &'a PathRef) -> bool {
        Spot::all(path).any(|spot| self.on(spot, path).next().is_some())
    }
}
