//! `aws_cloudwatch_metric_alarm` / `AWS::CloudWatch::Alarm`.

use super::names::{self, role};
use super::{Const, Default, KindSpec, OBJECTS, STRING, attribute, link, renamed};
use crate::catalog::schema::Type;
use crate::graph::{Data, Lookup, Map, Value, lookup};

/// An alarm on a metric.
pub(super) const ALARM: KindSpec = KindSpec {
    kind: names::ALARM,
    doc: "CloudWatch alarm",
    terraform: &["aws_cloudwatch_metric_alarm"],
    cloudformation: &["AWS::CloudWatch::Alarm"],
    attributes: &[
        attribute("name", STRING, "alarm_name", Default::None, "name").property("AlarmName"),
        attribute("namespace", STRING, "namespace", Default::None, "namespace of the metric").property("Namespace"),
        attribute("metric", STRING, "metric_name", Default::None, "metric").property("MetricName"),
        attribute("statistic", STRING, "statistic", Default::None, "Sum, Average, Minimum …").property("Statistic"),
        attribute(
            "treat_missing_data",
            STRING,
            "treat_missing_data",
            Default::Both(Const::Str("missing")),
            "what no data means",
        )
        .property("TreatMissingData"),
        attribute("dimensions", || Type::Any, "dimensions", Default::None, "which load balancer or target group")
            .property_from("Dimensions", dimensions),
        attribute("queries", OBJECTS, "metric_query", Default::None, "metric math").property_from("Metrics", queries),
    ],
    links: &[
        link(role::WATCHES, "dimensions.LoadBalancer", &[names::LOAD_BALANCER])
            .property(&["Dimensions[*].Value", "Metrics[*].MetricStat.Metric.Dimensions[*].Value"]),
        link(role::WATCHES, "metric_query[*].metric[*].dimensions.LoadBalancer", &[names::LOAD_BALANCER]),
    ],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &["AlarmName"],
};

/// CloudFormation's list of names and values as the map the provider has.
fn dimensions(list: &Value) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    let mut map = Map::default();
    for item in items {
        match (lookup(item, "Name"), lookup(item, "Value").to_value()) {
            (Lookup::Unknown(unknown), _) => return Value::unknown(unknown.clone()),
            (Lookup::Known(Value { data: Data::String(name), .. }), Some(value)) => map.insert(name.clone(), value),
            _ => {}
        }
    }
    map.into()
}

/// CloudFormation's metric math in the provider's words.
fn queries(list: &Value) -> Value {
    let Some(items) = list.as_list() else { return list.clone() };
    let query = |item: &Value| {
        let stat = item.get("MetricStat").filter(|stat| stat.as_map().is_some());
        let (Some(fields), Some(stat)) = (item.as_map(), stat) else { return in_our_words(item) };
        let rest = fields.iter().filter(|(name, _)| name.as_str() != "MetricStat");
        let rest: Map = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut query = in_our_words(&rest.into());
        let mut metric = Map::default();
        for (name, path) in [
            ("metric_name", "Metric.MetricName"),
            ("namespace", "Metric.Namespace"),
            ("dimensions", "Metric.Dimensions"),
            ("period", "Period"),
            ("stat", "Stat"),
        ] {
            if let Some(value) = lookup(stat, path).to_value() {
                metric.set(name, if name == "dimensions" { dimensions(&value) } else { value });
            }
        }
        if let Data::Map(map) = &mut query.data {
            map.set("metric", vec![Value::from(metric)].into());
        }
        query
    };
    items.iter().map(query).collect::<Vec<Value>>().into()
}

fn in_our_words(query: &Value) -> Value {
    match &renamed(query).data {
        Data::List(items) => items.first().cloned().unwrap_or_else(Value::null),
        _ => query.clone(),
    }
}
