//! Runs the real program. Whatever it is given, it must end by itself, without a panic, with an exit code of ours.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// What a run printed, and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Everything it printed.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Its standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// Runs it with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, b"", &[])
}

/// Runs it with this on standard input.
pub(crate) fn feed(arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    run_with(arguments, input, &[])
}

/// Runs it in this folder with these variables set.
pub(crate) fn run_in(folder: &std::path::Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plangate"));
    command.current_dir(folder);
    finish(command, arguments, b"", environment)
}

/// Runs it with this on standard input and these variables set.
pub(crate) fn run_with(arguments: &[&str], input: impl Into<Vec<u8>>, environment: &[(&str, &str)]) -> Ran {
    finish(Command::new(env!("CARGO_BIN_EXE_plangate")), arguments, input, environment)
}

fn finish(mut command: Command, arguments: &[&str], input: impl Into<Vec<u8>>, environment: &[(&str, &str)]) -> Ran {
    command.args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(environment.iter().copied());
    // Far more than any of these takes; only a hang reaches it.
    let assert = command.write_stdin(input).timeout(Duration::from_secs(300)).assert();
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
    let ran =
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) };
    let told = ran.stderr.get(..4000).unwrap_or(&ran.stderr);
    assert!((0..=2).contains(&ran.code), "{arguments:?} ended with {}: {told}", ran.code);
    assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {told}");
    ran
}

/// A file of `testdata/`.
pub(crate) fn testdata(path: &str) -> String {
    format!("{}/testdata/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The bytes of a file of `testdata/`.
pub(crate) fn bytes_of(path: &str) -> Vec<u8> {
    plangate::source::disk::read(&testdata(path)).unwrap()
}

/// A folder that goes away by itself.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// Writes a file, and says where it is.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        plangate::source::disk::write_whole(&path, content.as_ref()).unwrap();
        path
    }

    /// Where a file of this name is or would be.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}
