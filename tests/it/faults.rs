//! Every built-in policy against a whole stack with exactly the fault it is about, as a plan of a real Terraform, as
//! configuration and as a template: that stack has exactly that finding, and the healthy one has none. Stacks and faults
//! are declared in `testdata/faults/`; `testdata/faults/regenerate.py` makes the plans. Not whether a finding is worded
//! well: that is the policies' examples'.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use plangate::graph::Graph;
use plangate::judge::{Change, Verdict, judge_all, judge_change};
use plangate::load::{Inputs, load};
use plangate::policy::PolicySet;
use serde_json::Value;
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::program::{Folder, testdata};

/// The forms in which a stack is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plan,
    Configuration,
    Template,
}

impl Form {
    const ALL: [Form; 3] = [Form::Plan, Form::Configuration, Form::Template];

    fn name(self) -> &'static str {
        match self {
            Form::Plan => "plan",
            Form::Configuration => "configuration",
            Form::Template => "template",
        }
    }

    /// Which of its two texts it is made of.
    fn text(self) -> &'static str {
        if self == Form::Template { "template" } else { "terraform" }
    }
}

type Table = serde_json::Map<String, Value>;

/// A verdict on a subject: policy, verdict, address.
type Found = BTreeSet<(String, &'static str, String)>;

/// A healthy stack, and what breaks it.
struct Stack {
    name: String,
    declared: Table,
}

/// One way to break a stack.
struct Fault<'s> {
    stack: &'s Stack,
    declared: &'s Table,
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

fn table(declared: &DeTable<'_>) -> Table {
    declared.iter().map(|(key, value)| (key.get_ref().to_string(), declaration(value.get_ref()))).collect()
}

fn declaration(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Array(items) => items.iter().map(|item| declaration(item.get_ref())).collect(),
        DeValue::Table(entries) => Value::Object(table(entries)),
        other => panic!("faults are declared in texts, flags, lists and tables: {other:?}"),
    }
}

/// The entries of a list of tables; none when it is not there.
fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().map(|one| one.as_object().unwrap()).collect()
}

impl Stack {
    fn all() -> Vec<Stack> {
        let root = testdata("faults");
        let mut files = plangate::source::disk::files_under(&root, &["toml"]).unwrap();
        files.sort();
        assert!(files.len() >= 6, "only {} stacks in {root}", files.len());
        let stack = |file: &String| {
            let name = file.strip_suffix("/faults.toml").unwrap().rsplit('/').next().unwrap().to_owned();
            let text = plangate::source::disk::read_text(file).unwrap();
            let declared = DeTable::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            let declared = table(declared.get_ref());
            Stack { name, declared }
        };
        files.iter().map(stack).collect()
    }

    fn path(&self, file: &str) -> String {
        testdata(&format!("faults/{}/{file}", self.name))
    }

    fn text(&self, form: Form) -> String {
        let file = if form == Form::Template { "template.yaml" } else { "main.tf" };
        plangate::source::disk::read_text(&self.path(file)).unwrap()
    }

    /// The change set that brings the template, when the stack is there already.
    fn change_set(&self) -> Option<String> {
        let change = self.declared.get("change").is_some();
        change.then(|| plangate::source::disk::read_text(&self.path("change-set.json")).unwrap())
    }

    fn faults(&self) -> Vec<Fault<'_>> {
        tables(&self.declared, "fault").into_iter().map(|declared| Fault { stack: self, declared }).collect()
    }

    /// A subject is declared by its Terraform address; a template calls it otherwise.
    fn called(&self, form: Form, subject: &str) -> String {
        if form != Form::Template {
            return subject.to_owned();
        }
        let name = self.declared["names"].get(subject).and_then(Value::as_str);
        name.unwrap_or_else(|| panic!("{}: {subject} has no name in the template", self.name)).to_owned()
    }

    /// What a declared list expects in a form. The verdict is fail where nothing else is said.
    fn expected(&self, form: Form, declared: &[&Table], verdict: &'static str) -> Found {
        let mut expected = Found::new();
        for one in declared {
            let forms = texts(one.get("forms"));
            if !forms.is_empty() && !forms.contains(&form.name()) {
                continue;
            }
            let told = match one.get("verdict").and_then(Value::as_str) {
                None => verdict,
                Some("undecided") => "undecided",
                Some(other) => panic!("{}: no verdict: {other}", self.name),
            };
            for subject in texts(one.get("on")) {
                expected.insert((one["policy"].as_str().unwrap().to_owned(), told, self.called(form, subject)));
            }
        }
        expected
    }

    /// What the stack itself leaves open.
    fn open(&self, form: Form) -> Found {
        self.expected(form, &tables(&self.declared, "undecided"), "undecided")
    }

    fn judged(&self, form: Form, name: &str, text: &str, change_set: Option<&str>) -> Found {
        let folder = Folder::new();
        match form {
            Form::Plan => findings(&self.path(&format!("plans/{name}.json.gz"))),
            Form::Configuration => {
                folder.file("main.tf", text);
                findings(&folder.path("."))
            }
            Form::Template => {
                let template = folder.file("template.yaml", text);
                findings(&change_set.map_or(template, |text| folder.file("change-set.json", text)))
            }
        }
    }
}

