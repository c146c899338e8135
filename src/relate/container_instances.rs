//! Which instances ECS tasks without a network of their own (bridge, host) run on. Certain are only a capacity
//! provider's Auto Scaling group, and, for a cluster that this change makes, the instances whose user data name it.

use rustc_hash::FxHashMap;

use super::ecs::capacity_provider;
use super::launch::{started_from, template_of};
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Action, Graph, Kind, Lookup, Mode, Reason, ResourceId, Text, Unknown, Value};

/// How a cluster is named by what joins it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Cluster {
    Named(Text),
    Of(ResourceId),
}

/// Everything in the input that starts instances, by the cluster its instances join.
#[derive(Debug, Default)]
pub(super) struct ContainerInstances {
    by_cluster: FxHashMap<Cluster, Vec<ResourceId>>,
    /// The Auto Scaling groups of a capacity provider, by its name.
    by_provider: FxHashMap<Text, Vec<ResourceId>>,
    /// The same by the provider itself, for a name that is a reference to it.
    of_provider: FxHashMap<ResourceId, ResourceId>,
    /// Names of the capacity providers of a cluster.
    providers_of: FxHashMap<ResourceId, Vec<Value>>,
    /// Why any cluster may have other instances.
    open: Option<Unknown>,
}

/// What brings instances into a cluster.
const HOSTING: [Kind; 4] =
    [names::ECS_CAPACITY_PROVIDER, names::ECS_CLUSTER_CAPACITY, names::AUTOSCALING_GROUP, names::INSTANCE];

impl ContainerInstances {
    pub(super) fn new(graph: &Graph) -> ContainerInstances {
        let mut found = ContainerInstances { open: graph.unseen(&HOSTING).cloned(), ..ContainerInstances::default() };
        for &provider in graph.of_kind(names::ECS_CAPACITY_PROVIDER) {
            let group = graph.links_as(provider, role::CAPACITY_OF).find_map(|link| link.certain());
            let Some(group) = group else { continue };
            found.of_provider.insert(provider, group);
            if let Some(name) = graph.resource(provider).get("name").str() {
                found.by_provider.entry(name.into()).or_default().push(group);
            }
        }
        let mut provided: FxHashMap<ResourceId, ()> = FxHashMap::default();
        // CloudFormation's cluster may name its providers itself.
        let clusters = graph.of_kind(names::ECS_CLUSTER).iter().map(|&cluster| (cluster, Some(cluster)));
        let separate = graph
            .of_kind(names::ECS_CLUSTER_CAPACITY)
            .iter()
            .map(|&capacity| (capacity, graph.links_as(capacity, role::CLUSTER_OF).find_map(|link| link.certain())));
        for (naming, cluster) in clusters.chain(separate) {
            let names = graph.resource(naming).get("capacity_providers").list().unwrap_or_default();
            for value in names {
                let groups = found.groups_of(graph, value);
                if groups.is_none() && value.as_str().is_none() {
                    continue;
                }
                provided.extend(groups.into_iter().flatten().map(|&group| (group, ())));
                if let Some(cluster) = cluster {
                    found.providers_of.entry(cluster).or_default().push(value.clone());
                }
            }
        }
        for kind in [names::AUTOSCALING_GROUP, names::INSTANCE] {
            for &host in graph.of_kind(kind) {
                match joins(graph, host) {
                    Some(cluster) => found.by_cluster.entry(cluster).or_default().push(host),
                    None if provided.contains_key(&host) => {}
                    None => {
                        let place = place_of(graph.resource(host), "joins_cluster");
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
                    let names = strategy.iter().map(|item| item.get("capacity_provider"));
                    return self.provided(graph, names);
                }
                None => {
                    let place = place_of(resource, "capacity_providers");
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
        let mut hosts = self.by_cluster.get(&Cluster::Of(id)).cloned().unwrap_or_default();
        let mut open = self.open.clone();
        match cluster.get("name").str() {
            Some(name) => hosts.extend(self.by_cluster.get(&Cluster::Named(name.into())).into_iter().flatten()),
            // What joins a cluster by its name may mean this one.
            None if self.by_cluster.keys().any(|cluster| matches!(cluster, Cluster::Named(_))) => {
                open.get_or_insert_with(others);
            }
            None => {}
        }
        if let Some(providers) = self.providers_of.get(&id) {
            let (provided, unresolved) = self.provided(graph, providers.iter().map(Some));
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

    /// The Auto Scaling groups of the provider a name means; none for one that is not in the input.
    fn groups_of(&self, graph: &Graph, name: &Value) -> Option<&[ResourceId]> {
        match (name.as_str(), name.as_unknown()) {
            (Some(name), _) => self.by_provider.get(name).map(Vec::as_slice),
            (None, Some(unknown)) => {
                self.of_provider.get(&capacity_provider(graph, unknown)?).map(std::slice::from_ref)
            }
            (None, None) => None,
        }
    }

    fn provided<'a>(
        &self,
        graph: &Graph,
        names: impl Iterator<Item = Option<&'a Value>>,
    ) -> (Vec<ResourceId>, Option<Unknown>) {
        let (mut hosts, mut open) = (Vec::new(), None);
        for name in names {
            let groups = name.and_then(|value| self.groups_of(graph, value)).unwrap_or_default();
            match (name.and_then(|value| Some((value, value.as_str()?))), groups) {
                // Fargate runs no task without a network of its own.
                (Some((_, "FARGATE" | "FARGATE_SPOT")), _) => {}
                (_, [only]) => hosts.push(*only),
                (Some((value, name)), _) => {
                    let what = match value.marks.sensitive {
                        true => "a capacity provider with a sensitive name".to_owned(),
                        false => format!("the capacity provider {name}"),
                    };
                    open = Some(Unknown::because(Reason::OutsideInput(what.into())));
                }
                (None, _) => {
                    open = Some(Unknown::because(Reason::Undecidable("a capacity provider has no known name".into())))
                }
            }
        }
        (hosts, open)
    }
}

/// The cluster that the user data of a host name.
fn joins(graph: &Graph, host: ResourceId) -> Option<Cluster> {
    let (templates, open) = match graph.resource(host).kind {
        Some(names::INSTANCE) => template_of(graph, host),
        _ => started_from(graph, host),
    };
    if open.is_some() {
        return None;
    }
    let sources = if templates.is_empty() { vec![host] } else { templates };
    let mut clusters: Vec<Cluster> = sources.into_iter().map(|source| joined(graph, source)).collect::<Option<_>>()?;
    clusters.dedup();
    match &clusters[..] {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// The cluster that user data name, or refer to.
fn joined(graph: &Graph, source: ResourceId) -> Option<Cluster> {
    let resource = graph.resource(source);
    let name = ["joins_cluster_in_base64", "joins_cluster"].iter().find_map(|path| resource.get(path).str());
    let referred = || graph.links_as(source, role::JOINS).find_map(|link| link.certain()).map(Cluster::Of);
    name.map(|name| Cluster::Named(name.into())).or_else(referred)
}
