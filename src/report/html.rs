//! The reports of `check` and `paths` as one HTML file that needs nothing but itself: pictures as SVG, findings, and a
//! filter. What the page holds is gathered here; how it looks stands in `page/`, and its template escapes all of it.

use base64::Engine as _;
use minijinja::Environment;
use rustc_hash::FxHashSet;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::draw::path_text;
use super::fix::Fixes;
use super::html_entry::{Entry, Paths, washed};
use super::numbers::{answer_name, keep_alive};
use super::picture::{Picture, worst_first};
use super::policy_page::PolicyPage;
use super::sheet::count;
use super::svg;
use super::text::{Place, grouped};
use super::verdicts::{Mark, Verdicts};
use crate::judge::{Answer, Assessment, Change, Finding, Input, PathRef, PathView};
use crate::source::{Level, Problem};

const TEMPLATE: &str = include_str!("page/report.html");
const STYLE: &str = include_str!("page/report.css");
const SCRIPT: &str = include_str!("page/report.js");

/// The page of `check`. `passed` and `outcome` say what the run ends with.
#[must_use]
pub fn check_html(assessment: &Assessment, pages: &[PolicyPage], passed: bool, outcome: Option<&str>) -> String {
    let summary = &assessment.summary;
    let judged = !assessment.problems.iter().any(|problem| problem.level == Level::Error);
    let (mark, heading) = match (judged, passed) {
        (false, _) => (Mark::Open, "Not everything could be judged".to_owned()),
        (true, false) if summary.fail == 0 => (Mark::Broken, "Not passed".to_owned()),
        (true, false) => (Mark::Broken, format!("{} failed", count(summary.fail, "check", "checks"))),
        (true, true) if summary.checks == 0 => (Mark::Open, "Nothing to check".to_owned()),
        (true, true) => (Mark::Holds, "Passed".to_owned()),
    };
    page(assessment, pages, mark, &heading, "Findings", outcome)
}

/// The page of `paths`.
#[must_use]
pub fn paths_html(assessment: &Assessment, pages: &[PolicyPage]) -> String {
    let verdicts = Verdicts::of(&assessment.findings);
    let marks: Vec<Mark> = assessment.paths.iter().map(|view| verdicts.mark(&view.path)).collect();
    let broken = marks.iter().filter(|mark| **mark == Mark::Broken).count();
    let paths = count(marks.len(), "request path", "request paths");
    let heading = match (marks.len(), broken) {
        (0, _) => "No request path found".to_owned(),
        (_, 0) => paths,
        _ => format!("{broken} of {paths} broken"),
    };
    let mark = if marks.is_empty() { Mark::Open } else { marks.into_iter().max().unwrap_or(Mark::Holds) };
    page(assessment, pages, mark, &heading, "Path by path", None)
}

/// Pictures of single paths on a page, and paths in a picture of a whole load balancer; more would make a page that no
/// browser opens gladly.
const PICTURES: usize = 400;
const PATHS: usize = 150;
/// A picture of so many paths is unfolded from the start, and can be read on paper.
const FEW: usize = 12;

#[derive(Serialize)]
struct Page<'a> {
    style: String,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    verdict: &'static str,
    sign: &'static str,
    heading: &'a str,
    outcome: Option<String>,
    counts: Vec<Count>,
    looked: String,
    inputs: Vec<InputLine>,
    problems: Vec<ProblemLine>,
    pictures: Vec<Overview>,
    list: &'a str,
    entries: usize,
    paths: Vec<Choice>,
    policies: Vec<String>,
    verdicts: Vec<Count>,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Count {
    class: &'static str,
    sign: &'static str,
    words: &'static str,
    number: usize,
}

#[derive(Serialize)]
struct InputLine {
    path: String,
    form: &'static str,
    resources: String,
}

