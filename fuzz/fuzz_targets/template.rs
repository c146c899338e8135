//! A file that is recognised by its content: templates in YAML and JSON first of all, change sets and manifests of CDK.
//! White space between the tokens of a JSON template changes no verdict.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate_fuzz::{Stage, minified, verdicts};

/// What a change set is of.
const BESIDE: &str = include_str!("../../testdata/change-set/template.yaml");

thread_local! {
    static STAGE: Stage = Stage::new(&[("input", ""), ("template.yaml", BESIDE)], "input");
}

fuzz_target!(|text: &str| {
    // A binary plan would be given to Terraform.
    if text.starts_with("PK") {
        return;
    }
    STAGE.with(|stage| {
        let Some(judged) = stage.judged("input", text) else { return };
        let is_json =
            judged.problems.is_empty() && text.trim_start().starts_with('{') && !text.contains(['#', '\'', '/', '!']);
        if is_json && let Some(again) = stage.judged("input", &minified(text)) {
            assert_eq!(verdicts(&judged), verdicts(&again), "minified it is judged otherwise");
        }
    });
});
