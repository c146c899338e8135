//! `plangate init`: writes `plangate.yaml` and a workflow for what the repository holds. What is there already is left
//! alone. The workflows are those of the folder `ci/`, with the place of the input put in.

use std::fmt::Write;

use super::args_ci::{CiSystem, InitArgs};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::load::{Found, look_around};
use crate::source::{Level, Problem, disk};

/// Writes, and says what was found and written.
pub(crate) fn run(args: &InitArgs, terminal: &Terminal) -> Exit {
    let mut told = String::new();
    let problems: Vec<Problem> = set_up(args, &mut told).err().into_iter().collect();
    let exit = terminal.print_or_complain(&told);
    terminal.complain(&problems, Level::Note);
    exit.max(Exit::of_problems(&problems))
}

fn set_up(args: &InitArgs, told: &mut String) -> Result<(), Problem> {
    let root = args.directory.trim_end_matches('/');
    if !disk::is_directory(&args.directory) {
        return Err(Problem::error("is not a directory").in_file(&args.directory));
    }
    let found = look_around(root);
    let Some(stack) = Stack::of(&found) else {
        let help = "run it where the Terraform configuration, the template or the CDK app (cdk.json) lies";
        let words = "nothing to judge was found: no Terraform configuration, no CloudFormation template, no CDK app";
        return Err(Problem::error(words).in_file(&args.directory).help(help));
    };
    tell_found(told, &found);
    let writer = Writer { root, dry: args.dry_run };
    writer.write(told, "plangate.yaml", &config(&found))?;
    match args.ci.or_else(|| ci_of(root)) {
        None => told.push_str("no CI was recognised: --ci github, gitlab or atlantis writes a workflow for it\n"),
        Some(CiSystem::None) => {}
        Some(CiSystem::Github) => {
            let name = ".github/workflows/plangate.yml";
            if writer.write(told, name, &stack.workflow(GITHUB))? {
                fill_in(told, name);
            }
        }
        Some(CiSystem::Gitlab) => {
            let name = ".gitlab/plangate.yml";
            if writer.write(told, name, &stack.workflow(GITLAB))? {
                fill_in(told, name);
            }
            let include = "include:\n  - local: .gitlab/plangate.yml\n";
            if !writer.write(told, ".gitlab-ci.yml", include)? {
                let _ = write!(told, "add to .gitlab-ci.yml:\n{include}");
            }
        }
        Some(CiSystem::Atlantis) => {
            let _ = write!(told, "add to the server's repos.yaml:\n\n{ATLANTIS}");
        }
    }
    let _ = writeln!(told, "next: {}", stack.next());
    Ok(())
}

/// What a workflow cannot know by itself.
fn fill_in(told: &mut String, name: &str) {
    let _ = writeln!(told, "fill in PLANGATE_REPOSITORY in {name}: the Git address you have plangate from");
}

/// The workflows of one CI system.
struct Workflows {
    terraform: &'static str,
    cdk: &'static str,
    cloudformation: &'static str,
}

const GITHUB: &Workflows = &Workflows {
    terraform: include_str!("../../ci/github/terraform.yml"),
    cdk: include_str!("../../ci/github/cdk.yml"),
    cloudformation: include_str!("../../ci/github/cloudformation.yml"),
};

const GITLAB: &Workflows = &Workflows {
    terraform: include_str!("../../ci/gitlab/terraform.yml"),
    cdk: include_str!("../../ci/gitlab/cdk.yml"),
    cloudformation: include_str!("../../ci/gitlab/cloudformation.yml"),
};

const ATLANTIS: &str = include_str!("../../ci/atlantis.yaml");

