//! The answer for one target: all evidence weighed in its order. Flags and variables of the container win over
//! configuration text, that over files beside the definition, those over what an image ships. What is only presumed
//! never decides.

use std::fmt;

use super::container::{Container, Launch};
use super::doc::Files;
use super::dockerfile::{self, Dockerfile};
use super::folder::{self, Context};
use super::image::{Image, Named};
use super::keep_alive::{
    Defect, Given, Hidden, Idle, KeepAlive, Onward, Reading, RequestLimit, Said, Source, Strength,
};
use super::machine::Machine;
use super::python::Workers;
use super::spring::Profiles;
use super::stated::Stated;
use super::table::{Server, Within};
use super::{command, of_machine};

/// All that is visible of a target.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The container that answers.
    pub container: Option<Container>,
    /// The machine that answers, as its first boot leaves it.
    pub machine: Option<Machine>,
    /// Files beside the definition.
    pub beside: Files,
    /// The user says that these files are this backend's. Otherwise what names no server itself is only supposed to be
    /// what the files speak of.
    pub beside_belongs: bool,
    /// The port it listens on.
    pub port: Option<u16>,
}

/// Files beside the definition of targets.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The files.
    pub files: Files,
    /// Those of an application's bundle that set up the instances of Elastic Beanstalk: `.platform`, `.ebextensions`.
    pub bundle: Files,
    /// Whether somebody said that they are those of the backend; else they only happen to lie there.
    pub belongs: bool,
    /// What somebody states of backends that cannot be seen; the first that is about one holds.
    pub stated: Vec<Stated>,
}

/// What a backend does.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// How long it keeps idle connections.
    pub keep_alive: Answer,
    /// How long requests may take.
    pub limits: Vec<RequestLimit>,
    /// Faults inside what was read.
    pub defects: Vec<Defect>,
    /// Where it hands requests on to.
    pub onward: Vec<Onward>,
}

/// An idle timeout, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Stated or shipped: it decides.
    Known(KeepAlive),
    /// It cannot be told.
    Unknown(Unread),
}

/// Why an idle timeout cannot be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// The server, if it is known.
    pub server: Server,
    /// Why.
    pub why: Why,
    /// What would say it, when something does that cannot be read.
    pub from: Option<Source>,
    /// The number to presume.
    pub presumed: Option<KeepAlive>,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Nothing names a server.
    NoServer,
    /// The server is only inferred, or its settings are not visible.
    Settings,
    /// Something sets it that cannot be read.
    Hidden(Hidden),
}

const NO_SERVER: &str = "which server answers, and for how long does it keep an idle connection open?";

impl Unread {
    /// The question whose answer would decide, for the one who knows the backend.
    #[must_use]
    pub fn question(&self) -> String {
        match (&self.why, &self.from) {
            (Why::NoServer, _) => NO_SERVER.to_owned(),
            (Why::Hidden(why), None) if self.server == Server::unknown() => format!("{NO_SERVER} ({why})"),
            (Why::Hidden(why), Some(from)) => {
                format!("what does {} set as the idle timeout of {}? ({why})", from.what, self.server)
            }
            (Why::Hidden(why), None) => format!("what is the idle timeout of {}? ({why})", self.server),
            (Why::Settings, _) => match self.presumed.as_ref().map(|presumed| presumed.idle) {
                Some(Idle::ClosesEach) => {
                    format!(
                        "does anything make {} keep connections, or does it close each after its response?",
                        self.server
                    )
                }
                Some(idle) => format!("does anything set the idle timeout of {}, or is it {idle}?", self.server),
                None => format!("what is the idle timeout of {}, which has no default?", self.server),
            },
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.question())
    }
}

/// Weighs the evidence.
#[must_use]
pub fn backend(evidence: &Evidence) -> Backend {
    match (&evidence.container, &evidence.machine) {
        (Some(container), _) => of_container(container, evidence),
        (None, Some(machine)) => {
            with_beside(of_machine::backend(machine, evidence), || of_folder(&evidence.beside, evidence.port))
        }
        (None, None) => of_folder(&evidence.beside, evidence.port),
    }
}

