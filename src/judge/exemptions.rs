//! Findings that somebody decided to live with: by an exception in the text, one in the configuration, or a baseline.
//! They are taken out of what counts and stay visible with their cause. What exceptions were for nothing is told, too.

use std::collections::{BTreeMap, BTreeSet};

use super::assessment::{Assessment, Cause, Change, Exempt, Finding, Origin, Verdict};
use crate::graph::{AddressGlob, Day, Exemption, Graph};
use crate::policy::PolicySet;
use crate::source::nearest::did_you_mean;
use crate::source::{Position, Problem};

/// An exception that stands in the configuration.
#[derive(Clone, Debug)]
pub struct ExemptRule {
    /// The policies it is about, by id.
    pub policies: Vec<String>,
    /// The resources it is about; none means all.
    pub addresses: Vec<AddressGlob>,
    /// Why.
    pub reason: String,
    /// The last day it holds on.
    pub until: Option<Day>,
    /// The file it stands in.
    pub file: String,
    /// Where in the file.
    pub position: Position,
}

/// Findings that were there when somebody drew a line.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Its file.
    pub file: String,
    /// What it lists.
    pub entries: Vec<BaselineEntry>,
}

/// One finding of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineEntry {
    /// Policy id.
    pub policy: String,
    /// Address of what it was about.
    pub subject: String,
    /// Fail or undecided.
    pub verdict: Verdict,
    /// What it rested on.
    pub fingerprint: String,
    /// The line of the file it stands on.
    pub line: u32,
}

/// All exceptions of a run, and which of them were for something.
#[derive(Debug)]
pub struct Exemptions {
    today: Day,
    rules: Vec<Rule>,
    written: BTreeMap<(String, Position), Written>,
    baseline: Option<Baseline>,
    /// Fingerprints of the baseline that were met.
    met: BTreeSet<(String, Verdict)>,
    /// Policy and subject of what is not exempt.
    left: BTreeSet<(String, String)>,
    /// Whether nothing hid from judging.
    whole: bool,
}

#[derive(Debug)]
struct Rule {
    rule: ExemptRule,
    used: BTreeSet<String>,
    /// Whether there is a resource it is about.
    meets: bool,
}

#[derive(Debug)]
struct Written {
    exemption: Exemption,
    used: BTreeSet<String>,
}

impl Exemptions {
    /// The exceptions of the configuration and a baseline; those in texts come with the graphs. An exception holds
    /// through its last day; `today` tells which.
    #[must_use]
    pub fn new(today: Day, rules: Vec<ExemptRule>, baseline: Option<Baseline>) -> Exemptions {
        let rules = rules.into_iter().map(|rule| Rule { rule, used: BTreeSet::new(), meets: false }).collect();
        Exemptions {
            today,
            rules,
            written: BTreeMap::new(),
            baseline,
            met: BTreeSet::new(),
            left: BTreeSet::new(),
            whole: true,
        }
    }

    /// Takes out of an input's findings what is exempt. `graphs` are the ways the input can turn out.
    pub fn apply(&mut self, assessment: &mut Assessment, graphs: &[&Graph]) {
        let mut by_address: BTreeMap<&str, Vec<&Exemption>> = BTreeMap::new();
        for graph in graphs {
            self.whole &= graph.partial().is_none();
            for (_, resource) in graph.resources() {
                for rule in self.rules.iter_mut().filter(|rule| !rule.meets) {
                    rule.meets = rule.rule.is_about(resource.address.as_str());
                }
                for exemption in &resource.exemptions {
                    let known = by_address.entry(resource.address.as_str()).or_default();
                    if !known.contains(&exemption) {
                        known.push(exemption);
                    }
                    let key = (exemption.file.to_string(), exemption.position);
                    let written = || Written { exemption: exemption.clone(), used: BTreeSet::new() };
                    self.written.entry(key).or_insert_with(written);
                }
            }
        }
        if by_address.is_empty() && self.rules.is_empty() && self.baseline.is_none() {
            return;
        }
        for finding in std::mem::take(&mut assessment.findings) {
            match self.cause(&finding, &by_address) {
                Some(cause) => assessment.exempt(finding, cause),
                None => {
                    if self.baseline.is_some() {
                        self.left.insert((finding.policy.to_string(), finding.subject.to_string()));
                    }
                    assessment.findings.push(finding);
                }
            }
        }
    }

