//! What changes the number of tasks or instances by itself.

use super::names::{self, role};
use super::{Default, INT, KindSpec, STRING, attribute, link};

/// A range in which Application Auto Scaling moves the number of tasks of an ECS service.
pub(super) const TARGET: KindSpec = KindSpec {
    kind: names::SCALING_TARGET,
    doc: "scaling target of Application Auto Scaling",
    terraform: &["aws_appautoscaling_target"],
    cloudformation: &["AWS::ApplicationAutoScaling::ScalableTarget"],
    attributes: &[
        attribute("namespace", STRING, "service_namespace", Default::None, "ecs for ECS services")
            .property("ServiceNamespace"),
        attribute("resource_id", STRING, "resource_id", Default::None, "service/<cluster>/<service> for ECS services")
            .property("ResourceId"),
        attribute("min", INT, "min_capacity", Default::None, "fewest tasks").property("MinCapacity"),
    ],
    links: &[link(role::SCALES, "resource_id", &[names::ECS_SERVICE]).property(&["ResourceId"])],
    identifiers: &["id", "resource_id"],
    identifiers_cloudformation: &[],
};

/// A policy or schedule that moves the number of instances of an Auto Scaling group.
pub(super) const POLICY: KindSpec = KindSpec {
    kind: names::SCALING_POLICY,
    doc: "scaling policy or schedule of an Auto Scaling group",
    terraform: &["aws_autoscaling_policy", "aws_autoscaling_schedule"],
    cloudformation: &["AWS::AutoScaling::ScalingPolicy", "AWS::AutoScaling::ScheduledAction"],
    attributes: &[],
    links: &[link(role::AUTOSCALING_GROUP_OF, "autoscaling_group_name", &[names::AUTOSCALING_GROUP])
        .property(&["AutoScalingGroupName"])],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