impl Backend {
    /// Of which nothing is known.
    pub(super) fn unknown() -> Backend {
        Backend::unread(Server::unknown(), Why::NoServer, None, None)
    }

    /// Of which this is known for sure.
    #[must_use]
    pub fn known(keep_alive: KeepAlive) -> Backend {
        let keep_alive = Answer::Known(keep_alive);
        Backend { keep_alive, limits: Vec::new(), defects: Vec::new(), onward: Vec::new() }
    }

    /// Of which it cannot be told.
    #[must_use]
    pub fn unread(server: Server, why: Why, from: Option<Source>, presumed: Option<KeepAlive>) -> Backend {
        let keep_alive = Answer::Unknown(Unread { server, why, from, presumed });
        Backend { keep_alive, limits: Vec::new(), defects: Vec::new(), onward: Vec::new() }
    }

    /// What a reading says, or what holds when it says nothing.
    pub(super) fn of(reading: Reading, otherwise: impl FnOnce(Server) -> Answer) -> Backend {
        let Reading { server, idle, limits, defects, onward } = reading;
        let keep_alive = match idle {
            Said::Stated(idle, from) => Answer::Known(KeepAlive { idle, server, strength: Strength::Stated, from }),
            Said::Hidden(why, from) => {
                Answer::Unknown(Unread { server, why: Why::Hidden(why), from: Some(from), presumed: None })
            }
            Said::Nothing => otherwise(server),
        };
        Backend { keep_alive, limits, defects, onward }
    }
}

/// A default: it decides when it is shipped, and is only shown when it is presumed.
pub(super) fn by_default(server: Server, found: Option<(Idle, Strength)>, from: Source) -> Answer {
    let unread = |presumed| Answer::Unknown(Unread { server, why: Why::Settings, from: None, presumed });
    match found {
        Some((idle, Strength::Presumed)) => {
            unread(Some(KeepAlive { idle, server, strength: Strength::Presumed, from }))
        }
        Some((idle, strength)) => Answer::Known(KeepAlive { idle, server, strength, from }),
        None => unread(None),
    }
}

/// What a server does by itself; it never decides.
fn presumed_default(server: Server) -> Answer {
    by_default(server, server.presumed().map(|idle| (idle, Strength::Presumed)), default_of(server))
}

/// A default as a source.
pub(super) fn default_of(server: Server) -> Source {
    Source::named(format!("default of {server}"))
}