/// What a workflow is for, and where it lies.
enum Stack<'f> {
    Terraform(&'f str),
    Cdk(&'f str),
    CloudFormation(&'f str),
}

impl<'f> Stack<'f> {
    /// A workflow is for one stack: the app when there is one, as it makes templates.
    fn of(found: &'f Found) -> Option<Stack<'f>> {
        let cdk = found.cdk.first().map(|folder| Stack::Cdk(folder));
        let terraform = || found.terraform.first().map(|folder| Stack::Terraform(folder));
        let template = || found.templates.first().map(|file| Stack::CloudFormation(file));
        cdk.or_else(terraform).or_else(template)
    }

    fn workflow(&self, of: &Workflows) -> String {
        let (text, place, at) = match self {
            Stack::Terraform(folder) => (of.terraform, "DIRECTORY: .", folder),
            Stack::Cdk(folder) => (of.cdk, "DIRECTORY: .", folder),
            Stack::CloudFormation(file) => (of.cloudformation, "TEMPLATE: template.yaml", file),
        };
        let name = place.split(' ').next().unwrap_or_default();
        text.replace("\r\n", "\n").replacen(place, &format!("{name} {}", scalar(at)), 1)
    }

    fn next(&self) -> &'static str {
        match self {
            Stack::Cdk(_) => "cdk synth, then plangate check",
            Stack::Terraform(_) | Stack::CloudFormation(_) => "plangate check",
        }
    }
}

/// Text as a YAML scalar: as it is where nothing in it means anything, else as JSON, which YAML reads too.
fn scalar(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '/');
    let number = text.starts_with(|char: char| char.is_ascii_digit());
    if text.chars().all(|char| plain(char) || char == '-') && text.starts_with(plain) && !number {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

fn config(found: &Found) -> String {
    let outputs = found.cdk.iter().map(|folder| match folder.as_str() {
        "." => "cdk.out".to_owned(),
        folder => format!("{folder}/cdk.out"),
    });
    let inputs = outputs.chain(found.terraform.iter().cloned()).chain(found.templates.iter().cloned());
    let inputs: String = inputs.map(|input| format!("  - {}\n", scalar(&input))).collect();
    format!(
        "\
# What plangate does here when a command line says nothing else.

# What is judged when no input is named.
inputs:
{inputs}
# The least severity that fails a run: info, low, medium, high, critical, or never.
fail_on: medium

# Findings to live with; a reason is required.
# exempt:
#   - policy: access-logs-on
#     address: aws_lb.internal
#     reason: its logs are in another account
#     until: 2027-06-30
"
    )
}

fn tell_found(told: &mut String, found: &Found) {
    let kinds =
        [("CDK app", &found.cdk), ("Terraform configuration", &found.terraform), ("template", &found.templates)];
    for (what, places) in kinds {
        let Some(first) = places.first() else { continue };
        let more = match places.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        let _ = writeln!(told, "found {what}: {first}{more}");
    }
}

/// The CI system that files and the repository's origin tell of; none where they tell of none or of several.
fn ci_of(root: &str) -> Option<CiSystem> {
    let there = |name: &str| disk::exists(&format!("{root}/{name}"));
    let origin = disk::read_text(&format!("{root}/.git/config")).unwrap_or_default();
    let from = |host: &str| origin.lines().any(|line| line.trim().starts_with("url") && line.contains(host));
    let github = there(".github") || from("github");
    let gitlab = there(".gitlab-ci.yml") || there(".gitlab") || from("gitlab");
    match (github, gitlab, there("atlantis.yaml")) {
        // Atlantis works on top of the others.
        (_, _, true) => Some(CiSystem::Atlantis),
        (true, false, _) => Some(CiSystem::Github),
        (false, true, _) => Some(CiSystem::Gitlab),
        _ => None,
    }
}

struct Writer<'r> {
    root: &'r str,
    dry: bool,
}

impl Writer<'_> {
    /// Writes a file unless there is one; whether it did, or would have.
    fn write(&self, told: &mut String, name: &str, text: &str) -> Result<bool, Problem> {
        let path = format!("{}/{name}", self.root);
        let written = if self.dry { !disk::exists(&path) } else { disk::write_new(&path, text.as_bytes())? };
        let _ = match (written, self.dry) {
            (false, _) => writeln!(told, "{name} is there already and stays as it is"),
            (true, false) => writeln!(told, "wrote {name}"),
            (true, true) => writeln!(told, "would write {name}:\n\n{text}"),
        };
        Ok(written)
    }
}
