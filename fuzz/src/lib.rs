//! What the fuzz targets share: judging a text as the program would, and what has to hold of every answer whatever the
//! text. A law that does not hold panics, which is how libFuzzer learns of it. No target looks for particular findings.

use std::cell::OnceCell;
use std::sync::OnceLock;

use plangate::fix::{self, Bench, Origin};
use plangate::graph::{Day, Spot, Text};
use plangate::judge::{Assessment, Exemptions, Verdict, judge_all, judge_change};
use plangate::load::{self, Inputs, Loaded};
use plangate::policy::PolicySet;
use plangate::report;
use plangate::server::{Defect, Reading, Said, Source};
use plangate::source::disk::Overlay;
use plangate::source::{Edit, Position, Problem, Repository};

/// All policies that come with the program.
pub fn policies() -> &'static PolicySet {
    static POLICIES: OnceLock<PolicySet> = OnceLock::new();
    POLICIES.get_or_init(|| PolicySet::builtin_to_judge().0)
}

/// The day on which exemptions are looked at.
fn today() -> Day {
    Day::new(2026, 11, 20).expect("a day")
}

/// A folder with files that are read as if they held other texts, so that nothing is written for each input.
pub struct Stage {
    folder: tempfile::TempDir,
    path: String,
}

impl Stage {
    /// With these files; what `load` gets is `input`, a file of the folder or nothing for the folder itself.
    pub fn new(files: &[(&str, &str)], input: &str) -> Stage {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("room for a file");
        }
        let path = folder.path().join(input).to_string_lossy().into_owned();
        Stage { folder, path }
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    /// Does some work while a file has this text.
    pub fn with<T>(&self, name: &str, text: &str, work: impl FnOnce(&str) -> T) -> T {
        let file = self.file(name);
        Overlay::new([(file.as_str(), text)]).during(|| work(&self.path))
    }

    /// Loads and judges the input with this text in one of its files, twice, and holds it against the laws.
    pub fn judged(&self, name: &str, text: &str) -> Option<Assessment> {
        let once = || self.with(name, text, |path| load::load(path, &Inputs::default(), &[]).map(judge));
        let file = self.file(name);
        match (once(), once()) {
            (Err(one), Err(other)) => {
                assert_eq!(one, other, "two runs fail in two ways");
                within(&file, text, [&one]);
                None
            }
            (Ok(one), Ok(other)) => {
                lawful(&file, text, &one);
                same(&one, &other);
                Some(one)
            }
            (one, other) => panic!("one run of two fails: {:?} {:?}", one.err(), other.err()),
        }
    }
}

/// Judges what was loaded, as `check` does.
pub fn judge((loaded, problems): (Loaded, Vec<Problem>)) -> Assessment {
    let graphs: Vec<_> = loaded.graphs().collect();
    let mut assessment = match &loaded.before {
        Some(before) => judge_change(before, &graphs, &loaded.beside, policies()),
        None => judge_all(&graphs, &loaded.beside, policies()),
    };
    let mut exemptions = Exemptions::new(today(), Vec::new(), None);
    exemptions.apply(&mut assessment, &graphs);
    let known: Vec<String> = policies().iter().map(|policy| policy.id.to_string()).collect();
    assessment.problems = problems;
    assessment.problems.extend(exemptions.left_over(&known, policies(), true));
    assessment
}

/// Every report can be written, and all of it is the same for both.
fn same(one: &Assessment, other: &Assessment) {
    let written = |assessment: &Assessment| {
        let repository = Repository::new("/", "/");
        [
            report::check_json(assessment),
            report::paths_json(assessment),
            report::check_sarif(assessment, &[], &repository),
            report::paths_mermaid(assessment),
            report::paths_svg(assessment),
            report::paths_text(assessment, report::Look::plain(100)),
        ]
    };
    assert_eq!(written(one), written(other), "two runs differ");
}

/// What was decided, without places and without what hangs on the form of the text.
pub fn verdicts(assessment: &Assessment) -> Vec<(Text, Text, Verdict)> {
    let told = |finding: &plangate::judge::Finding| (finding.policy.clone(), finding.subject.clone(), finding.verdict);
    let mut all: Vec<_> = assessment.findings.iter().map(told).collect();
    all.sort();
    all
}

/// What has to hold of every answer about one file.
pub fn lawful(file: &str, text: &str, assessment: &Assessment) {
    within(file, text, &assessment.problems);
    let summary = &assessment.summary;
    assert_eq!(summary.checks, summary.pass + summary.fail + summary.undecided + summary.exempt, "{summary:?}");
    let exempt = assessment.exempt.iter().map(|exempt| &exempt.finding);
    for finding in assessment.findings.iter().chain(exempt).chain(&assessment.fixed) {
        let spots = finding.evidence.iter().filter_map(|evidence| evidence.spot.as_ref());
        for spot in spots.chain(&finding.spot).filter(|spot| &*spot.file == file) {
            spot_within(text, spot);
        }
    }
}

