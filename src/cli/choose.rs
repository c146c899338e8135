//! Which policies run, and with which parameters: `--policy`, `--only`, `--skip`, `--param`, held against the
//! policies there are. A name nobody knows is an error, never a policy silently not run.

use std::rc::Rc;

use super::today::today;
use crate::config::{Config, read_baseline};
use crate::judge::Exemptions;
use crate::policy::PolicySet;
use crate::source::Problem;

/// What was said about policies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Files and folders with more policies.
    pub(crate) policies: Vec<String>,
    /// Only these ids; empty means all.
    pub(crate) only: Vec<String>,
    /// Not these ids.
    pub(crate) skip: Vec<String>,
    /// Parameters set from outside.
    pub(crate) params: Vec<ParamFlag>,
    /// The file with findings that do not count.
    pub(crate) baseline: Option<String>,
    /// What the configuration says of policies; flags win.
    pub(crate) config: Rc<Config>,
}

/// One `--param POLICY.NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParamFlag {
    /// Policy id.
    pub(crate) policy: String,
    /// Parameter.
    pub(crate) name: String,
    /// Its value as written.
    pub(crate) value: String,
}

impl ParamFlag {
    /// Reads `POLICY.NAME=VALUE`.
    pub(crate) fn parse(text: &str) -> Result<ParamFlag, String> {
        let parts = text.split_once('=').and_then(|(left, value)| Some((left.split_once('.')?, value)));
        match parts {
            Some(((policy, name), value)) if !policy.is_empty() && !name.is_empty() => {
                Ok(ParamFlag { policy: policy.to_owned(), name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("expected POLICY.NAME=VALUE".to_owned()),
        }
    }
}

impl Choice {
    /// Leaves in `set` what is to run, with parameters set.
    ///
    /// # Errors
    /// What is wrong with the flags: every name that nobody knows, every value that is not of its parameter's type.
    pub(crate) fn apply(&self, set: &mut PolicySet) -> Result<(), Vec<Problem>> {
        let mut problems = self.configure(set);
        for (flag, names) in [("--only", &self.only), ("--skip", &self.skip)] {
            let unknown = names.iter().filter_map(|name| set.get(name).err());
            problems.extend(unknown.map(|problem| problem.in_file(flag)));
        }
        for param in &self.params {
            if let Err(problem) = set.set_param(&param.policy, &param.name, &param.value) {
                problems.push(problem.in_file("--param"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let named = |names: &[String], id: &str| names.iter().any(|name| name == id);
        let off: Vec<&str> =
            self.config.policies.iter().filter(|choice| !choice.on).map(|choice| choice.id.value.as_str()).collect();
        set.retain(|policy| match self.only.as_slice() {
            [] => !off.contains(&policy.id.as_str()) && !named(&self.skip, &policy.id),
            only => named(only, &policy.id) && !named(&self.skip, &policy.id),
        });
        if set.is_empty() {
            return Err(vec![Problem::error("--only, --skip and the configuration leave no policy to judge with")]);
        }
        Ok(())
    }

    /// The exceptions that hold in this run.
    ///
    /// # Errors
    /// The baseline cannot be read.
    pub(crate) fn exemptions(&self) -> Result<Exemptions, Problem> {
        let baseline = self.baseline.as_deref().map(read_baseline).transpose()?;
        Ok(Exemptions::new(today()?, self.config.exempt.clone(), baseline))
    }

    /// Sets what the configuration says of single policies, and tells what is wrong with that.
    fn configure(&self, set: &mut PolicySet) -> Vec<Problem> {
        let config = &self.config;
        let mut problems = Vec::new();
        for choice in &config.policies {
            let id = &choice.id.value;
            if let Err(problem) = set.get(id) {
                problems.push(config.fault(problem.help("`plangate policies` lists them all"), choice.id.position));
                continue;
            }
            if let Some(severity) = choice.severity {
                set.set_severity(id, severity);
            }
            for (name, value) in &choice.params {
                if let Err(problem) = set.set_param(id, name, &value.value) {
                    problems.push(config.fault(problem, value.position));
                }
            }
        }
        for rule in &config.exempt {
            let unknown = rule.policies.iter().filter_map(|id| set.get(id).err());
            problems.extend(unknown.map(|problem| config.fault(problem, rule.position)));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(choice: &Choice) -> Vec<String> {
        let (mut set, _) = PolicySet::builtin();
        choice.apply(&mut set).unwrap();
        set.iter().map(|policy| policy.id.to_string()).collect()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn everything_runs_unless_something_is_said() {
        assert_eq!(ids(&Choice::default()).len(), PolicySet::builtin().0.len());
        let only = Choice { only: names(&["matcher-valid", "idle-timeout-in-range"]), ..Choice::default() };
        assert_eq!(ids(&only), ["idle-timeout-in-range", "matcher-valid"]);
        let both = Choice { skip: names(&["matcher-valid"]), ..only };
        assert_eq!(ids(&both), ["idle-timeout-in-range"]);
    }

    #[test]
    fn names_nobody_knows_are_errors_with_the_nearest_one() {
        let params = vec![
            ParamFlag::parse("unhealthy-target-detected-quickly.limt=1").unwrap(),
            ParamFlag::parse("unhealthy-target-detected-quickly.limit=soon").unwrap(),
        ];
        let wrong = Choice { only: names(&["matcher-vaild"]), skip: names(&["zzz"]), params, ..Choice::default() };
        let (mut set, _) = PolicySet::builtin();
        let said: Vec<String> = wrong.apply(&mut set).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(said[0], "--only: error: there is no policy `matcher-vaild`; did you mean `matcher-valid`?");
        assert_eq!(said[1], "--skip: error: there is no policy `zzz`");
        assert!(said[2].contains("did you mean `limit`?"), "{}", said[2]);
        assert!(said[3].contains("must be"), "{}", said[3]);
    }

    #[test]
    fn judging_with_nothing_is_an_error() {
        let none = names(&["matcher-valid"]);
        let none = Choice { only: none.clone(), skip: none, ..Choice::default() };
        let (mut set, _) = PolicySet::builtin();
        assert_eq!(none.apply(&mut set).unwrap_err().len(), 1);
    }

    #[test]
    fn a_parameter_is_split_at_the_first_equals_sign_and_dot() {
        let read = ParamFlag::parse("reach.hosts=a.b=c").unwrap();
        assert_eq!((read.policy.as_str(), read.name.as_str(), read.value.as_str()), ("reach", "hosts", "a.b=c"));
    }
}
