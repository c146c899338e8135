//! Whether a load balancer may call the Lambda function behind a target group.

use rustc_hash::FxHashMap;

use super::registration::Registration;
use super::target::TargetKind;
use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::{place_of, place_of_edge};
use crate::graph::{Certainty, Graph, Lookup, Mode, Reason, Resource, ResourceId, Target, Truth, Unknown, Value};

/// The permissions of a graph, by the function they are about.
#[derive(Debug)]
pub struct Permissions<'g> {
    graph: &'g Graph,
    by_function: FxHashMap<ResourceId, Vec<ResourceId>>,
    /// Why one may be about any function.
    stray: Option<Unknown>,
    /// Whether one is about a function by a name that none of the input is known to have.
    by_name: bool,
}

impl<'g> Permissions<'g> {
    /// Indexes the permissions; those for an alias are about its function.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Permissions<'g> {
        let mut by_function: FxHashMap<ResourceId, Vec<ResourceId>> = FxHashMap::default();
        let (mut stray, mut by_name) = (graph.unseen(&[names::LAMBDA_PERMISSION]).cloned(), false);
        for &permission in graph.of_kind(names::LAMBDA_PERMISSION) {
            for link in graph.links_as(permission, role::FUNCTION_OF) {
                stray = stray.or_else(|| link.rest().cloned());
                by_name |= link.ends.iter().any(|end| matches!(end.to, Target::Outside(_)));
                for (end, _) in link.resources() {
                    let aliased = graph.links_as(end, role::FUNCTION_OF).find_map(|link| link.certain());
                    by_function.entry(aliased.unwrap_or(end)).or_default().push(permission);
                }
            }
        }
        Permissions { graph, by_function, stray, by_name }
    }

    /// Whether some permission lets a load balancer call what is registered. None when that is no Lambda function of the
    /// input.
    #[must_use]
    pub fn granted(&self, registration: &Registration) -> Option<Told> {
        granted(self, registration)
    }
}

fn granted(permissions: &Permissions<'_>, registration: &Registration) -> Option<Told> {
    let graph = permissions.graph;
    if registration.target.kind != TargetKind::Lambda {
        return None;
    }
    let target = registration.target.resource?;
    let resource = graph.resource(target);
    let function = match resource.kind {
        Some(names::LAMBDA_ALIAS) => graph.links_as(target, role::FUNCTION_OF).find_map(|link| link.certain()),
        _ => Some(target),
    };
    let Some(function) = function.filter(|function| graph.resource(*function).mode == Mode::Managed) else {
        let outside = Reason::OutsideInput("the permissions of a function that is only read here".into());
        return Some(Told::unknown(Unknown::at(outside, resource.place(""))));
    };
    let asked = Asked { graph, function, target, target_group: registration.target_group };
    let (mut doubt, mut wrong) = (permissions.stray.clone(), None);
    for &permission in permissions.by_function.get(&function).into_iter().flatten() {
        match asked.of(permission) {
            Ok(None) => return Some(Told::yes(format!("{} allows it", graph.resource(permission).address))),
            Ok(Some(Refusal::Elsewhere)) => {}
            Ok(Some(Refusal::Wrong(why, place))) => wrong = wrong.or(Some((permission, why, place))),
            Err(unknown) => doubt = doubt.or(Some(unknown)),
        }
    }
    let named = graph.resource(function).get("name").unknown().filter(|_| permissions.by_name);
    if let Some(unknown) = doubt.or(named.cloned()) {
        return Some(Told::unknown(unknown));
    }
    let name = &resource.address;
    Some(match wrong {
        Some((permission, why, place)) => {
            let permission = &graph.resource(permission).address;
            Told::no(format!("{permission} {why}"), vec![(place, Value::from(why.as_str()))])
        }
        None => Told::no(format!("no permission lets elasticloadbalancing.amazonaws.com invoke {name}"), Vec::new()),
    })
}

/// What a permission would have to allow.
struct Asked<'g> {
    graph: &'g Graph,
    function: ResourceId,
    /// The function, or the alias of it that is registered.
    target: ResourceId,
    target_group: ResourceId,
}

/// Why a permission does not allow it.
enum Refusal {
    /// It is about something else.
    Elsewhere,
    /// It was meant for this, and is wrong.
    Wrong(String, crate::graph::Place),
}

