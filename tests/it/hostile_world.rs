//! What the world does to a program: pipes that close, disks that are full, writes that are cut short, files that are
//! something else, memory that is not there. None of it ends in a panic, in half a file, or in an exit code that says all
//! is well.

use std::fs;
use std::io::pipe;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use plangate::source::disk;

use crate::program::{Folder, bytes_of, run, testdata};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plangate");

/// Runs it by way of a shell that sets the stage first, in a folder; gives the exit code (128 and the signal's number when
/// one ended it) and standard error.
fn staged(folder: &Folder, stage: &str, arguments: &[&str]) -> (i32, String) {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{stage}; exec \"$0\" \"$@\""), PROGRAM]).args(arguments).current_dir(folder.path(""));
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    let signal = output.status.signal().map(|signal| 128 + signal);
    (output.status.code().or(signal).unwrap(), said)
}

/// What lies in a folder.
fn names(folder: &Folder) -> Vec<String> {
    disk::names_in(&folder.path("")).unwrap()
}

#[test]
fn a_reader_that_has_seen_enough_changes_nothing() {
    let (bad, good, template) =
        (testdata("faulty/plan.json"), testdata("fargate/plan.json"), testdata("faulty/template.yaml"));
    for (arguments, code) in [
        (&["check", &bad][..], 1),
        (&["check", &bad, "-o", "json"], 1),
        (&["check", &good, "-o", "html"], 0),
        (&["paths", &bad], 0),
        (&["fix", &template], 1),
        (&["policies"], 0),
        (&["explain", "matcher-valid"], 0),
        (&["schema", "config"], 0),
        (&["completions", "man"], 0),
        (&["completions", "bash"], 0),
        (&["--help"], 0),
        (&["check", "--help"], 0),
    ] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.contains("panicked")), (Some(code), false), "{arguments:?}: {said}");
    }
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let missing = Command::new(PROGRAM).args(["check", "no/such.json"]).stderr(writer).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_is_no_success() {
    let folder = Folder::new();
    let (good, template) = (testdata("fargate/plan.json"), testdata("faulty/template.yaml"));
    let full = "No space left on device";
    for arguments in [
        &["check", &good][..],
        &["check", &good, "-o", "sarif"],
        &["paths", &good, "-o", "svg"],
        &["fix", &template],
        &["policies", "-o", "json"],
        &["explain", "matcher-valid"],
        &["schema", "check"],
        &["completions", "zsh"],
        &["completions", "man"],
        &["--help"],
    ] {
        let (code, said) = staged(&folder, "exec >/dev/full", arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains("<stdout>: error: cannot write: ") && said.contains(full), "{arguments:?}: {said}");
    }
    for flag in ["--output=sarif=/dev/full", "--write-baseline=/dev/full"] {
        let ran = run(&["check", &good, flag]);
        assert_eq!(ran.code, 2, "{flag}: {}", ran.stderr);
        assert!(ran.stderr.contains("/dev/full: error: cannot write: "), "{flag}: {}", ran.stderr);
    }
}

/// Files that are written while a limit on their size stops the writing half-way: once as an error, as when the disk is
/// full, once by a signal that ends the program there, as `kill -9` would.
#[test]
fn a_write_that_is_cut_short_leaves_the_old_file() {
    let plan = testdata("faulty/plan.json");
    let original = String::from_utf8(bytes_of("faulty-edge/main.tf")).unwrap();
    let long = format!("{original}\n# {}\n", "a comment ".repeat(4000));
    for (stage, code) in [("trap '' XFSZ; ulimit -f 4", 2), ("ulimit -f 4", 128 + 25)] {
        for (arguments, file, old) in [
            (&["check", &plan, "-o", "json=out.json"][..], "out.json", "old"),
            (&["check", &plan, "--fail-on", "low", "--write-baseline", "base.json"], "base.json", "old"),
            (&["fix", ".", "--write"], "main.tf", &long),
        ] {
            let folder = Folder::new();
            folder.file(file, old);
            let (ended, said) = staged(&folder, stage, arguments);
            assert_eq!(ended, code, "{stage}: {arguments:?}: {said}");
            assert_eq!(fs::read_to_string(folder.path(file)).unwrap(), old, "{stage}: {arguments:?}");
            if code == 2 {
                assert!(said.contains(&format!("{file}: error: cannot write: ")), "{arguments:?}: {said}");
                assert_eq!(names(&folder), [file], "nothing half-written is left");
            }
        }
    }
}

#[test]
fn a_new_file_is_whole_or_not_there() {
    let folder = Folder::new();
    let path = folder.path("a/b/new.yaml");
    assert_eq!(disk::write_new(&path, b"text"), Ok(true));
    assert_eq!(disk::write_new(&path, b"other"), Ok(false));
    assert_eq!(fs::read_to_string(&path).unwrap(), "text");
    symlink("nowhere", folder.path("link")).unwrap();
    assert_eq!(disk::write_new(&folder.path("link"), b"text"), Ok(false));
    fs::create_dir(folder.path("folder")).unwrap();
    assert_eq!(disk::write_new(&folder.path("folder"), b"text"), Ok(false));
    assert_eq!((names(&folder), fs::read_dir(folder.path("a/b")).unwrap().count()), (vec![], 1));
}

