//! Auto Scaling groups and the ways to attach one to a target group.

use super::names::{self, role};
use super::{Const, Default, INT, KindSpec, STRING, attribute, link, links};

/// An Auto Scaling group.
pub(super) const GROUP: KindSpec = KindSpec {
    kind: names::AUTOSCALING_GROUP,
    doc: "Auto Scaling group",
    terraform: &["aws_autoscaling_group"],
    cloudformation: &[],
    attributes: &[
        attribute("name", STRING, "name", Default::Computed, "name"),
        attribute("min_size", INT, "min_size", Default::None, "fewest instances"),
        attribute("max_size", INT, "max_size", Default::None, "most instances"),
        attribute("desired_capacity", INT, "desired_capacity", Default::Computed, "instances wanted"),
        attribute("health_check_type", STRING, "health_check_type", Default::Aws(Const::Str("EC2")), "EC2 or ELB"),
        attribute(
            "health_check_grace_period",
            INT,
            "health_check_grace_period",
            Default::Provider(Const::Int(300)),
            "seconds a new instance's failing checks are ignored",
        ),
    ],
    links: &[
        links(role::TARGET_GROUP_OF, "target_group_arns", &[names::TARGET_GROUP]),
        link(role::TARGET_GROUP_OF, "traffic_source[*].identifier", &[names::TARGET_GROUP]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].id", &[names::LAUNCH_TEMPLATE]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].name", &[names::LAUNCH_TEMPLATE]),
        link(
            role::LAUNCH_TEMPLATE_OF,
            "mixed_instances_policy[*].launch_template[*].launch_template_specification[*].launch_template_id",
            &[names::LAUNCH_TEMPLATE],
        ),
        link(
            role::LAUNCH_TEMPLATE_OF,
            "mixed_instances_policy[*].launch_template[*].launch_template_specification[*].launch_template_name",
            &[names::LAUNCH_TEMPLATE],
        ),
        link(role::LAUNCH_CONFIGURATION_OF, "launch_configuration", &[names::LAUNCH_CONFIGURATION]),
        links(role::SUBNETS, "vpc_zone_identifier", &[names::SUBNET]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &[],
};

/// Attaches a group by resource of its own.
pub(super) const ATTACHMENT: KindSpec = KindSpec {
    kind: names::AUTOSCALING_ATTACHMENT,
    doc: "attachment of an Auto Scaling group to a target group",
    terraform: &["aws_autoscaling_attachment"],
    cloudformation: &[],
    attributes: &[],
    links: &[
        link(role::AUTOSCALING_GROUP_OF, "autoscaling_group_name", &[names::AUTOSCALING_GROUP]),
        link(role::TARGET_GROUP_OF, "lb_target_group_arn", &[names::TARGET_GROUP]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};

/// The newer form of the same.
pub(super) const TRAFFIC_SOURCE_ATTACHMENT: KindSpec = KindSpec {
    kind: names::AUTOSCALING_TRAFFIC_SOURCE,
    doc: "attachment of an Auto Scaling group to a traffic source",
    terraform: &["aws_autoscaling_traffic_source_attachment"],
    cloudformation: &[],
    attributes: &[],
    links: &[
        link(role::AUTOSCALING_GROUP_OF, "autoscaling_group_name", &[names::AUTOSCALING_GROUP]),
        link(role::TARGET_GROUP_OF, "traffic_source[*].identifier", &[names::TARGET_GROUP]),
    ],
    identifiers: &["id"],
    identifiers_cloudformation: &[],
};
