//! What the README shows is what the program prints.

use assert_cmd::Command;

#[test]
fn the_run_it_shows_is_a_real_one() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = plangate::source::disk::read_text(&format!("{root}/README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut command = Command::cargo_bin("plangate").unwrap();
    let run = command
        .current_dir(root)
        .args(["--color", "never", "check", "testdata/ecs-dynamic-ports/plan.json"])
        .output()
        .unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    assert_eq!(shown, printed, "put this into README.md:\n{printed}");
    assert_eq!(run.status.code(), Some(1));
}

#[test]
fn the_policy_it_shows_works() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = plangate::source::disk::read_text(&format!("{root}/README.md")).unwrap();
    let blocks = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let policy = blocks.into_iter().find(|block| block.starts_with("id: ")).unwrap();
    let id = policy.lines().next().unwrap().trim_start_matches("id: ");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{id}.yaml"));
    plangate::source::disk::write_whole(file.to_str().unwrap(), policy.as_bytes()).unwrap();
    let mut command = Command::cargo_bin("plangate").unwrap();
    let run = command.args(["policies", "test", file.to_str().unwrap()]).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}