#[test]
fn folders_where_nothing_can_be_written() {
    let plan = testdata("fargate/plan.json");
    // The superuser may write to every folder of a disk, but /proc is none.
    let nowhere = if Path::new("/proc/self").exists() { "/proc/report.json" } else { "/no/such/report.json" };
    for flag in [format!("--output=json={nowhere}"), format!("--write-baseline={nowhere}")] {
        let ran = run(&["check", &plan, &flag]);
        assert_eq!(ran.code, 2, "{flag}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("{nowhere}: error: cannot write: ")), "{flag}: {}", ran.stderr);
    }
    let folder = Folder::new();
    let text = bytes_of("faulty-edge/main.tf");
    folder.file("main.tf", &text);
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o555)).unwrap();
    let is_bound = fs::write(folder.path("probe"), "").is_err();
    let ran = run(&["fix", &folder.path(""), "--write"]);
    fs::set_permissions(folder.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    if !is_bound {
        use std::io::Write;
        let _ =
            writeln!(std::io::stderr(), "SKIPPED in part: folders_where_nothing_can_be_written: run by the superuser");
        return;
    }
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("main.tf: error: cannot write: "), "{}", ran.stderr);
    assert_eq!((fs::read(folder.path("main.tf")).unwrap(), names(&folder)), (text, vec!["main.tf".to_owned()]));
}

#[test]
fn folders_where_files_should_be() {
    let folder = Folder::new();
    let empty = folder.path("empty");
    fs::create_dir(&empty).unwrap();
    let (plan, template) = (testdata("fargate/plan.json"), testdata("fargate/template.json"));
    let configuration = Path::new(&plan).parent().unwrap().to_str().unwrap().to_owned();
    for arguments in [
        &["check", &plan, "--config", &empty][..],
        &["check", &plan, "--baseline", &empty],
        &["check", &configuration, "--var-file", &empty],
        &["check", &template, "--parameters", &empty],
        &["check", &plan, "-o", &format!("json={empty}")],
        &["comment", "--body", &empty, "--dry-run", "--forge", "github", "--repo", "a/b", "--pr", "1"],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("{empty}: error: ")), "{arguments:?}: {}", ran.stderr);
    }
    assert!(Path::new(&empty).is_dir());
}

#[test]
fn links_in_a_circle_and_pipes_nobody_writes_to() {
    let folder = Folder::new();
    let group = "resource \"aws_lb_target_group\" \"t\" {\n  port = 80\n}\n";
    folder.file("main.tf", format!("{group}module \"m\" {{\n  source = \"./loop/loop\"\n}}\n"));
    symlink(".", folder.path("loop")).unwrap();
    symlink("self.json", folder.path("self.json")).unwrap();
    symlink("gone", folder.path("nginx.conf")).unwrap();
    let pipes = ["Dockerfile", "server.js", "p.yaml"].map(|name| folder.path(name));
    assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
    let here = folder.path("");
    let here = here.trim_end_matches('/');
    let ran = run(&["check", here]);
    assert!(ran.stderr.contains("main.tf:4:1: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("module.m calls itself"), "{}", ran.stderr);
    let ran = run(&["check", &folder.path("self.json")]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("self.json: error: cannot read: "), "{}", ran.stderr);
    let ran = run(&["check", &testdata("fargate/plan.json"), "--policy", here, "--backend", here]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: there is no policy (`.yaml`) in this folder"), "{}", ran.stderr);
}

#[test]
fn files_that_vanish_or_must_not_be_read() {
    let folder = Folder::new();
    symlink("gone", folder.path("plan.json")).unwrap();
    symlink("/proc/self/mem", folder.path("closed.json")).unwrap();
    symlink("gone", folder.path("p.yaml")).unwrap();
    for arguments in [&["check", "plan.json"][..], &["check", "closed.json"], &["policies", "--policy", "p.yaml"]] {
        let (code, said) = staged(&folder, ":", arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(&format!("{}: error: cannot read: ", arguments[arguments.len() - 1])), "{said}");
    }
    let (code, said) = staged(&folder, "mkdir here; cd here; rmdir ../here", &["check", "."]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("error: "), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn more_than_the_memory_there_is() {
    let folder = Folder::new();
    let large = fs::File::create(folder.path("plan.json")).unwrap();
    large.set_len(2 << 30).unwrap();
    for (stage, name) in [("", "plan.json"), ("exec < plan.json; ", "-")] {
        let (code, said) = staged(&folder, &format!("{stage}ulimit -v 600000"), &["check", name]);
        let name = if name == "-" { "<stdin>" } else { name };
        assert_eq!(code, 2, "{said}");
        assert!(said.starts_with(&format!("{name}: error: cannot read: ")), "{said}");
        assert!(said.contains("emory"), "{said}");
    }
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    let folder = Folder::new();
    let secret = folder.file("secret.yaml", "Resources:\n  Leak:\n    Type: AWS::EC2::VPC\n");
    fs::create_dir(folder.path("in")).unwrap();
    symlink("../secret.yaml", folder.path("in/link.yaml")).unwrap();
    symlink("..", folder.path("in/up")).unwrap();
    for url in [
        "../secret.yaml",
        "./../secret.yaml",
        "up/secret.yaml",
        "link.yaml",
        &secret,
        &format!("file://{secret}"),
        "https://s3.amazonaws.com/bucket/../secret.yaml",
        "https://s3.amazonaws.com/bucket/..%2Fsecret.yaml",
        "..\\\\secret.yaml",
    ] {
        let template = format!(
            "Resources:\n  Nested:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: \"{url}\"}}\n"
        );
        let file = folder.file("in/template.yaml", template);
        let ran = run(&["check", &file, "-o", "json"]);
        assert!(!ran.all().contains("Leak"), "{url}: {}", ran.all());
        assert_eq!(ran.json()["inputs"][0]["resources"], 1, "{url}");
        assert!(ran.stderr.contains("the template of the nested stack Nested is not read"), "{url}: {}", ran.stderr);
    }
}
