//! `aws_cloudwatch_metric_alarm` / `AWS::CloudWatch::Alarm`.

use super::names;
use super::{Const, Default, KindSpec, OBJECTS, STRING, attribute};
use crate::catalog::schema::Type;

/// An alarm on a metric.
pub(super) const ALARM: KindSpec = KindSpec {
    kind: names::ALARM,
    doc: "CloudWatch alarm",
    terraform: &["aws_cloudwatch_metric_alarm"],
    cloudformation: &[],
    attributes: &[
        attribute("name", STRING, "alarm_name", Default::None, "name"),
        attribute("namespace", STRING, "namespace", Default::None, "namespace of the metric"),
        attribute("metric", STRING, "metric_name", Default::None, "metric"),
        attribute("statistic", STRING, "statistic", Default::None, "Sum, Average, Minimum …"),
        attribute(
            "treat_missing_data",
            STRING,
            "treat_missing_data",
            Default::Both(Const::Str("missing")),
            "what no data means",
        ),
        attribute("dimensions", || Type::Any, "dimensions", Default::None, "which load balancer or target group"),
        attribute("queries", OBJECTS, "metric_query", Default::None, "metric math"),
    ],
    links: &[],
    identifiers: &["id", "arn"],
    identifiers_cloudformation: &[],
};
