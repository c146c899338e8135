//! Every kind of edit in every format and every dress of a text: it is offered, it cures, and nothing else of the file is
//! another one. The texts are the failing examples of the policies that carry a cure.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use plangate::catalog::Dialect;
use plangate::fix::{self, Bench, Origin, Outcome};
use plangate::judge::{Assessment, Finding, Verdict, judge_all};
use plangate::load::{Inputs, Loaded, load};
use plangate::policy::{Example, Policy, PolicySet, Wanted};
use plangate::source::Edit;
use plangate::source::disk::Overlay;
use similar::{ChangeTag, TextDiff};

use crate::fix_forms_texts::{configurations, dressed, templates};
use crate::program::Folder;

/// The fails of an assessment, counted by policy and subject.
fn fails(assessment: &Assessment) -> BTreeMap<(String, String), usize> {
    let mut fails = BTreeMap::new();
    for finding in assessment.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        *fails.entry((finding.policy.to_string(), finding.subject.to_string())).or_default() += 1;
    }
    fails
}

fn judged(path: &str, policies: &PolicySet) -> (Loaded, Assessment) {
    let (loaded, problems) = load(path, &Inputs::default(), &[]).unwrap();
    let mut assessment = judge_all(&loaded.graphs().collect::<Vec<_>>(), &loaded.beside, policies);
    assessment.problems = problems;
    (loaded, assessment)
}

/// An input that is one file, and what it is held against.
struct Tried<'t> {
    /// What is loaded, and the file.
    input: &'t str,
    file: &'t str,
    text: &'t str,
    policies: &'t PolicySet,
    own: &'t Assessment,
}

/// What is wrong with the edits of one finding; nothing when all is right.
fn faults(tried: &Tried<'_>, edits: &[Edit], finding: &Finding) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(what);
    let text = tried.text;
    let after = Edit::apply(text, &edits.iter().collect::<Vec<_>>()).unwrap();
    let overlay = Overlay::new([(tried.file, &*after)]);
    let (_, now) = overlay.during(|| judged(tried.input, tried.policies));
    if now.problems.len() > tried.own.problems.len() {
        fault(format!("not right any more: {:?}", now.problems));
    }
    let (old, new) = (fails(tried.own), fails(&now));
    let key = (finding.policy.to_string(), finding.subject.to_string());
    if new.get(&key).copied().unwrap_or(0) >= old[&key] {
        fault("still fails".to_owned());
    }
    for (check, count) in &new {
        if *count > old.get(check).copied().unwrap_or(0) {
            fault(format!("new: {check:?}"));
        }
    }
    // Line for line: an edit touches one line at most, and what it puts in are whole lines.
    let diff = TextDiff::from_lines(text, &after);
    let gone: Vec<&str> =
        diff.iter_all_changes().filter(|one| one.tag() == ChangeTag::Delete).map(|one| one.value()).collect();
    let come: Vec<&str> =
        diff.iter_all_changes().filter(|one| one.tag() == ChangeTag::Insert).map(|one| one.value()).collect();
    if gone.len() > edits.len() {
        fault(format!("{} lines go for {} edits", gone.len(), edits.len()));
    }
    // Each comment with the name that stands before it on its line.
    let comments = |text: &str| -> Vec<(String, String)> {
        let pairs = text.lines().filter_map(|line| line.split_once('#'));
        pairs
            .map(|(code, said)| {
                (code.split([':', '=']).next().unwrap().trim_end_matches([',', ' ']).to_owned(), said.to_owned())
            })
            .collect()
    };
    if comments(text) != comments(&after) {
        fault("comments are other ones".to_owned());
    }
    let windows = text.contains('\r');
    if after.matches('\n').count() != after.matches("\r\n").count() && windows || !windows && after.contains('\r') {
        fault("line ends are other ones".to_owned());
    }
    if text.ends_with('\n') != after.ends_with('\n') || text.starts_with('\u{feff}') != after.starts_with('\u{feff}') {
        fault("the start or the end of the file is another one".to_owned());
    }
    let tabs = text.contains("\n\t");
    if come.iter().any(|line| line.starts_with(if tabs { ' ' } else { '\t' })) {
        fault("lines that come are indented in another way".to_owned());
    }
    if come.iter().any(|line| line.trim_end_matches(['\r', '\n']).ends_with([' ', '\t'])) {
        fault("a line that comes ends in space".to_owned());
    }
    faults
}