    /// Why a finding does not count; every exception that covers it counts as used.
    fn cause(&mut self, finding: &Finding, by_address: &BTreeMap<&str, Vec<&Exemption>>) -> Option<Cause> {
        let mut cause = None;
        let evidence = finding.evidence.iter().map(|evidence| evidence.address.as_str());
        let addresses: BTreeSet<&str> = evidence.chain([finding.subject.as_str()]).collect();
        let of = |address| by_address.get(address).into_iter().flatten().map(move |one| (address, *one));
        let written_at = addresses.into_iter().flat_map(of);
        for (_, exemption) in written_at.filter(|(address, exemption)| covers(exemption, address, finding)) {
            let key = (exemption.file.to_string(), exemption.position);
            if let Some(written) = self.written.get_mut(&key) {
                written.used.insert(finding.policy.to_string());
            }
            if !ended(exemption.until, self.today) {
                cause.get_or_insert_with(|| Cause {
                    origin: Origin::Inline,
                    reason: Some(exemption.reason.to_string()),
                    until: exemption.until,
                    file: exemption.file.to_string(),
                    position: Some(exemption.position),
                });
            }
        }
        for Rule { rule, used, .. } in &mut self.rules {
            if !rule.policies.iter().any(|id| *id == *finding.policy) || !rule.is_about(&finding.subject) {
                continue;
            }
            used.insert(finding.policy.to_string());
            if !ended(rule.until, self.today) {
                cause.get_or_insert_with(|| Cause {
                    origin: Origin::Config,
                    reason: Some(rule.reason.clone()),
                    until: rule.until,
                    file: rule.file.clone(),
                    position: Some(rule.position),
                });
            }
        }
        let listed = self.baseline.as_ref().and_then(|baseline| Some((baseline, baseline.entry(finding)?)));
        if let Some((baseline, entry)) = listed {
            self.met.insert((entry.fingerprint.clone(), entry.verdict));
            cause.get_or_insert_with(|| Cause {
                origin: Origin::Baseline,
                reason: None,
                until: None,
                file: baseline.file.clone(),
                position: Some(Position { line: entry.line, column: 1 }),
            });
        }
        cause
    }

    /// What exceptions are for nothing: those that ended, that nothing needs, that name what nobody knows. `known` are all
    /// policies there are, `ran` those that were judged; `judged` says that all inputs could be.
    #[must_use]
    pub fn left_over(self, known: &[String], ran: &PolicySet, judged: bool) -> Vec<Problem> {
        let whole = self.whole && judged;
        let mut problems = Vec::new();
        for Written { exemption, used } in self.written.values() {
            let policies: Vec<&str> = exemption.policies.iter().map(|policy| &**policy).collect();
            let place = (&*exemption.file, exemption.position);
            let one = LeftOver { policies: &policies, used, until: exemption.until, place };
            one.tell(self.today, known, ran, whole, &mut problems);
        }
        for Rule { rule, used, meets } in &self.rules {
            let policies: Vec<&str> = rule.policies.iter().map(String::as_str).collect();
            let place = (rule.file.as_str(), rule.position);
            // The configuration may be for several inputs, of which this is one.
            let one = LeftOver { policies: &policies, used, until: rule.until, place };
            one.tell(self.today, known, ran, whole && *meets, &mut problems);
            if whole && !meets {
                let problem = Problem::note("this exemption is about no resource of this input");
                problems.push(problem.in_file(place.0).at(place.1.line, place.1.column));
            }
        }
        problems.extend(self.stale(ran, whole));
        problems
    }

