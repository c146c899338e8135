//! What answers behind a registration, and how long it keeps an idle connection: gathers what the graph shows of the
//! target and asks `server`. Which number is too small is for policies to say.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::documents::{Order, orders};
use super::ecs::Registering;
use super::launch::{started_from, template_of};
use super::onward::{self, Hop};
use super::reach::Ports;
use super::registration::{Registration, Registrations};
use super::target::TargetKind;
use crate::catalog::names::role;
use crate::catalog::{place_of, place_of_edge};
use crate::graph::{Data, Graph, Lookup, Place, Resource, ResourceId, Text, Unknown, Value, lookup};
use crate::server::{
    Backend, Beside, Container, Evidence, Given, Hidden, Idle, Init, InitCommand, InitFile, KeepAlive, Machine, Onward,
    Server, Source, Stated, Strength, Why, application, backend, user_data,
};

/// What answers behind one registration.
#[derive(Debug)]
pub struct Behind {
    /// What it does.
    pub backend: Backend,
    /// Where that is said: the task definition, the user data, the tag.
    pub place: Place,
    /// The container, the user data … in words: `container "app"`.
    pub what: String,
    /// Where it hands requests on to, as far as that is visible.
    pub hops: Vec<Hop>,
}

impl Behind {
    /// What somebody states of what is at `place`.
    pub(super) fn stated(stated: &Stated, place: Place) -> Behind {
        // The line is no part of the evidence: a finding stays the same when it moves.
        let what = format!("{}:{}", stated.file, stated.position.line);
        Behind { backend: stated.backend(), place, what, hops: Vec::new() }
    }

    /// What a tag of a resource states; `what` calls the resource.
    pub(super) fn said_by_tag(tagged: &Resource, what: &str) -> Option<Behind> {
        let stated = tagged.get("keep_alive_seconds").known().filter(|stated| !stated.marks.sensitive)?;
        let seconds = stated.as_int().and_then(|seconds| u64::try_from(seconds).ok())?;
        let idle = Idle::Millis(seconds.saturating_mul(1000));
        let from = Source::named("tag `plangate:keep-alive-seconds`");
        let known = KeepAlive { idle, server: Server::unknown(), strength: Strength::Stated, from };
        let place = place_of(tagged, "keep_alive_seconds");
        Some(Behind { backend: Backend::known(known), place, what: what.to_owned(), hops: Vec::new() })
    }
}

/// What answers behind every registration, by its number. None where nothing is connected to.
#[derive(Debug)]
pub struct Backends {
    all: Vec<Option<Arc<Behind>>>,
}

impl Backends {
    /// `beside` are files that lie beside the definition.
    #[must_use]
    pub fn new(graph: &Graph, registrations: &Registrations, beside: &Beside) -> Backends {
        let mut finder = Finder { graph, beside, known: FxHashMap::default(), containers: FxHashMap::default() };
        Backends { all: registrations.all().iter().map(|registration| finder.behind(registration)).collect() }
    }

    /// What answers behind the registration with this number.
    #[must_use]
    pub fn of(&self, registration: usize) -> Option<&Behind> {
        self.all.get(registration)?.as_deref()
    }
}

/// What makes two backends the same: who is asked, for which container, on which port.
type Key = (ResourceId, u32, Option<u16>);

struct Finder<'g> {
    graph: &'g Graph,
    beside: &'g Beside,
    known: FxHashMap<Key, Arc<Behind>>,
    /// Many services run the same container.
    containers: FxHashMap<(Container, Option<u16>), Backend>,
}