/// What comes of one text: the edits, or what is wrong.
fn tried(folder: &Folder, name: &str, text: &str, policies: &PolicySet, id: &str) -> Result<Vec<Edit>, String> {
    folder.file(name, text);
    let (path, file) = (folder.path(if name.starts_with("main.tf") { "" } else { name }), folder.path(name));
    let inputs = Inputs::default();
    let (loaded, mut own) = judged(&path, policies);
    let types: Vec<&str> = loaded.graph.resources().map(|(_, resource)| &*resource.type_name).collect();
    let bench = Bench { origin: Origin::Path(&path, &inputs), policies, types: &types, judged: Some(&loaded) };
    own.findings.iter_mut().filter(|finding| finding.policy != id).for_each(|finding| finding.cure.clear());
    fix::attach(&bench, &path, &mut own, 1000);
    let tried = Tried { input: &path, file: &file, text, policies, own: &own };
    let (mut edits, mut said) = (Vec::new(), Vec::new());
    let is_own = |finding: &&Finding| finding.policy == id && finding.verdict == Verdict::Fail;
    for finding in own.findings.iter().filter(is_own) {
        match finding.edits.as_slice() {
            [] if finding.cure.is_empty() => said.push("no cure".to_owned()),
            [] => {
                let mut outcomes = fix::all(&bench, &own).outcomes.into_iter();
                let mine = |outcome: &Outcome| own.findings[outcome.finding].fingerprint == finding.fingerprint;
                let why = outcomes.find(mine).unwrap().result.unwrap_err();
                said.push(format!("left: {}", why.replace(&folder.path(""), "")));
            }
            own => {
                said.extend(faults(&tried, own, finding));
                edits.extend_from_slice(own);
            }
        }
    }
    std::fs::remove_file(file).unwrap();
    match said.as_slice() {
        [] if edits.is_empty() => Err(format!("no finding: {:?}", own.problems)),
        [] => Ok(edits),
        _ => Err(said.join("; ")),
    }
}

/// What comes of an example in every form, in all dresses or in the first and the last, and whether there is an edit.
fn example(policy: &Policy, example: &Example, builtin: &PolicySet, all: bool) -> (bool, String) {
    let folder = Folder::new();
    let mut policies = builtin.clone();
    policies.retain(|other| other.id != policy.id);
    let only = PolicySet::of(policy.clone().with_params(&example.params));
    policies.merge(only.clone());
    let attempt = |name: &str, text: &str, policies: &PolicySet| tried(&folder, name, text, policies, &policy.id);
    let forms = match example.dialect {
        Dialect::Terraform => configurations(&example.text),
        Dialect::CloudFormation => templates(&example.text),
    };
    let mut said = format!("{} ({}):", policy.id, example.name);
    let mut faults: BTreeSet<String> = BTreeSet::new();
    let mut offered = false;
    for (name, text) in &forms {
        let mut dresses = dressed(name, text);
        if !all || *name == "dense.json" {
            dresses = vec![dresses.swap_remove(0), dresses.pop().unwrap()];
        }
        let mut right = 0;
        for (dress, text) in &dresses {
            // What form and dress could break is the same for all policies.
            let policies = if *name == forms[0].0 && *dress == "as it is" { &policies } else { &only };
            match attempt(name, text, policies) {
                Ok(_) => right += 1,
                // What is not cured in this form is not in any other dress of it.
                Err(told) if right == 0 && *dress == "as it is" => {
                    faults.insert(told);
                    break;
                }
                Err(told) => drop(faults.insert(format!("{name}, {dress}: {told}"))),
            }
        }
        offered |= right > 0;
        write!(said, " {name} {right}").unwrap();
    }
    let (name, text) = &forms[0];
    if let Ok(edits) = attempt(name, text, &only)
        && let [edit] = edits.as_slice()
    {
        for (way, text) in ways(&folder, text, edit) {
            let told = attempt(name, &text, &only).map(|edits| edits.iter().all(|moved| moved.removed == edit.removed));
            match told {
                Ok(true) => write!(said, " {way}").unwrap(),
                Ok(false) => drop(faults.insert(format!("{way}: another place is changed"))),
                Err(told) => drop(faults.insert(format!("{way}: {told}"))),
            }
        }
    }
    (offered, faults.iter().fold(said, |said, fault| format!("{said}\n  {fault}")) + "\n")
}

