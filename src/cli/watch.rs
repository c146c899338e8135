//! `check --watch`: judges again when a file changes near what is judged or is named beside it, and prints when the report
//! is another one. Looks at folders that Git does not ignore and at all that was read, wherever it lies; what reports write
//! does not count as a change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher};

use super::args::{CheckArgs, Command};
use super::exit::Exit;
use super::settings;
use super::terminal::Terminal;
use crate::load::{Given, GivenParameter};
use crate::source::{Level, Problem, Repository, disk, looked_at};

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
pub(crate) fn run(terminal: &Terminal, judge: fn(&CheckArgs, &Terminal) -> Exit) -> Exit {
    match watch(terminal, judge) {
        Ok(exit) => exit,
        Err(problem) => {
            terminal.complain(&[problem], Level::Note);
            Exit::NotJudged
        }
    }
}

fn watch(terminal: &Terminal, judge: fn(&CheckArgs, &Terminal) -> Exit) -> Result<Exit, Problem> {
    let (sender, signals) = channel();
    let stop = sender.clone();
    // Without a handler Ctrl-C still ends it, only less politely.
    let _ = ctrlc::set_handler(move || drop(stop.send(Signal::Stop)));
    let mut watcher = watcher(sender)?;
    let mut near = Near::default();
    let mut watched = BTreeSet::new();
    let mut shown = None;
    looked_at::keep();
    loop {
        // Before anything is read, so that no change goes unseen; again each time, for folders that are new.
        follow(&mut watcher, &mut watched, &near)?;
        let (exit, held) = match settings::read() {
            Ok(said) => {
                let Command::Check(args) = &said.command else { return Ok(Exit::NotJudged) };
                match Near::of(args) {
                    Ok(now) => {
                        near = now;
                        follow(&mut watcher, &mut watched, &near)?;
                        terminal.hold(|| judge(args, terminal))
                    }
                    Err(problem) if shown.is_none() => return Err(problem),
                    Err(problem) => terminal.hold(|| {
                        terminal.complain(&[problem], Level::Note);
                        Exit::NotJudged
                    }),
                }
            }
            // The configuration is broken now. What was near it stays so until it is mended.
            Err(refused) => terminal.hold(|| refused.tell(terminal)),
        };
        if shown.as_ref() != Some(&held) {
            terminal.release(&held)?;
            shown = Some(held);
        }
        // What was read elsewhere (modules, nested templates) may have changed before it was watched.
        if follow_read(&mut watcher, &mut watched) {
            continue;
        }
        if !changed(&signals, &near) {
            return Ok(exit);
        }
    }
}

/// What a run reads and writes.
#[derive(Default)]
struct Near {
    /// Inputs and named folders: what lies around them counts.
    inputs: Vec<String>,
    /// Named files and folders.
    named: Vec<String>,
    /// The named files, as the watcher tells them.
    files: BTreeSet<PathBuf>,
    /// What is written.
    own: BTreeSet<PathBuf>,
}

impl Near {
    fn of(args: &CheckArgs) -> Result<Near, Problem> {
        let inputs = args.inputs.paths()?;
        if inputs.iter().any(|input| input == "-") {
            let help = "name a file or a folder";
            return Err(Problem::error("standard input cannot be watched").in_file("--watch").help(help));
        }
        let (said, choice) = (args.inputs.configuration(), args.choice.choice());
        let mut named: Vec<String> = choice.policies;
        named.extend(choice.config.file.clone());
        named.extend(choice.baseline);
        named.extend(said.source);
        named.extend(said.backend);
        named.extend(said.given.into_iter().filter_map(|given| match given {
            Given::File(file) => Some(file),
            Given::Var(..) => None,
        }));
        named.extend(said.template.parameters.into_iter().filter_map(|given| match given {
            GivenParameter::File(file) => Some(file),
            GivenParameter::Value(..) | GivenParameter::Previous(_) => None,
        }));
        let files = named.iter().filter_map(|path| real(path)).collect();
        let own = args.outputs.all.iter().filter_map(|output| real(output.file.as_deref()?)).collect();
        Ok(Near { inputs, named, files, own })
    }

    /// Whether a file of this path may make another report.
    fn counts(&self, path: &Path) -> bool {
        // Whole files are written by way of hidden ones, by us and by editors.
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        self.files.contains(path) || !is_hidden && !self.own.contains(path)
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

/// How much of a folder is watched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The whole repository it is in.
    Around,
    /// It, and what is below.
    Below,
    /// It alone.
    Itself,
}

/// Watches the folders around the inputs: those of the repository, as modules and the servers' files lie beside. Of what is
/// named it watches the folder it is or lies in, and the current one, where a configuration may come to be.
fn follow(watcher: &mut impl Watcher, watched: &mut BTreeSet<PathBuf>, near: &Near) -> Result<(), Problem> {
    // A folder that went has to be watched anew when it comes back.
    watched.retain(|folder| folder.is_dir());
    let inputs = near.inputs.iter().map(|path| (path.as_str(), Reach::Around));
    let named = near.named.iter().map(|path| (path.as_str(), Reach::Below));
    for (path, reach) in inputs.chain(named).chain([(".", Reach::Itself)]) {
        let is_folder = disk::is_directory(path);
        let folder = if is_folder { Path::new(path) } else { parent(Path::new(path)) };
        let Ok(folder) = folder.canonicalize() else { continue };
        // The folder itself may be one that Git ignores; a plan often is.
        let around = Repository::root_of(&folder).filter(|_| reach == Reach::Around).unwrap_or(&folder).to_owned();
        // Beside a named file much may lie that has nothing to do with it.
        let is_alone = reach == Reach::Itself || reach == Reach::Below && !is_folder;
        let is_folder = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
        let walk = ignore::WalkBuilder::new(&around)
            .filter_entry(move |entry| is_folder(entry))
            .max_depth(is_alone.then_some(0))
            .build();
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

/// Watches the folders of what the last run looked at, wherever they are; whether one of them is new. What cannot be
/// watched there is passed over: it was not named.
fn follow_read(watcher: &mut impl Watcher, watched: &mut BTreeSet<PathBuf>) -> bool {
    let before = watched.len();
    for path in looked_at::take() {
        let folder = if path.is_dir() { &path } else { parent(&path) };
        let Ok(folder) = folder.canonicalize() else { continue };
        if watched.len() < 2 * FOLDERS
            && !watched.contains(&folder)
            && watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok()
        {
            watched.insert(folder);
        }
    }
    watched.len() > before
}

/// Waits for a change and for quiet after it; false when it is time to stop.
fn changed(signals: &Receiver<Signal>, near: &Near) -> bool {
    loop {
        match signals.recv() {
            Ok(Signal::Changed(path)) if near.counts(&path) => break,
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