fn of_container(container: &Container, evidence: &Evidence) -> Backend {
    let image = container.image.text().and_then(|text| Image::parse(text));
    let own_name = image.as_ref().and_then(Image::server);
    let is_official = own_name.is_some_and(|named| named.official);
    let built = (!is_official).then(|| dockerfile_of(&evidence.beside, image.as_ref())).flatten();
    let beside = match &built {
        Some((folder, _)) => evidence.beside.below(folder),
        None => evidence.beside.clone(),
    };
    let dockerfile = built.as_ref().map(|(_, dockerfile)| dockerfile);
    let launch = Launch::of(container, dockerfile, &beside);
    let base = dockerfile.and_then(|dockerfile| Image::parse(dockerfile.from.as_ref()?)?.server());
    let named = own_name.or(base);
    let spring = launch.of_properties();
    let by_spring = (!matches!(spring.idle, Said::Nothing)).then_some(spring.server);
    let server = launch
        .by_command
        .or(named.filter(|named| named.official).map(|named| named.server))
        .or(by_spring)
        .or(launch.by_env)
        .or(named.map(|named| named.server));
    let context = Context { port: evidence.port, profiles: launch.profiles(!container.more_env) };
    let Some(server) = server else {
        let belongs = evidence.beside_belongs || built.is_some();
        let backend = nameless(container, &launch, &beside, &context, is_official);
        return match belongs {
            true => backend,
            false => supposed(backend),
        };
    };
    if server.not_http() {
        let from = Source::named(shown_image(container));
        let mut backend = Backend::unread(server, Why::Settings, None, None);
        backend.defects.push(Defect::NotHttp { from });
        return backend;
    }
    if by_spring == Some(server) && launch.by_command.is_none() {
        return Backend::of(spring, |server| by_default(server, None, Source::named("")));
    }
    let mut reading = launch.of_server(server);
    let written = of_files(&folder::read(&launch.machine.files, &context), server);
    let lie_beside = if is_official && container.mounts.is_empty() {
        None
    } else {
        of_files(&folder::read(&beside, &context), server)
    };
    let beside_server = lie_beside.as_ref().map(|reading| reading.server);
    let mut workers = launch.workers();
    if server == Server::of("gunicorn") && workers == Workers::Unsaid {
        workers = folder::gunicorn(&beside).map_or(Workers::Unsaid, |(_, workers)| workers);
    }
    for (files, sure) in [(written, true), (lie_beside, !is_official && placed(server, dockerfile, &launch))] {
        let Some(files) = files else { continue };
        reading.limits = stated_first(reading.limits, files.limits);
        reading.defects.extend(files.defects);
        reading.onward.extend(files.onward);
        reading.idle = reading.idle.or(|| match files.idle {
            Said::Stated(_, from) if !sure => Said::Hidden(Hidden::NotGiven(NOT_PLACED.into()), from),
            said => said,
        });
    }
    if server == Server::of("gunicorn") {
        reading.idle = command::with_workers(reading.idle, workers);
    }
    reading.idle = reading.idle.or(|| mounted(container, server));
    if !matches!(reading.idle, Said::Nothing) {
        let mut backend = Backend::of(reading, |server| by_default(server, None, Source::named("")));
        if let Answer::Unknown(unread) = &mut backend.keep_alive {
            unread.presumed = launch.hint(Some(server)).or_else(|| presumed(server, named));
        }
        return backend;
    }
    // A framework that the code names has a default of its own.
    let refined = beside_server.filter(|beside| beside.is_a(server) && *beside != server);
    if let Some(framework) = refined {
        let keep_alive = presumed_default(framework);
        return Backend { keep_alive, limits: reading.limits, defects: reading.defects, onward: reading.onward };
    }
    let limits = std::mem::take(&mut reading.limits);
    let (found, from) = shipped(server, named, &launch, dockerfile, container, workers);
    let hint = launch.hint(Some(server));
    let keep_alive = match (by_default(server, found, from), hint) {
        (Answer::Unknown(unread), Some(hint)) => Answer::Unknown(Unread { presumed: Some(hint), ..unread }),
        (answer, _) => answer,
    };
    Backend { keep_alive, limits, defects: reading.defects, onward: reading.onward }
}

const NOT_PLACED: &str = "whether the image holds this file is not visible";

/// A container whose image and command name no server: files beside it may, and a variable may suggest a number.
fn nameless(container: &Container, launch: &Launch, beside: &Files, context: &Context, official: bool) -> Backend {
    let all = if official { Vec::new() } else { folder::read(beside, context) };
    let mut backend = match single(&all) {
        Some(server) => match of_files(&all, server) {
            Some(reading) => Backend::of(reading, presumed_default),
            None => Backend::unknown(),
        },
        None => Backend::unknown(),
    };
    let hidden =
        [&container.entry_point, &container.command].into_iter().flatten().flatten().find_map(|word| match word {
            Given::Hidden(why) => Some(why.clone()),
            Given::Text(_) => None,
        });
    if let Answer::Unknown(unread) = &mut backend.keep_alive {
        if let (Why::NoServer, Some(why)) = (&unread.why, hidden) {
            unread.why = Why::Hidden(why);
            unread.from = Some(Source::named("the command of the container"));
        }
        if unread.presumed.is_none() {
            unread.presumed = launch.hint(None);
            if let (Some(hint), Why::NoServer) = (&unread.presumed, &unread.why) {
                unread.server = hint.server;
                unread.why = Why::Settings;
            }
        }
    }
    backend
}

