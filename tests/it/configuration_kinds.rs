//! What a configuration may hold besides plain resources: files that cannot be opened, functions of providers, what is
//! ephemeral, override files, and names that need themselves.

// Helpers of tests may; the lint only knows the tests themselves.
#![allow(clippy::unwrap_used)]

use plangate::load::{Inputs, Loaded, load};
use plangate::source::{Level, Problem};

use crate::program::{Folder, run};

const GROUP: &str =
    "resource \"aws_lb_target_group\" \"t\" {\n  port = 80\n  protocol = \"HTTP\"\n  vpc_id = \"vpc-1\"\n";

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        folder.file(name, text);
    }
    folder
}

fn loaded(folder: &Folder) -> (Loaded, Vec<Problem>) {
    load(&folder.path("."), &Inputs::default(), &[]).unwrap()
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(unix)]
#[test]
fn a_file_that_must_not_be_read_does_not_stop_the_others() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder(&[("main.tf", &format!("{GROUP}}}\n")), ("secret.tf", "locals {}\n")]);
    let secret = folder.path("secret.tf");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o0)).unwrap();
    if std::fs::File::open(&secret).is_ok() {
        // The superuser may read everything; a file of /proc that nobody may read takes its place.
        std::fs::remove_file(&secret).unwrap();
        std::os::unix::fs::symlink("/proc/self/mem", &secret).unwrap();
    }
    let ran = run(&["check", folder.path("").trim_end_matches('/')]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("secret.tf: error: cannot read: "), "{}", ran.stderr);
    let (loaded, problems) = loaded(&folder);
    assert!(loaded.graph.find("aws_lb_target_group.t").is_some(), "{problems:?}");
    assert!(loaded.graph.partial().is_some());
}

#[cfg(unix)]
#[test]
fn a_folder_that_must_not_be_listed_ends_in_a_problem() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder(&[("main.tf", &format!("{GROUP}}}\nmodule \"m\" {{\n  source = \"./m\"\n}}\n"))]);
    let closed = folder.path("m");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
    if std::fs::read_dir(&closed).is_ok() {
        // The superuser may list everything; a name too long to be one takes its place.
        std::fs::remove_dir(&closed).unwrap();
        let ran = run(&["check", &folder.path(&"x".repeat(300))]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(": error: cannot read: "), "{}", ran.stderr);
        return;
    }
    let (loaded, problems) = loaded(&folder);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    assert!(shown(&problems).contains("error: cannot read: "), "{problems:?}");
    assert!(loaded.graph.find("aws_lb_target_group.t").is_some());
}

#[test]
fn a_folder_with_the_name_of_a_file_is_passed_over() {
    let folder = folder(&[("main.tf", &format!("{GROUP}}}\n"))]);
    std::fs::create_dir(folder.path("x.tf")).unwrap();
    let (loaded, problems) = loaded(&folder);
    assert!(problems.is_empty(), "{problems:?}");
    assert!(loaded.graph.find("aws_lb_target_group.t").is_some());
}

#[test]
fn what_a_providers_function_gives_is_unknown() {
    let text = format!(
        "locals {{\n  parts = provider::aws::arn_parse(\"arn:aws:iam::444455556666:role/x\")\n}}\n{GROUP}\
         \n  name = local.parts.resource\n  slow_start = provider::aws::nope(1)\n}}\n"
    );
    let (loaded, problems) = loaded(&folder(&[("main.tf", &text)]));
    assert!(problems.is_empty(), "{problems:?}");
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.t").unwrap());
    for (attribute, function) in [("name", "provider::aws::arn_parse"), ("slow_start", "provider::aws::nope")] {
        let value = group.raw.get(attribute).unwrap();
        let unknown = value.as_unknown().unwrap();
        assert!(unknown.to_string().contains(&format!("{function} belongs to a provider")), "{unknown}");
    }
}

#[test]
fn what_is_ephemeral_loads_and_is_not_shown() {
    let text = format!(
        "variable \"password\" {{\n  type = string\n  ephemeral = true\n  default = \"hunter2\"\n}}\n\
         ephemeral \"aws_secretsmanager_secret_version\" \"s\" {{\n  secret_id = \"db\"\n}}\n\
         output \"o\" {{\n  value = var.password\n  ephemeral = true\n}}\n\
         locals {{\n  token = ephemeral.aws_secretsmanager_secret_version.s.secret_string\n}}\n\
         {GROUP}\n  name = \"x-${{local.token}}\"\n  tags = {{ p = var.password }}\n}}\n"
    );
    let folder = folder(&[("main.tf", &text)]);
    let (loaded, problems) = loaded(&folder);
    assert!(problems.is_empty(), "{problems:?}");
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.t").unwrap());
    assert!(group.raw.get("name").unwrap().as_unknown().is_some());
    assert!(group.raw.get("tags").unwrap().get("p").unwrap().marks.sensitive);
    assert!(!run(&["check", &folder.path("."), "-o", "json"]).all().contains("hunter2"));
}