impl Fault<'_> {
    fn policy(&self) -> &str {
        self.declared["policy"].as_str().unwrap()
    }

    fn name(&self) -> &str {
        self.declared.get("name").map_or_else(|| self.policy(), |name| name.as_str().unwrap())
    }

    /// Why it cannot be there in a form, if it cannot.
    fn not_in(&self, form: Form) -> Option<&str> {
        self.declared.get("not_in")?.get(form.name())?.as_str()
    }

    /// The text of the stack with this fault; none when it says none.
    fn text(&self, form: Form) -> Option<String> {
        self.declared.contains_key(form.text()).then(|| self.edited(self.stack.text(form), form.text()))
    }

    fn judged(&self, form: Form) -> Found {
        let text = self.text(form).unwrap_or_else(|| panic!("{} has no edits for its {}", self.told(), form.name()));
        let change_set = self.stack.change_set().map(|text| self.edited(text, "change_set"));
        self.stack.judged(form, self.name(), &text, change_set.as_deref())
    }

    fn edited(&self, mut text: String, edits: &str) -> String {
        for edit in self.declared[edits].as_array().unwrap() {
            let edit = texts(Some(edit));
            let (old, new) = (edit[0], edit[1]);
            assert_eq!(text.matches(old).count(), 1, "{}: {edits}: not there once: {old}", self.told());
            text = text.replacen(old, new, 1);
        }
        text
    }

    fn told(&self) -> String {
        format!("{}/{}", self.stack.name, self.name())
    }

    fn expected(&self, form: Form) -> Found {
        let undecided = self.declared.get("undecided_in").and_then(|forms| forms.get(form.name())).is_some();
        let own = if undecided { "undecided" } else { "fail" };
        let mut expected = self.stack.expected(form, &[self.declared], own);
        expected.extend(self.stack.expected(form, &tables(self.declared, "also"), "fail"));
        expected
    }
}

/// The built-in policies. What somebody has to state to have it judged is stated.
fn policies() -> PolicySet {
    let (mut policies, problems) = PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    policies.set_param("idle-timeout-covers-slowest-response", "slowest_response", "50").unwrap();
    policies.set_param("lambda-timeout-covers-slowest-response", "slowest_response", "20").unwrap();
    policies
}

fn findings(path: &str) -> Found {
    thread_local!(static POLICIES: PolicySet = policies());
    let (loaded, problems) = load(path, &Inputs::default(), &[]).unwrap_or_else(|problem| panic!("{path}: {problem}"));
    assert!(problems.is_empty(), "{path}: {problems:?}");
    let graphs: Vec<&Graph> = loaded.graphs().collect();
    let assessment = POLICIES.with(|policies| match &loaded.before {
        Some(before) => judge_change(before, &graphs, &loaded.beside, policies),
        None => judge_all(&graphs, &loaded.beside, policies),
    });
    assert!(assessment.summary.paths > 0 && assessment.summary.pass > 10, "{path}: hardly anything was judged");
    let word = |verdict| if verdict == Verdict::Fail { "fail" } else { "undecided" };
    let new = |change| change == loaded.before.is_some().then_some(Change::Introduced);
    for finding in &assessment.findings {
        assert!(new(finding.change), "{path}: {} is {:?}", finding.policy, finding.change);
    }
    assessment
        .findings
        .into_iter()
        .map(|one| (one.policy.to_string(), word(one.verdict), one.subject.to_string()))
        .collect()
}

