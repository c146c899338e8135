//! Where the floors below are put together: inputs are loaded, related and judged. The subcommands ask here and know
//! nothing of how it is done.

use super::choose::Choice;
use crate::graph::Graph;
use crate::judge::{Assessment, Input, judge_all, judge_change, run_examples as judge_examples};
use crate::load;
use crate::policy::{Policy, PolicySet};
use crate::report::{ExampleFailure, ExampleRun, PolicyExample, PolicyPage, PolicyParam, PolicyReference};
use crate::server::Stated;
use crate::source::{Level, Problem, disk};

/// Loads the inputs and judges them with the chosen policies, and gives the pages of these by id. Built-in policies
/// have no examples on them: those are not read where policies only judge.
///
/// # Errors
/// When nothing at all could be judged. When only part of it could, the assessment says so in its problems.
pub(crate) fn assess(
    inputs: &[String],
    configuration: &load::Inputs,
    choice: &Choice,
) -> Result<(Assessment, Vec<PolicyPage>), Vec<Problem>> {
    let (builtin, problems) = PolicySet::builtin_to_judge();
    let (mut policies, problems) = with(builtin, problems, &choice.policies);
    if problems.iter().any(|problem| problem.level == Level::Error) {
        return Err(problems);
    }
    let known: Vec<String> = policies.iter().map(|policy| policy.id.clone()).collect();
    choice.apply(&mut policies)?;
    let mut exemptions = choice.exemptions().map_err(|problem| vec![problem])?;
    let mut assessment = assess_with(inputs, configuration, &policies, problems, &mut |one, graphs| {
        exemptions.apply(one, graphs);
    })?;
    let judged = assessment.problems.iter().all(|problem| problem.level < Level::Error);
    assessment.problems.extend(exemptions.left_over(&known, &policies, judged));
    Ok((assessment, policies.iter().map(page).collect()))
}

/// `after` takes what one input came to, and its graphs.
fn assess_with(
    inputs: &[String],
    configuration: &load::Inputs,
    policies: &PolicySet,
    problems: Vec<Problem>,
    after: &mut dyn FnMut(&mut Assessment, &[&Graph]),
) -> Result<Assessment, Vec<Problem>> {
    let mut stated = Statements::new(&configuration.stated);
    let raw_types: Vec<&str> = policies.iter().filter_map(|policy| policy.type_name.as_deref()).collect();
    let mut whole = Assessment { problems, ..Assessment::default() };
    for path in inputs {
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
                after(&mut one, &graphs);
                stated.meet(&graphs);
                whole.absorb(one);
            }
            Err(problem) => whole.problems.push(problem),
        }
    }
    if whole.inputs.is_empty() {
        return Err(whole.problems);
    }
    whole.problems.extend(stated.unmet());
    Ok(whole)
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
        id: policy.id.clone(),
        title: policy.title.clone(),
        severity: policy.severity,
        subject: policy.subject.name().to_owned(),
        area: policy.area.clone(),
        why: policy.why.clone(),
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
