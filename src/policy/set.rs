//! The policies of one run: the built-in ones and a user's own, by id.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::{Policy, check, params};
use crate::catalog::Severity;
use crate::source::Problem;
use crate::source::disk;
use crate::source::nearest::did_you_mean;
use crate::source::yaml::Node;

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// The same policies without their examples, each with its file, as `build.rs` has read them.
static READ: &str = include_str!(concat!(env!("OUT_DIR"), "/policies.json"));

/// Policies in the order of their ids; no two have the same.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    policies: Vec<Policy>,
}

impl PolicySet {
    /// The policies that come with plangate.
    #[must_use]
    pub fn builtin() -> (PolicySet, Vec<Problem>) {
        let mut set = PolicySet::default();
        let mut problems = Vec::new();
        let mut folders = vec![&BUILTIN];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files().filter(|file| is_policy(file.path())) {
                let name = Path::new("policies").join(file.path()).to_string_lossy().replace('\\', "/");
                match file.contents_utf8() {
                    Some(text) => set.read(text, &name, &mut problems),
                    None => problems.push(Problem::error("is not UTF-8 text").in_file(name)),
                }
            }
        }
        problems.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        (set, problems)
    }

    /// The policies that come with plangate, without their examples: reading these takes longer than all the rest, and to
    /// judge they are not needed. Their problems have no places: [`PolicySet::builtin`] tells these.
    #[must_use]
    pub fn builtin_to_judge() -> (PolicySet, Vec<Problem>) {
        let mut set = PolicySet::default();
        let mut problems = Vec::new();
        match serde_json::from_str::<Vec<(String, Node)>>(READ) {
            Ok(policies) => {
                for (file, policy) in policies {
                    set.take(check::read_policy(&policy, "", &file, &area_of(&file)), &mut problems);
                }
            }
            Err(error) => problems.push(Problem::error(error.to_string()).in_file("policies")),
        }
        (set, problems)
    }

    /// A set of one.
    #[must_use]
    pub fn of(policy: Policy) -> PolicySet {
        PolicySet { policies: vec![policy] }
    }

    /// The policies in a file, or in the `.yaml` and `.yml` files below a folder.
    #[must_use]
    pub fn load(path: &str) -> (PolicySet, Vec<Problem>) {
        let mut set = PolicySet::default();
        let mut problems = Vec::new();
        match disk::files_under(path, &["yaml", "yml"]) {
            Err(problem) => problems.push(problem),
            Ok(files) if files.is_empty() => {
                problems.push(Problem::warning("there is no policy (`.yaml`) in this folder").in_file(path));
            }
            Ok(files) => {
                for file in files {
                    match disk::read_text(&file) {
                        Ok(text) => set.read(&text, &file, &mut problems),
                        Err(problem) => problems.push(problem),
                    }
                }
            }
        }
        (set, problems)
    }

    /// Adds the policies of another set. One whose id is taken is left out and reported.
    pub fn merge(&mut self, other: PolicySet) -> Vec<Problem> {
        let mut problems = Vec::new();
        other.policies.into_iter().for_each(|policy| self.add(policy, &mut problems));
        problems
    }

    /// All policies, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Policy> {
        self.policies.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policy with this id.
    ///
    /// # Errors
    /// A [`Problem`] that says which id was probably meant.
    pub fn get(&self, id: &str) -> Result<&Policy, Problem> {
        self.policies.iter().find(|policy| policy.id == id).ok_or_else(|| self.no_policy(id))
    }

    /// Keeps only the policies for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&Policy) -> bool) {
        self.policies.retain(keep);
    }

    /// Sets how bad it is to break a policy.
    pub fn set_severity(&mut self, policy_id: &str, severity: Severity) {
        for policy in self.policies.iter_mut().filter(|policy| policy.id == policy_id) {
            policy.severity = severity;
        }
    }

    /// Sets a parameter from its text.
    ///
    /// # Errors
    /// A [`Problem`] when there is no such policy or parameter, or the text is not of its type.
    pub fn set_param(&mut self, policy_id: &str, name: &str, text: &str) -> Result<(), Problem> {
        self.get(policy_id)?;
        for policy in self.policies.iter_mut().filter(|policy| policy.id == policy_id) {
            let guess = did_you_mean(name, policy.params.iter().map(|param| param.name.as_str()));
            let Some(param) = policy.params.iter_mut().find(|param| param.name == name) else {
                return Err(Problem::error(format!("policy `{policy_id}` has no parameter `{name}`{guess}")));
            };
            param.value = param.ty.parse(text).map_err(|wanted| {
                Problem::error(format!(
                    "parameter `{policy_id}.{name}` must be {wanted}, not `{}`",
                    text.escape_debug()
                ))
            })?;
            policy.params_value = params::as_object(&policy.params);
        }
        Ok(())
    }

    fn no_policy(&self, id: &str) -> Problem {
        let guess = did_you_mean(id, self.policies.iter().map(|policy| policy.id.as_str()));
        Problem::error(format!("there is no policy `{id}`{guess}"))
    }

    fn read(&mut self, text: &str, file: &str, problems: &mut Vec<Problem>) {
        self.take(Policy::parse(text, file, &area_of(file)), problems);
    }

    fn take(&mut self, (policy, found): (Option<Policy>, Vec<Problem>), problems: &mut Vec<Problem>) {
        problems.extend(found);
        if let Some(policy) = policy {
            self.add(policy, problems);
        }
    }

    fn add(&mut self, policy: Policy, problems: &mut Vec<Problem>) {
        match self.policies.binary_search_by(|known| known.id.cmp(&policy.id)) {
            Ok(at) => {
                let message = format!("the id `{}` is taken by {}", policy.id, self.policies[at].file);
                problems.push(Problem::error(message).in_file(policy.file).help("rename the file and its id"));
            }
            Err(at) => self.policies.insert(at, policy),
        }
    }
}

/// The folder a policy file stands in.
fn area_of(file: &str) -> String {
    let folder = Path::new(file).parent().and_then(Path::file_name);
    folder.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_all_that_is_left_out() {
        let ((whole, problems), (short, more)) = (PolicySet::builtin(), PolicySet::builtin_to_judge());
        assert_eq!((problems, more), (Vec::new(), Vec::new()));
        assert_eq!(whole.len(), short.len());
        for (policy, other) in whole.iter().zip(short.iter()) {
            assert!(!policy.examples.is_empty() && other.examples.is_empty(), "{}", policy.id);
            let stripped = Policy { examples: Vec::new(), ..policy.clone() };
            assert_eq!(format!("{stripped:?}"), format!("{other:?}"));
        }
    }
}
