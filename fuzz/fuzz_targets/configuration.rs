//! A folder with one file of Terraform configuration.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate_fuzz::Stage;

thread_local! {
    static STAGE: Stage = Stage::new(&[("main.tf", "")], "");
}

fuzz_target!(|text: &str| {
    STAGE.with(|stage| drop(stage.judged("main.tf", text)));
});
