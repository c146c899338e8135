//! Inputs that are not what was asked for: each ends in a message that says what it is and where, with exit code 2.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use crate::program::{Folder, Ran, bytes_of, feed, run, run_with, testdata};

/// `check -` on this input has to fail with exactly this first line on standard error.
fn says(input: impl Into<Vec<u8>>, line: &str) {
    let ran = feed(&["check", "-"], input);
    refused(&ran, line);
}

fn refused(ran: &Ran, line: &str) {
    let first = ran.stderr.lines().next().unwrap_or_default();
    assert_eq!((first, ran.code), (line, 2));
    assert!(ran.stdout.contains("exit 2: "), "{}", ran.stdout);
}

#[test]
fn what_is_no_json() {
    says("", "<stdin>: error: is empty");
    says(" \n\t ", "<stdin>: error: is empty");
    let html = "<stdin>: error: is HTML or XML, not a plan: a download page or a login page perhaps";
    says("<!DOCTYPE html><html><body>Sign in</body></html>", html);
    let human = "<stdin>: error: is what `terraform plan` prints for people";
    says("\nTerraform used the selected providers to generate the following execution plan.", human);
    says("OpenTofu will perform the following actions:\n", human);
    says("No changes. Your infrastructure matches the configuration.\n", human);
    says(
        "aws_lb.this: Refreshing state...\nhello",
        "<stdin>:1:1: error: is no plan, neither JSON nor binary, and no template: it has no `Resources:`",
    );
    says("resource \"aws_lb\" \"a\" {\n}\n", "<stdin>: error: is Terraform configuration, but no .tf file");
}

#[test]
fn files_that_are_not_there_or_no_files() {
    let folder = Folder::new();
    let missing = folder.path("plan.json");
    let ran = run(&["check", &missing]);
    assert!(ran.stderr.starts_with(&format!("{missing}: error: cannot read: ")), "{}", ran.stderr);
    assert_eq!(ran.code, 2);
    let folder = folder.path("");
    let line = format!("{folder}: error: holds no Terraform configuration (*.tf, *.tf.json, *.tofu)");
    refused(&run(&["check", &folder]), &line);
}

#[test]
fn a_template_on_standard_input() {
    for template in [
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: {Type: 'AWS::EC2::VPC'}\n",
        "# ours\nResources:\n  A: {Type: 'AWS::EC2::VPC'}\n",
        r#"{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}"#,
    ] {
        let ran = feed(&["check", "-"], template);
        assert_eq!((ran.stderr.as_str(), ran.code), ("", 0), "{template}");
        assert!(ran.stdout.contains("looked at 1 resource,"), "{}", ran.stdout);
    }
}

#[test]
fn json_that_is_no_plan() {
    let state = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "resources": []}"#;
    says(state, "<stdin>: error: is a state file");
    let log = "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\",\"type\":\"version\"}\n{\"@level\":\"info\"}\n";
    says(log, "<stdin>: error: is the log of `terraform plan -json`, which leaves out the values");
    for scalar in ["null", "true", "42", "\"plan\""] {
        says(scalar, "<stdin>:1:1: error: is JSON, but no `terraform show -json` output");
    }
    says("{}", "<stdin>: error: is JSON, but no `terraform show -json` output");
    let list = "<stdin>:1:1: error: is a JSON list, no `terraform show -json` output";
    says("[]", list);
    says(r#"["1.2", [], null, null, null, null, null, null, null, null]"#, list);
    // A character that is two bytes long on either side of where the first look ends.
    for odd in ["x", "xy"] {
        let text = format!("{{\"{odd}\": \"{}\"}}", "é".repeat(300));
        says(text, "<stdin>: error: is JSON, but no `terraform show -json` output");
    }
}

#[test]
fn templates_on_standard_input() {
    for text in [
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: {Type: 'AWS::EC2::VPC'}\n",
        "# ours\nResources:\n  A: {Type: 'AWS::EC2::VPC'}\n",
        r#"{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}"#,
    ] {
        let ran = feed(&["check", "-", "-o", "json"], text);
        let input = &ran.json()["inputs"][0];
        assert_eq!((ran.code, &ran.stderr[..]), (0, ""), "{text}");
        assert_eq!(input["form"], "cloudformation-template", "{text}");
        assert_eq!(input["resources"], 1, "{text}");
    }
    says("AWSTemplateFormatVersion: '2010-09-09'\n", "<stdin>:1:1: error: the template has no Resources");
    says("Resources:\n  A: 1\n", "<stdin>:2:3: error: the resource `A` must be a map with a Type");
}

