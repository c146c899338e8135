//! Reading and writing files and standard input. Every read is bounded, every write is whole: a temporary file in
//! the same folder, then a rename.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Problem;

/// The most bytes one input may have after unpacking.
pub const LIMIT: u64 = 4 << 30;

/// A packed input may become this large whatever its own size…
const UNPACKED: u64 = 64 << 20;

/// …and beyond that this many times its own size. Plans of many like stacks reach 100; made to do harm, gzip
/// reaches 1000.
const MOST_PACKED: u64 = 250;

/// Reads a whole file, or standard input for `-`; gzip is unpacked.
///
/// # Errors
/// A [`Problem`] that names the file: missing, unreadable, a directory, broken gzip, or over [`LIMIT`].
pub fn read(path: &str) -> Result<Vec<u8>, Problem> {
    let name = name_of(path);
    let bytes = if path == "-" {
        bounded(io::stdin().lock(), 0, LIMIT)
    } else {
        let meta = std::fs::metadata(path).map_err(|error| unreadable(name, &error))?;
        if meta.is_dir() {
            return Err(Problem::error("is a directory, not a file").in_file(name));
        }
        if meta.len() > LIMIT {
            Err(too_large(LIMIT))
        } else {
            File::open(path).and_then(|file| bounded(file, meta.len(), LIMIT))
        }
    };
    let bytes = bytes.map_err(|error| unreadable(name, &error))?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = bytes.len() as u64;
        let limit = packed.saturating_mul(MOST_PACKED).clamp(UNPACKED, LIMIT);
        return bounded(flate2::read::MultiGzDecoder::new(bytes.as_slice()), packed * 8, limit).map_err(|error| {
            let help = match error.kind() {
                io::ErrorKind::FileTooLarge => "no plan packs that well; if it is one, unpack it first: gunzip",
                _ => "write the file again: it is damaged or cut off",
            };
            Problem::error(format!("cannot unpack gzip: {error}")).in_file(name).help(help)
        });
    }
    Ok(bytes)
}

/// What a path is called in words: `<stdin>` for `-`.
#[must_use]
pub fn name_of(path: &str) -> &str {
    if path == "-" { "<stdin>" } else { path }
}

/// Reads a text file.
///
/// # Errors
/// As [`read`], and when the file is not UTF-8.
pub fn read_text(path: &str) -> Result<String, Problem> {
    String::from_utf8(read(path)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let (line, column) = super::line_column(error.as_bytes(), offset);
        Problem::error("is not UTF-8 text").in_file(name_of(path)).at(line, column)
    })
}

/// Writes a whole file by way of a temporary one in the same folder, so that nobody sees half of it.
///
/// # Errors
/// A [`Problem`] that names the file when the folder is missing, not writable or full.
pub fn write_whole(path: &str, bytes: &[u8]) -> Result<(), Problem> {
    let target = Path::new(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(target).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| Problem::error(format!("cannot write: {error}")).in_file(path))
}

/// Writes a whole file where there is none, and the folders it lies in; whether it did.
///
/// # Errors
/// As [`write_whole`].
pub fn write_new(path: &str, bytes: &[u8]) -> Result<bool, Problem> {
    let target = Path::new(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<bool> {
        std::fs::create_dir_all(folder)?;
        // Fails where anything at all has the name, a link that leads nowhere included.
        let mut file = match std::fs::OpenOptions::new().write(true).create_new(true).open(target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            file => file?,
        };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(true)
    };
    write().map_err(|error| Problem::error(format!("cannot write: {error}")).in_file(path))
}

/// Whether there is anything at this path.
#[must_use]
pub fn exists(path: &str) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// What reading inside given folders comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confined {
    /// The bytes, as they are.
    Bytes(Vec<u8>),
    /// There is no such file.
    Missing,
    /// There is a folder or something else in its place.
    NoFile,
    /// It is there but not read: it leads out of the folders or is too large.
    Refused(String),
}

/// Reads a file that must lie inside one of `roots` (canonical folders), symbolic links resolved, at most `limit` bytes.
/// Whether there is something outside of the roots is not looked at further than resolving the path.
#[must_use]
pub fn read_inside(path: &Path, roots: &[PathBuf], limit: u64) -> Confined {
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Confined::Missing,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Confined::NoFile,
        Err(error) => return Confined::Refused(format!("it cannot be read: {error}")),
    };
    if !roots.iter().any(|root| real.starts_with(root)) {
        return Confined::Refused("it lies outside of the configuration".to_owned());
    }
    match std::fs::metadata(&real) {
        Ok(meta) if meta.is_file() && meta.len() <= limit => {}
        Ok(meta) if meta.is_file() => return Confined::Refused(format!("it is larger than {} MiB", limit >> 20)),
        Ok(_) => return Confined::NoFile,
        Err(error) => return Confined::Refused(format!("it cannot be read: {error}")),
    }
    let mut bytes = Vec::new();
    match File::open(&real).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        Ok(_) => Confined::Bytes(bytes),
        Err(error) => Confined::Refused(format!("it cannot be read: {error}")),
    }
}

/// Whether the path is a directory.
#[must_use]
pub fn is_directory(path: &str) -> bool {
    Path::new(path).is_dir()
}

/// Whether the path is a file, links followed.
#[must_use]
pub fn is_file(path: &str) -> bool {
    Path::new(path).is_file()
}

/// What an entry of a folder is, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link that leads nowhere, a pipe, a device.
    Other,
}

/// The names in a folder and what they are, sorted.
///
/// # Errors
/// A [`Problem`] that names the folder when it cannot be listed.
pub fn entries_in(path: &str) -> Result<Vec<(String, Entry)>, Problem> {
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(path, &error))?;
        let kind = match std::fs::metadata(entry.path()) {
            Ok(meta) if meta.is_file() => Entry::File,
            Ok(meta) if meta.is_dir() => Entry::Folder,
            _ => Entry::Other,
        };
        names.push((entry.file_name().to_string_lossy().into_owned(), kind));
    }
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(names)
}

/// The names of the files in a folder, sorted.
///
/// # Errors
/// As [`entries_in`].
pub fn names_in(path: &str) -> Result<Vec<String>, Problem> {
    let entries = entries_in(path)?;
    Ok(entries.into_iter().filter(|(_, kind)| *kind == Entry::File).map(|(name, _)| name).collect())
}

/// Files below a folder (or the file itself) with one of the extensions, sorted by path. Links are not followed.
///
/// # Errors
/// A [`Problem`] that names what cannot be listed.
pub fn files_under(path: &str, extensions: &[&str]) -> Result<Vec<String>, Problem> {
    if !is_directory(path) {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(path)];
    while let Some(folder) = folders.pop() {
        let name = folder.to_string_lossy().into_owned();
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&name, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&name, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&name, &error))?;
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(OsStr::to_str).is_some_and(|ext| extensions.contains(&ext)) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Runs a program and returns what it printed on standard output.
///
/// # Errors
/// `Ok(None)` when there is no such program; a [`Problem`] with the last lines of its standard error when it fails.
pub fn output_of(program: &str, arguments: &[&str]) -> Result<Option<Vec<u8>>, Problem> {
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    match run {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::error(format!("cannot run {program}: {error}"))),
        Ok(output) if output.status.success() => Ok(Some(output.stdout)),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let tail = lines[lines.len().saturating_sub(4)..].join(" ");
            Err(Problem::error(format!("`{program} {}` did not succeed: {tail}", arguments.join(" "))))
        }
    }
}

fn bounded(reader: impl Read, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected.min(limit) as usize);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", limit >> 20))
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem::error(format!("cannot read: {error}")).in_file(name)
}