/// Problems stand in the text they are about.
pub fn within<'p>(file: &str, text: &str, problems: impl IntoIterator<Item = &'p Problem>) {
    // To YAML a lone carriage return ends a line too, to nobody else.
    if text.replace("\r\n", "\n").contains('\r') {
        return;
    }
    let lines = OnceCell::new();
    for problem in problems {
        let (Some(about), Some(Position { line, column })) = (&problem.file, problem.position) else { continue };
        if about != file {
            continue;
        }
        let lines = lines.get_or_init(|| widths(text));
        let width = line.checked_sub(1).and_then(|line| lines.get(line as usize));
        let fits = width.is_some_and(|width| (1..=width + 1).contains(&(column as usize)));
        assert!(fits, "{problem} is outside of {} lines, {width:?}", lines.len());
    }
}

/// The characters of each line, its end included.
fn widths(text: &str) -> Vec<usize> {
    text.split('\n').map(|line| line.chars().count() + 1).collect()
}

fn spot_within(text: &str, spot: &Spot) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    assert!(text.get(spot.start..spot.end).is_some(), "no bytes of the text: {spot:?}");
    let widths = widths(text);
    let width = (spot.line as usize).checked_sub(1).and_then(|line| widths.get(line));
    assert!(width.is_some_and(|width| (1..=width + 1).contains(&(spot.column as usize))), "{spot:?}");
}

/// More resources than are looked at again to prove the edits of a text of fuzzing.
const MOST: usize = 200_000;

/// Fixes what can be fixed, and holds the fixes against the laws: each change fits the text and cures what it is for.
pub fn fixed(stage: &Stage, name: &str, text: &str) {
    stage.with(name, text, |path| {
        let Ok((loaded, _)) = load::load(path, &Inputs::default(), &[]) else { return };
        let graphs: Vec<_> = loaded.graphs().collect();
        let mut assessment = judge_all(&graphs, &loaded.beside, policies());
        let inputs = Inputs::default();
        let bench = Bench { origin: Origin::Path(path, &inputs), policies: policies(), types: &[], judged: None };
        fix::attach(&bench, name, &mut assessment, MOST);
        for finding in &assessment.findings {
            let edits: Vec<&Edit> = finding.edits.iter().filter(|edit| edit.file == stage.file(name)).collect();
            for edit in &edits {
                assert_eq!(text.get(edit.start..edit.end), Some(edit.removed.as_str()), "{edit:?}");
            }
            assert!(Edit::apply(text, &edits).is_some(), "{edits:?} do not fit");
        }
        let fixes = fix::all(&bench, &assessment);
        for patch in &fixes.patches {
            assert_ne!(patch.before, patch.after, "a patch that changes nothing");
            if patch.file == stage.file(name) {
                assert_eq!(patch.before, text);
            }
        }
    });
}

/// Every source of a reading stands in the text.
pub fn reading_within(name: &str, text: &str, reading: &Reading) {
    let idle = match &reading.idle {
        Said::Nothing => None,
        Said::Stated(_, from) | Said::Hidden(_, from) => Some(from),
    };
    let defects = reading.defects.iter().map(|defect| match defect {
        Defect::HeadersTimeout { from, .. }
        | Defect::Misplaced { from, .. }
        | Defect::OnlyTls13 { from }
        | Defect::NotHttp { from } => from,
    });
    let limits = reading.limits.iter().map(|limit| &limit.from);
    let onward = reading.onward.iter().map(|onward| &onward.from);
    for source in idle.into_iter().chain(limits).chain(defects).chain(onward) {
        source_within(name, text, source);
    }
}

/// A source that stands in a text stands in it.
pub fn source_within(name: &str, text: &str, source: &Source) {
    if let Some(passage) = source.passage.as_ref().filter(|passage| &*passage.text == name) {
        assert!(text.get(passage.range.clone()).is_some(), "{source:?} is not in the text of {} bytes", text.len());
    }
}

/// JSON without the white space between its tokens, whatever the text.
pub fn minified(json: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(json.len()), false, false);
    for char in json.chars() {
        if quoted || !matches!(char, ' ' | '\t' | '\n' | '\r') {
            out.push(char);
        }
        quoted = if char == '"' && !escaped { !quoted } else { quoted };
        escaped = quoted && char == '\\' && !escaped;
    }
    out
}