fn differences(what: &str, form: Form, found: &Found, expected: &Found, wrong: &mut Vec<String>) {
    let told = |one: &(String, &str, String)| format!("{} {} {}", one.0, one.1, one.2);
    wrong.extend(found.difference(expected).map(|one| format!("{what} ({}): also {}", form.name(), told(one))));
    wrong.extend(expected.difference(found).map(|one| format!("{what} ({}): no {}", form.name(), told(one))));
}

#[test]
fn healthy_stacks_have_no_findings() {
    let mut wrong = Vec::new();
    for stack in Stack::all() {
        for form in Form::ALL {
            let found = stack.judged(form, "healthy", &stack.text(form), stack.change_set().as_deref());
            differences(&stack.name, form, &found, &stack.open(form), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_gives_exactly_its_finding_in_every_form() {
    let mut wrong = Vec::new();
    for stack in Stack::all() {
        for fault in stack.faults() {
            for form in Form::ALL.into_iter().filter(|form| fault.not_in(*form).is_none()) {
                let new = &fault.judged(form) - &stack.open(form);
                differences(&fault.told(), form, &new, &fault.expected(form), &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_policy_has_a_fault_in_every_form_or_says_why_not() {
    let policies = policies();
    let known: BTreeSet<&str> = policies.iter().map(|policy| policy.id.as_str()).collect();
    let mut told: BTreeMap<(String, Form), (bool, bool)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for stack in Stack::all() {
        let mut names = BTreeSet::from(["healthy".to_owned()]);
        for fault in stack.faults() {
            let what = fault.told();
            if !names.insert(fault.name().to_owned()) {
                wrong.push(format!("{what} is there twice"));
            }
            let also = tables(fault.declared, "also");
            for policy in also.iter().chain([&fault.declared]).map(|one| one["policy"].as_str().unwrap()) {
                if !known.contains(policy) {
                    wrong.push(format!("{what}: no policy is called {policy}"));
                }
            }
            if also.iter().any(|one| one.get("why").and_then(Value::as_str).is_none_or(str::is_empty)) {
                wrong.push(format!("{what} does not say why it trips more than one policy"));
            }
            for form in Form::ALL {
                let why_not = fault.not_in(form);
                let edited = fault.declared.contains_key(form.text());
                // Only a plan that the provider refuses, or a change that a text does not tell, has edits all the same.
                if why_not.is_none() != edited && (form == Form::Template || !edited) {
                    wrong.push(format!("{what}: either edits of its {} or why there are none", form.text()));
                }
                let entry = told.entry((fault.policy().to_owned(), form)).or_default();
                entry.0 |= why_not.is_none();
                entry.1 |= why_not.is_some_and(|why| !why.is_empty());
            }
        }
    }
    for policy in &known {
        for form in Form::ALL {
            if told.get(&((*policy).to_owned(), form)).is_none_or(|(there, excused)| !there && !excused) {
                wrong.push(format!("no stack of testdata/faults has the fault of {policy} as a {}", form.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_plans_are_of_these_texts() {
    let mut wrong = Vec::new();
    for stack in Stack::all() {
        let recorded = plangate::source::disk::read_text(&stack.path("plans/texts.json")).unwrap();
        let recorded: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&recorded).unwrap();
        let mut texts = vec![("healthy".to_owned(), stack.text(Form::Plan), false)];
        for fault in stack.faults() {
            if let Some(text) = fault.text(Form::Plan) {
                texts.push((fault.name().to_owned(), text, fault.not_in(Form::Plan).is_some()));
            }
        }
        assert_eq!(recorded.len(), texts.len(), "{}: more or fewer plans than texts", stack.name);
        for (name, text, refused) in texts {
            let there = recorded.get(&name);
            let digest = format!("{:x}", Sha256::digest(text));
            if there.and_then(|there| there.get("sha256")) != Some(&digest) {
                wrong.push(format!("{}/{name}: the plan is of another text", stack.name));
            }
            if there.is_some_and(|there| there.contains_key("refused") != refused) {
                wrong.push(format!("{}/{name}: refused by the provider, or not", stack.name));
            }
        }
    }
    assert!(wrong.is_empty(), "run testdata/faults/regenerate.py:\n{}", wrong.join("\n"));
}
