//! The variables a policy's expressions see for one subject: resources by their attributes, and the derived facts of
//! `catalog::DERIVED`, filled in from the model.

use std::borrow::Cow;

use super::backend_facts;
use super::model::{Connection, Model};
use super::variable::{Ground, Later, Rest, Variable, answered, derived};
use crate::catalog::names::{self, role};
use crate::catalog::{Dialect, path_of, place_of, place_of_edge};
use crate::graph::{
    Action, Certainty, Data, Link, Lookup, Map, Reason, Resource, ResourceId, Target, Unknown, Value, lookup,
};
use crate::relate::TargetKind;
use crate::relate::ecs::{Registering, is_ecs, mapping_of};
use crate::relate::forwarding::{Forwarded, Hop};
use crate::relate::priorities::SamePriority;
use crate::relate::reach::{Answer, Ports};
use crate::relate::registration::{Presence, Registration};

/// What kind of thing a case is.
#[derive(Clone, Copy)]
pub(super) enum About {
    /// A resource.
    Resource,
    /// A request path, by its route.
    Route(usize),
    /// A load balancer with a registration it connects to.
    Connection(ResourceId, usize),
    /// A registration.
    Registration(usize),
}

/// One thing a policy is held against.
pub(super) struct Case<'m> {
    /// What kind of thing it is.
    pub about: About,
    /// What it is about.
    pub subject: ResourceId,
    /// Variables by name.
    pub variables: Vec<Variable<'m>>,
    /// The routes it sits on.
    pub routes: Vec<usize>,
    /// Whether it exists for sure, and why it may not.
    pub certainty: Certainty,
    pub why: Option<Unknown>,
}

impl Case<'_> {
    /// A variable, with what stands at a path in it.
    pub(super) fn variable(&self, name: &str, path: &[String]) -> Option<&Value> {
        self.variables.iter().find(|variable| variable.name == name).map(|variable| variable.at(path))
    }
}