impl Asked<'_> {
    fn of(&self, permission: ResourceId) -> Result<Option<Refusal>, Unknown> {
        let graph = self.graph;
        let resource = graph.resource(permission);
        let mut for_alias = false;
        let mut about = Truth::False;
        for end in graph.links_as(permission, role::FUNCTION_OF).flat_map(|link| &link.ends) {
            let Target::Resource(id) = end.to else { continue };
            let own = id == self.function || id == self.target || self.alias_of(id) == Some(self.function);
            if own {
                for_alias = graph.resource(id).kind == Some(names::LAMBDA_ALIAS) && id != self.target;
                let sure = end.certainty == Certainty::Certain;
                about = about.or(if sure { Truth::True } else { Truth::Unknown });
            }
        }
        let open = graph.links_as(permission, role::FUNCTION_OF).find_map(|link| link.rest().cloned());
        match (about, open) {
            (Truth::False, None) => return Ok(Some(Refusal::Elsewhere)),
            (Truth::False | Truth::Unknown, open) => {
                let place = place_of_edge(resource, role::FUNCTION_OF);
                return Err(open.unwrap_or_else(|| Unknown::at(Reason::SeveralMentions, place)));
            }
            (Truth::True, _) => {}
        }
        match self.says(resource, "principal", &["elasticloadbalancing.amazonaws.com", "*"])? {
            true => {}
            false => return Ok(Some(Refusal::Elsewhere)),
        }
        if !self.says(resource, "action", &["lambda:InvokeFunction", "lambda:*", "lambda:Invoke*"])? {
            return Ok(Some(Refusal::Elsewhere));
        }
        if let Some(refusal) = self.source(permission, resource)? {
            return Ok(Some(refusal));
        }
        self.qualifier(resource, for_alias)
    }

    fn alias_of(&self, alias: ResourceId) -> Option<ResourceId> {
        self.graph.links_as(alias, role::FUNCTION_OF).find_map(|link| link.certain())
    }

    fn says(&self, permission: &Resource, attribute: &str, wanted: &[&str]) -> Result<bool, Unknown> {
        match permission.get(attribute) {
            Lookup::Known(value) => Ok(value.as_str().is_some_and(|text| wanted.contains(&text))),
            Lookup::Unknown(unknown) => Err(unknown.clone()),
            Lookup::Absent => Ok(false),
        }
    }

    /// The source must be the target group, not the load balancer; without one, anybody's load balancer may call.
    fn source(&self, permission: ResourceId, resource: &Resource) -> Result<Option<Refusal>, Unknown> {
        let links: Vec<_> = self.graph.links_as(permission, role::SOURCE).collect();
        let ends: Vec<_> = links.iter().flat_map(|link| link.resources()).collect();
        if ends.contains(&(self.target_group, Certainty::Certain)) {
            return Ok(None);
        }
        let place = place_of(resource, "source_arn");
        match (ends.first(), written(resource, "source_arn")) {
            (Some((other, Certainty::Certain)), _) => {
                let other = self.graph.resource(*other);
                let why = match other.kind {
                    Some(names::LOAD_BALANCER) => {
                        format!(
                            "names the load balancer {} as the source, which has to be the target group",
                            other.address
                        )
                    }
                    _ => format!("names {} as the source, which is another target group", other.address),
                };
                Ok(Some(Refusal::Wrong(why, place)))
            }
            (_, Lookup::Absent) => Ok(None),
            (_, Lookup::Unknown(unknown)) => Err(unknown.clone()),
            (Some(_), Lookup::Known(_)) => Err(Unknown::at(Reason::SeveralMentions, place)),
            (None, Lookup::Known(value)) => match value.as_str() {
                Some(text) if text.contains(":loadbalancer/") => {
                    let why = "names a load balancer as the source, which has to be the target group".to_owned();
                    Ok(Some(Refusal::Wrong(why, place)))
                }
                Some(text) if text.contains('*') && text.contains(":targetgroup/") => Ok(None),
                _ => {
                    let why = Reason::Undecidable("whether it is the ARN of this target group cannot be told".into());
                    Err(Unknown::at(why, place))
                }
            },
        }
    }

    /// What is registered by an alias needs a permission for that alias, and the function itself one without.
    fn qualifier(&self, permission: &Resource, for_other_alias: bool) -> Result<Option<Refusal>, Unknown> {
        let alias = (self.target != self.function).then(|| self.graph.resource(self.target));
        let place = place_of(permission, "qualifier");
        let function_name = written(permission, "qualifier");
        let wrong = |why: String| Ok(Some(Refusal::Wrong(why, place.clone())));
        match (alias, function_name) {
            (None, Lookup::Absent) if for_other_alias => Ok(Some(Refusal::Elsewhere)),
            (None, Lookup::Absent) => Ok(None),
            (None, Lookup::Known(_)) => {
                wrong("is for a version or alias, and the function itself is registered".into())
            }
            (_, Lookup::Unknown(unknown)) => match alias {
                // The name of the very alias that is registered.
                Some(alias) if unknown.hangs_on.as_ref().is_some_and(|place| place.address == alias.address) => {
                    Ok(None)
                }
                _ => Err(unknown.clone()),
            },
            (Some(alias), Lookup::Known(qualifier)) => match alias.get("name") {
                Lookup::Known(name) if name.as_str() == qualifier.as_str() => Ok(None),
                Lookup::Unknown(unknown) => Err(unknown.clone()),
                _ => wrong(format!("is for another version or alias than {}, which is registered", alias.address)),
            },
            (Some(alias), Lookup::Absent) => {
                let direct = self.names_the_alias(permission);
                if direct {
                    Ok(None)
                } else {
                    wrong(format!("is for the function itself, and its alias {} is registered", alias.address))
                }
            }
        }
    }

    fn names_the_alias(&self, permission: &Resource) -> bool {
        let Some(id) = self.graph.find(permission.address.as_str()) else { return false };
        self.graph.links_as(id, role::FUNCTION_OF).filter_map(|link| link.certain()).any(|end| end == self.target)
    }
}

/// An attribute of a permission. The provider writes an empty text into a state for what nobody wrote.
fn written<'p>(permission: &'p Resource, attribute: &str) -> Lookup<'p> {
    match permission.get(attribute) {
        Lookup::Known(value) if value.as_str() == Some("") => Lookup::Absent,
        found => found,
    }
}
