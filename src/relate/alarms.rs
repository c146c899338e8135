//! Alarms on load balancers: whether their dimensions can match anything, and whether a load balancer has one on the
//! errors it makes itself. And which dimensions an alarm should have, where only one can be meant.

use super::dimension::{ArnEnd, RightDimension};
use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::{Dialect, place_of};
use crate::graph::{Certainty, Graph, Kind, Lookup, Mode, Reason, Resource, ResourceId, Unknown, Value, lookup};

/// The namespace of the metrics of Application Load Balancers.
const NAMESPACE: &str = "AWS/ApplicationELB";

/// The metrics that count what a load balancer answers instead of its targets.
const ON_ERRORS: &[&str] =
    &["HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count"];

/// The metrics that are counted for a target group behind a load balancer, and for nothing else.
const OF_GROUPS: &[&str] = &["HealthyHostCount", "UnHealthyHostCount"];

/// A dimension, what its values start with, and what has them.
struct Dimension {
    name: &'static str,
    start: &'static str,
    kind: Kind,
    terraform: &'static str,
    cloudformation: &'static str,
}

const DIMENSIONS: [Dimension; 2] = [
    Dimension {
        name: "LoadBalancer",
        start: "app/",
        kind: names::LOAD_BALANCER,
        terraform: "arn_suffix",
        cloudformation: "LoadBalancerFullName",
    },
    Dimension {
        name: "TargetGroup",
        start: "targetgroup/",
        kind: names::TARGET_GROUP,
        terraform: "arn_suffix",
        cloudformation: "TargetGroupFullName",
    },
];

/// Whether the dimensions of an alarm are those that CloudWatch knows: the end of the ARN, no name and no whole ARN, and
/// none left out that the metric has.
/// None when it is not about a load balancer or has no dimension of it.
#[must_use]
pub fn dimensions_match(graph: &Graph, alarm: ResourceId) -> Option<Told> {
    let resource = graph.resource(alarm);
    if resource.get("namespace").str() != Some(NAMESPACE) {
        return None;
    }
    let place = place_of(resource, "dimensions");
    let (mut asked, mut doubt) = (false, None);
    for Dimension { name, start, .. } in &DIMENSIONS {
        match seen(resource, name, start) {
            Seen::Absent => continue,
            Seen::Right => {}
            Seen::Wrong(value) => {
                let shown = if value.marks.sensitive { "(sensitive)".to_owned() } else { value.to_string() };
                let because = format!("the dimension {name} is {shown}, which does not start with {start}");
                return Some(Told::no(because, vec![(place, value.clone())]));
            }
            Seen::OtherAttribute(attribute, unknown) => {
                let because = format!("the dimension {name} is {attribute}, which never starts with {start}");
                return Some(Told::no(because, vec![(place, Value::unknown(unknown.clone()))]));
            }
            Seen::Unknown(unknown) => doubt = doubt.or(Some(unknown.clone())),
        }
        asked = true;
    }
    if let Some((because, metric)) = left_out(resource) {
        return Some(Told::no(because, vec![(place_of(resource, "metric"), metric)]));
    }
    asked.then(|| doubt.map_or_else(|| Told::yes("its dimensions are ends of ARNs"), Told::unknown))
}

/// Why a metric has no data by the dimensions that are written, and the metric.
fn left_out(alarm: &Resource) -> Option<(String, Value)> {
    let Lookup::Known(metric) = alarm.get("metric") else { return None };
    let name = metric.as_str()?;
    let written = |dimension: &Dimension| match alarm.get(&format!("dimensions.{}", dimension.name)) {
        Lookup::Absent => false,
        Lookup::Known(_) | Lookup::Unknown(_) => true,
    };
    let none = match alarm.get("dimensions") {
        Lookup::Absent => true,
        Lookup::Known(all) => all.as_map().is_some_and(|all| all.iter().next().is_none()),
        Lookup::Unknown(_) => return None,
    };
    if none {
        return Some((format!("it has no dimensions, and no load balancer publishes {name} without"), metric.clone()));
    }
    let missing = DIMENSIONS.iter().find(|one| !written(one))?;
    let other = DIMENSIONS.iter().any(written);
    let because = || format!("{name} is counted by load balancer and target group, and {} is missing", missing.name);
    (other && OF_GROUPS.contains(&name)).then(|| (because(), metric.clone()))
}

