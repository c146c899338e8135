//! `check --watch`: judges again when a file changes near what is judged, and prints when the report is another one. Looks
//! at folders that Git does not ignore; what reports write there does not count as a change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher};

use super::args::CheckArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::source::{Level, Problem, Repository, disk};

/// Editors and `terraform` write several files, or one several times: it is over when this long nothing came.
const QUIET: Duration = Duration::from_millis(200);

/// And this long is waited at most for quiet.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most folders that are watched.
const FOLDERS: usize = 4096;

enum Signal {
    Changed(PathBuf),
    Stop,
}

/// Judges until Ctrl-C, and ends as the last judgement did.
pub(crate) fn run(args: &CheckArgs, terminal: &Terminal, judge: fn(&CheckArgs, &Terminal) -> Exit) -> Exit {
    match watch(args, terminal, judge) {
        Ok(exit) => exit,
        Err(problem) => {
            terminal.complain(&[problem], Level::Note);
            Exit::NotJudged
        }
    }
}

fn watch(args: &CheckArgs, terminal: &Terminal, judge: fn(&CheckArgs, &Terminal) -> Exit) -> Result<Exit, Problem> {
    let inputs = args.inputs.paths()?;
    if inputs.iter().any(|input| input == "-") {
        let help = "name a file or a folder";
        return Err(Problem::error("standard input cannot be watched").in_file("--watch").help(help));
    }
    let (sender, signals) = channel();
    let stop = sender.clone();
    // Without a handler Ctrl-C still ends it, only less politely.
    let _ = ctrlc::set_handler(move || drop(stop.send(Signal::Stop)));
    let own: BTreeSet<PathBuf> = args.outputs.all.iter().filter_map(|output| real(output.file.as_deref()?)).collect();
    let mut watcher = watcher(sender)?;
    let mut watched = BTreeSet::new();
    let mut shown = None;
    loop {
        // Before judging, so that no change goes unseen; again each time, for folders that are new.
        follow(&mut watcher, &mut watched, &inputs)?;
        let (exit, held) = terminal.hold(|| judge(args, terminal));
        if shown.as_ref() != Some(&held) {
            terminal.release(&held)?;
            shown = Some(held);
        }
        if !changed(&signals, &own) {
            return Ok(exit);
        }
    }
}

fn watcher(sender: Sender<Signal>) -> Result<impl Watcher, Problem> {
    let told = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        // Reading is no change; neither is who may read.
        let counts = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Any => true,
            EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
            EventKind::Access(_) | EventKind::Other => false,
        };
        if counts {
            // Nobody listens any more when it ends.
            event.paths.into_iter().for_each(|path| drop(sender.send(Signal::Changed(path))));
        }
    };
    notify::recommended_watcher(told).map_err(|error| unwatchable(&error))
}

/// Watches the folders around the inputs: those of the repository, as modules and the servers' files lie beside.
fn follow(watcher: &mut impl Watcher, watched: &mut BTreeSet<PathBuf>, inputs: &[String]) -> Result<(), Problem> {
    // A folder that went has to be watched anew when it comes back.
    watched.retain(|folder| folder.is_dir());
    for input in inputs {
        let folder = if disk::is_directory(input) { Path::new(input) } else { parent(Path::new(input)) };
        let Ok(folder) = folder.canonicalize() else { continue };
        // The folder itself may be one that Git ignores; a plan often is.
        let around = Repository::root_of(&folder).unwrap_or(&folder).to_owned();
        let is_folder = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
        let walk = ignore::WalkBuilder::new(&around).filter_entry(move |entry| is_folder(entry)).build();
        let folders = walk.filter_map(|entry| Some(entry.ok()?.into_path())).take(FOLDERS);
        for folder in folders.chain([folder]) {
            if !watched.contains(&folder) {
                watcher.watch(&folder, RecursiveMode::NonRecursive).map_err(|error| unwatchable(&error))?;
                watched.insert(folder);
            }
        }
    }
    Ok(())
}

/// Waits for a change and for quiet after it; false when it is time to stop.
fn changed(signals: &Receiver<Signal>, own: &BTreeSet<PathBuf>) -> bool {
    let counts = |path: &Path| {
        // Whole files are written by way of hidden ones, by us and by editors.
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && !own.contains(path)
    };
    loop {
        match signals.recv() {
            Ok(Signal::Changed(path)) if counts(&path) => break,
            Ok(Signal::Changed(_)) => {}
            Ok(Signal::Stop) | Err(_) => return false,
        }
    }
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match signals.recv_timeout(QUIET) {
            Ok(Signal::Changed(_)) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}

/// A path as the watcher tells it. The file need not be there yet.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    Some(parent(path).canonicalize().ok()?.join(path.file_name()?))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unwatchable(error: &notify::Error) -> Problem {
    Problem::error(format!("cannot watch for changes: {error}")).in_file("--watch")
}
