//! User data: MIME, cloud-init, scripts, base64 and gzip of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::server::{Evidence, backend, user_data};
use plangate_fuzz::source_within;

fuzz_target!(|text: &str| {
    let machine = user_data::machine(&"user data".into(), text);
    for run in &machine.runs {
        source_within("user data", text, &run.from);
    }
    let evidence = Evidence { machine: Some(machine), ..Evidence::default() };
    let (one, other) = (backend(&evidence), backend(&evidence));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    for limit in &one.limits {
        source_within("user data", text, &limit.from);
    }
});
