//! Turns what is embedded and written as YAML (the built-in policies, the table of servers) into JSON, so that a run
//! does not begin with reading YAML. Nothing is checked here: the program's tests read the YAML itself.

#![allow(clippy::disallowed_methods, reason = "a build script is outside of the program and of its door to the disk")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};

const SERVERS: &str = "src/server/servers.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=policies");
    println!("cargo::rerun-if-changed={SERVERS}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let mut policies = Vec::new();
    for file in policy_files(Path::new("policies"))? {
        let mut policy = read(&file)?;
        if let Value::Object(fields) = &mut policy {
            // To judge they are not needed, and they are most of the text.
            fields.shift_remove("examples");
        }
        policies.push(json!([file.to_string_lossy().replace('\\', "/"), policy]));
    }
    fs::write(out.join("policies.json"), Value::from(policies).to_string())?;
    fs::write(out.join("servers.json"), read(Path::new(SERVERS))?.to_string())?;
    Ok(())
}

fn read(file: &Path) -> Result<Value, Box<dyn Error>> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let read = serde_saphyr::from_str_with_options(&fs::read_to_string(file)?, options);
    read.map_err(|error| format!("{}: {error}", file.display()).into())
}

fn policy_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(policy_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