impl Finder<'_> {
    fn behind(&mut self, registration: &Registration) -> Option<Arc<Behind>> {
        if matches!(registration.target.kind, TargetKind::Lambda | TargetKind::LoadBalancer) {
            return None;
        }
        let said = self
            .stated(registration)
            .or_else(|| Behind::said_by_tag(self.graph.resource(registration.target_group), "the target group"));
        if let Some(said) = said {
            return Some(Arc::new(said));
        }
        let port = match registration.port {
            Some(Ports::One(port)) => u16::try_from(port).ok(),
            _ => None,
        };
        let owner = match registration.target.kind {
            TargetKind::EcsService | TargetKind::TaskSet => registration.via,
            _ => registration.target.resource.unwrap_or(registration.via),
        };
        let key = (owner, registration.block, port);
        if let Some(known) = self.known.get(&key) {
            return Some(Arc::clone(known));
        }
        let behind = Arc::new(match registration.target.kind {
            TargetKind::EcsService | TargetKind::TaskSet => self.of_tasks(registration),
            TargetKind::Instance => self.of_instance(owner, port),
            TargetKind::AutoscalingGroup => self.of_group(owner, port),
            _ => self.unseen(owner, "what runs at this address is not in the input"),
        });
        self.known.insert(key, Arc::clone(&behind));
        Some(behind)
    }

    /// What somebody who judges states of the target group or the target. It comes before a tag, and both before what is
    /// read.
    fn stated(&self, registration: &Registration) -> Option<Behind> {
        let group = self.graph.resource(registration.target_group);
        let about = [Some(registration.target_group), Some(registration.via), registration.target.resource];
        let addresses: Vec<&str> =
            about.into_iter().flatten().map(|id| self.graph.resource(id).address.as_str()).collect();
        let is_about = |stated: &&Stated| addresses.iter().any(|address| stated.is_about(address));
        Some(Behind::stated(self.beside.stated.iter().find(is_about)?, group.place("")))
    }

    fn of_tasks(&mut self, registration: &Registration) -> Behind {
        let graph = self.graph;
        let block = Registering::new(graph, registration.via, registration.block);
        let service = graph.resource(registration.via);
        let Some(definition) = block.task_definition() else {
            return self
                .hidden(place_of_edge(service, role::TASK_DEFINITION), "the task definition is not in the input");
        };
        let place = place_of(graph.resource(definition), "containers");
        let container = match block.container() {
            Lookup::Known(container) if registration.placed => container,
            Lookup::Unknown(unknown) => return self.hidden(place, &unknown.to_string()),
            Lookup::Known(_) => return self.hidden(place, "which container answers cannot be told"),
            Lookup::Absent => return self.hidden(place, "no such container is in the task definition"),
        };
        let port = block.attribute("container_port").int().and_then(|port| u16::try_from(port).ok());
        let name = lookup(container, "name").str().unwrap_or("?");
        let backend = self.of_like(container, port);
        let hops = self.hops_in_task(&backend, container, &block);
        Behind { backend, place, what: format!("container \"{name}\""), hops }
    }

    /// What a container does on a port; worked out once for all that are alike.
    fn of_like(&mut self, container: &Value, port: Option<u16>) -> Backend {
        let key = (of_container(container), port);
        if let Some(known) = self.containers.get(&key) {
            return known.clone();
        }
        let evidence = Evidence { container: Some(key.0.clone()), ..self.beside(port) };
        let backend = backend(&evidence);
        self.containers.insert(key, backend.clone());
        backend
    }

    /// The containers of the same task that a container hands requests on to.
    fn hops_in_task(&mut self, proxy: &Backend, own: &Value, block: &Registering<'_>) -> Vec<Hop> {
        let containers = block.containers().list().unwrap_or_default();
        let shared = matches!(block.network_mode().as_str(), Some("awsvpc" | "host"));
        let hop = |onward: &Onward| {
            let to = onward::address(&onward.to)?;
            let container = onward::container_at(to, containers, own, shared)?;
            let name = lookup(container, "name").str().unwrap_or("?");
            let what = format!("container \"{name}\"");
            Some(Hop { onward: onward.clone(), application: self.of_like(container, Some(to.1)), what })
        };
        proxy.onward.iter().filter_map(hop).collect()
    }

    fn of_instance(&self, id: ResourceId, port: Option<u16>) -> Behind {
        let own = self.graph.resource(id);
        if let Some(behind) = self.of_machine(own, id, port) {
            return behind;
        }
        let (templates, open) = template_of(self.graph, id);
        self.started(id, &templates, open, port)
    }

    fn of_group(&self, id: ResourceId, port: Option<u16>) -> Behind {
        let (sources, open) = started_from(self.graph, id);
        self.started(id, &sources, open, port)
    }

    fn started(&self, owner: ResourceId, sources: &[ResourceId], open: Option<Unknown>, port: Option<u16>) -> Behind {
        let own = self.graph.resource(owner);
        match (sources, open) {
            ([only], None) => {
                let source = self.graph.resource(*only);
                let bare = || self.bare(source, owner, place_of(source, "user_data"), port);
                self.of_machine(source, owner, port).unwrap_or_else(bare)
            }
            (_, Some(unknown)) => self.hidden(own.place(""), &unknown.to_string()),
            ([], None) => self.bare(own, owner, own.place(""), port),
            _ => self.hidden(own.place(""), "it is started from several templates"),
        }
    }

    /// A machine that is started without anything but its image.
    fn bare(&self, source: &Resource, owner: ResourceId, place: Place, port: Option<u16>) -> Behind {
        let orders = orders(self.graph, owner, source);
        match orders.iter().any(|order| order.sure) {
            true => self.after(&Machine::default(), &orders, place, port),
            false => self.hidden(place, "its image is all that is visible of it"),
        }
    }

    /// What user data and `cfn-init` make of a machine; none when there is neither. `owner` is what may hold the metadata
    /// as well as what starts the machine.
    fn of_machine(&self, source: &Resource, owner: ResourceId, port: Option<u16>) -> Option<Behind> {
        let written = ["user_data_base64", "user_data"].into_iter().find_map(|name| match source.get(name) {
            Lookup::Absent => None,
            found => Some((name, found)),
        });
        let init = [source, self.graph.resource(owner)].into_iter().find_map(|resource| resource.get("init").known());
        let place = place_of(source, written.as_ref().map_or("user_data", |(name, _)| name));
        let name: Text = place.to_string().as_str().into();
        let mut machine = match written {
            Some((_, Lookup::Known(value))) => match given(value) {
                // A plan shows the digest in place of the text.
                Given::Text(text) if is_sha1(&text) => {
                    return Some(self.hidden(place, "the plan holds only a digest of its user data"));
                }
                Given::Text(text) => user_data::machine(&name, &text),
                Given::Hidden(why) => return Some(self.hidden(place, &why.to_string())),
            },
            Some((_, Lookup::Unknown(unknown))) => match &unknown.outline {
                Some(outline) => user_data::machine(&name, &outline.text),
                None if init.is_none() => return Some(self.hidden(place, &unknown.to_string())),
                None => Machine::default(),
            },
            _ if init.is_none() => return None,
            _ => Machine::default(),
        };
        for config in init.into_iter().flat_map(configurations) {
            machine.initialise(&name, &config);
        }
        let orders = orders(self.graph, owner, source);
        Some(self.after(&machine, &orders, place, port))
    }

    /// A machine as documents of Systems Manager leave it after its start. Where their order, or whether they are run on
    /// it, makes a difference, it cannot be told.
    fn after(&self, machine: &Machine, orders: &[Order], place: Place, port: Option<u16>) -> Behind {
        let unread = orders.iter().find_map(|order| Some((order, order.scripts.as_ref().err()?)));
        if let Some((order, why)) = unread {
            return self.hidden(order.place.clone(), why);
        }
        let (sure, maybe): (Vec<&Order>, Vec<&Order>) = orders.iter().partition(|order| order.sure);
        let run = |orders: &[&Order]| {
            let mut machine = machine.clone();
            for (name, script) in orders.iter().flat_map(|order| order.scripts.iter().flatten()) {
                machine.follow(name, script);
            }
            Evidence { machine: Some(machine), ..self.beside(port) }
        };
        let evidence = run(&sure);
        let found = backend(&evidence);
        let with = |more: &[&Order]| run(&[&sure, more].concat());
        let backwards: Vec<&Order> = sure.iter().rev().copied().collect();
        let mut others = vec![run(&backwards), with(&maybe)];
        others.extend(maybe.iter().map(|&one| with(&[one])));
        if let Some(order) = orders.first().filter(|_| others.iter().any(|other| backend(other) != found)) {
            let why = "which documents of Systems Manager run on it, or in which order, cannot be told";
            return self.hidden(order.place.clone(), why);
        }
        let (place, what) = match sure.last().filter(|_| backend(&run(&[])) != found) {
            Some(order) => (order.place.clone(), "document of Systems Manager"),
            None => (place, "user data"),
        };
        let hop = |onward: &Onward| {
            onward::address(&onward.to).filter(|(host, _)| onward::is_loopback(host))?;
            let application = application(evidence.machine.as_ref()?)?;
            Some(Hop { onward: onward.clone(), application, what: what.to_owned() })
        };
        let hops = found.onward.iter().filter_map(hop).collect();
        Behind { backend: found, place, what: what.to_owned(), hops }
    }

    /// What is visible of every target: the files beside the definition.
    fn beside(&self, port: Option<u16>) -> Evidence {
        let Beside { files, belongs, .. } = self.beside;
        Evidence { beside: files.clone(), beside_belongs: *belongs, port, ..Evidence::default() }
    }

    fn unseen(&self, id: ResourceId, why: &str) -> Behind {
        self.hidden(self.graph.resource(id).place(""), why)
    }

    fn hidden(&self, place: Place, why: &str) -> Behind {
        let why = Why::Hidden(Hidden::NotGiven(why.into()));
        let backend = Backend::unread(Server::unknown(), why, None, None);
        Behind { backend, place, what: "the target".to_owned(), hops: Vec::new() }
    }
}

