//! Reads the text of a template, YAML or JSON, into [`Node`]s. Says what is wrong with the writing; what the template
//! means is told elsewhere.

mod faults;
mod functions;
#[cfg(test)]
mod hostile;
mod json;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;

mod yaml;

pub(in crate::load::cloudformation) use scalar::number;

use super::node::{Content, Node};
use crate::source::Problem;
pub(super) use faults::{Faults, shown};
use tree::{Form, Tree};

/// The largest text. CloudFormation takes 1 MB; comments may be on top of that.
const LARGEST: usize = 16 << 20;

/// The template in a text, when there is one, and what is wrong with it.
pub(crate) fn read(file: &str, text: &str) -> (Option<Node>, Vec<Problem>) {
    let (root, mut problems) = tree(file, text, Form::Template);
    let Some(root) = root else { return (None, problems) };
    if matches!(root.content, Content::Map(_)) {
        return (Some(root), problems);
    }
    let problem = Problem::error("is no template: it holds no map of sections");
    let help = "a template has sections: AWSTemplateFormatVersion, Parameters, Resources …";
    problems.push(Faults::new(file, text).placed(root.span.start, problem).help(help));
    (None, problems)
}

/// Data without functions, as files of parameters are.
pub(crate) fn read_data(file: &str, text: &str) -> (Option<Node>, Vec<Problem>) {
    tree(file, text, Form::Plain)
}

fn tree(file: &str, text: &str, form: Form) -> (Option<Node>, Vec<Problem>) {
    let fails = |problem: Problem| (None, vec![problem.in_file(file)]);
    if text.len() > LARGEST {
        let problem = Problem::error(format!("is larger than {} MiB", LARGEST >> 20));
        return fails(problem.help("CloudFormation takes templates of 1 MB; split it into stacks"));
    }
    let head = text.trim_start_matches('\u{feff}').trim_start();
    if head.is_empty() {
        return fails(Problem::error("is empty"));
    }
    let mut refused = None;
    if head.starts_with(['{', '[']) {
        let mut tree = Tree::new(form, Faults::new(file, text));
        match json::parse(&mut tree) {
            Ok(()) => return tree.finish(),
            Err(why) if !why.may_be_yaml => return fails(why.problem),
            Err(why) => refused = Some(why.problem),
        }
    }
    let mut tree = Tree::new(form, Faults::new(file, text));
    match yaml::parse(&mut tree) {
        Ok(()) => match tree.finish() {
            (Some(Node { content: Content::Null, .. }) | None, _) => fails(Problem::error("is empty")),
            read => read,
        },
        Err(problem) => {
            // What went before may be the reason.
            let mut problems = tree.finish().1;
            problems.push(refused.unwrap_or(problem));
            (None, problems)
        }
    }
}
