//! Alarms on load balancers: whether their dimensions can match anything, and whether a load balancer has one on the
//! errors it makes itself.

use super::told::Told;
use crate::catalog::names::{self, role};
use crate::catalog::place_of;
use crate::graph::{Certainty, Graph, Lookup, Mode, Reason, Resource, ResourceId, Unknown, Value, lookup};

/// The namespace of the metrics of Application Load Balancers.
const NAMESPACE: &str = "AWS/ApplicationELB";

/// The metrics that count what a load balancer answers instead of its targets.
const ON_ERRORS: &[&str] =
    &["HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count"];

/// Whether the dimensions of an alarm have the form that CloudWatch knows: the end of the ARN, no name and no whole ARN.
/// None when it is not about a load balancer or has no dimension of it.
#[must_use]
pub fn dimensions_match(graph: &Graph, alarm: ResourceId) -> Option<Told> {
    let resource = graph.resource(alarm);
    if resource.get("namespace").str() != Some(NAMESPACE) {
        return None;
    }
    let place = place_of(resource, "dimensions");
    let (mut asked, mut doubt) = (false, None);
    for (name, start) in [("LoadBalancer", "app/"), ("TargetGroup", "targetgroup/")] {
        match resource.get(&format!("dimensions.{name}")) {
            Lookup::Absent => continue,
            Lookup::Known(value) => match value.as_str() {
                Some(text) if text.starts_with(start) => {}
                // A network load balancer has metrics in a namespace of its own.
                Some(_) => {
                    let shown = if value.marks.sensitive { "(sensitive)".to_owned() } else { value.to_string() };
                    let because = format!("the dimension {name} is {shown}, which does not start with {start}");
                    return Some(Told::no(because, vec![(place, value.clone())]));
                }
                None => {}
            },
            Lookup::Unknown(unknown) => match suffix(unknown) {
                Suffix::Right => {}
                Suffix::Wrong(attribute) => {
                    let because = format!("the dimension {name} is {attribute}, which never starts with {start}");
                    return Some(Told::no(because, vec![(place, Value::unknown(unknown.clone()))]));
                }
                Suffix::Unknown => doubt = doubt.or(Some(unknown.clone())),
            },
        }
        asked = true;
    }
    asked.then(|| doubt.map_or_else(|| Told::yes("its dimensions are ends of ARNs"), Told::unknown))
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
            let rest = graph.links_as(*alarm, role::WATCHES).find_map(|link| link.rest.clone());
            let told = graph.links_as(*alarm, role::WATCHES).any(|link| link.certain().is_some());
            rest.or(written.filter(|_| !told))
        };
        ErrorAlarms { graph, stray: graph.partial().cloned().or_else(|| alarms.into_iter().find_map(hidden)) }
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