fn is_sha1(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn of_container(container: &Value) -> Container {
    let words = |name: &str| match lookup(container, name) {
        Lookup::Absent => None,
        Lookup::Known(list) => list.as_list().map(|list| list.iter().map(given).collect()),
        Lookup::Unknown(unknown) => Some(vec![Given::Hidden(Hidden::NotGiven(unknown.to_string().into()))]),
    };
    let mut env = Vec::new();
    let mut more_env = lookup(container, "more_environment") != Lookup::Absent;
    match lookup(container, "environment") {
        Lookup::Known(list) => {
            for variable in list.as_list().into_iter().flatten() {
                match (lookup(variable, "name").str(), variable.get("value")) {
                    (Some(name), Some(value)) => env.push((name.into(), given(value))),
                    (Some(name), None) => env.push((name.into(), Given::Text("".into()))),
                    (None, _) => more_env = true,
                }
            }
        }
        Lookup::Unknown(_) => more_env = true,
        Lookup::Absent => {}
    }
    match lookup(container, "secrets") {
        Lookup::Known(list) => {
            for name in list.as_list().into_iter().flatten() {
                match name.as_str() {
                    Some(name) => env.push((name.into(), Given::Hidden(Hidden::Secret))),
                    None => more_env = true,
                }
            }
        }
        Lookup::Unknown(_) => more_env = true,
        Lookup::Absent => {}
    }
    let mounts = lookup(container, "mounts").list().unwrap_or_default();
    Container {
        image: container.get("image").map_or_else(|| Container::default().image, given),
        entry_point: words("entry_point"),
        command: words("command"),
        env,
        more_env,
        mounts: mounts.iter().filter_map(|mount| mount.as_str().map(Text::from)).collect(),
    }
}

/// A value as the readers take it: what is sensitive stays behind.
pub(super) fn given(value: &Value) -> Given {
    if value.marks.sensitive {
        return Given::Hidden(Hidden::Secret);
    }
    match &value.data {
        Data::String(text) => Given::Text(text.clone()),
        Data::Unknown(unknown) => match &unknown.outline {
            Some(outline) => Given::Text(outline.text.clone()),
            None => Given::Hidden(Hidden::NotGiven(unknown.to_string().into())),
        },
        Data::Null => Given::Text("".into()),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => Given::Text(value.to_string().into()),
        Data::List(_) | Data::Map(_) => Given::Hidden(Hidden::Malformed),
    }
}

/// The configurations of `AWS::CloudFormation::Init` in the order in which its default set runs them.
fn configurations(init: &Value) -> Vec<Init> {
    let Some(all) = init.as_map() else { return Vec::new() };
    let set = |name: &str| lookup(init, "configSets").known().and_then(|sets| sets.get(name)).and_then(Value::as_list);
    let names: Vec<&str> = match set("default") {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None if all.get("config").is_some() => vec!["config"],
        // Sets that are named on the command line of cfn-init: all of them, in order.
        None => all.iter().map(|(name, _)| &**name).filter(|name| *name != "configSets").collect(),
    };
    names.into_iter().filter_map(|name| all.get(name)).map(configuration).collect()
}

fn configuration(config: &Value) -> Init {
    let entries = |name: &str| {
        let map = config.get(name).and_then(Value::as_map);
        map.into_iter().flat_map(|map| map.iter())
    };
    let packages = entries("packages").filter_map(|(_, packages)| packages.as_map());
    let files = entries("files").map(|(path, file)| InitFile {
        path: path.clone(),
        content: match (file.get("content"), file.get("source")) {
            (Some(Value { data: Data::Map(_), .. }), _) => Given::Hidden(Hidden::Malformed),
            (Some(content), _) => given(content),
            (None, Some(_)) => Given::Hidden(Hidden::NotGiven("it is fetched by the machine".into())),
            (None, None) => Given::Text("".into()),
        },
        base64: lookup(file, "encoding").str() == Some("base64"),
    });
    let commands = entries("commands").filter_map(|(name, command)| {
        let written = command.get("command")?;
        let command = match written.as_list() {
            Some(words) => InitCommand::Words(words.iter().map(given).collect()),
            None => InitCommand::Shell(given(written)),
        };
        Some((name.clone(), command))
    });
    let services = entries("services").filter_map(|(_, services)| services.as_map());
    Init {
        packages: packages.flat_map(|packages| packages.iter().map(|(name, _)| name.clone())).collect(),
        files: files.collect(),
        commands: commands.collect::<BTreeMap<_, _>>(),
        services: services.flat_map(|services| services.iter().map(|(name, _)| name.clone())).collect(),
    }
}
