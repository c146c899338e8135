//! From a policy file to a [`Policy`]: every word looked up, every expression checked, every fault reported with its
//! line and column.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::expression::{Expression, Fault, Scope, Ty};
use super::message::Message;
use super::params::{self, Param, ParamType};
use super::raw::{self, RawExample, RawParam, RawPolicy, RawRemedy};
use super::remedy::{self, Remedy, Step};
use super::select::Select;
use super::{Example, Fix, Policy, Reference, Validation, Wanted};
use crate::catalog::{Dialect, Severity, Subject};
use crate::source::Problem;
use crate::source::nearest::did_you_mean;
use crate::source::yaml::{self, Reader, Word};

/// More than any sensible policy has.
const MOST_VARIABLES: usize = 100;

/// Reads and checks the text of a policy file. `area` is the folder it stands in.
pub(super) fn policy(text: &str, file: &str, area: &str) -> (Option<Policy>, Vec<Problem>) {
    match yaml::parse(text) {
        Ok(root) => read_policy(&root, text, file, area),
        Err(problem) => (None, vec![problem.in_file(file)]),
    }
}

/// As [`policy`], of what has been read from the text.
pub(super) fn read_policy(root: &yaml::Node, text: &str, file: &str, area: &str) -> (Option<Policy>, Vec<Problem>) {
    let mut reader = Reader::new(text, file);
    let raw = raw::read(&mut reader, root);
    let mut checker = Checker { reader };
    let policy = checker.policy(&raw, file, area);
    let mut problems = checker.reader.problems;
    problems.sort_by_key(|problem| problem.position);
    (policy.filter(|_| problems.is_empty()), problems)
}

struct Checker<'s> {
    reader: Reader<'s>,
}