/// The dimensions that an alarm lacks or has wrong, with the values they should have; none of them where one is not told
/// by what is written.
#[must_use]
pub fn right_dimensions(graph: &Graph, alarm: ResourceId) -> Vec<RightDimension> {
    let resource = graph.resource(alarm);
    let metric = resource.get("metric").str().unwrap_or_default();
    let missing = left_out(resource).is_some();
    let mut right = Vec::new();
    for dimension in &DIMENSIONS {
        let of_groups = dimension.kind == names::LOAD_BALANCER || OF_GROUPS.contains(&metric);
        let end = match seen(resource, dimension.name, dimension.start) {
            Seen::Right | Seen::Unknown(_) => continue,
            Seen::Absent if !missing || !of_groups => continue,
            Seen::Absent => only(graph, dimension),
            Seen::Wrong(value) if value.marks.sensitive => None,
            Seen::Wrong(value) => value.as_str().and_then(|text| meant(graph, dimension, text)),
            Seen::OtherAttribute(_, unknown) => unknown.hangs_on.as_ref().and_then(|place| {
                let id = graph.find(place.address.as_str())?;
                end_of(graph.resource(id), dimension)
            }),
        };
        let Some(end) = end else { return Vec::new() };
        let (alarm, name) = (resource.address.to_string(), dimension.name.to_owned());
        right.push(RightDimension { alarm, name, end });
    }
    right
}

fn end_of(resource: &Resource, dimension: &Dimension) -> Option<ArnEnd> {
    let attribute = match Dialect::of(&resource.type_name) {
        Dialect::Terraform => dimension.terraform,
        Dialect::CloudFormation => dimension.cloudformation,
    };
    (resource.kind == Some(dimension.kind)).then(|| ArnEnd::Of(resource.address.to_string(), attribute.to_owned()))
}

/// The one resource of the input that can have the dimension.
fn only(graph: &Graph, dimension: &Dimension) -> Option<ArnEnd> {
    match graph.of_kind(dimension.kind) {
        [only] if graph.unseen(&[dimension.kind]).is_none() => end_of(graph.resource(*only), dimension),
        _ => None,
    }
}

/// What a text stands for: a whole ARN, or the name of one resource.
fn meant(graph: &Graph, dimension: &Dimension, text: &str) -> Option<ArnEnd> {
    if let Some((_, rest)) = text.split_once(":elasticloadbalancing:") {
        let end = rest.splitn(3, ':').nth(2)?;
        let end = end.strip_prefix("loadbalancer/").unwrap_or(end);
        return end.starts_with(dimension.start).then(|| ArnEnd::Text(end.to_owned()));
    }
    let mut named = graph.of_kind(dimension.kind).iter().map(|id| graph.resource(*id)).filter(|one| {
        let label = one.address.as_str().rsplit(['.', '/']).next();
        match one.get("name") {
            Lookup::Known(name) => name.as_str() == Some(text),
            Lookup::Absent | Lookup::Unknown(_) => label == Some(text),
        }
    });
    let only = named.next().filter(|_| named.next().is_none())?;
    end_of(only, dimension)
}

/// A dimension as it is written.
enum Seen<'a> {
    Absent,
    Right,
    Wrong(&'a Value),
    /// Another attribute of something.
    OtherAttribute(String, &'a Unknown),
    Unknown(&'a Unknown),
}

fn seen<'a>(alarm: &'a Resource, name: &str, start: &str) -> Seen<'a> {
    match alarm.get(&format!("dimensions.{name}")) {
        Lookup::Absent => Seen::Absent,
        Lookup::Known(value) => match value.as_str() {
            Some(text) if !text.starts_with(start) => Seen::Wrong(value),
            Some(_) | None => Seen::Right,
        },
        Lookup::Unknown(unknown) => match suffix(unknown) {
            Suffix::Right => Seen::Right,
            Suffix::Wrong(attribute) => Seen::OtherAttribute(attribute, unknown),
            Suffix::Unknown => Seen::Unknown(unknown),
        },
    }
}

enum Suffix {
    Right,
    Wrong(String),
    Unknown,
}

