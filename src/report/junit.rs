//! JUnit's XML, valid by the schema of Jenkins' xUnit plugin: for the test views of Jenkins, GitLab, Azure and others. A
//! suite is an input. A test case is a finding, or a policy that has none in this input: what passed is only counted, so
//! it cannot be listed one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::annotation::{Mark, by_id, evidence_lines, headline, line, paragraphs, problem_line};
use super::ink::clean;
use super::policy_page::PolicyPage;
use crate::judge::{Assessment, Exempt, Finding, Verdict};
use crate::source::{Level, Problem};

/// The report. `counts` says which findings decide the exit code: these are failures, all others are skipped, so that a
/// build is red where the run itself is.
#[must_use]
pub fn check_junit(assessment: &Assessment, policies: &[PolicyPage], counts: impl Fn(&Finding) -> bool) -> String {
    let inputs = assessment.inputs.iter().enumerate();
    let mut suites: Vec<Suite> =
        inputs.map(|(at, input)| suite(at, &input.path, assessment, policies, &counts)).collect();
    if !assessment.problems.is_empty() {
        let (errors, said) = assessment.problems.iter().partition::<Vec<_>, _>(|one| one.level == Level::Error);
        suites.push(Suite {
            name: "problems".to_owned(),
            cases: errors.into_iter().enumerate().map(|(at, problem)| Case::of_problem(at, problem)).collect(),
            said: said.into_iter().map(|problem| text(&problem.to_string())).collect(),
        });
    }
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to a Vec cannot fail, and what is written is text; an empty report is still better than a crash.
    let written = write(&mut writer, &suites).map(|()| writer.into_inner());
    written.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn suite(
    at: usize,
    path: &str,
    assessment: &Assessment,
    policies: &[PolicyPage],
    counts: &impl Fn(&Finding) -> bool,
) -> Suite {
    let pages = by_id(policies);
    let mut names = BTreeMap::new();
    let mut told = |finding: &Finding, element, message| {
        let area = pages.get(finding.policy.as_str()).map(|page| page.area.as_str());
        let name = line(&format!("{}: {}", finding.policy, finding.subject));
        let times = names.entry(name.clone()).or_insert(0);
        *times += 1;
        let name = if *times == 1 { name } else { format!("{name} ({times})") };
        Case::told(finding, area, &name, element, message, assessment)
    };
    let mut cases = Vec::new();
    let mut seen = BTreeSet::new();
    for finding in assessment.findings.iter().filter(|finding| finding.input == at) {
        seen.insert(finding.policy.as_str());
        let said = headline(finding);
        cases.push(match (counts(finding), finding.verdict) {
            (true, _) => told(finding, "failure", said),
            (false, Verdict::Undecided) => told(finding, "skipped", said),
            (false, Verdict::Fail) => told(finding, "skipped", format!("fails, but does not count: {said}")),
        });
    }
    for Exempt { finding, cause } in assessment.exempt.iter().filter(|exempt| exempt.finding.input == at) {
        seen.insert(finding.policy.as_str());
        let reason = cause.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
        let said = format!("exempt ({}{reason}): {}", cause.origin.name(), headline(finding));
        cases.push(told(finding, "skipped", line(&said)));
    }
    cases.extend(policies.iter().filter(|page| !seen.contains(page.id.as_str())).map(Case::passed));
    Suite { name: line(path), cases, said: Vec::new() }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
    /// Lines for standard error.
    said: Vec<String>,
}

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Told { element: &'static str, kind: &'static str, message: String, body: String },
}

impl Case {
    fn told(
        finding: &Finding,
        area: Option<&str>,
        name: &str,
        element: &'static str,
        message: String,
        assessment: &Assessment,
    ) -> Case {
        let mark = Mark::of(finding, assessment);
        let place = match mark.spot {
            Some(spot) => format!("{}:{}:{}", mark.file, spot.line, spot.column),
            None => mark.file.to_owned(),
        };
        let at = evidence_lines(finding).into_iter().map(|one| format!("At: {one}"));
        let body: Vec<String> = [place].into_iter().chain(paragraphs(finding)).chain(at).collect();
        Case {
            class: class(area),
            name: text(name),
            outcome: Outcome::Told {
                element,
                kind: finding.severity.name(),
                message: text(&message),
                body: text(&body.join("\n")),
            },
        }
    }

    fn passed(page: &PolicyPage) -> Case {
        Case { class: class(Some(&page.area)), name: text(&page.id), outcome: Outcome::Passed }
    }

    fn of_problem(at: usize, problem: &Problem) -> Case {
        let name = problem.file.as_ref().map_or_else(|| "plangate".to_owned(), |file| line(file));
        Case {
            class: class(None),
            name: text(&format!("{name} ({})", at + 1)),
            outcome: Outcome::Told {
                element: "error",
                kind: "error",
                message: text(&problem_line(problem)),
                body: text(&problem.to_string()),
            },
        }
    }

    fn is(&self, element: &str) -> bool {
        matches!(&self.outcome, Outcome::Told { element: own, .. } if *own == element)
    }
}

/// Jenkins shows classes by the package before the last dot.
fn class(area: Option<&str>) -> String {
    area.map_or_else(|| "plangate".to_owned(), |area| text(&format!("plangate.{area}")))
}

/// Washed of all that XML cannot hold.
fn text(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn write(writer: &mut Writer<Vec<u8>>, suites: &[Suite]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = |element: Option<&str>| suites.iter().map(|suite| suite.count(element)).sum::<usize>().to_string();
    let (tests, failures, errors) = (all(None), all(Some("failure")), all(Some("error")));
    open(
        writer,
        "testsuites",
        &[("name", "plangate"), ("tests", &tests), ("failures", &failures), ("errors", &errors)],
    )?;
    suites.iter().try_for_each(|suite| suite.write(writer))?;
    close(writer, "testsuites")?;
    writer.write_indent()
}

impl Suite {
    fn count(&self, element: Option<&str>) -> usize {
        self.cases.iter().filter(|case| element.is_none_or(|element| case.is(element))).count()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let count = |element| self.count(element).to_string();
        let (tests, failures) = (count(None), count(Some("failure")));
        let (errors, skipped) = (count(Some("error")), count(Some("skipped")));
        let counts = [("tests", &*tests), ("failures", &*failures), ("errors", &*errors), ("skipped", &*skipped)];
        let name = text(&self.name);
        open(writer, "testsuite", &[&[("name", name.as_str())], &counts[..]].concat())?;
        for case in &self.cases {
            let attributes = [("classname", case.class.as_str()), ("name", case.name.as_str())];
            let Outcome::Told { element, kind, message, body } = &case.outcome else {
                writer.write_event(Event::Empty(BytesStart::new("testcase").with_attributes(attributes)))?;
                continue;
            };
            open(writer, "testcase", &attributes)?;
            open(writer, element, &[("type", kind), ("message", message)])?;
            writer.write_event(Event::Text(BytesText::new(body)))?;
            close(writer, element)?;
            close(writer, "testcase")?;
        }
        if !self.said.is_empty() {
            open(writer, "system-err", &[])?;
            writer.write_event(Event::Text(BytesText::new(&self.said.join("\n"))))?;
            close(writer, "system-err")?;
        }
        close(writer, "testsuite")
    }
}

fn open(writer: &mut Writer<Vec<u8>>, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    writer.write_event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
}

fn close(writer: &mut Writer<Vec<u8>>, name: &str) -> io::Result<()> {
    writer.write_event(Event::End(BytesEnd::new(name)))
}