impl<'g> Model<'g> {
    pub(super) fn of_resource(&self, id: ResourceId) -> Case<'_> {
        let resource = self.graph.resource(id);
        let kind = resource.kind.unwrap_or(crate::graph::Kind("resource"));
        let mut variables = vec![self.plain(kind.0, id)];
        if matches!(kind, names::LOAD_BALANCER | names::TARGET_GROUP) {
            variables.push(self.change(id));
        }
        variables.extend(match kind {
            names::LOAD_BALANCER => {
                vec![self.egress(id), self.groups(id)]
            }
            names::LISTENER => self.listener(id),
            names::LISTENER_RULE => vec![self.siblings(id)],
            names::TARGET_GROUP => vec![self.registered(id), self.forwards(id)],
            names::SECURITY_GROUP => vec![self.styles(id)],
            _ => Vec::new(),
        });
        variables.extend(self.around(id));
        let routes = self.routes_over.get(id).collect();
        let why = resource.uncertain.as_deref().cloned();
        let certainty = if why.is_some() { Certainty::Possible } else { Certainty::Certain };
        Case { about: About::Resource, subject: id, variables, routes, certainty, why }
    }

    /// What the change does to a resource.
    fn change(&self, id: ResourceId) -> Variable<'_> {
        let resource = self.graph.resource(id);
        let by = &resource.replaced_by;
        let (replaced, create_first) = match resource.action {
            Action::Replace { create_first } => (true.into(), create_first),
            Action::UpdateOrReplace => {
                let why =
                    Reason::Undecidable("whether it is replaced shows only when the change set is executed".into());
                (Value::unknown(Unknown::at(why, resource.place(by.first().map_or("", |path| path)))), true)
            }
            _ => (false.into(), false),
        };
        let mut facts = Map::with_room(1);
        facts.set("replaced", replaced);
        derived("change", facts).with(Later::Gaps { depth: 1 }, move || self.replacement(id, create_first))
    }

    /// How a resource is replaced.
    fn replacement(&self, id: ResourceId, create_first: bool) -> Rest {
        let resource = self.graph.resource(id);
        let by = &resource.replaced_by;
        let mut facts = Map::with_room(4);
        facts.set("create_first", create_first.into());
        let because = if by.is_empty() { "a change that forces it".to_owned() } else { by.join(", ") };
        facts.set("because", because.as_str().into());
        facts.set("renamed", by.iter().any(|path| matches!(&**path, "name" | "name_prefix" | "Name")).into());
        let fixed_name = match resource.get("name") {
            Lookup::Known(_) => true.into(),
            // A name that the resource itself will get is made up by the provider or by AWS.
            Lookup::Unknown(unknown) if unknown.hangs_on.as_ref().is_none_or(|on| on.address == resource.address) => {
                false.into()
            }
            Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
            Lookup::Absent => false.into(),
        };
        facts.set("fixed_name", fixed_name);
        let evidence = by.iter().map(|path| {
            let value = lookup(&resource.raw, path).to_value().unwrap_or_else(Value::null);
            ("", resource.place(path), value)
        });
        Rest { facts, evidence: evidence.collect() }
    }

    pub(super) fn of_route(&self, at: usize) -> Option<Case<'_>> {
        let route = &self.routes.all[at];
        if route.listener == Hop::None {
            return None;
        }
        let mut variables = vec![self.plain("target_group", route.target_group)];
        let named = [
            ("load_balancer", route.load_balancer.resource()),
            ("listener", route.listener.resource()),
            ("listener_rule", route.rule),
        ];
        variables.extend(named.into_iter().filter_map(|(name, id)| Some(self.plain(name, id?))));
        let mut path = Map::default();
        path.set("weight", route.weight.clone().unwrap_or_else(|| 1.into()));
        path.set("has_target", route.registration.is_some().into());
        let owner = route.rule.or(route.listener.resource());
        path.extend(owner.map(|owner| self.forward_facts(owner)).unwrap_or_default());
        variables.push(derived("path", path));
        Some(Case {
            about: About::Route(at),
            subject: route.target_group,
            variables,
            routes: vec![at],
            certainty: route.certainty,
            why: route.why.clone(),
        })
    }

    pub(super) fn of_connection<'m>(&'m self, connection: &'m Connection) -> Case<'m> {
        let registration = self.registration(connection.registration);
        let group = registration.target_group;
        let mut facts = self.target_facts(registration);
        facts.set("over_network", (connection.traffic.answer != Answer::NotApplicable).into());
        facts.set(
            "dynamic_ports",
            match &registration.port {
                Some(Ports::Range(..)) => true.into(),
                Some(Ports::Unknown(unknown)) if is_bridge_like(self, registration) => Value::unknown(unknown.clone()),
                _ => false.into(),
            },
        );
        for (name, port) in [("port", &registration.port), ("health_check_port", &connection.health_port)] {
            match port {
                Some(Ports::One(port)) => facts.set(name, (*port).into()),
                Some(Ports::Unknown(unknown)) => facts.set(name, Value::unknown(unknown.clone())),
                _ => {}
            }
        }
        Case {
            about: About::Connection(connection.load_balancer, connection.registration),
            subject: group,
            variables: vec![
                self.plain("load_balancer", connection.load_balancer),
                self.plain("target_group", group),
                derived("connection", facts),
                self.reached(connection),
                backend_facts::variable(self, connection),
                backend_facts::application(self, connection),
                self.shared_zones(connection),
                self.tls(connection),
            ],
            routes: connection.routes.clone(),
            certainty: connection.certainty,
            why: connection.why.clone(),
        }
    }

    pub(super) fn of_registration(&self, at: usize) -> Case<'_> {
        let registration = self.registration(at);
        let mut facts = self.target_facts(registration);
        if is_ecs(self.graph, registration.via) {
            self.ecs_facts(registration, &mut facts);
        }
        let registered = derived("registration", facts).with(Later::In(&["containers"]), || Rest {
            facts: self.containers_fact(registration),
            evidence: self.registration_evidence(registration),
        });
        Case {
            about: About::Registration(at),
            subject: registration.via,
            variables: vec![
                self.plain("target_group", registration.target_group),
                registered,
                self.permission(registration),
            ],
            routes: self.routes_of_registration.get(at).collect(),
            certainty: registration.certainty,
            why: registration.why.clone(),
        }
    }

    fn plain(&self, name: &'static str, id: ResourceId) -> Variable<'_> {
        let variable = Variable::new(name, Cow::Borrowed(self.attributes(id)), Some(id));
        match self.environments.settings(id) {
            Some(settings) => variable.resting_on(|| settings.elsewhere.clone()),
            None => variable,
        }
    }

    fn target_facts(&self, registration: &Registration) -> Map {
        let mut facts = Map::default();
        facts.set("target_kind", registration.target.kind.name().into());
        facts.set("target", Value::new(Data::String(registration.name(self.graph))));
        facts
    }

    fn ecs_facts(&self, registration: &Registration, facts: &mut Map) {
        let block = Registering::new(self.graph, registration.via, registration.block);
        facts.set("launch_type", block.launch_type());
        facts.extend(self.stop_facts(registration, &block));
        facts.set("network_mode", block.network_mode());
        for name in ["container_name", "container_port"] {
            if let Some(value) = block.attribute(name).to_value() {
                facts.set(name, value);
            }
        }
        if let Err(unknown) = self.containers(registration, &block) {
            let unknown = Value::unknown(unknown);
            facts.set("container_declared", unknown.clone());
            facts.set("port_declared", unknown);
            return;
        }
        let unknown_block = block.attribute("container_name").unknown().or(block.attribute("container_port").unknown());
        let (declared, port) = match (block.container(), unknown_block) {
            (_, Some(unknown)) => (Value::unknown(unknown.clone()), Value::unknown(unknown.clone())),
            (Lookup::Known(container), None) => {
                let port = block.attribute("container_port").int();
                (true.into(), port.map_or_else(|| false.into(), |port| maps(container, port)))
            }
            (Lookup::Unknown(unknown), None) => (Value::unknown(unknown.clone()), Value::unknown(unknown.clone())),
            (Lookup::Absent, None) => (false.into(), false.into()),
        };
        facts.set("container_declared", declared);
        facts.set("port_declared", port);
    }

    /// The containers that a load balancer block may name.
    fn containers(&self, registration: &Registration, block: &Registering<'g>) -> Result<&'g Value, Unknown> {
        let via = self.graph.resource(registration.via);
        if !registration.placed {
            return Err(Unknown::at(Reason::SeveralMentions, place_of(via, "load_balancers")));
        }
        match block.containers() {
            Lookup::Known(containers) => Ok(containers),
            Lookup::Unknown(unknown) => Err(unknown.clone()),
            Lookup::Absent => {
                let why = Reason::OutsideInput("the task definition".into());
                Err(Unknown::at(why, place_of_edge(via, role::TASK_DEFINITION)))
            }
        }
    }

    /// The same in words.
    fn containers_fact(&self, registration: &Registration) -> Map {
        let mut facts = Map::default();
        if is_ecs(self.graph, registration.via) {
            let block = Registering::new(self.graph, registration.via, registration.block);
            facts.set("containers", self.containers(registration, &block).map_or_else(Value::unknown, described));
        }
        facts
    }

    fn registration_evidence(&self, registration: &Registration) -> Vec<Ground> {
        let via = self.graph.resource(registration.via);
        let mut evidence = Vec::new();
        if is_ecs(self.graph, registration.via) {
            let block = Registering::new(self.graph, registration.via, registration.block);
            for name in ["container_name", "container_port"] {
                if let Lookup::Known(value) = block.attribute(name) {
                    let path = path_of_block(via, registration.block, name);
                    evidence.push(("", via.place(&path), value.clone()));
                }
            }
            if let Some(definition) = block.task_definition() {
                let definition = self.graph.resource(definition);
                if let Lookup::Known(mode) = definition.get("network_mode") {
                    evidence.push(("network_mode", place_of(definition, "network_mode"), mode.clone()));
                }
            }
        }
        evidence
    }

    fn groups(&self, id: ResourceId) -> Variable<'_> {
        let links: Vec<&Link> = self.graph.links_as(id, role::SECURITY_GROUPS).collect();
        let named = links.iter().flat_map(|link| &link.ends).any(|end| end.certainty == Certainty::Certain);
        let open = links.iter().find_map(|link| {
            link.rest().cloned().or_else(|| {
                let place = self.graph.resource(id).place(&link.path);
                (!link.ends.is_empty()).then(|| Unknown::at(Reason::SeveralMentions, place))
            })
        });
        let present = match (named, open) {
            (true, _) => true.into(),
            (false, Some(unknown)) if unknown.not_null => true.into(),
            (false, Some(unknown)) => Value::unknown(unknown),
            (false, None) => false.into(),
        };
        let balancer = self.graph.resource(id);
        let place = place_of(balancer, "security_groups");
        // An empty list counts as not written, and stands there all the same.
        let empty = || (present == false.into() && balancer.spots.contains_key(&place.path)).then(|| Vec::new().into());
        let groups = balancer.get("security_groups").known().cloned().or_else(empty);
        let evidence = groups.map(|groups| ("", place, groups));
        let mut facts = Map::default();
        facts.set("present", present);
        derived("groups", facts).resting_on(|| evidence.into_iter().collect())
    }

    fn listener(&self, id: ResourceId) -> Vec<Variable<'_>> {
        let clients = self.reach.clients(id);
        let resource = self.graph.resource(id);
        let mut certificates = Map::default();
        let present = match resource.get("certificate") {
            Lookup::Known(_) => true.into(),
            // An ARN that a resource will have is one, whatever it will be.
            Lookup::Unknown(Unknown { not_null: true, .. }) => true.into(),
            Lookup::Unknown(Unknown {
                reason: Reason::AfterApply | Reason::Reference, hangs_on: Some(place), ..
            }) if place.address != resource.address && place.path.ends_with("arn") => true.into(),
            Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
            Lookup::Absent => false.into(),
        };
        certificates.set("present", present);
        let mut balancer = Map::default();
        let load_balancer = self.graph.links_as(id, role::LOAD_BALANCER_OF).next();
        let kind = match load_balancer.and_then(|link| link.certain()) {
            Some(load_balancer) => {
                self.graph.resource(load_balancer).get("type").to_value().unwrap_or_else(Value::null)
            }
            None => {
                let place = place_of_edge(resource, role::LOAD_BALANCER_OF);
                let outside = load_balancer
                    .is_some_and(|link| matches!(link.ends.first().map(|end| &end.to), Some(Target::Outside(_))));
                let why = load_balancer.and_then(|link| link.rest().cloned());
                Value::unknown(match why {
                    _ if outside => Unknown::at(Reason::OutsideInput("the load balancer".into()), place),
                    Some(why) => why,
                    None => Unknown::at(Reason::AfterApply, place),
                })
            }
        };
        if !kind.is_null() {
            balancer.set("type", kind);
        }
        vec![
            answered("clients", "admitted", clients),
            derived("certificates", certificates),
            derived("balancer", balancer),
        ]
    }

    fn siblings(&self, id: ResourceId) -> Variable<'_> {
        let mut facts = Map::default();
        let (same, other, because) = match self.priorities.same(id) {
            SamePriority::Of(other) => {
                let because =
                    format!("{} has the same priority on the same listener", self.graph.resource(other).address);
                (true.into(), Some(other), because)
            }
            SamePriority::OfNone => (false.into(), None, "no other rule of the listener has it".to_owned()),
            SamePriority::Unknown(unknown) => {
                (Value::unknown(unknown), None, "whether another rule of it has the same is not known".to_owned())
            }
        };
        facts.set("same_priority", same);
        facts.set("because", because.as_str().into());
        let evidence = |other| {
            let other = self.graph.resource(other);
            let value = other.get("priority").known().cloned().unwrap_or_else(Value::null);
            ("", place_of(other, "priority"), value)
        };
        derived("siblings", facts).resting_on(move || other.map(evidence).into_iter().collect())
    }

    fn registered(&self, id: ResourceId) -> Variable<'_> {
        let ways = match Dialect::of(&self.graph.resource(id).type_name) {
            Dialect::Terraform => {
                "no attachment, ECS service or Auto Scaling group of this plan registers targets in it"
            }
            Dialect::CloudFormation => {
                "it lists no targets, and no ECS service or Auto Scaling group registers any in it"
            }
        };
        let presence = self.registrations.presence(self.graph, id);
        let mut facts = Map::with_room(1);
        facts.set(
            "present",
            match &presence {
                Presence::Present => true.into(),
                Presence::Empty => false.into(),
                Presence::Unknown(unknown) => Value::unknown(unknown.clone()),
            },
        );
        derived("registrations", facts).with(Later::Gaps { depth: 1 }, move || {
            let because: Value = match presence {
                Presence::Present => "something registers in it".into(),
                Presence::Empty => ways.into(),
                Presence::Unknown(unknown) => format!("{ways} for sure; {unknown}").as_str().into(),
            };
            let mut facts = Map::with_room(2);
            facts.set("because", because);
            facts.set("ports", self.ports(id));
            Rest { facts, ..Rest::default() }
        })
    }

    /// The ports that targets are registered with in a group.
    fn ports(&self, id: ResourceId) -> Value {
        let mut ports: Vec<Value> = Vec::new();
        for registration in self.registrations.of(id) {
            let port = match &registration.port {
                None => continue,
                Some(_) if registration.certainty == Certainty::Possible => {
                    let place = || Unknown::at(Reason::AfterApply, self.graph.resource(registration.via).place(""));
                    Value::unknown(registration.why.clone().unwrap_or_else(place))
                }
                Some(Ports::One(port)) => (*port).into(),
                Some(Ports::Range(..)) => {
                    let place = self.graph.resource(registration.via).place("");
                    let reason = Reason::Undecidable("host ports are chosen when tasks start".into());
                    Value::unknown(Unknown::at(reason, place))
                }
                Some(Ports::Unknown(unknown)) => Value::unknown(unknown.clone()),
            };
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
        ports.into()
    }

    fn forwards(&self, id: ResourceId) -> Variable<'_> {
        let mut facts = Map::default();
        let present = match self.routes.forwarded(self.graph, id) {
            Forwarded::Yes => true.into(),
            Forwarded::No => false.into(),
            Forwarded::Unknown(unknown) => Value::unknown(unknown),
        };
        facts.set("present", present);
        let group = self.graph.resource(id);
        let from_application = match (group.get("target_type").str(), group.get("protocol")) {
            (Some("lambda"), _) => true.into(),
            (_, Lookup::Unknown(unknown)) => Value::unknown(unknown.clone()),
            (_, protocol) => matches!(protocol.str(), Some("HTTP" | "HTTPS")).into(),
        };
        facts.set("from_application", from_application);
        derived("forwards", facts)
    }

    fn styles(&self, id: ResourceId) -> Variable<'_> {
        let crate::relate::rule_styles::RuleStyles { inline, separate, because, .. } = self.reach.rule_styles(id);
        let place = place_of(self.graph.resource(id), "ingress");
        let value = |truth| match truth {
            crate::graph::Truth::True => true.into(),
            crate::graph::Truth::False => false.into(),
            crate::graph::Truth::Unknown => Value::unknown(Unknown::at(Reason::AfterApply, place.clone())),
        };
        let mut facts = Map::default();
        facts.set("inline", value(inline));
        facts.set("separate", value(separate));
        facts.set("because", because.as_str().into());
        derived("rules", facts)
    }
}

