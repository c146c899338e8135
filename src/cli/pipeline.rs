//! Where the floors below are put together: inputs are loaded, related and judged. The subcommands ask here and know
//! nothing of how it is done.

use std::collections::BTreeSet;

use super::choose::Choice;
use super::exit::Exit;
use crate::fix::{self, Bench, Fixes, Outcome, Patch};
use crate::graph::Graph;
use crate::judge::{Assessment, Input, judge_all, judge_change, run_examples as judge_examples};
use crate::load;
use crate::policy::{Policy, PolicySet};
use crate::report::{ExampleFailure, ExampleRun, PolicyExample, PolicyPage, PolicyParam, PolicyReference};
use crate::server::Stated;
use crate::source::{Level, Problem, disk};

/// What the inputs came to.
pub(crate) struct Judged {
    pub(crate) assessment: Assessment,
    /// The policies that judged.
    pub(crate) policies: PolicySet,
    /// The last of the inputs, kept only so that [`Judged::leave`] can leave it too.
    loaded: Option<load::Loaded>,
}

impl Judged {
    /// Nothing was looked at; the reports say so, and why. No policy ran.
    pub(crate) fn nothing(mut problems: Vec<Problem>) -> Judged {
        if Exit::of_problems(&problems) == Exit::Clean {
            problems.push(Problem::error("nothing could be judged"));
        }
        let assessment = Assessment { problems, ..Assessment::default() };
        Judged { assessment, policies: PolicySet::default(), loaded: None }
    }

    /// Leaves its memory to the system: for the end of the program, where to take a large input apart piece by piece
    /// would only cost time.
    pub(crate) fn leave(self) {
        let Judged { assessment, policies, loaded } = self;
        std::mem::forget((assessment, policies, loaded));
    }
}

/// Loads the inputs and judges them with the chosen policies. With `edits`, findings carry the edits that
/// cure them, each proven by judging again, and of very many the gravest.
///
/// # Errors
/// When nothing at all could be judged. When only part of it could, the assessment says so in its problems.
pub(crate) fn assess(
    inputs: &[String],
    configuration: &load::Inputs,
    choice: &Choice,
    edits: bool,
) -> Result<Judged, Vec<Problem>> {
    judged(inputs, configuration, choice, &mut |path, policies, one, loaded| {
        if edits {
            // Without a text there is nothing to edit, and nothing to say about it.
            with_bench(path, loaded, configuration, policies, |bench| {
                bench.into_iter().for_each(|bench| fix::attach(bench, path, one, MOST));
            });
        }
    })
}

/// So many resources are looked at again to prove the edits of one input, each edit by itself: some seconds.
const MOST: usize = 100_000;

/// The pages of policies that judged, by id. Those of built-in ones have no examples on them: these are not read where
/// policies only judge.
pub(crate) fn pages(policies: &PolicySet) -> Vec<PolicyPage> {
    policies.iter().map(page).collect()
}

/// Takes an input, the policies, what it came to, and what was loaded.
type After<'a> = dyn FnMut(&str, &PolicySet, &mut Assessment, &load::Loaded) + 'a;

/// Judges the inputs with the chosen policies, exemptions left out; `after` sees each of them.
fn judged(
    inputs: &[String],
    configuration: &load::Inputs,
    choice: &Choice,
    after: &mut After<'_>,
) -> Result<Judged, Vec<Problem>> {
    let (builtin, problems) = PolicySet::builtin_to_judge();
    let (mut policies, problems) = with(builtin, problems, &choice.policies);
    if problems.iter().any(|problem| problem.level == Level::Error) {
        return Err(problems);
    }
    let known: Vec<String> = policies.iter().map(|policy| policy.id.to_string()).collect();
    choice.apply(&mut policies)?;
    let mut exemptions = choice.exemptions().map_err(|problem| vec![problem])?;
    let (mut assessment, loaded) =
        assess_with(inputs, configuration, &policies, problems, &mut |path, one, loaded| {
            exemptions.apply(one, &loaded.graphs().collect::<Vec<_>>());
            after(path, &policies, one, loaded);
        })?;
    let judged = assessment.problems.iter().all(|problem| problem.level < Level::Error);
    assessment.problems.extend(exemptions.left_over(&known, &policies, judged));
    Ok(Judged { assessment, policies, loaded })
}

