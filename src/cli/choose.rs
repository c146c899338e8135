//! Which policies run, and with which parameters: `--policy`, `--only`, `--skip`, `--param`, held against the
//! policies there are. A name nobody knows is an error, never a policy silently not run.

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

/// A policy there is: its id and the names of its parameters.
pub(crate) struct Known {
    /// Id.
    pub(crate) id: String,
    /// Names of its parameters.
    pub(crate) params: Vec<String>,
}

impl Choice {
    /// The ids that run, in the order of `known`; or what is wrong with the flags.
    pub(crate) fn of<'a>(&self, known: &'a [Known]) -> Result<Vec<&'a str>, Vec<Problem>> {
        let ids = || known.iter().map(|policy| policy.id.as_str());
        let mut problems = Vec::new();
        for (flag, names) in [("--only", &self.only), ("--skip", &self.skip)] {
            for name in names.iter().filter(|name| !ids().any(|id| id == name.as_str())) {
                problems.push(unknown_policy(name, ids()).in_file(flag));
            }
        }
        for param in &self.params {
            match known.iter().find(|policy| policy.id == param.policy) {
                None => problems.push(unknown_policy(&param.policy, ids()).in_file("--param")),
                Some(policy) if policy.params.contains(&param.name) => {}
                Some(policy) => problems.push(unknown_param(policy, &param.name).in_file("--param")),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let named = |names: &[String], id: &str| names.iter().any(|name| name == id);
        let wanted = |id: &&str| (self.only.is_empty() || named(&self.only, id)) && !named(&self.skip, id);
        let chosen: Vec<&str> = ids().filter(wanted).collect();
        if chosen.is_empty() && !known.is_empty() {
            return Err(vec![Problem::error("--only and --skip leave no policy to judge with")]);
        }
        Ok(chosen)
    }
}

/// A policy id nobody knows, with the nearest one that somebody does.
pub(crate) fn unknown_policy<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let problem = Problem::error(format!("there is no policy `{id}`"));
    problem.help(match nearest(id, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`plangate policies` lists them all".to_owned(),
    })
}

fn unknown_param(policy: &Known, name: &str) -> Problem {
    let problem = Problem::error(format!("policy `{}` has no parameter `{name}`", policy.id));
    match nearest(name, policy.params.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if policy.params.is_empty() => problem.help("it has no parameters at all"),
        None => problem.help(format!("it has {}", policy.params.join(", "))),
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.85;
    let scored = known.map(|other| (strsim::jaro_winkler(name, other), other));
    // The first of equals, so that the answer does not depend on anything but the order of the policies.
    let best = scored.fold(None, |best: Option<(f64, &str)>, one| match best {
        Some(best) if best.0 >= one.0 => Some(best),
        _ => Some(one),
    });
    best.filter(|(score, _)| *score >= NEAR).map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Known> {
        let known = |id: &str, params: &[&str]| Known {
            id: id.to_owned(),
            params: params.iter().map(|&name| name.to_owned()).collect(),
        };
        vec![known("idle-timeout", &["margin"]), known("draining", &[]), known("reach", &[])]
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn everything_runs_unless_something_is_said() {
        assert_eq!(Choice::default().of(&known()).unwrap(), ["idle-timeout", "draining", "reach"]);
        let only = Choice { only: names(&["reach", "draining"]), ..Choice::default() };
        assert_eq!(only.of(&known()).unwrap(), ["draining", "reach"]);
        let both = Choice { skip: names(&["reach"]), ..only };
        assert_eq!(both.of(&known()).unwrap(), ["draining"]);
    }

    #[test]
    fn names_nobody_knows_are_errors_with_the_nearest_one() {
        let params = vec![ParamFlag::parse("idle-timeout.margn=1").unwrap(), ParamFlag::parse("reach.x=1").unwrap()];
        let wrong = Choice { only: names(&["idle-timeot"]), skip: names(&["zzz"]), params, ..Choice::default() };
        let said: Vec<String> = wrong.of(&known()).unwrap_err().iter().map(ToString::to_string).collect();
        let wanted = [
            "--only: error: there is no policy `idle-timeot`\n  help: did you mean `idle-timeout`?",
            "--skip: error: there is no policy `zzz`\n  help: `plangate policies` lists them all",
            "--param: error: policy `idle-timeout` has no parameter `margn`\n  help: did you mean `margin`?",
            "--param: error: policy `reach` has no parameter `x`\n  help: it has no parameters at all",
        ];
        assert_eq!(said, wanted);
    }

    #[test]
    fn judging_with_nothing_is_an_error() {
        let none = Choice { only: names(&["reach"]), skip: names(&["reach"]), ..Choice::default() };
        assert_eq!(none.of(&known()).unwrap_err().len(), 1);
    }

    #[test]
    fn a_parameter_is_split_at_the_first_equals_sign_and_dot() {
        let read = ParamFlag::parse("reach.hosts=a.b=c").unwrap();
        assert_eq!((read.policy.as_str(), read.name.as_str(), read.value.as_str()), ("reach", "hosts", "a.b=c"));
    }
}