#[derive(Serialize)]
struct ProblemLine {
    level: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Overview {
    name: String,
    paths: String,
    open: bool,
    svg: String,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
}

#[derive(Default, Serialize)]
struct Group {
    id: String,
    name: String,
    verdict: &'static str,
    sign: &'static str,
    svg: Option<String>,
    note: Option<String>,
    facts: Vec<Fact>,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    text: String,
}

fn page(
    assessment: &Assessment,
    pages: &[PolicyPage],
    mark: Mark,
    heading: &str,
    list: &str,
    outcome: Option<&str>,
) -> String {
    let verdicts = Verdicts::of(&assessment.findings);
    let paths = Paths::of(assessment, &verdicts);
    let groups = Groups { assessment, verdicts: &verdicts, paths: &paths, fixes: Fixes::new(assessment, pages) }.all();
    let entries: Vec<&Entry> = groups.iter().flat_map(|group| &group.entries).collect();
    let used: FxHashSet<&str> = entries.iter().flat_map(|entry| entry.paths.split(' ')).collect();
    let choices = assessment
        .paths
        .iter()
        .enumerate()
        .map(|(at, view)| Choice { id: Paths::id(at), name: path_text(&view.path, Some(view), &Verdicts::default()) });
    let mut policies: Vec<String> = entries.iter().map(|entry| entry.policy.clone()).collect();
    policies.sort_unstable();
    policies.dedup();
    policies.retain(|policy| !policy.is_empty());
    let style = format!("{STYLE}{}", svg::STYLE);
    let summary = &assessment.summary;
    let looked = [
        count(summary.resources, "resource", "resources"),
        count(summary.paths, "request path", "request paths"),
        count(summary.policies, "policy", "policies"),
    ];
    let page = Page {
        style_hash: hash(&style),
        style,
        script: SCRIPT,
        script_hash: hash(SCRIPT),
        verdict: mark.name(),
        sign: mark.sign(),
        heading,
        outcome: outcome.map(washed),
        counts: counts(assessment),
        looked: looked.join(", "),
        inputs: assessment.inputs.iter().map(InputLine::of).collect(),
        problems: assessment.problems.iter().map(ProblemLine::of).collect(),
        pictures: overviews(assessment, &verdicts),
        list,
        entries: entries.len(),
        paths: choices.filter(|choice| used.contains(choice.id.as_str())).collect(),
        verdicts: kinds(&entries),
        policies,
        groups,
    };
    // The template is part of the program and the data are plain; a page that says what went wrong is still better than
    // a crash.
    render(&page).unwrap_or_else(|error| format!("<!doctype html><p>{}\n", svg::xml(&error.to_string())))
}

fn render(page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // What the name of the template ends with makes everything be escaped.
    environment.add_template("report.html", TEMPLATE)?;
    let page = environment.get_template("report.html")?.render(minijinja::value::Serde(page))?;
    Ok(format!("{}\n", page.trim_end()))
}

/// What the browser compares a style or a script with before it uses it.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn counts(assessment: &Assessment) -> Vec<Count> {
    let summary = &assessment.summary;
    let all = [
        (Mark::Broken, "failed", summary.fail),
        (Mark::Broken, "of them new", if summary.introduced < summary.fail { summary.introduced } else { 0 }),
        (Mark::Open, "undecided", summary.undecided),
        (Mark::Holds, "passed", summary.pass),
        (Mark::Holds, "fixed", summary.fixed),
        (Mark::Advice, "exempt", summary.exempt),
    ];
    let some = all.into_iter().filter(|(_, _, number)| *number > 0);
    some.map(|(mark, words, number)| Count { class: mark.name(), sign: mark.sign(), words, number }).collect()
}

/// What the filter has to offer, and how many entries each has.
fn kinds(entries: &[&Entry]) -> Vec<Count> {
    let all = [
        ("broken", Mark::Broken, "broken"),
        ("undecided", Mark::Open, "undecided"),
        ("advice", Mark::Advice, "advice"),
        ("fixed", Mark::Holds, "fixed"),
        ("exempt", Mark::Advice, "exempt"),
        ("holds", Mark::Holds, "nothing found"),
    ];
    let number = |class: &str| entries.iter().filter(|entry| entry.verdict == class).count();
    let some =
        all.into_iter().map(|(class, mark, words)| Count { class, sign: mark.sign(), words, number: number(class) });
    some.filter(|one| one.number > 0).collect()
}

/// A picture for each load balancer that several paths lead through.
fn overviews<'a>(assessment: &'a Assessment, verdicts: &Verdicts<'a>) -> Vec<Overview> {
    let order = worst_first(assessment, verdicts);
    let views: Vec<&PathView> = assessment.paths.iter().filter(|view| view.path.load_balancer.is_some()).collect();
    let groups = grouped(&views, |view| view.path.load_balancer.as_deref());
    let several = groups.into_iter().filter(|(_, views)| views.len() > 1);
    let drawn = several.map(|(name, views)| {
        let mine =
            |at: &&usize| assessment.paths.get(**at).is_some_and(|view| view.path.load_balancer.as_deref() == name);
        let mut chosen: Vec<usize> = order.iter().filter(mine).take(PATHS).copied().collect();
        chosen.sort_unstable();
        let picture = Picture::of(chosen.iter().filter_map(|&at| assessment.paths.get(at)), verdicts);
        let paths = count(views.len(), "request path", "request paths");
        let name = washed(name.unwrap_or_default());
        Overview {
            svg: svg::wide(&picture, &format!("{paths} of {name}; each is told in words below")),
            paths: if views.len() > PATHS { format!("{PATHS} of {paths}") } else { paths },
            open: views.len() <= FEW,
            name,
        }
    });
    drawn.collect()
}

