//! Plans and states as JSON. White space between tokens changes no verdict.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::load::load_json;
use plangate_fuzz::{judge, lawful, minified, verdicts, within};

fuzz_target!(|data: &[u8]| {
    let judged = |bytes: &[u8]| load_json("plan.json", bytes, &[]).map(judge);
    let first = judged(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match &first {
        Err(problem) => within("plan.json", text, [problem]),
        Ok(assessment) => {
            lawful("plan.json", text, assessment);
            let again = judged(minified(text).as_bytes());
            let Ok(again) = again else { panic!("minified it cannot be read: {:?}", again.err()) };
            assert_eq!(verdicts(assessment), verdicts(&again), "minified it is judged otherwise");
        }
    }
});
