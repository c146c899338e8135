//! A policy file; one that can be read is run on its own examples and on a stack.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use plangate::judge::{judge_all, run_examples};
use plangate::load::{Loaded, load_json};
use plangate::policy::{Policy, PolicySet};
use plangate_fuzz::within;

thread_local! {
    static STACK: OnceLock<Loaded> = const { OnceLock::new() };
}

fn stack() -> Loaded {
    let (loaded, _) = load_json("plan.json", include_bytes!("../../testdata/faulty/plan.json"), &[]).expect("a plan");
    loaded
}

fuzz_target!(|text: &str| {
    // A file is named by the id in it.
    let id = text.lines().next().and_then(|line| line.strip_prefix("id: ")).unwrap_or("policy");
    let file = format!("{id}.yaml");
    let (policy, problems) = Policy::parse(text, &file, "area");
    within(&file, text, &problems);
    let (again, problems_again) = Policy::parse(text, &file, "area");
    assert_eq!(problems, problems_again);
    assert_eq!(policy.is_some(), again.is_some());
    let Some(policy) = policy else {
        assert!(!problems.is_empty(), "refused without a word");
        return;
    };
    let set = PolicySet::of(policy);
    let _ = run_examples(&set);
    STACK.with(|stack| {
        let loaded = stack.get_or_init(self::stack);
        let graphs: Vec<_> = loaded.graphs().collect();
        let one = judge_all(&graphs, &loaded.beside, &set);
        let other = judge_all(&graphs, &loaded.beside, &set);
        assert_eq!(format!("{:?}", one.findings), format!("{:?}", other.findings));
    });
});