    fn stale(&self, ran: &PolicySet, whole: bool) -> Option<Problem> {
        const SHOWN: usize = 3;
        let baseline = self.baseline.as_ref().filter(|_| whole)?;
        let gone: Vec<&BaselineEntry> = baseline
            .entries
            .iter()
            .filter(|entry| !self.met.contains(&(entry.fingerprint.clone(), entry.verdict)))
            .filter(|entry| ran.get(&entry.policy).is_ok())
            .collect();
        let first = gone.first()?;
        let name = |entry: &&BaselineEntry| {
            // Whoever reads that it is gone looks for it in vain: it stands in the report.
            let other = self.left.contains(&(entry.policy.clone(), entry.subject.clone()));
            let other = if other { " (now with other values, so that it counts)" } else { "" };
            format!("{} on {}{other}", entry.policy, entry.subject)
        };
        let names: Vec<String> = gone.iter().take(SHOWN).map(name).collect();
        let more = if gone.len() > SHOWN { format!(" and {} more", gone.len() - SHOWN) } else { String::new() };
        let message = format!(
            "{} of {} findings in the baseline are not there any more: {}{more}",
            gone.len(),
            baseline.entries.len(),
            names.join(", ")
        );
        let help = format!("write it again: plangate check … --write-baseline {}", baseline.file);
        Some(Problem::warning(message).in_file(&baseline.file).at(first.line, 1).help(help))
    }
}

impl Baseline {
    fn entry(&self, finding: &Finding) -> Option<&BaselineEntry> {
        // What is known to fail is no news where less can be seen; what was undecided and now fails is.
        let covers = |entry: &&BaselineEntry| {
            entry.fingerprint == finding.fingerprint
                && entry.policy == finding.policy
                && (entry.verdict == finding.verdict || entry.verdict == Verdict::Fail)
        };
        self.entries.iter().find(covers)
    }
}

impl ExemptRule {
    fn is_about(&self, address: &str) -> bool {
        self.addresses.is_empty() || self.addresses.iter().any(|glob| glob.matches(address))
    }
}

