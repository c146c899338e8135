//! What a variable of a module instance is: a given value or the default, of the type it must have.

use std::rc::Rc;

use super::inputs::constant;
use super::places::span_of;
use super::source::{Variable, placed};
use super::tree::Here;
use crate::graph::{Place, Reason, Unknown};
use crate::load::hcl::{Fault, Value};
use crate::source::Problem;

/// A value and where a problem with it is told.
type Said<'s> = (Value, Box<dyn Fn(Problem, &Fault) -> Problem + 's>);

impl Here<'_> {
    pub(super) fn variable(&self, name: &str) -> Result<Value, Fault> {
        let Some(variable) = self.instance.module.variables.get(name) else {
            return self.missing(format!("there is no var.{name}"));
        };
        self.once(format!("var.{name}"), || Ok(self.input(name, variable)))
    }

    /// Looks at every value that was given for the root module, used or not.
    pub(super) fn check_given(&self) {
        for name in self.instance.module.variables.keys().filter(|name| self.whole.given.contains_key(*name)) {
            // A fault here is a limit, which shows wherever the variable is used.
            drop(self.variable(name));
        }
    }

    fn input(&self, name: &str, variable: &Variable) -> Value {
        let unknown = |reason: Reason| {
            let place = Place::new(&format!("{}var.{name}", self.instance.prefix).as_str().into(), "");
            let value = Value::unknown(variable.constraint.ty().clone(), Unknown::at(reason, place));
            value.marked(variable.sensitive)
        };
        let refuse = |fault: &Fault, place: &dyn Fn(Problem, &Fault) -> Problem| {
            let message = format!("the value of var.{name} cannot be used: {}", fault.message);
            self.whole.note(place(Problem::error(message), fault));
            unknown(Reason::Undecidable(format!("var.{name} has no usable value").as_str().into()))
        };
        let session = &self.whole.session;
        let given: Option<Said<'_>> = match &self.instance.above {
            Some(above) => {
                let caller = Here { whole: self.whole, instance: Rc::clone(&above.instance), each: above.each.clone() };
                let call = above.instance.module.calls.get(&above.call);
                call.and_then(|call| Some((call.file_of(name), call.body.get_attribute(name)?))).map(
                    |(file, attribute)| {
                        let value = caller.value(&attribute.value, &[], file);
                        let place =
                            |problem, _: &Fault| placed(problem, file.spot(span_of(&attribute.value)).as_ref(), file);
                        (value, Box::new(place) as Box<dyn Fn(Problem, &Fault) -> Problem>)
                    },
                )
            }
            None => match self.whole.given.get(name) {
                Some(raw) => {
                    let place = |problem, fault: &Fault| raw.problem(name, problem, fault.span.clone());
                    match raw.value(variable.constraint.takes_text(), session) {
                        Ok(value) => Some((value, Box::new(place))),
                        Err(fault) => return refuse(&fault, &place),
                    }
                }
                None => None,
            },
        };
        // Where null may not be, it means that nothing is given.
        let given = given.filter(|(value, _)| variable.nullable || !value.is_null());
        let said = match (given, &variable.default) {
            (Some(said), _) => said,
            (None, Some(default)) => {
                let place = |problem, fault: &Fault| {
                    let span = fault.span.clone().or_else(|| span_of(&default.expression));
                    placed(problem, default.file.spot(span).as_ref(), &default.file)
                };
                match constant(&default.expression, session) {
                    Ok(value) => (value, Box::new(place) as Box<dyn Fn(Problem, &Fault) -> Problem>),
                    Err(fault) => return refuse(&fault, &place),
                }
            }
            (None, None) => {
                self.no_value(name, variable);
                return unknown(Reason::NoValue);
            }
        };
        let (value, place) = said;
        match variable.constraint.apply(&value, &|default| constant(default, session)) {
            Ok(value) => value.marked(variable.sensitive),
            Err(fault) => refuse(&Fault { span: None, ..fault }, &place),
        }
    }

    fn no_value(&self, name: &str, variable: &Variable) {
        let problem = match &self.instance.above {
            None => {
                let problem = Problem::warning(format!("variable `{name}` has no value"));
                let problem = problem.help(format!("--var {name}=… or --var-file FILE"));
                placed(problem, variable.spot.as_ref(), &variable.file)
            }
            Some(above) => {
                let message = format!("module.{} gives no value for its variable `{name}`", above.call);
                match above.instance.module.calls.get(&above.call) {
                    Some(call) => placed(Problem::warning(message), call.spot.as_ref(), &call.file),
                    None => placed(Problem::warning(message), variable.spot.as_ref(), &variable.file),
                }
            }
        };
        self.whole.note(problem);
    }
}