/// The text with the literal that an edit replaces set elsewhere, by where that is.
fn ways(folder: &Folder, text: &str, edit: &Edit) -> Vec<(&'static str, String)> {
    let literal = &edit.removed;
    if !literal.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '"') || edit.file.ends_with(".json")
    {
        return Vec::new();
    }
    let with = |there: &str| format!("{}{there}{}", &text[..edit.start], &text[edit.end..]);
    if edit.file.ends_with(".yaml") {
        if text.find("Resources:").is_none_or(|resources| edit.start < resources) {
            return Vec::new();
        }
        let parameter = format!("  Value:\n    Type: String\n    Default: {literal}\n");
        let referring = with("!Ref Value");
        return vec![match referring.strip_prefix("Parameters:\n") {
            Some(rest) => ("parameter", format!("Parameters:\n{parameter}{rest}")),
            None => ("parameter", format!("Parameters:\n{parameter}{referring}")),
        }];
    }
    if !literal.starts_with(['"', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) && literal != "false" {
        return Vec::new();
    }
    std::fs::create_dir_all(folder.path("inner")).unwrap();
    folder.file("inner/main.tf", format!("{}variable \"value\" {{}}\n", with("var.value")));
    vec![
        ("variable", format!("{}variable \"value\" {{\n  default = {literal}\n}}\n", with("var.value"))),
        ("local", format!("locals {{\n  value = {literal}\n}}\n{}", with("local.value"))),
        ("module", format!("module \"inner\" {{\n  source = \"./inner\"\n  value  = {literal}\n}}\n")),
    ]
}

#[test]
fn every_edit_is_right_in_every_form_and_dress() {
    let (policies, _) = PolicySet::builtin();
    let curable = policies.iter().filter(|policy| !policy.fix.edit.is_empty());
    let kinds: Vec<(&Policy, Dialect)> = curable
        .flat_map(|policy| [Dialect::Terraform, Dialect::CloudFormation].map(|dialect| (policy, dialect)))
        .collect();
    let of = |(policy, dialect): &(&Policy, Dialect)| {
        let is = |example: &&Example| example.verdict == Wanted::Fail && example.dialect == *dialect;
        let (mut offered, mut table) = (false, String::new());
        for one in policy.examples.iter().filter(is) {
            let (is_offered, said) = example(policy, one, &policies, !offered);
            offered |= is_offered;
            table.push_str(&said);
        }
        assert!(offered, "{} has no edit in {}: {table}", policy.id, dialect.name());
        table
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut table: Vec<String> = std::thread::scope(|scope| {
        let (kinds, of) = (&kinds, &of);
        let each = move |nth: usize| kinds.iter().skip(nth).step_by(threads).map(of).collect::<Vec<_>>();
        let running: Vec<_> = (0..threads).map(|nth| scope.spawn(move || each(nth))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    table.sort();
    insta::assert_snapshot!(table.concat());
}
