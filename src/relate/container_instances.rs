//! Which instances ECS tasks without a network of their own (bridge, host) run on. Certain are only a capacity
//! provider's Auto Scaling group, and, for a cluster that this change makes, the instances whose user data name it.

use rustc_hash::FxHashMap;

use super::launch::{started_from, template_of};
use crate::catalog::names::{self, role};
use crate::graph::{Action, Graph, Lookup, Mode, Reason, ResourceId, Text, Unknown, Value, lookup};

/// Everything in the input that starts instances, by the cluster its instances join.
#[derive(Debug, Default)]
pub(super) struct ContainerInstances {
    by_cluster_name: FxHashMap<Text, Vec<ResourceId>>,
    /// The Auto Scaling groups of a capacity provider, by its name.
    by_provider: FxHashMap<Text, Vec<ResourceId>>,
    /// Names of the capacity providers of a cluster.
    providers_of: FxHashMap<ResourceId, Vec<Value>>,
    /// Why any cluster may have other instances.
    open: Option<Unknown>,
}

impl ContainerInstances {
    pub(super) fn new(graph: &Graph) -> ContainerInstances {
        let mut found = ContainerInstances { open: graph.partial().cloned(), ..ContainerInstances::default() };
        for &provider in graph.of_kind(names::ECS_CAPACITY_PROVIDER) {
            let group = graph.links_as(provider, role::CAPACITY_OF).find_map(|link| link.certain());
            if let (Some(name), Some(group)) = (graph.resource(provider).get("name").str(), group) {
                found.by_provider.entry(name.into()).or_default().push(group);
            }
        }
        let mut provided: FxHashMap<ResourceId, ()> = FxHashMap::default();
        for &capacity in graph.of_kind(names::ECS_CLUSTER_CAPACITY) {
            let cluster = graph.links_as(capacity, role::CLUSTER_OF).find_map(|link| link.certain());
            let names = graph.resource(capacity).get("capacity_providers").list().unwrap_or_default();
            for (value, name) in names.iter().filter_map(|value| Some((value, value.as_str()?))) {
                if let Some(cluster) = cluster {
                    found.providers_of.entry(cluster).or_default().push(value.clone());
                }
                provided.extend(found.by_provider.get(name).into_iter().flatten().map(|&group| (group, ())));
            }
        }
        for kind in [names::AUTOSCALING_GROUP, names::INSTANCE] {
            for &host in graph.of_kind(kind) {
                match joins(graph, host) {
                    Some(cluster) => found.by_cluster_name.entry(cluster).or_default().push(host),
                    None if provided.contains_key(&host) => {}
                    None => {
                        let place = graph.resource(host).place("user_data");
                        let why = Reason::Undecidable("which ECS cluster its instances join is not told".into());
                        found.open.get_or_insert(Unknown::at(why, place));
                    }
                }
            }
        }
        found
    }

    /// What may run the tasks of a service or task set, and why something else may.
    pub(super) fn of(&self, graph: &Graph, tasks: ResourceId) -> (Vec<ResourceId>, Option<Unknown>) {
        let resource = graph.resource(tasks);
        match resource.get("capacity_providers") {
            Lookup::Unknown(unknown) => return (Vec::new(), Some(unknown.clone())),
            Lookup::Known(value) => match value.as_list() {
                Some([]) => {}
                Some(strategy) => {
                    let names = strategy.iter().map(|item| lookup(item, "capacity_provider").known());
                    return self.provided(names);
                }
                None => {
                    let place = resource.place("capacity_provider_strategy");
                    return (Vec::new(), Some(Unknown::at(Reason::NotInConfiguration, place)));
                }
            },
            Lookup::Absent => {}
        }
        let service = graph.links_as(tasks, role::SERVICE_OF).find_map(|link| link.certain()).unwrap_or(tasks);
        let Some(cluster) = graph.links_as(service, role::CLUSTER_OF).find_map(|link| link.certain()) else {
            let what = format!("the ECS cluster of {}", resource.address);
            return (Vec::new(), Some(Unknown::because(Reason::OutsideInput(what.into()))));
        };
        self.in_cluster(graph, cluster)
    }

    fn in_cluster(&self, graph: &Graph, id: ResourceId) -> (Vec<ResourceId>, Option<Unknown>) {
        let cluster = graph.resource(id);
        let others = || Unknown::because(Reason::OutsideInput(format!("what runs in {}", cluster.address).into()));
        if cluster.mode == Mode::Data || cluster.action != Action::Create {
            // Instances that joined before this change may come from anywhere.
            return (Vec::new(), Some(others()));
        }
        let Some(name) = cluster.get("name").str() else { return (Vec::new(), Some(others())) };
        let mut hosts = self.by_cluster_name.get(name).cloned().unwrap_or_default();
        let mut open = self.open.clone();
        if let Some(providers) = self.providers_of.get(&id) {
            let (provided, unresolved) = self.provided(providers.iter().map(Some));
            hosts.extend(provided);
            open = open.or(unresolved);
        }
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.is_empty() {
            open.get_or_insert_with(others);
        }
        (hosts, open)
    }

    fn provided<'a>(&self, names: impl Iterator<Item = Option<&'a Value>>) -> (Vec<ResourceId>, Option<Unknown>) {
        let (mut hosts, mut open) = (Vec::new(), None);
        for name in names {
            let found = name.and_then(|value| Some((value, value.as_str()?)));
            match found.map(|(value, name)| (value, name, self.by_provider.get(name).map_or(&[][..], Vec::as_slice))) {
                // Fargate runs no task without a network of its own.
                Some((_, "FARGATE" | "FARGATE_SPOT", _)) => {}
                Some((_, _, [only])) => hosts.push(*only),
                Some((value, name, _)) => {
                    let what = match value.marks.sensitive {
                        true => "a capacity provider with a sensitive name".to_owned(),
                        false => format!("the capacity provider {name}"),
                    };
                    open = Some(Unknown::because(Reason::OutsideInput(what.into())));
                }
                None => {
                    open = Some(Unknown::because(Reason::Undecidable("a capacity provider has no known name".into())))
                }
            }
        }
        (hosts, open)
    }
}

/// The cluster that the user data of a host name.
fn joins(graph: &Graph, host: ResourceId) -> Option<Text> {
    let (templates, open) = match graph.resource(host).kind {
        Some(names::INSTANCE) => template_of(graph, host),
        _ => started_from(graph, host),
    };
    if open.is_some() {
        return None;
    }
    let sources = if templates.is_empty() { vec![host] } else { templates };
    let mut clusters: Vec<Text> =
        sources.into_iter().map(|source| named_cluster(graph, source)).collect::<Option<_>>()?;
    clusters.dedup();
    match &clusters[..] {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// The one value `ECS_CLUSTER=` is given in readable user data.
fn named_cluster(graph: &Graph, source: ResourceId) -> Option<Text> {
    let raw = &graph.resource(source).raw;
    let written = ["user_data_base64", "user_data"].iter().find_map(|path| lookup(raw, path).str())?;
    let text = match from_base64(written).map(String::from_utf8) {
        Some(Ok(text)) => text,
        _ => written.to_owned(),
    };
    let mut values = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| {
        line.split("ECS_CLUSTER=").skip(1).map(|after| {
            let after = after.trim_start_matches(['"', '\'']);
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(after.len());
            let (name, rest) = after.split_at(end);
            (name, rest.starts_with(['$', '{', '`', '\\']))
        })
    });
    let (name, goes_on) = values.next()?;
    let alone = !name.is_empty() && !goes_on && values.all(|other| other == (name, false));
    alone.then(|| name.into())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}
