//! Reading and writing files and standard input. Every read is bounded, every write is whole: a temporary file in
//! the same folder, then a rename. Files can be read as if they had been changed already ([`Overlay`]).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use symbolic_common::ByteView;

use super::{Problem, looked_at};

/// The most bytes one input may have after unpacking.
pub const LIMIT: u64 = 4 << 30;

/// A packed input may become this large whatever its own size…
const UNPACKED: u64 = 64 << 20;

/// …and beyond that this many times its own size. Plans of many like stacks reach 100; made to do harm, gzip
/// reaches 1000.
const MOST_PACKED: u64 = 250;

/// What gzip begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Files as they would be after a change. What is in it is read in place of what is on the disk, by [`read`],
/// [`read_text`] and [`read_inside`]; a file that is not on the disk cannot be added.
///
/// It holds for the thread it is laid over, and only while [`Overlay::during`] runs, so that a result hangs on nothing
/// that was set elsewhere. A thread started there lays [`Overlay::current`] over itself.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    files: Arc<BTreeMap<PathBuf, Arc<str>>>,
}

thread_local! {
    static LAID: RefCell<Overlay> = RefCell::default();
}

impl Overlay {
    /// With these texts, by the paths of their files; paths that lead to no file are passed over.
    pub fn new<'t>(texts: impl IntoIterator<Item = (&'t str, &'t str)>) -> Overlay {
        let real = |(path, text): (&str, &str)| Some((Path::new(path).canonicalize().ok()?, Arc::from(text)));
        Overlay { files: Arc::new(texts.into_iter().filter_map(real).collect()) }
    }

    /// The one that is laid over this thread; an empty one when none is.
    #[must_use]
    pub fn current() -> Overlay {
        LAID.with_borrow(Overlay::clone)
    }

    /// Does some work while this is laid over the thread.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Back(Overlay);
        impl Drop for Back {
            fn drop(&mut self) {
                LAID.set(std::mem::take(&mut self.0));
            }
        }
        let _back = Back(LAID.replace(self.clone()));
        work()
    }
}

/// The changed text of a file, when there is one.
fn overlaid(path: &Path) -> Option<Vec<u8>> {
    LAID.with_borrow(|laid| {
        if laid.files.is_empty() {
            return None;
        }
        laid.files.get(&path.canonicalize().ok()?).map(|text| text.as_bytes().to_vec())
    })
}

/// Reads a whole file, or standard input for `-`; gzip is unpacked.
///
/// # Errors
/// A [`Problem`] that names the file: missing, unreadable, a directory, broken gzip, or over [`LIMIT`].
pub fn read(path: &str) -> Result<Vec<u8>, Problem> {
    looked_at::note(Path::new(path));
    if let Some(changed) = overlaid(Path::new(path)) {
        return Ok(changed);
    }
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
    if bytes.starts_with(GZIP) {
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

/// A file of at least this size is mapped into memory by [`open`].
const MAPPED: u64 = 32 << 20;

/// As [`read`], for bytes that are only looked at: a large file is mapped, so that its pages are the system's to keep and
/// to drop. Whoever cuts such a file off while it is read ends the program (SIGBUS); below 32 MiB, and on standard input,
/// nobody can. Reading it instead would take as much memory again as the file has bytes, for everybody, to be safe from
/// a writer who is not done; and a report of half a plan would be of no use to him either.
///
/// # Errors
/// As [`read`].
pub fn open(path: &str) -> Result<ByteView<'static>, Problem> {
    looked_at::note(Path::new(path));
    let large = std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && (MAPPED..=LIMIT).contains(&meta.len()));
    if path != "-" && large && overlaid(Path::new(path)).is_none() {
        let view = ByteView::open(path).map_err(|error| unreadable(path, &error))?;
        if !view.starts_with(GZIP) {
            return Ok(view);
        }
    }
    read(path).map(ByteView::from_vec)
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
    // What a link leads to, not the link; and nothing takes the place of a device or a pipe.
    let target = real(Path::new(path));
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let before = std::fs::metadata(&target);
    let write = || -> io::Result<()> {
        if before.as_ref().is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
            return std::fs::OpenOptions::new().write(true).open(&target)?.write_all(bytes);
        }
        let mut file = readable_by_others().tempfile_in(folder)?;
        if let Ok(meta) = &before {
            file.as_file().set_permissions(meta.permissions())?;
        }
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&target).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| Problem::error(format!("cannot write: {error}")).in_file(path))
}