#[test]
fn what_other_terraform_commands_print() {
    // `terraform show -json` where nothing was applied yet, `terraform validate -json`, `terraform providers schema -json`
    let line = "<stdin>:1:2: error: holds neither a plan nor a state";
    says(r#"{"format_version":"1.0"}"#, line);
    says(r#"{"format_version":"1.0","valid":true,"error_count":0,"diagnostics":[]}"#, line);
    says(r#"{"format_version":"1.0","provider_schemas":{}}"#, line);
}

#[test]
fn format_versions() {
    let plan = |version: &str| format!("{{\n  \"format_version\": {version},\n  \"resource_changes\": []}}");
    let unknown =
        |shown: &str| format!("<stdin>:2:3: error: is plan JSON of format_version {shown}; plangate reads 1.x");
    for version in ["\"2.0\"", "\"99\"", "\"\"", "\"x\""] {
        says(plan(version), &unknown(version));
    }
    says(plan(&format!("\"2{}\"", "0".repeat(1_000_000))), &unknown(&format!("\"2{}\"", "0".repeat(19))));
    let none = "<stdin>: error: has no format_version, so it is no `terraform show -json` output";
    says(r#"{"resource_changes": []}"#, none);
    says(plan("null"), none);
    let wrong = "error: is no `terraform show -json` output: invalid type:";
    says(plan("1"), &format!("<stdin>:2:21: {wrong} integer, expected text"));
    says(plan("[1]"), &format!("<stdin>:2:20: {wrong} sequence, expected text"));
    for version in ["\"0.2\"", "\"1.0\"", "\"1.2\"", "\"1.99\""] {
        assert_eq!(feed(&["check", "-"], plan(version)).code, 0, "{version}");
    }
}

#[test]
fn a_plan_that_is_cut_off() {
    let plan = bytes_of("fargate/plan.json");
    for cut in [1, 2, 17, 100, 5_000, 12_345, 20_000, plan.len() - 3] {
        // A cut inside a number or word would be found one character earlier; none of these is.
        let place = format!("<stdin>:1:{cut}: error: ends in the middle: the JSON is cut off");
        says(&plan[..cut], &place);
    }
    let value: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let cut = pretty.find("\"configuration\"").unwrap() + 16;
    let line = pretty[..cut].lines().count();
    says(&pretty.as_bytes()[..cut], &format!("<stdin>:{line}:18: error: ends in the middle: the JSON is cut off"));
}

#[test]
fn encodings() {
    let plan = String::from_utf8(bytes_of("fargate/plan.json")).unwrap();
    let units = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(plan.encode_utf16()).flat_map(to_bytes).collect()
    };
    let wanted = feed(&["check", "-"], plan.clone());
    assert_eq!(wanted.code, 0);
    let marked = [b"\xEF\xBB\xBF", plan.as_bytes()].concat();
    for (name, bytes) in
        [("UTF-16LE", units(u16::to_le_bytes)), ("UTF-16BE", units(u16::to_be_bytes)), ("UTF-8 with mark", marked)]
    {
        let ran = feed(&["check", "-"], bytes);
        assert_eq!((ran.code, &ran.stdout, &ran.stderr), (0, &wanted.stdout, &wanted.stderr), "{name}");
    }
    says(b"{\"format_version\": \"1.2\",\n \"\xC3\xA9\": \"\xFF\"}", "<stdin>:2:8: error: is not UTF-8 text");
    says(b"\xFF\xFE\x00\xD8{\x00", "<stdin>: error: is not valid UTF-16");
}

#[test]
fn more_than_one_document() {
    let plan = bytes_of("fargate/plan.json");
    says([&plan[..], &plan[..]].concat(), "<stdin>:2:1: error: goes on after the end of the plan");
    says(
        r#"{"format_version": "1.2", "resource_changes": []} x"#,
        "<stdin>:1:51: error: goes on after the end of the plan",
    );
    let twice = r#"{"format_version": "1.2", "resource_changes": [], "resource_changes": []}"#;
    says(twice, "<stdin>:1:68: error: is no `terraform show -json` output: duplicate field `resource_changes`");
}

#[test]
fn millions_of_brackets() {
    const MANY: usize = 5_000_000;
    let open = "[".repeat(MANY);
    let closed = open.clone() + &"]".repeat(MANY);
    says(open.clone(), &format!("<stdin>:1:{MANY}: error: ends in the middle: the JSON is cut off"));
    says(closed.clone(), "<stdin>:1:1: error: is a JSON list, no `terraform show -json` output");
    says("{\"a\":".repeat(MANY), &format!("<stdin>:1:{}: error: ends in the middle: the JSON is cut off", MANY * 5));
    let cut = format!("{{\"format_version\":\"1.2\",\"planned_values\":{open}");
    says(cut, "<stdin>:1:5000041: error: ends in the middle: the JSON is cut off");
    // A part that plangate does not read may nest as it likes.
    let skipped = format!("{{\"format_version\":\"1.2\",\"resource_changes\":[],\"planned_values\":{closed}}}");
    assert_eq!(feed(&["check", "-"], skipped).code, 0);
    says(
        format!("{{\"format_version\":{closed}}}"),
        "<stdin>:1:18: error: is no `terraform show -json` output: invalid type: sequence, expected text",
    );
    let calls = format!(
        "{{\"format_version\":\"1.2\",\"configuration\":{}",
        "{\"root_module\":{\"module_calls\":{\"a\":{\"module\":".repeat(200)
    );
    let ran = feed(&["check", "-"], calls);
    assert_eq!(ran.code, 2);
}

#[test]
fn packed_plans() {
    let plan = bytes_of("fargate/plan.json");
    let packed = gzip(&plan);
    let wanted = feed(&["check", "-"], plan);
    let folder = Folder::new();
    let file = folder.file("plan.json.gz", &packed);
    assert_eq!(feed(&["check", "-"], packed.clone()).stdout, wanted.stdout);
    assert_eq!(run(&["check", &file]).stdout, wanted.stdout);
    let cut = feed(&["check", "-"], &packed[..packed.len() / 2]);
    assert!(cut.stderr.starts_with("<stdin>: error: cannot unpack gzip: "), "{}", cut.stderr);
    assert_eq!(cut.code, 2);
    // 100 MiB of nothing in 100 KiB: stopped at 64 MiB.
    says(gzip(&vec![b'['; 100 << 20]), "<stdin>: error: cannot unpack gzip: larger than 64 MiB");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Puts a shell script with this name into the folder.
#[cfg(unix)]
fn script(folder: &Folder, name: &str, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.file(name, format!("#!/bin/sh\n{body}\n"));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_binary_plan_is_shown_by_terraform_or_tofu() {
    let folder = Folder::new();
    let plan = folder.file("tfplan", b"PK\x03\x04rest of a zip file");
    let programs = Folder::new();
    let path = programs.path("");
    let check = || run_with(&["check", &plan], b"", &[("PATH", &path)]);

    refused(
        &check(),
        &format!("{plan}: error: is a binary plan, and neither terraform nor tofu is installed to read it"),
    );
    let piped = run_with(&["check", "-"], b"PK\x03\x04rest", &[("PATH", &path)]);
    refused(&piped, "<stdin>: error: is a binary plan; from standard input plangate reads its JSON form");

    let json = testdata("fargate/plan.json");
    // Only built-in commands: there is no other program on this PATH.
    let print = format!("while IFS= read -r line; do printf '%s\\n' \"$line\"; done < '{json}'; printf '%s' \"$line\"");
    let fail = "echo '' >&2; echo 'Error: Failed to read plan: wrong version' >&2; exit 1";
    script(&programs, "tofu", &print);
    assert_eq!((check().code, check().stderr.as_str()), (0, ""));

    script(&programs, "terraform", fail);
    assert_eq!((check().code, check().stderr.as_str()), (0, ""), "tofu is asked when terraform cannot");

    script(&programs, "tofu", fail);
    let ran = check();
    assert_eq!(ran.code, 2);
    let line = ran.stderr.lines().next().unwrap();
    assert!(line.starts_with(&format!("{plan}: error: `terraform -chdir=")), "{line}");
    assert!(line.ends_with("did not succeed: Error: Failed to read plan: wrong version"), "{line}");

    script(&programs, "terraform", "echo 'Terraform v1.11'");
    refused(&check(), &format!("{plan}:1:1: error: is no valid JSON: expected value"));
    script(&programs, "terraform", "true");
    assert_eq!(check().code, 2);

    script(
        &programs,
        "terraform",
        &format!("for word; do last=$word; done; [ \"$last\" = '{plan}' ] || exit 3; {print}"),
    );
    assert_eq!((check().code, check().stderr.as_str()), (0, ""));
}

#[test]
fn policies_that_are_wrong() {
    let folder = Folder::new();
    let policy = "id: ours\ntitle: t\nseverity: high\nwhy: w\nfix: {summary: s}\nsubject: target_group\nvalidations:\n  - expression: target_group.helth_check.timeout < 5\n    message: m\n";
    let file = folder.file("ours.yaml", policy);
    let plan = testdata("fargate/plan.json");
    for arguments in [
        &["check", &plan, "--policy", &file][..],
        &["policies", "--policy", &file],
        &["policies", "test", &file],
        &["explain", "ours", "--policy", &file],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        let line = ran.stderr.lines().next().unwrap_or_default();
        assert!(line.starts_with(&format!("{file}:8:30: error: ")), "{arguments:?}: {line}");
        assert!(line.ends_with("did you mean `health_check`?"), "{arguments:?}: {line}");
    }
    for (name, text) in [
        ("brackets.yaml", "[".repeat(200_000)),
        ("braces.yaml", "{a: ".repeat(50_000)),
        ("dashes.yaml", "- ".repeat(100_000)),
        (
            "expression.yaml",
            policy.replace("target_group.helth_check.timeout < 5", &format!("'{}'", "(".repeat(200_000))),
        ),
        (
            "nots.yaml",
            policy.replace("target_group.helth_check.timeout < 5", &format!("'{}true'", "!".repeat(200_000))),
        ),
        ("large.yaml", format!("id: {}", "x".repeat(3 << 20))),
        ("empty.yaml", String::new()),
        ("nul.yaml", "id: a\0b\n".to_owned()),
    ] {
        let file = folder.file(name, text);
        let ran = run(&["policies", "test", &file]);
        assert_eq!(ran.code, 2, "{name}");
        assert!(
            ran.stderr.starts_with(&format!("{file}:")) && ran.stderr.contains("error: "),
            "{name}: {}",
            ran.stderr
        );
        assert!(ran.stderr.len() < 10_000, "{name}: {} bytes of message", ran.stderr.len());
    }
}
