//! Fixes of configuration and templates: the first byte says of which.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate_fuzz::{Stage, fixed};

thread_local! {
    static FOLDER: Stage = Stage::new(&[("main.tf", "")], "");
    static FILE: Stage = Stage::new(&[("template.yaml", "")], "template.yaml");
}

fuzz_target!(|text: &str| {
    match text.strip_prefix('t') {
        Some(configuration) => FOLDER.with(|stage| fixed(stage, "main.tf", configuration)),
        None if text.get(1..).is_none_or(|rest| rest.starts_with("PK")) => {}
        None => FILE.with(|stage| fixed(stage, "template.yaml", &text[1..])),
    }
});