/// The same where nothing ties the files to the container: a number in them does not decide.
fn supposed(mut backend: Backend) -> Backend {
    if let Answer::Known(found) = backend.keep_alive {
        backend.keep_alive = Answer::Unknown(Unread {
            server: found.server,
            why: Why::Hidden(Hidden::NotGiven(NOT_PLACED.into())),
            from: Some(found.from.clone()),
            presumed: Some(KeepAlive { strength: Strength::Presumed, ..found }),
        });
    }
    backend
}

/// What a server does as it is started here without any setting.
fn shipped(
    server: Server,
    named: Option<Named>,
    launch: &Launch,
    dockerfile: Option<&Dockerfile>,
    container: &Container,
    workers: Workers,
) -> (Option<(Idle, Strength)>, Source) {
    let of_image = named.filter(|named| named.server.is_a(server)).and_then(|named| Some((named.shipped?, named)));
    if let Some(((idle, strength), named)) = of_image {
        let from = Source::named(match dockerfile {
            Some(_) if !named.official => format!("image that is built on {server}"),
            _ => shown_image(container),
        });
        // A variable that is not visible may set it, and another program may run instead.
        let replaced = (container.more_env && server.settings(Within::Env).next().is_some())
            || (launch.by_command.is_none() && launch.runs_something_else);
        let touched = dockerfile.is_some_and(|dockerfile| touches(server, dockerfile));
        let strength = if replaced || touched { Strength::Presumed } else { strength };
        return (Some((idle, strength)), from);
    }
    let from = default_of(server);
    if server == Server::of("gunicorn") {
        let sync = Server::of("gunicorn-sync").idle();
        return match workers {
            Workers::Keeping => (server.idle().map(|idle| (idle, Strength::Presumed)), from),
            _ => (sync.map(|idle| (idle, Strength::Presumed)), Source::named("default workers of gunicorn")),
        };
    }
    let elsewhere = ["-c", "--config", "-f", "--configFile", "--config-file"]
        .iter()
        .any(|name| command::flag(&launch.arguments, name).is_some());
    let proves = match server.command_proves() {
        Some(strength) if launch.by_command == Some(server) => strength,
        _ => Strength::Presumed,
    };
    let proves = if elsewhere || container.more_env { Strength::Presumed } else { proves };
    (server.presumed().map(|idle| (idle, proves)), from)
}

fn presumed(server: Server, named: Option<Named>) -> Option<KeepAlive> {
    let of_image = named.filter(|named| named.server == server).and_then(|named| named.shipped);
    let idle = of_image.map(|(idle, _)| idle).or(server.presumed())?;
    let from = default_of(server);
    Some(KeepAlive { idle, server, strength: Strength::Presumed, from })
}

/// A mount over a server's settings takes their place.
fn mounted(container: &Container, server: Server) -> Said {
    let over = container.mounts.iter().find(|mount| {
        let mount = mount.trim_end_matches('/');
        server.places().iter().any(|place| mount.starts_with(place.as_str()) || place.starts_with(&format!("{mount}/")))
    });
    match over {
        Some(mount) => {
            let why = Hidden::NotGiven("a mount takes the place of what the image ships".into());
            Said::Hidden(why, Source::named(format!("mount at {mount}")))
        }
        None => Said::Nothing,
    }
}

/// Whether a file beside the definition is what the server in the image reads.
fn placed(server: Server, dockerfile: Option<&Dockerfile>, launch: &Launch) -> bool {
    let Some(dockerfile) = dockerfile else { return launch.has_command || server.places().is_empty() };
    server.places().is_empty() || touches(server, dockerfile) || dockerfile.copies.is_empty()
}

/// Whether building the image changes where the server's settings lie.
fn touches(server: Server, dockerfile: &Dockerfile) -> bool {
    let to = dockerfile.copies.iter().map(|(_, to)| to.as_str());
    let run = dockerfile.runs.iter().map(|run| run.as_str());
    to.chain(run).any(|text| server.places().iter().any(|place| text.contains(place.as_str())))
}

fn shown_image(container: &Container) -> String {
    container.image.text().map_or_else(|| "image".to_owned(), |image| format!("image {image}"))
}