struct Groups<'a, 'p> {
    assessment: &'a Assessment,
    verdicts: &'p Verdicts<'a>,
    paths: &'p Paths<'a>,
    fixes: Fixes<'a>,
}

impl<'a> Groups<'a, '_> {
    /// Findings path by path, those on none, what was fixed and what is exempt, and the paths without findings.
    fn all(&self) -> Vec<Group> {
        let assessment = self.assessment;
        let views: rustc_hash::FxHashMap<&PathRef, &PathView> =
            assessment.paths.iter().map(|view| (&view.path, view)).collect();
        let findings: Vec<&Finding> = assessment.findings.iter().collect();
        // Where everything is new there is nothing to tell apart.
        let was = |finding: &Finding| finding.change == Some(Change::Existing);
        let mixed = !assessment.fixed.is_empty() || assessment.findings.iter().any(was);
        let mut groups = Vec::new();
        let mut told = FxHashSet::default();
        for (place, group) in grouped(&findings, |finding| Place::of(finding)) {
            let entries = group.iter().map(|finding| Entry::found(finding, self.paths, &self.fixes, mixed)).collect();
            let mark = Mark::worst(&group);
            groups.push(match place {
                Place::Path(path) => {
                    told.insert(path);
                    self.path(path, views.get(path).copied(), groups.len(), entries)
                }
                Place::Subject(subject) => Group {
                    name: washed(subject),
                    verdict: mark.name(),
                    sign: mark.sign(),
                    entries,
                    ..Group::default()
                },
            });
        }
        for (at, view) in assessment.paths.iter().enumerate().filter(|(_, view)| !told.contains(&view.path)) {
            let mark = self.verdicts.mark(&view.path);
            let entries = vec![Entry::of_path(mark, Paths::id(at))];
            groups.push(self.path(&view.path, Some(view), groups.len(), entries));
        }
        let mut more = |name: &str, entries: Vec<Entry>| {
            if !entries.is_empty() {
                let (verdict, sign) = (Mark::Holds.name(), "");
                groups.push(Group { name: name.to_owned(), verdict, sign, entries, ..Group::default() });
            }
        };
        more("Fixed by this change", assessment.fixed.iter().map(|one| Entry::fixed(one, self.paths)).collect());
        more("Exempt", assessment.exempt.iter().map(|one| Entry::exempt(one, self.paths)).collect());
        for (at, group) in groups.iter_mut().enumerate() {
            group.id = format!("g{}", at + 1);
        }
        groups
    }

    fn path(&self, path: &'a PathRef, view: Option<&'a PathView>, before: usize, entries: Vec<Entry>) -> Group {
        let picture = Picture::of_path(path, view, self.verdicts);
        let mark = picture.mark();
        Group {
            name: path_text(path, view, &Verdicts::default()),
            verdict: mark.name(),
            sign: mark.sign(),
            svg: (before < PICTURES).then(|| svg::tall(&picture)),
            note: view.and_then(|view| view.note.as_deref()).map(washed),
            facts: view.map(facts).unwrap_or_default(),
            entries,
            ..Group::default()
        }
    }
}

/// Why traffic gets through or not, and what says how long the backend keeps a connection.
fn facts(view: &PathView) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, reach) in [("traffic", &view.traffic), ("health checks", &view.health)] {
        if reach.answer != Answer::NotApplicable || !reach.because.is_empty() {
            facts.push(Fact { name, text: washed(&format!("{}: {}", answer_name(reach.answer), reach.because)) });
        }
    }
    if let Some(view) = &view.keep_alive {
        let (shown, from) = keep_alive(view);
        facts.push(Fact { name: "keep-alive of the backend", text: washed(&format!("{shown}: {from}")) });
    }
    facts
}

impl InputLine {
    fn of(input: &Input) -> InputLine {
        let resources = count(input.resources, "resource", "resources");
        InputLine { path: washed(&input.path), form: input.form, resources }
    }
}

impl ProblemLine {
    fn of(problem: &Problem) -> ProblemLine {
        ProblemLine { level: problem.level.name(), text: washed(&problem.to_string()) }
    }
}