/// Which attribute an unknown is. What only mentions one may be made of it, so only the right one is taken as such.
fn suffix(unknown: &Unknown) -> Suffix {
    let Some(place) = &unknown.hangs_on else { return Suffix::Unknown };
    match (&*place.path, &unknown.reason) {
        ("arn_suffix" | "LoadBalancerFullName" | "TargetGroupFullName", _) => Suffix::Right,
        (
            "arn" | "id" | "name" | "dns_name" | "" | "Ref" | "LoadBalancerArn" | "LoadBalancerName" | "DNSName"
            | "TargetGroupArn" | "TargetGroupName",
            Reason::Reference,
        ) => Suffix::Wrong(place.to_string()),
        _ => Suffix::Unknown,
    }
}

/// The alarms of a graph on what load balancers answer themselves.
#[derive(Debug)]
pub struct ErrorAlarms<'g> {
    graph: &'g Graph,
    /// Why one of them may watch any load balancer.
    stray: Option<Unknown>,
}

impl<'g> ErrorAlarms<'g> {
    /// Looks for alarms whose load balancer cannot be told.
    #[must_use]
    pub fn new(graph: &'g Graph) -> ErrorAlarms<'g> {
        let may_count = |alarm: &&ResourceId| !matches!(counts_errors(graph.resource(**alarm)), Counts::No);
        let alarms = graph.of_kind(names::ALARM).iter().filter(may_count);
        let hidden = |alarm: &ResourceId| {
            let own = graph.resource(*alarm);
            let written = own.get("dimensions").unknown().or(own.get("dimensions.LoadBalancer").unknown()).cloned();
            let rest = graph.links_as(*alarm, role::WATCHES).find_map(|link| link.rest().cloned());
            let told = graph.links_as(*alarm, role::WATCHES).any(|link| link.certain().is_some());
            rest.or(written.filter(|_| !told))
        };
        ErrorAlarms {
            graph,
            stray: graph.unseen(&[names::ALARM]).cloned().or_else(|| alarms.into_iter().find_map(hidden)),
        }
    }

    /// Whether an alarm of the input is on the 5xx answers of a load balancer.
    #[must_use]
    pub fn watch(&self, load_balancer: ResourceId) -> Told {
        let graph = self.graph;
        let mut doubt = self.stray.clone();
        for link in graph.incoming_as(load_balancer, role::WATCHES) {
            let alarm = graph.resource(link.from);
            let certain = link.resources().any(|end| end == (load_balancer, Certainty::Certain));
            match counts_errors(alarm) {
                Counts::No => {}
                Counts::Yes if certain => return Told::yes(format!("{} watches it", alarm.address)),
                Counts::Perhaps(unknown) if certain => doubt = doubt.or_else(|| Some(unknown.clone())),
                Counts::Yes | Counts::Perhaps(_) => {
                    let place = place_of(alarm, "dimensions");
                    doubt.get_or_insert_with(|| Unknown::at(Reason::SeveralMentions, place));
                }
            }
        }
        if let Some(unknown) = doubt {
            return Told::unknown(unknown);
        }
        match graph.handed_on(load_balancer) {
            Some(to) => {
                let outside = Reason::OutsideInput(format!("what {to} hands the load balancer to").into());
                Told::unknown(Unknown::at(outside, graph.resource(load_balancer).place("")))
            }
            None => Told::no("no alarm of this input counts its 5xx answers", Vec::new()),
        }
    }
}

/// Whether an alarm counts what load balancers answer themselves.
enum Counts<'g> {
    Yes,
    No,
    /// What its metric is hangs on this.
    Perhaps(&'g Unknown),
}

fn counts_errors(alarm: &Resource) -> Counts<'_> {
    if alarm.mode != Mode::Managed {
        return Counts::No;
    }
    let queries = alarm.get("queries");
    let each = queries.list().unwrap_or_default();
    let metrics = each.iter().map(|query| lookup(query, "metric.0.metric_name"));
    let mut doubt = queries.unknown();
    for metric in std::iter::once(alarm.get("metric")).chain(metrics) {
        match metric {
            Lookup::Known(name) if name.as_str().is_some_and(|name| ON_ERRORS.contains(&name)) => return Counts::Yes,
            Lookup::Unknown(unknown) => doubt = doubt.or(Some(unknown)),
            Lookup::Known(_) | Lookup::Absent => {}
        }
    }
    doubt.map_or(Counts::No, Counts::Perhaps)
}
