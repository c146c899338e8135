//! Floor 3: what a policy is. Spanned YAML becomes a typed [`Policy`], checked against the catalog when it is loaded;
//! holding one against a set of variables gives an [`Evaluation`]. Nothing here knows a resource graph: the judge
//! decides what each policy is held against.

mod check;
mod evaluation;
pub mod expression;
mod message;
mod params;
mod precedents;
mod raw;
mod remedy;
mod select;
mod set;

use crate::catalog::{Dialect, Severity, Subject};
use crate::graph::{Text, Value};
use crate::source::Problem;

pub use evaluation::{Evaluation, Ruling, Selected, evaluate, evaluate_selected};
use expression::Expression;
pub use expression::Read;
pub use message::Message;
pub use params::{Param, ParamType};
pub use precedents::{Precedents, Said};
pub use remedy::{Remedied, Remedy, Step};
pub use select::{Node, Select, Selection};
pub use set::PolicySet;

/// One policy, checked. Its words are for people; its conditions are held against variables by [`evaluate`].
#[derive(Clone, Debug)]
pub struct Policy {
    /// Kebab-case name, also the stem of its file.
    pub id: Text,
    /// One line.
    pub title: Text,
    /// How bad it is to break it.
    pub severity: Severity,
    /// Why it breaks requests.
    pub why: Text,
    /// What to change.
    pub fix: Fix,
    /// Where to read on.
    pub references: Vec<Reference>,
    /// What it is about.
    pub subject: Subject,
    /// The resource type, for [`Subject::Resource`].
    pub type_name: Option<String>,
    /// Which parts of the resource it is held against, for [`Subject::Resource`]; without it the whole.
    pub select: Option<Select>,
    /// What a user may set.
    pub params: Vec<Param>,
    /// Texts that prove it.
    pub examples: Vec<Example>,
    /// The folder it stands in.
    pub area: String,
    /// Its file, as given.
    pub file: String,
    params_value: Value,
    variables: Vec<(String, Expression)>,
    when: Option<Expression>,
    validations: Vec<Validation>,
}

/// How to cure what a policy finds.
#[derive(Clone, Debug)]
pub struct Fix {
    /// In one sentence, with values.
    pub summary: Message,
    /// As Terraform configuration.
    pub terraform: Option<String>,
    /// As a CloudFormation template.
    pub cloudformation: Option<String>,
    /// As changes of attributes and rules, all of them together; none where what is right is for people to say.
    pub edit: Vec<Step>,
}

/// Where to read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: String,
}

/// A text and what the policy must say of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// What the policy must say.
    pub verdict: Wanted,
    /// The language of the text. An entry of a policy file that says the same in two languages is two examples.
    pub dialect: Dialect,
    /// Terraform configuration, or a CloudFormation template (the part below `Resources` will do).
    pub text: String,
    /// The line of the policy file the text begins on.
    pub line: u32,
    /// Parameters set for it.
    pub params: Vec<(String, Value)>,
    /// Resources that the change deletes and makes anew, by address, and whether the new one is made first.
    pub replaced: Vec<(String, bool)>,
}

/// What a policy must say of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing is wrong.
    Pass,
    /// Something is.
    Fail,
    /// It hangs on what is not known yet.
    Undecided,
}

impl Wanted {
    /// As policy files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Wanted::Pass => "pass",
            Wanted::Fail => "fail",
            Wanted::Undecided => "undecided",
        }
    }
}

/// One condition and what is wrong when it does not hold.
#[derive(Clone, Debug)]
struct Validation {
    expression: Expression,
    message: Message,
}

impl Policy {
    /// Reads and checks the text of a policy file; `file` names it in problems, `area` is its folder's name. There
    /// is a policy exactly when there are no problems.
    #[must_use]
    pub fn parse(text: &str, file: &str, area: &str) -> (Option<Policy>, Vec<Problem>) {
        check::policy(text, file, area)
    }

    /// With parameters set to values of their types, as an [`Example`] says; others are left alone.
    #[must_use]
    pub fn with_params(mut self, values: &[(String, Value)]) -> Policy {
        for (name, value) in values {
            if let Some(param) = self.params.iter_mut().find(|param| param.name == *name) {
                param.value = value.clone();
            }
        }
        self.params_value = params::as_object(&self.params);
        self
    }
}