/// The Dockerfile an image is built by, with its folder: the only one, or the one in a folder that is called as the
/// image.
fn dockerfile_of(files: &Files, image: Option<&Image>) -> Option<(String, Dockerfile)> {
    let is_one = |name: &str| name == "Dockerfile" || name == "Containerfile";
    let all: Vec<_> = files.iter().filter(|file| is_one(file.name())).collect();
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let name = image.map(|image| image.repository.rsplit('/').next().unwrap_or_default().to_owned());
    let called = all.iter().find(|file| {
        let folder = folder(&file.path);
        name.as_deref().is_some_and(|name| !name.is_empty() && folder.rsplit('/').next() == Some(name))
    });
    let file = match (called, all.as_slice()) {
        (Some(file), _) => file,
        (None, [only]) => only,
        _ => return None,
    };
    Some((folder(&file.path), dockerfile::read(&file.doc().ok()?)?))
}

/// The only server that files speak of. A framework and what it is built on are one.
pub(super) fn single(all: &[Reading]) -> Option<Server> {
    let mut chosen: Option<Server> = None;
    for Reading { server, .. } in all {
        let server = *server;
        chosen = match chosen {
            None => Some(server),
            Some(known) if known.is_a(server) => Some(known),
            Some(known) if server.is_a(known) => Some(server),
            Some(_) => return None,
        };
    }
    chosen
}

/// What files together say of one server.
pub(super) fn of_files(all: &[Reading], server: Server) -> Option<Reading> {
    let own: Vec<&Reading> =
        all.iter().filter(|reading| reading.server.is_a(server) || server.is_a(reading.server)).collect();
    let mut whole = Reading::of(own.first()?.server);
    for reading in own {
        // Of a framework and the server below it the framework is told.
        if reading.server.is_a(whole.server) {
            whole.server = reading.server;
        }
        let said = std::mem::replace(&mut whole.idle, Said::Nothing);
        whole.idle = said.and(reading.idle.clone());
        whole.limits = stated_first(whole.limits, reading.limits.clone());
        whole.defects.extend(reading.defects.iter().cloned());
        whole.onward.extend(reading.onward.iter().cloned());
    }
    Some(whole)
}

/// Limits of two places; a default goes when somebody sets the same one.
fn stated_first(mut first: Vec<RequestLimit>, second: Vec<RequestLimit>) -> Vec<RequestLimit> {
    for limit in second {
        let plain = |key: &str| key.trim_start_matches('-').to_owned();
        let same = |known: &RequestLimit| plain(&known.key) == plain(&limit.key);
        if limit.stated {
            first.retain(|known| known.stated || !same(known));
            first.push(limit);
        } else if !first.iter().any(same) {
            first.push(limit);
        }
    }
    first
}

/// A machine whose own answer is missing may use a file beside its definition; that only suggests a number.
fn with_beside(mut backend: Backend, beside: impl FnOnce() -> Backend) -> Backend {
    let Answer::Unknown(unread) = &mut backend.keep_alive else { return backend };
    let Answer::Known(found) = beside().keep_alive else { return backend };
    let fits = unread.server == Server::unknown() || found.server.is_a(unread.server);
    if fits && (unread.presumed.is_none() || matches!(unread.why, Why::NoServer)) {
        unread.server = found.server;
        if matches!(unread.why, Why::NoServer) {
            unread.why = Why::Hidden(Hidden::NotGiven("whether the machine uses this file is not visible".into()));
            unread.from = Some(found.from.clone());
        }
        unread.presumed = Some(KeepAlive { strength: Strength::Presumed, ..found });
    }
    backend
}

/// Only files: what they say, when they speak of one server.
fn of_folder(files: &Files, port: Option<u16>) -> Backend {
    let context = Context { port, profiles: Profiles::Unknown };
    let all = folder::read(files, &context);
    let Some(server) = single(&all).or_else(|| of_machine::in_front(&all)) else {
        return match all.first() {
            Some(_) => Backend::unread(Server::unknown(), Why::Hidden(Hidden::Several), None, None),
            None => Backend::unknown(),
        };
    };
    let Some(reading) = of_files(&all, server) else { return Backend::unknown() };
    Backend::of(reading, presumed_default)
}