/// What was found, and what can be done about it.
pub(crate) struct Fixed {
    /// What was found.
    pub(crate) assessment: Assessment,
    /// The files that change.
    pub(crate) patches: Vec<Patch>,
    /// What came of each finding that fails.
    pub(crate) outcomes: Vec<Outcome>,
}

/// Judges the inputs and works out what cures the findings.
///
/// # Errors
/// As [`assess`], and when two inputs would change one file each in its own way.
pub(crate) fn fix(inputs: &[String], configuration: &load::Inputs, choice: &Choice) -> Result<Fixed, Vec<Problem>> {
    let (mut patches, mut outcomes, mut before) = (Vec::new(), Vec::new(), 0);
    let Judged { assessment, .. } = judged(inputs, configuration, choice, &mut |path, policies, one, loaded| {
        let fixes = with_bench(path, loaded, configuration, policies, |bench| match bench {
            Ok(bench) => fix::all(bench, one),
            Err(why) => Fixes::none(one, why),
        });
        let counted = |outcome: Outcome| Outcome { finding: outcome.finding + before, ..outcome };
        outcomes.extend(fixes.outcomes.into_iter().map(counted));
        patches.extend(fixes.patches);
        before += one.findings.len();
    })?;
    let mut once: Vec<Patch> = Vec::new();
    for patch in patches {
        match once.iter().find(|known| known.file == patch.file) {
            Some(known) if known.after == patch.after => {}
            Some(_) => {
                let problem = Problem::error("would be changed in two ways, for one input and for another");
                return Err(vec![problem.in_file(patch.file).help("fix the inputs one after the other")]);
            }
            None => once.push(patch),
        }
    }
    Ok(Fixed { assessment, patches: once, outcomes })
}

/// Hands on what changes can be tried on, or why there is no text to change.
fn with_bench<T>(
    path: &str,
    loaded: &load::Loaded,
    configuration: &load::Inputs,
    policies: &PolicySet,
    work: impl FnOnce(Result<&Bench<'_>, &str>) -> T,
) -> T {
    match load::text_behind(path, loaded, configuration) {
        Ok(text) => {
            let types: BTreeSet<&str> =
                loaded.graphs().flat_map(|graph| graph.resources()).map(|(_, resource)| &*resource.type_name).collect();
            let types: Vec<&str> = types.into_iter().collect();
            // What was judged is that text, and nothing else with it.
            let own = matches!(loaded.form, load::Form::TerraformConfiguration | load::Form::CloudFormation);
            let judged = Some(loaded).filter(|loaded| own && loaded.before.is_none());
            work(Ok(&Bench { origin: fix::Origin::Path(&text, configuration), policies, types: &types, judged }))
        }
        Err(why) => work(Err(why)),
    }
}

/// `after` takes each input, what it came to, and what was loaded; the last that was is given too.
fn assess_with(
    inputs: &[String],
    configuration: &load::Inputs,
    policies: &PolicySet,
    problems: Vec<Problem>,
    after: &mut dyn FnMut(&str, &mut Assessment, &load::Loaded),
) -> Result<(Assessment, Option<load::Loaded>), Vec<Problem>> {
    let mut stated = Statements::new(&configuration.stated);
    let raw_types: Vec<&str> = policies.iter().filter_map(|policy| policy.type_name.as_deref()).collect();
    let mut whole = Assessment { problems, ..Assessment::default() };
    let mut last = None;
    for path in inputs {
        // Not together with the next one.
        drop(last.take());
        match load::load(path, configuration, &raw_types) {
            Ok((loaded, problems)) => {
                let graphs: Vec<_> = loaded.graphs().collect();
                let mut one = match &loaded.before {
                    Some(before) => judge_change(before, &graphs, &loaded.beside, policies),
                    None => judge_all(&graphs, &loaded.beside, policies),
                };
                one.inputs.push(Input {
                    path: disk::name_of(path).to_owned(),
                    form: loaded.form.name(),
                    resources: one.summary.resources,
                });
                one.problems = problems;
                after(path, &mut one, &loaded);
                stated.meet(&graphs);
                whole.absorb(one);
                last = Some(loaded);
            }
            Err(problem) => whole.problems.push(problem),
        }
    }
    if whole.inputs.is_empty() {
        return Err(whole.problems);
    }
    whole.problems.extend(stated.unmet());
    Ok((whole, last))
}

/// What is stated of backends, and whether there is any that it is about.
struct Statements<'s> {
    stated: &'s [Stated],
    met: Vec<bool>,
}

