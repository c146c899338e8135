//! A yardstick, not a benchmark of ours: reads the file it is given and lets serde_json skip over it. `table.py` runs it
//! beside plangate, in the same minute on the same machine.

#![allow(clippy::print_stderr, clippy::disallowed_methods, reason = "a bench has nobody to hand an error to")]

fn main() {
    // `cargo bench` passes flags and no file: there is nothing to do then.
    let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with('-')) else { return };
    let read = std::fs::read(&path).map_err(|error| error.to_string());
    let skipped = read.and_then(|bytes| {
        serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).map(|_| ()).map_err(|error| error.to_string())
    });
    if let Err(error) = skipped {
        eprintln!("{path}: {error}");
    }
}
