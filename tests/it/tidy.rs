//! Holds the house in order: floors, file docs, sizes, names, and that the README says what is there. Checks form, not
//! behaviour.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    String::from_utf8(plangate::source::disk::read(path.to_str().unwrap()).unwrap()).unwrap()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let found = plangate::source::disk::files_under(folder.to_str().unwrap(), &[extension]).unwrap();
    assert!(!found.is_empty(), "no .{extension} files under {}", folder.display());
    found.into_iter().map(PathBuf::from).collect()
}

fn rust_files() -> Vec<PathBuf> {
    ["src", "tests", "benches"].iter().flat_map(|folder| files(folder, "rs")).collect()
}

/// Module → floor, from the table in the crate doc.
fn floors() -> BTreeMap<String, u32> {
    let doc = text(&root().join("src/lib.rs"));
    let rows = doc.lines().filter_map(|line| line.strip_prefix("//! | "));
    let floors: BTreeMap<String, u32> = rows
        .filter_map(|row| {
            let mut cells = row.split('|').map(str::trim);
            let floor = cells.next()?.parse().ok()?;
            Some((cells.next()?.trim_matches('`').to_owned(), floor))
        })
        .collect();
    assert!(floors.len() >= 8, "the floor table in src/lib.rs is not where it was");
    floors
}

#[test]
fn imports_go_down_only() {
    let floors = floors();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files("src", "rs") {
        let relative = file.strip_prefix(root().join("src")).unwrap().to_owned();
        let module = relative.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        if module == "main" || module == "lib" {
            continue;
        }
        let own = floors.get(&module).unwrap_or_else(|| panic!("{module} is not in the floor table"));
        for (number, line) in text(&file).lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for used in code.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(floor) = floors.get(&used) else { continue };
                seen += 1;
                if used != module && floor >= own {
                    wrong.push(format!("{}:{}: {module} uses {used}", relative.display(), number + 1));
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} imports seen: the test looks at nothing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_on_disk_has_a_floor() {
    let floors = floors();
    for entry in std::fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(floors.contains_key(&name), "src/{name} is not in the floor table");
        }
    }
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    for file in rust_files() {
        let text = text(&file);
        assert!(text.starts_with("//! "), "{} does not open with //!", file.display());
        assert!(text.lines().count() <= 600, "{} has {} lines", file.display(), text.lines().count());
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "common", "helpers", "types", "misc"].contains(&stem.as_str()),
            "{}",
            file.display()
        );
    }
}

#[test]
fn policy_files_are_named_by_their_id() {
    for file in files("policies", "yaml") {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let first = text(&file).lines().next().unwrap_or_default().to_owned();
        assert_eq!(first, format!("id: {stem}"), "{}", file.display());
        assert_eq!(file.parent().unwrap().parent().unwrap(), root().join("policies"), "policies/<area>/<id>.yaml");
    }
}

#[test]
fn the_readme_lists_every_policy() {
    let readme = text(&root().join("README.md"));
    let mut table = String::new();
    let (set, problems) = plangate::policy::PolicySet::builtin();
    assert!(problems.is_empty(), "{problems:?}");
    for policy in set.iter() {
        let row = format!("| `{}` | {} | {} |\n", policy.id, policy.severity, policy.title);
        table.push_str(&row);
    }
    let between = readme
        .split("<!-- policies -->")
        .nth(1)
        .and_then(|rest| rest.split("<!-- /policies -->").next())
        .expect("README.md has the markers <!-- policies --> and <!-- /policies -->");
    let expected = format!("\n| policy | severity | what holds when it passes |\n|---|---|---|\n{table}");
    assert_eq!(between, expected, "write this between the markers:\n{expected}");
}

#[test]
fn the_readme_says_why_each_dependency_is_there() {
    let manifest = text(&root().join("Cargo.toml"));
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let readme = text(&root().join("README.md"));
    let names: Vec<&str> = dependencies
        .lines()
        .filter(|line| line.contains('='))
        .filter_map(|line| line.split(['=', ' ']).next())
        .collect();
    let table = readme.split("## Dependencies").nth(1).unwrap().split("\n## ").next().unwrap();
    let told: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(told, names, "README.md's dependency table and Cargo.toml's list differ");
}

#[test]
fn nothing_tells_where_it_was_made() {
    let places = ["src", "tests", "benches", "policies", "testdata"];
    let extensions = ["rs", "yaml", "tf", "sh", "json"];
    let roots = ["/work", "/root", "/home/", "/opt/", "/tmp/"];
    for place in places {
        for extension in extensions {
            let folder = root().join(place);
            let found = plangate::source::disk::files_under(folder.to_str().unwrap(), &[extension]).unwrap();
            for file in found.iter().filter(|file| !file.ends_with("tidy.rs")) {
                let text = text(Path::new(file));
                for root in roots {
                    let path = format!("\"{root}/");
                    assert!(!text.contains(&path.replace("//", "/")), "{file} holds a path of a machine: {root}");
                }
            }
        }
    }
}