fn is_bridge_like(model: &Model<'_>, registration: &Registration) -> bool {
    matches!(registration.target.kind, TargetKind::EcsService | TargetKind::TaskSet)
        && Registering::new(model.graph, registration.via, registration.block).network_mode().as_str() != Some("awsvpc")
}

/// `load_balancer[0].container_name`, as the service's own language has it.
fn path_of_block(service: &Resource, block: u32, name: &str) -> String {
    let name = match (Dialect::of(&service.type_name), name) {
        (Dialect::CloudFormation, "container_name") => "ContainerName",
        (Dialect::CloudFormation, "container_port") => "ContainerPort",
        _ => name,
    };
    format!("{}[{block}].{name}", path_of(service, "load_balancers"))
}

/// Whether a container maps a port.
fn maps(container: &Value, port: i64) -> Value {
    match mapping_of(container, port) {
        Lookup::Known(_) => true.into(),
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        Lookup::Absent => false.into(),
    }
}

/// `web: 80, 443; sidecar: no ports`.
fn described(containers: &Value) -> Value {
    let describe = |container: &Value| {
        let name = container.get("name").and_then(Value::as_str).unwrap_or("?");
        let mappings = match lookup(container, "port_mappings") {
            Lookup::Unknown(_) => return format!("{name}: ports not known"),
            mappings => mappings.list().unwrap_or_default(),
        };
        let ports: Vec<String> = mappings
            .iter()
            .filter_map(|mapping| {
                let port = mapping.get("container_port").and_then(Value::as_int).map(|port| port.to_string());
                port.or_else(|| mapping.get("container_port_range").and_then(Value::as_str).map(str::to_owned))
            })
            .collect();
        if ports.is_empty() { format!("{name}: no ports") } else { format!("{name}: {}", ports.join(", ")) }
    };
    let mut described: Value =
        containers.as_list().unwrap_or_default().iter().map(describe).collect::<Vec<_>>().join("; ").as_str().into();
    if containers.holds_sensitive() {
        described.seal();
    }
    described
}