impl Checker<'_> {
    /// The policy; worth something only when there are no problems.
    fn policy(&mut self, raw: &RawPolicy, file: &str, area: &str) -> Option<Policy> {
        let id = raw.id.as_ref().map(|id| self.id(id, file));
        let severity = raw.severity.as_ref().and_then(|word| self.severity(word));
        let subject = raw.subject.as_ref().and_then(|word| self.subject(word));
        let (type_name, select) = self.selection(raw, subject);
        let params = self.params(&raw.params);
        let examples = raw.examples.iter().flat_map(|example| self.examples(example, &params)).collect();

        // Without a subject no name can be checked; that it is missing has been reported.
        let types: BTreeMap<String, Ty> = params.iter().map(|param| (param.name.clone(), param.ty.ty())).collect();
        let scope = subject.map(|subject| Scope::of(subject).with("params", Ty::Record(Arc::new(types))));
        let (scope, variables) = self.variables(&raw.variables, scope);
        let when = raw.when.as_ref().and_then(|word| self.condition(word, scope.as_ref()));
        let mut validations = Vec::new();
        for (expression, message) in &raw.validations {
            let parts = (self.condition(expression, scope.as_ref()), self.message(message, scope.as_ref()));
            if let (Some(expression), Some(message)) = parts {
                validations.push(Validation { expression, message });
            }
        }
        let text = |word: &Option<Word>| word.as_ref().map(|word| word.text.trim_end().to_owned());
        let summary = raw.fix.summary.as_ref().and_then(|word| self.message(word, scope.as_ref()))?;
        let steps = raw.fix.edit.iter().filter_map(|(when, remedy)| {
            let when = match when {
                Some(word) => Some(self.condition(word, scope.as_ref())?),
                None => None,
            };
            Some(Step { when, remedy: self.remedy(remedy, subject?, scope.as_ref())? })
        });
        let edit = steps.collect();
        let (terraform, cloudformation) = (text(&raw.fix.terraform), text(&raw.fix.cloudformation));
        let fix = Fix { summary, terraform, cloudformation, edit };
        let reference = |(title, url): &(Word, Word)| Reference { title: title.text.clone(), url: url.text.clone() };
        Some(Policy {
            id: id?.into(),
            title: text(&raw.title)?.as_str().into(),
            severity: severity?,
            why: reflowed(&text(&raw.why)?).trim().into(),
            fix,
            references: raw.references.iter().map(reference).collect(),
            subject: subject?,
            type_name,
            select,
            params_value: params::as_object(&params),
            params,
            variables,
            when,
            validations,
            examples,
            area: area.to_owned(),
            file: file.to_owned(),
        })
    }

    fn id(&mut self, word: &Word, file: &str) -> String {
        let id = word.text.trim();
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !id.split('-').all(part) {
            self.reader.fault(word.node.from, format!("`{id}` is not lower-case words joined by hyphens"));
        }
        let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if stem != id {
            self.reader.fault(word.node.from, format!("the id `{id}` must be the name of the file, `{stem}`"));
        }
        id.to_owned()
    }

    fn severity(&mut self, word: &Word) -> Option<Severity> {
        match word.text.parse() {
            Ok(severity) => Some(severity),
            Err(why) => {
                let guess = did_you_mean(&word.text, Severity::ALL.map(Severity::name));
                self.reader.fault(word.node.from, format!("severity {why}{guess}"));
                None
            }
        }
    }

    fn subject(&mut self, word: &Word) -> Option<Subject> {
        let found = Subject::parse(&word.text);
        if found.is_none() {
            let names = Subject::names();
            let guess = did_you_mean(&word.text, names.iter().copied());
            let help = Some(format!("subjects: {}", names.join(", ")));
            self.reader.report(word.node.from, format!("there is no subject `{}`{guess}", word.text), help);
        }
        found
    }

    fn selection(&mut self, raw: &RawPolicy, subject: Option<Subject>) -> (Option<String>, Option<Select>) {
        let raw_resource = subject == Some(Subject::Resource);
        if subject.is_some() && !raw_resource {
            for (name, word) in [("type", &raw.type_name), ("select", &raw.select)] {
                if let Some(word) = word {
                    self.reader.fault(word.node.from, format!("`{name}` stands only with `subject: resource`"));
                }
            }
        }
        if let (true, None, Some(subject)) = (raw_resource, &raw.type_name, &raw.subject) {
            let help = "name the resource type as Terraform does, like `type: aws_lb_listener`".to_owned();
            self.reader.report(subject.node.from, "`subject: resource` needs the field `type`", Some(help));
        }
        let select = raw.select.as_ref().and_then(|word| match Select::parse(&word.text) {
            Ok(select) => Some(select),
            Err(why) => {
                self.reader.fault(word.node.from, why);
                None
            }
        });
        (raw.type_name.as_ref().map(|word| word.text.clone()), select)
    }

    fn params(&mut self, raw: &[RawParam]) -> Vec<Param> {
        let mut params = Vec::new();
        for param in raw {
            let name = self.name(&param.name);
            let Some(ty) = &param.ty else { continue };
            let Some(found) = ParamType::ALL.into_iter().find(|known| known.name() == ty.text) else {
                let names = ParamType::ALL.map(ParamType::name);
                let guess = did_you_mean(&ty.text, names);
                let help = Some(format!("types: {}", names.join(", ")));
                self.reader.report(ty.node.from, format!("there is no type `{}`{guess}", ty.text), help);
                continue;
            };
            let Some(default) = &param.default else { continue };
            match found.read(default, self.reader.source) {
                Some(value) => params.push(Param {
                    name,
                    ty: found,
                    default: value.clone(),
                    value,
                    doc: param.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
                }),
                None => {
                    let message = format!("the default must be of type {}, this is {}", found.name(), default.kind());
                    self.reader.fault(default.from, message);
                }
            }
        }
        params
    }

    /// A name expressions can use.
    fn name(&mut self, word: &Word) -> String {
        let mut chars = word.text.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{}` cannot be a name: letters, digits and `_` only", word.text);
            self.reader.fault(word.node.from, message);
        }
        word.text.clone()
    }

    fn variables(&mut self, raw: &[(Word, Word)], scope: Option<Scope>) -> (Option<Scope>, Vec<(String, Expression)>) {
        if let Some((word, _)) = raw.get(MOST_VARIABLES) {
            self.reader.fault(word.node.from, format!("there are more than {MOST_VARIABLES} variables"));
        }
        let mut types = BTreeMap::new();
        let mut variables: Vec<(String, Expression)> = Vec::new();
        let with = |types: &BTreeMap<String, Ty>| {
            scope.clone().map(|scope| scope.with("variables", Ty::Record(Arc::new(types.clone()))))
        };
        for (name, expression) in raw.iter().take(MOST_VARIABLES) {
            let word = self.name(name);
            if types.contains_key(&word) {
                self.reader.fault(name.node.from, format!("there are two variables `{word}`"));
            }
            let found = self.compiled(expression, with(&types).as_ref(), Expression::compile);
            // A faulty one counts as of any type, so that its fault is told once.
            types.insert(word.clone(), found.as_ref().map_or(Ty::Any, |found| found.ty().clone()));
            variables.extend(found.map(|found| (word, found)));
        }
        (with(&types), variables)
    }

    fn condition(&mut self, word: &Word, scope: Option<&Scope>) -> Option<Expression> {
        self.compiled(word, scope, Expression::condition)
    }

    fn remedy(&mut self, raw: &RawRemedy, subject: Subject, scope: Option<&Scope>) -> Option<Remedy> {
        match raw {
            RawRemedy::Set(set, to) => {
                let value = self.compiled(to, scope, Expression::compile)?;
                let remedy = Remedy::set(&set.text, value, subject);
                remedy.map_err(|(message, help)| self.reader.report(set.node.from, message, help)).ok()
            }
            RawRemedy::AddRules(word) => self.listed("add_rules", "rules", word, scope).map(Remedy::AddRules),
            RawRemedy::SetDimensions(word) => {
                self.listed("set_dimensions", "dimensions", word, scope).map(Remedy::SetDimensions)
            }
        }
    }

    fn listed(&mut self, name: &str, what: &str, word: &Word, scope: Option<&Scope>) -> Option<Expression> {
        let list = self.compiled(word, scope, Expression::compile)?;
        if !remedy::gives_list(&list) {
            let message = format!("`{name}` takes a list of {what}, this is {}", list.ty().named());
            self.reader.fault(word.node.from, message);
        }
        Some(list)
    }

    fn message(&mut self, word: &Word, scope: Option<&Scope>) -> Option<Message> {
        self.compiled(word, scope, |text, scope| Message::compile(text.trim_end(), scope))
    }

    fn compiled<T>(
        &mut self,
        word: &Word,
        scope: Option<&Scope>,
        compile: impl Fn(&str, &Scope) -> Result<T, Vec<Fault>>,
    ) -> Option<T> {
        match compile(&word.text, scope?) {
            Ok(compiled) => Some(compiled),
            Err(faults) => {
                for fault in faults {
                    let at = word.node.position(self.reader.source, fault.at);
                    self.reader.report(at, fault.message, fault.help);
                }
                None
            }
        }
    }

    fn examples(&mut self, raw: &RawExample, params: &[Param]) -> Vec<Example> {
        let verdict = match raw.verdict.text.as_str() {
            "pass" => Wanted::Pass,
            "fail" => Wanted::Fail,
            "undecided" => Wanted::Undecided,
            other => {
                let guess = did_you_mean(other, ["pass", "fail", "undecided"]);
                let message = format!("a verdict is pass, fail or undecided, not `{other}`{guess}");
                self.reader.fault(raw.verdict.node.from, message);
                return Vec::new();
            }
        };
        let mut set = Vec::new();
        for (name, node) in &raw.params {
            let Some(param) = params.iter().find(|param| param.name == name.text) else {
                let guess = did_you_mean(&name.text, params.iter().map(|param| param.name.as_str()));
                self.reader.fault(name.node.from, format!("there is no parameter `{}`{guess}", name.text));
                continue;
            };
            match param.ty.read(node, self.reader.source) {
                Some(value) => set.push((name.text.clone(), value)),
                None => {
                    let message = format!("`{}` is of type {}, this is {}", name.text, param.ty.name(), node.kind());
                    self.reader.fault(node.from, message);
                }
            }
        }
        let mut replaced = Vec::new();
        for (address, order) in &raw.replaced {
            match order.text.as_str() {
                "create-first" => replaced.push((address.text.clone(), true)),
                "delete-first" => replaced.push((address.text.clone(), false)),
                other => {
                    let guess = did_you_mean(other, ["create-first", "delete-first"]);
                    let message = format!("a resource is replaced create-first or delete-first, not `{other}`{guess}");
                    self.reader.fault(order.node.from, message);
                }
            }
        }
        let said = |(dialect, text): &(Dialect, Word)| Example {
            name: raw.name.text.clone(),
            verdict,
            dialect: *dialect,
            text: text.text.clone(),
            line: yaml::place(self.reader.source, text.node.from).0,
            params: set.clone(),
            replaced: replaced.clone(),
        };
        raw.texts.iter().map(said).collect()
    }
}

/// Paragraphs as single lines, so that a report can wrap them to its own width. Lists keep their lines.
fn reflowed(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        let own = line.trim();
        let starts = own.is_empty() || own.starts_with("- ") || out.ends_with('\n') || out.is_empty();
        match (starts, own.is_empty()) {
            (_, true) => out.push_str("\n\n"),
            (true, _) if own.starts_with("- ") && !out.is_empty() && !out.ends_with('\n') => {
                out.push('\n');
                out.push_str(own);
            }
            (true, _) => out.push_str(own),
            (false, _) => {
                out.push(' ');
                out.push_str(own);
            }
        }
    }
    out
}
