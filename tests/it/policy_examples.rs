//! That every built-in policy shows in each dialect what passes, what fails and what stays open. Whether the examples get
//! the verdict they claim is tried where policies are run.

use std::collections::BTreeSet;

use plangate::catalog::Dialect;
use plangate::policy::{PolicySet, Wanted};

/// Policies that are about one dialect only, and why.
const OF_ONE_DIALECT: [(&str, Dialect, &str); 1] = [(
    "security-group-single-rule-style",
    Dialect::CloudFormation,
    "it takes away only what its own template no longer says, so rules inside and outside a group stand side by side",
)];

#[test]
fn every_policy_has_each_verdict_in_each_dialect() {
    let (policies, _) = PolicySet::builtin();
    let mut wrong = Vec::new();
    for policy in policies.iter() {
        for dialect in [Dialect::Terraform, Dialect::CloudFormation] {
            let own = policy.examples.iter().filter(|example| example.dialect == dialect);
            let there: BTreeSet<&str> = own.map(|example| example.verdict.name()).collect();
            let is_excused = |(id, of, _): &(&str, Dialect, &str)| *id == policy.id && *of == dialect;
            let wanted = match OF_ONE_DIALECT.iter().any(is_excused) {
                true => BTreeSet::new(),
                false => [Wanted::Fail, Wanted::Pass, Wanted::Undecided].map(Wanted::name).into(),
            };
            if there != wanted {
                wrong.push(format!("{}: has {there:?} in {}, not {wanted:?}", policy.id, dialect.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