/// Temporary files that may be read by whoever may read what this user writes; they are private otherwise.
fn readable_by_others() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut)]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
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
        let mut file = readable_by_others().tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        // Fails where anything at all has the name, a link that leads nowhere included.
        match file.persist_noclobber(target) {
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            written => written.map(|_| true).map_err(|error| error.error),
        }
    };
    write().map_err(|error| Problem::error(format!("cannot write: {error}")).in_file(path))
}

/// Whether there is anything at this path.
#[must_use]
pub fn exists(path: &str) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// A file with the text it has, and the one it is to have.
#[derive(Clone, Copy, Debug)]
pub struct Rewrite<'r> {
    /// The file.
    pub path: &'r str,
    /// What is in it.
    pub before: &'r str,
    /// What will be.
    pub after: &'r str,
}

/// Writes several files, all of them or none: each beside the old one first, then all are renamed. Links are followed,
/// permissions kept.
///
/// # Errors
/// One of them cannot be written, or does not have the text any more that it had; then all are as they were.
pub fn rewrite(files: &[Rewrite<'_>]) -> Result<(), Problem> {
    let stage = |file: &Rewrite<'_>| -> Result<(PathBuf, tempfile::NamedTempFile), Problem> {
        let refused = |error: io::Error| Problem::error(format!("cannot write: {error}")).in_file(file.path);
        let target = Path::new(file.path).canonicalize().map_err(refused)?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        let mut staged = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
        let opened = std::fs::OpenOptions::new().write(true).open(&target).map_err(refused)?;
        let permissions = opened.metadata().map_err(refused)?.permissions();
        let write =
            staged.write_all(file.after.as_bytes()).and_then(|()| staged.as_file().set_permissions(permissions));
        write.and_then(|()| staged.as_file().sync_all()).map_err(refused)?;
        let mut now = Vec::new();
        File::open(&target).and_then(|mut file| file.read_to_end(&mut now)).map_err(refused)?;
        if now != file.before.as_bytes() {
            let problem = Problem::error("was changed after it was read, so nothing is written").in_file(file.path);
            return Err(problem.help("run the command again"));
        }
        Ok((target, staged))
    };
    let staged = files.iter().map(stage).collect::<Result<Vec<_>, Problem>>()?;
    for (at, (target, staged)) in staged.into_iter().enumerate() {
        if let Err(error) = staged.persist(&target) {
            let mut problem = Problem::error(format!("cannot write: {}", error.error)).in_file(files[at].path);
            for done in &files[..at] {
                if write_whole(done.path, done.before.as_bytes()).is_err() {
                    problem = problem.help(format!("{} was written already and could not be set back", done.path));
                }
            }
            return Err(problem);
        }
    }
    Ok(())
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

/// Where a path leads, symbolic links resolved; as it is written when there is nothing.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Reads a file that must lie inside one of `roots` (canonical folders), symbolic links resolved, at most `limit` bytes.
/// Whether there is something outside of the roots is not looked at further than resolving the path.
#[must_use]
pub fn read_inside(path: &Path, roots: &[PathBuf], limit: u64) -> Confined {
    looked_at::note(path);
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Confined::Missing,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Confined::NoFile,
        Err(error) => return Confined::Refused(format!("it cannot be read: {error}")),
    };
    if !roots.iter().any(|root| real.starts_with(root)) {
        return Confined::Refused("it lies outside of the configuration".to_owned());
    }
    if let Some(changed) = overlaid(&real) {
        return Confined::Bytes(changed);
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
    looked_at::note(Path::new(path));
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

/// Files below a folder (or the file itself) with one of the extensions, sorted by path. Links to folders are not followed;
/// pipes and devices are none, whoever opens one may wait forever.
///
/// # Errors
/// A [`Problem`] that names what cannot be listed.
pub fn files_under(path: &str, extensions: &[&str]) -> Result<Vec<String>, Problem> {
    looked_at::note(Path::new(path));
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
            } else if path.extension().and_then(OsStr::to_str).is_some_and(|ext| extensions.contains(&ext))
                && std::fs::metadata(&path).map_or(true, |meta| meta.is_file())
            {
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
    let mut bytes = Vec::new();
    // What does not fit is told below, instead of ending the program here.
    let _ = bytes.try_reserve(expected.min(limit) as usize);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", limit >> 20))
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem::error(format!("cannot read: {error}")).in_file(name)
}
