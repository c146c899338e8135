//! `check --watch`: judges again when something changes, prints only what is new, and ends with Ctrl-C.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::program::{Folder, bytes_of};

/// A run that watches, and the lines it prints.
struct Watching {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Watching {
    fn start(here: &str, arguments: &[&str]) -> Watching {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plangate"))
            .args(["check", "--watch"])
            .args(arguments)
            .current_dir(here)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (lines_of(child.stdout.take().unwrap()), lines_of(child.stderr.take().unwrap()));
        Watching { child, stdout, stderr }
    }

    /// The next line that begins so.
    fn next(lines: &Receiver<String>, beginning: &str) -> String {
        loop {
            // Far more than it takes; only a hang reaches it.
            let line = lines.recv_timeout(Duration::from_secs(120)).unwrap();
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    /// The closing line of the next report.
    fn closing(&self) -> String {
        Watching::next(&self.stdout, "looked at ")
    }

    /// Ends it; how it ended, and what it printed that nobody has looked at.
    fn interrupt(mut self) -> (Option<i32>, Vec<String>, Vec<String>) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        (code, self.stdout.iter().collect(), self.stderr.iter().collect())
    }
}

fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    let stream = BufReader::new(stream);
    std::thread::spawn(move || stream.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    lines
}

#[test]
fn it_judges_again_until_it_is_interrupted() {
    let folder = Folder::new();
    let source = String::from_utf8(bytes_of("ecs-dynamic-ports/main.tf")).unwrap();
    folder.file("main.tf", &source);
    let watching = Watching::start(&folder.path(""), &[".", "-q", "-o", "text", "-o", "json=report.json"]);
    let first = watching.closing();
    // Another report is not due for a comment, and its own file in the folder is no change.
    folder.file("main.tf", format!("{source}\n# nothing\n"));
    folder.file("main.tf", format!("{source}\nresource \"aws_lb\" \"other\" {{\n  name = \"other\"\n}}\n"));
    let second = watching.closing();
    assert_ne!(first, second);
    assert!(plangate::source::disk::read_text(&folder.path("report.json")).unwrap().contains("aws_lb.other"));
    let (code, out, told) = watching.interrupt();
    assert_eq!((code, told), (Some(1), Vec::new()));
    assert!(out.iter().all(|line| !line.starts_with("looked at ")), "printed once more without a change");
}

#[test]
fn what_the_configuration_says_and_names_is_read_again() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    folder.file("main.tf", "variable \"idle\" {}\nresource \"aws_lb\" \"a\" {\n  idle_timeout = var.idle\n}\n");
    let values = elsewhere.file(".values.tfvars", "idle = 60\n");
    let baseline = elsewhere.path(".known.json");
    folder.file("plangate.yaml", format!("var_files: [{values}]\nfail_on: never\n"));
    let watching = Watching::start(&folder.path(""), &["--only", "idle-timeout-in-range", "-q"]);
    assert!(watching.closing().contains("1 passed"));
    // A file that the configuration names, hidden and in another folder.
    elsewhere.file(".values.tfvars", "idle = 9000\n");
    assert!(watching.closing().contains("1 failed"));
    assert!(Watching::next(&watching.stdout, "exit ").contains("--fail-on never"));
    // Broken, it is shown, and watching goes on.
    folder.file("plangate.yaml", "fail_no: high\n");
    let told = Watching::next(&watching.stderr, "plangate.yaml:1:1: error:");
    assert!(told.contains("did you mean `fail_on`?"), "{told}");
    // Mended, it names a baseline that is not there yet…
    folder.file("plangate.yaml", format!("var_files: [{values}]\nbaseline: {baseline}\n"));
    Watching::next(&watching.stderr, &format!("{baseline}: error:"));
    assert_eq!(watching.closing(), "looked at nothing");
    // … and now is.
    let report = crate::program::run_in(
        folder.path("").as_ref(),
        &["check", "--only", "idle-timeout-in-range", "--write-baseline", &baseline],
        &[],
    );
    assert_eq!(report.code, 0, "{}", report.all());
    assert!(watching.closing().contains("1 exempt"));
    let (code, _, told) = watching.interrupt();
    assert_eq!((code, told), (Some(0), Vec::new()));
}

#[test]
fn modules_outside_of_the_folder_are_followed_without_git() {
    let folder = Folder::new();
    let text = |idle: i32| format!("resource \"aws_lb\" \"a\" {{\n  idle_timeout = {idle}\n}}\n");
    for inner in ["live", "modules", "modules/web"] {
        std::fs::create_dir(folder.path(inner)).unwrap();
    }
    folder.file("live/main.tf", "module \"web\" {\n  source = \"../modules/web\"\n}\n");
    folder.file("modules/web/main.tf", text(60));
    let watching = Watching::start(&folder.path("live"), &[".", "-q", "--only", "idle-timeout-in-range"]);
    assert!(watching.closing().contains("1 passed"));
    folder.file("modules/web/main.tf", text(9000));
    assert!(watching.closing().contains("1 failed"));
    // A file that comes beside it, too.
    folder.file("modules/web/more.tf", text(9000).replace("\"a\"", "\"b\""));
    assert!(watching.closing().contains("2 failed"));
    let (code, out, told) = watching.interrupt();
    assert_eq!((code, told), (Some(1), Vec::new()));
    assert!(out.iter().all(|line| !line.starts_with("looked at ")), "printed once more without a change");
}