/// Whether an exception on a resource is about a finding: one of the resource itself, or one that rests on the attribute
/// the exception was written at.
fn covers(exemption: &Exemption, address: &str, finding: &Finding) -> bool {
    if !exemption.policies.iter().any(|policy| **policy == *finding.policy) {
        return false;
    }
    // Blocks that stand once are called with their position or without it.
    let plain = |attribute: &str| attribute.replace("[0]", "");
    let within = |attribute: &str| {
        let attribute = plain(attribute);
        exemption.attributes.iter().any(|own| {
            let rest = attribute.strip_prefix(&plain(own));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    finding.subject == address || finding.evidence.iter().any(|one| one.address == *address && within(&one.attribute))
}

fn ended(until: Option<Day>, today: Day) -> bool {
    until.is_some_and(|until| until < today)
}

/// An exception after the run.
struct LeftOver<'e> {
    policies: &'e [&'e str],
    used: &'e BTreeSet<String>,
    until: Option<Day>,
    place: (&'e str, Position),
}

impl LeftOver<'_> {
    fn tell(&self, today: Day, known: &[String], ran: &PolicySet, whole: bool, problems: &mut Vec<Problem>) {
        let mut say = |message: String, help: &str| {
            let (file, Position { line, column }) = self.place;
            problems.push(Problem::warning(message).in_file(file).at(line, column).help(help));
        };
        if let Some(until) = self.until.filter(|_| ended(self.until, today)) {
            let fails = self.used.iter().map(|policy| format!("`{policy}`")).collect::<Vec<String>>().join(", ");
            match fails.as_str() {
                "" => say(format!("this exemption ended on {until}, and nothing needs it here"), "take it out"),
                fails => say(
                    format!(
                        "this exemption ended on {until}: {fails} {} again",
                        if self.used.len() > 1 { "count" } else { "counts" }
                    ),
                    "mend the fault, or decide anew until when it may stay",
                ),
            }
            return;
        }
        for policy in self.policies.iter().filter(|policy| !self.used.contains(**policy)) {
            if !known.iter().any(|known| known == policy) {
                let guess = did_you_mean(policy, known.iter().map(String::as_str));
                say(
                    format!("this exempts nothing: there is no policy `{policy}`{guess}"),
                    "`plangate policies` lists them all",
                );
            } else if whole && ran.get(policy).is_ok() {
                let message = format!("this exempts nothing: `{policy}` finds no fault here");
                say(message, "take it out, unless other variables or parameters need it");
            }
        }
    }
}

impl Assessment {
    /// Moves a finding from those that count to those that do not.
    fn exempt(&mut self, finding: Finding, cause: Cause) {
        match finding.verdict {
            Verdict::Fail => {
                self.summary.fail = self.summary.fail.saturating_sub(1);
                if finding.change == Some(Change::Introduced) {
                    self.summary.introduced = self.summary.introduced.saturating_sub(1);
                }
            }
            Verdict::Undecided => self.summary.undecided = self.summary.undecided.saturating_sub(1),
        }
        self.summary.exempt += 1;
        self.exempt.push(Exempt { finding, cause });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge;

    const TEXT: &str = "resource \"aws_lb\" \"web\" {\n  idle_timeout = 9000\n}\n";
    const POLICY: &str = "idle-timeout-in-range";
    const HERE: Position = Position { line: 3, column: 5 };

    fn set() -> PolicySet {
        let (mut set, _) = PolicySet::builtin_to_judge();
        set.retain(|policy| policy.id == POLICY);
        set
    }

    fn rule(address: &str, until: Option<&str>) -> ExemptRule {
        ExemptRule {
            policies: vec![POLICY.to_owned()],
            addresses: vec![AddressGlob::new(address)],
            reason: "so it is".to_owned(),
            until: until.and_then(Day::parse),
            file: "plangate.yaml".to_owned(),
            position: HERE,
        }
    }

    fn run(rules: Vec<ExemptRule>, baseline: Option<Baseline>) -> (Assessment, Vec<String>) {
        let graph = crate::load::hcl::configuration::load_text("main.tf", TEXT).unwrap();
        let mut assessment = judge(&graph, &set());
        let mut exemptions = Exemptions::new(Day::parse("2027-01-31").unwrap(), rules, baseline);
        exemptions.apply(&mut assessment, &[&graph]);
        let said = exemptions.left_over(&[POLICY.to_owned()], &set(), true);
        (assessment, said.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_exemption_holds_through_its_last_day() {
        let (assessment, said) = run(vec![rule("aws_lb.*", Some("2027-01-31"))], None);
        assert_eq!((assessment.summary.fail, assessment.summary.exempt), (0, 1));
        assert_eq!((assessment.findings.len(), assessment.exempt[0].cause.origin), (0, Origin::Config));
        assert_eq!(said, [""; 0]);
        let (assessment, said) = run(vec![rule("aws_lb.*", Some("2027-01-30"))], None);
        assert_eq!((assessment.summary.fail, assessment.summary.exempt), (1, 0));
        assert!(said[0].contains("plangate.yaml:3:5: warning: this exemption ended on 2027-01-30"), "{said:?}");
    }

    #[test]
    fn what_is_for_nothing_is_told() {
        let mut wrong = rule("aws_lb.web", None);
        wrong.policies = vec!["idle-timeout-in-rang".to_owned()];
        let (assessment, said) = run(vec![wrong, rule("aws_alb.*", None)], None);
        assert_eq!(assessment.summary.fail, 1);
        assert!(said[0].contains("did you mean `idle-timeout-in-range`?"), "{said:?}");
        assert!(said[1].contains("note: this exemption is about no resource of this input"), "{said:?}");
    }

    #[test]
    fn a_baseline_knows_a_finding_by_what_it_rests_on() {
        let (found, _) = run(Vec::new(), None);
        let entry = |fingerprint: &str| BaselineEntry {
            policy: POLICY.to_owned(),
            subject: "aws_lb.web".to_owned(),
            verdict: Verdict::Fail,
            fingerprint: fingerprint.to_owned(),
            line: 4,
        };
        let baseline =
            |fingerprint| Some(Baseline { file: "known.json".to_owned(), entries: vec![entry(fingerprint)] });
        let (assessment, said) = run(Vec::new(), baseline(&found.findings[0].fingerprint));
        assert_eq!((assessment.summary.fail, assessment.summary.exempt, said.len()), (0, 1, 0));
        let (assessment, said) = run(Vec::new(), baseline("00"));
        assert_eq!(assessment.summary.fail, 1);
        assert!(said[0].starts_with("known.json:4:1: warning: 1 of 1 findings in the baseline"), "{said:?}");
    }
}