#[test]
fn a_finding_points_into_the_override_file() {
    let base = format!("{GROUP}  health_check {{\n    interval = 30\n    timeout = 5\n  }}\n  slow_start = 31\n}}\n");
    let over = "\n\nresource \"aws_lb_target_group\" \"t\" {\n  slow_start = 60\n\
                \n  health_check {\n    interval = 5\n    timeout = 10\n  }\n}\n";
    let json = r#"{"resource": {"aws_lb_target_group": {"t": {
  "slow_start": 90}}}}"#;
    let folder = folder(&[("main.tf", &base), ("more_override.tf", over), ("z_override.tf.json", json)]);
    let (loaded, problems) = loaded(&folder);
    assert!(problems.is_empty(), "{problems:?}");
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.t").unwrap());
    let place = |path: &str| {
        let spot = group.spot(path).unwrap();
        (spot.file.rsplit('/').next().unwrap().to_owned(), spot.line, spot.column)
    };
    assert_eq!(place(""), ("main.tf".to_owned(), 1, 1));
    assert_eq!(place("port"), ("main.tf".to_owned(), 2, 3));
    assert_eq!(place("slow_start"), ("z_override.tf.json".to_owned(), 2, 3));
    assert_eq!(place("health_check.timeout"), ("more_override.tf".to_owned(), 8, 5));
    let ran = run(&["check", &folder.path(".")]);
    assert!(ran.stdout.contains("more_override.tf:8:5"), "{}", ran.stdout);
}

#[test]
fn a_cycle_is_an_error_and_the_rest_is_judged() {
    let text = format!(
        "variable \"x\" {{\n  default = 1\n}}\nlocals {{\n  a = try(local.b, 1)\n  b = \"${{local.c}}-${{var.x}}\"\n  c = [local.a]\n}}\n\
         {GROUP}\n  name = local.a\n}}\n"
    );
    let folder = folder(&[("main.tf", &text)]);
    let (loaded, problems) = loaded(&folder);
    let errors: Vec<&Problem> = problems.iter().filter(|problem| problem.level == Level::Error).collect();
    assert_eq!(errors.len(), 1, "{}", shown(&problems));
    assert!(errors[0].message.contains("local.a → local.b → local.c → local.a"), "{}", errors[0]);
    assert_eq!(errors[0].position.map(|at| (at.line, at.column)), Some((7, 8)), "{}", errors[0]);
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.t").unwrap());
    assert!(group.raw.get("name").unwrap().as_unknown().is_some());
    assert_eq!(group.get("port").int(), Some(80));
    assert_eq!(run(&["check", &folder.path(".")]).code, 2);
}

/// As modules that many use are written; `terraform console` says the same of it.
#[test]
fn lines_break_anywhere_in_a_for_expression_with_braces() {
    let text = format!(
        r##"locals {{
  # A `{{ for` in a comment, "an open quote
  cases = {{ for name in ["a", "b"] : name => name == "a" ? upper(name) : // to here
    name == "c" ? "}}" :
    "x" ==
    "y" ? "no" : <<-EOT
      {{ for ${{name}}
      EOT
  }}
  inner = {{
    for key, value in {{ a = 1, b = 2 }} :
    key
    => {{
      one = value
      two = "{{ for ${{upper(
        key)}}"
    }}
    if value
      > 1
  }}
}}
{GROUP}
  name = "${{local.cases.a}}-${{trimspace(local.cases.b)}}-${{local.inner.b.one}}-${{local.inner.b.two}}-${{length(local.inner)}}"
}}
"##
    );
    let (loaded, problems) = loaded(&folder(&[("main.tf", &text)]));
    assert!(problems.is_empty(), "{}", shown(&problems));
    let group = loaded.graph.resource(loaded.graph.find("aws_lb_target_group.t").unwrap());
    assert_eq!(group.get("name").str(), Some("A-{ for b-2-{ for B-1"));
    assert_eq!(group.spot("port").map(|spot| (spot.line, spot.column)), Some((23, 3)));
    let (_, problems) = loaded_with_error();
    assert!(shown(&problems).contains("main.tf:4:7: error: is not valid HCL"), "{}", shown(&problems));
}

fn loaded_with_error() -> (Loaded, Vec<Problem>) {
    let text = "locals {\n  a = { for k in [1] : k => k == 1 ? 2 :\n    3 }\n  b = \n}\n";
    loaded(&folder(&[("main.tf", text), ("other.tf", &format!("{GROUP}}}\n"))]))
}
