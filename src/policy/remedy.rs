//! What would cure what a policy finds, as data: attributes with the values they should have, rules to add. Which text
//! that changes, and whether it helps, is not told here.

use super::expression::{Evaluator, Expression, Outcome, Ty};
use crate::catalog::{Dialect, Subject, kind_named};
use crate::graph::Value;
use crate::source::nearest::did_you_mean;

/// One step of a cure, as a policy says it.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// Give an attribute a value.
    Set {
        /// The variable the attribute is of: the name of a kind.
        variable: String,
        /// The attribute, in our vocabulary.
        path: String,
        /// Its value.
        to: Expression,
    },
    /// Add security-group rules.
    AddRules(Expression),
    /// Give dimensions of alarms the end of an ARN.
    SetDimensions(Expression),
}

/// One step of a cure, and when it is one.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it hangs on; none where it always is.
    pub when: Option<Expression>,
    /// What to do.
    pub remedy: Remedy,
}

/// One step of a cure, with the values of one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Remedied {
    /// Give an attribute of a variable a value.
    Set {
        /// The variable.
        variable: String,
        /// The attribute, in our vocabulary.
        path: String,
        /// Its value.
        value: Value,
    },
    /// Add these security-group rules.
    AddRules(Value),
    /// Give these dimensions of alarms the end of an ARN.
    SetDimensions(Value),
}

impl Remedy {
    /// Gives an attribute (`target_group.health_check.timeout`) a value.
    ///
    /// # Errors
    /// What is wrong with the name of the attribute, and what to do.
    pub(super) fn set(attribute: &str, to: Expression, subject: Subject) -> Result<Remedy, (String, Option<String>)> {
        let variables = subject.variables();
        let kinds = variables.keys().copied().filter(|name| kind_named(name).is_some());
        let (variable, path) = attribute.split_once('.').unwrap_or((attribute, ""));
        let Some(spec) = kind_named(variable).filter(|_| variables.contains_key(variable)) else {
            let known: Vec<&str> = kinds.collect();
            let guess = did_you_mean(variable, known.iter().copied());
            let help = match known.as_slice() {
                [] => "a policy on this subject can set nothing".to_owned(),
                known => format!("attributes can be set of {}", known.join(", ")),
            };
            return Err((format!("`{variable}` is no resource whose attributes can be set{guess}"), Some(help)));
        };
        let Some(found) = spec.attribute(path) else {
            let guess = did_you_mean(path, spec.attributes.iter().map(|attribute| attribute.path));
            return Err((format!("`{variable}` has no attribute `{path}`{guess}"), None));
        };
        let written = |dialect| found.written_in(dialect, &Value::null());
        if written(Dialect::Terraform).or_else(|| written(Dialect::CloudFormation)).is_none() {
            return Err((format!("`{attribute}` is worked out, so nobody can set it"), None));
        }
        let wanted = Ty::from(&(found.ty)());
        if !wanted.meets(to.ty()) {
            return Err((format!("`{attribute}` is {}, and this is {}", wanted.named(), to.ty().named()), None));
        }
        Ok(Remedy::Set { variable: variable.to_owned(), path: path.to_owned(), to })
    }
}

impl Step {
    /// What it comes to, nothing when it is none here; a fault when that cannot be told, or may not be shown.
    pub(super) fn work_out<'a>(&'a self, evaluator: &mut Evaluator<'a>) -> Result<Option<Remedied>, Untold> {
        let mut value = |expression: &'a Expression| match evaluator.outcome(expression) {
            Outcome::Known(value) if !value.holds_sensitive() && !value.holds_unknown() => Ok(value),
            _ => Err(Untold),
        };
        if let Some(when) = &self.when
            && value(when)?.as_bool() != Some(true)
        {
            return Ok(None);
        }
        Ok(Some(match &self.remedy {
            Remedy::Set { variable, path, to } => {
                Remedied::Set { variable: variable.clone(), path: path.clone(), value: value(to)? }
            }
            Remedy::AddRules(rules) => Remedied::AddRules(value(rules)?),
            Remedy::SetDimensions(right) => Remedied::SetDimensions(value(right)?),
        }))
    }
}

/// What a step comes to cannot be told.
pub(super) struct Untold;

/// Whether an expression can give what to add: rules, or dimensions.
pub(super) fn gives_list(list: &Expression) -> bool {
    matches!(list.ty(), Ty::List(_) | Ty::Any)
}
