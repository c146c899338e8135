//! Files that lie beside an input and may tell how its backends behave: configuration of servers, code, Dockerfiles. Which
//! of them say something, and what, is `server`'s business.

use std::path::Path;

use ignore::WalkBuilder;

use crate::server::{File, Files, Given};
use crate::source::{Problem, disk};

/// The most files, and bytes of one and of all, that are read.
const FILES: usize = 2000;
const LARGEST: u64 = 512 << 10;
const IN_ALL: usize = 16 << 20;
/// The most entries that are looked at, and how deep.
const ENTRIES: usize = 20_000;
const DEEPEST: usize = 6;

/// Folders that hold what others wrote, or what is made.
const LEFT_OUT: [&str; 8] =
    ["node_modules", "vendor", "target", "dist", "cdk.out", "site-packages", "testdata", "__tests__"];

const EXTENSIONS: [&str; 20] = [
    "cfg",
    "cjs",
    "conf",
    "exs",
    "js",
    "json",
    "lock",
    "mjs",
    "mts",
    "properties",
    "py",
    "rb",
    "service",
    "sh",
    "template",
    "toml",
    "ts",
    "xml",
    "yaml",
    "yml",
];

const NAMES: [&str; 3] = ["Caddyfile", "Dockerfile", "Procfile"];

/// Hidden folders that are read: what an application's bundle tells Elastic Beanstalk about its instances.
const OF_BUNDLE: [&str; 2] = [".platform", ".ebextensions"];

/// The files below a folder, and those of a bundle for Elastic Beanstalk, each sorted by path. Other hidden ones and those
/// that Git ignores are left out.
pub(super) fn files(folder: &str) -> (Files, Files, Vec<Problem>) {
    let mut paths = Vec::new();
    let mut seen = 0;
    let mut problems = Vec::new();
    let mut walk = WalkBuilder::new(folder);
    let left_out = |name: &str| LEFT_OUT.contains(&name);
    let hidden = |name: &str| name.starts_with('.') && !OF_BUNDLE.contains(&name);
    walk.hidden(false).max_depth(Some(DEEPEST)).follow_links(false).max_filesize(Some(LARGEST)).require_git(false);
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(hidden(&name) || is_folder && left_out(&name))
    });
    for entry in walk.build() {
        seen += 1;
        if seen > ENTRIES || paths.len() >= FILES {
            let message = "holds more files than are looked at for the servers behind the load balancer";
            problems.push(Problem::note(message).in_file(folder).help("name the folder of the backend with --backend"));
            break;
        }
        let Ok(entry) = entry else { continue };
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        if is_file && may_tell(entry.path()) {
            paths.push(entry.into_path());
        }
    }
    paths.sort();
    let mut left = IN_ALL;
    let mut read = |path: &std::path::PathBuf| {
        let text = disk::read_text(&path.to_string_lossy()).ok().filter(|text| text.len() <= left)?;
        left -= text.len();
        let shown = path.strip_prefix(".").unwrap_or(path).to_string_lossy().replace('\\', "/");
        Some(File::new(shown.as_str(), Given::Text(text.as_str().into())))
    };
    let (bundle, files): (Vec<File>, Vec<File>) =
        paths.iter().filter_map(&mut read).partition(|file| file.path.split('/').any(|part| OF_BUNDLE.contains(&part)));
    (files.into_iter().collect(), bundle.into_iter().collect(), problems)
}

fn may_tell(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let named = NAMES.iter().any(|known| name == *known || name.starts_with(&format!("{known}.")));
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let of_bundle = extension == "config" && path.components().any(|part| part.as_os_str() == ".ebextensions");
    // Plans, locks of package managers and the like are neither.
    let known = EXTENSIONS.contains(&extension) && !["package-lock.json", "plan.json"].contains(&name);
    named || known || of_bundle
}