impl Statements<'_> {
    fn new(stated: &[Stated]) -> Statements<'_> {
        Statements { stated, met: vec![false; stated.len()] }
    }

    fn meet(&mut self, graphs: &[&Graph]) {
        for (stated, met) in self.stated.iter().zip(&mut self.met) {
            let mut resources = graphs.iter().flat_map(|graph| graph.resources());
            *met = *met || resources.any(|(_, one)| one.kind.is_some() && stated.is_about(one.address.as_str()));
        }
    }

    fn unmet(&self) -> Vec<Problem> {
        let unmet = self.stated.iter().zip(&self.met).filter(|(_, met)| !**met);
        let told = unmet.map(|(stated, _)| {
            Problem::warning("this entry of `backends` is about no target group or target of the input")
                .in_file(&*stated.file)
                .at(stated.position.line, stated.position.column)
                .help("`plangate paths` shows their addresses")
        });
        told.collect()
    }
}

/// The pages of all policies, built in and given, area by area; and what is wrong with those that have none.
pub(crate) fn policy_pages(paths: &[String]) -> (Vec<PolicyPage>, Vec<Problem>) {
    let (policies, problems) = policies(paths);
    let mut pages: Vec<PolicyPage> = policies.iter().map(page).collect();
    pages.sort_by(|a, b| (&a.area, &a.id).cmp(&(&b.area, &b.id)));
    (pages, problems)
}

/// The page of one policy, built in or given; and what is wrong with those that have none.
pub(crate) fn policy_page(id: &str, paths: &[String]) -> (Result<PolicyPage, Problem>, Vec<Problem>) {
    let (policies, problems) = policies(paths);
    (policies.get(id).map(page), problems)
}

/// Runs the examples of the policies at `paths`.
pub(crate) fn run_examples(paths: &[String]) -> (ExampleRun, Vec<Problem>) {
    let (policies, problems) = with(PolicySet::default(), Vec::new(), paths);
    let results = judge_examples(&policies);
    let failures = results.iter().filter_map(|result| {
        let problem = result.problem.as_ref()?;
        let message = problem.to_string();
        Some(ExampleFailure { policy: result.policy.clone(), example: result.example.clone(), message })
    });
    let run = ExampleRun { policies: policies.len(), examples: results.len(), failures: failures.collect() };
    (run, problems)
}

fn policies(paths: &[String]) -> (PolicySet, Vec<Problem>) {
    let (builtin, problems) = PolicySet::builtin();
    with(builtin, problems, paths)
}

fn with(mut policies: PolicySet, mut problems: Vec<Problem>, paths: &[String]) -> (PolicySet, Vec<Problem>) {
    for path in paths {
        let (more, found) = PolicySet::load(path);
        problems.extend(found);
        problems.extend(policies.merge(more));
    }
    (policies, problems)
}

fn page(policy: &Policy) -> PolicyPage {
    PolicyPage {
        id: policy.id.to_string(),
        title: policy.title.to_string(),
        severity: policy.severity,
        subject: policy.subject.name().to_owned(),
        area: policy.area.clone(),
        why: policy.why.to_string(),
        fix_summary: policy.fix.summary.text().to_owned(),
        fix_terraform: policy.fix.terraform.clone(),
        fix_cloudformation: policy.fix.cloudformation.clone(),
        references: policy
            .references
            .iter()
            .map(|one| PolicyReference { title: one.title.clone(), url: one.url.clone() })
            .collect(),
        params: policy
            .params
            .iter()
            .map(|param| PolicyParam {
                name: param.name.clone(),
                ty: param.ty.name().to_owned(),
                default: param.value.to_string(),
                meaning: param.doc.clone(),
            })
            .collect(),
        examples: policy
            .examples
            .iter()
            .map(|example| PolicyExample {
                name: Some(example.name.clone()),
                form: example.dialect.name().to_owned(),
                verdict: example.verdict.name().to_owned(),
                text: example.text.clone(),
            })
            .collect(),
    }
}
