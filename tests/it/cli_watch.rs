//! `check --watch`: judges again when something changes, prints only what is new, and ends with Ctrl-C.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::program::{Folder, bytes_of};

#[test]
fn it_judges_again_until_it_is_interrupted() {
    let folder = Folder::new();
    let source = String::from_utf8(bytes_of("ecs-dynamic-ports/main.tf")).unwrap();
    folder.file("main.tf", &source);
    let mut child = Command::new(env!("CARGO_BIN_EXE_plangate"))
        .args(["check", &folder.path(""), "--watch", "-q", "-o", "text"])
        .args(["-o", &format!("json={}", folder.path("report.json"))])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    // Far more than it takes; only a hang reaches it.
    let closing = || loop {
        let line = lines.recv_timeout(Duration::from_secs(120)).unwrap();
        if line.starts_with("looked at ") {
            return line;
        }
    };
    let first = closing();
    // Another report is not due for a comment, and its own file in the folder is no change.
    folder.file("main.tf", format!("{source}\n# nothing\n"));
    folder.file("main.tf", format!("{source}\nresource \"aws_lb\" \"other\" {{\n  name = \"other\"\n}}\n"));
    let second = closing();
    assert_ne!(first, second);
    assert!(plangate::source::disk::read_text(&folder.path("report.json")).unwrap().contains("aws_lb.other"));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(told, "");
    assert!(lines.iter().all(|line| !line.starts_with("looked at ")), "printed once more without a change");
}
