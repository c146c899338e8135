//! Auto Scaling groups and the ways to attach one to a target group.

use super::ec2::INIT;
use super::names::{self, role};
use super::tags::propagated;
use super::{BOOL, Const, Default, INT, KindSpec, Read, STRING, attribute, is_written, link, links, read};
use crate::catalog::normalise::Filled;
use crate::catalog::schema::Type;
use crate::graph::{Lookup, Value, lookup};

/// An Auto Scaling group.
pub(super) const GROUP: KindSpec = KindSpec {
    kind: names::AUTOSCALING_GROUP,
    doc: "Auto Scaling group",
    terraform: &["aws_autoscaling_group"],
    cloudformation: &["AWS::AutoScaling::AutoScalingGroup"],
    attributes: &[
        INIT,
        attribute("name", STRING, "name", Default::Computed, "name").property("AutoScalingGroupName"),
        read("tags", || Type::Any, Read::From("tag", propagated), Default::None, "tags of its instances by name")
            .property_from("Tags", propagated),
        attribute("min_size", INT, "min_size", Default::None, "fewest instances").property("MinSize"),
        attribute("max_size", INT, "max_size", Default::None, "most instances").property("MaxSize"),
        attribute("desired_capacity", INT, "desired_capacity", Default::Computed, "instances wanted")
            .property("DesiredCapacity"),
        attribute("health_check_type", STRING, "health_check_type", Default::Aws(Const::Str("EC2")), "EC2 or ELB")
            .property("HealthCheckType"),
        attribute(
            "health_check_grace_period",
            INT,
            "health_check_grace_period",
            Default::Provider(Const::Int(300)),
            "seconds a new instance's failing checks are ignored",
        )
        .property("HealthCheckGracePeriod")
        .else_in_cloudformation(Default::Aws(Const::Int(0))),
        attribute(
            "launch_template_version",
            STRING,
            "launch_template.version",
            Default::None,
            "version it starts from",
        )
        .property("LaunchTemplate.Version"),
        attribute(
            "mixed_launch_template_version",
            STRING,
            "mixed_instances_policy.launch_template.launch_template_specification.version",
            Default::None,
            "the same in a mixed instances policy",
        )
        .property("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version"),
        read(
            "overrides_launch_template",
            BOOL,
            Read::From("mixed_instances_policy.launch_template.override", overrides_template),
            Default::None,
            "whether a mixed instances policy starts some instances from other launch templates",
        )
        .property_from("MixedInstancesPolicy.LaunchTemplate.Overrides", overrides_template),
        read(
            "instance_refresh.written",
            BOOL,
            Read::From("instance_refresh", is_written),
            Default::None,
            "true when a change of what instances start from replaces them (Terraform)",
        ),
        attribute(
            "instance_refresh.min_healthy_percentage",
            INT,
            "instance_refresh.preferences.min_healthy_percentage",
            Default::None,
            "percent of instances kept while they are replaced; AWS keeps 90 when it is not written",
        ),
        read(
            "rolling_update.written",
            BOOL,
            Read::Nowhere,
            Default::None,
            "true when an update replaces instances in batches (CloudFormation)",
        )
        .property_from("UpdatePolicy.AutoScalingRollingUpdate", is_written),
        read(
            "rolling_update.min_in_service",
            INT,
            Read::Nowhere,
            Default::None,
            "instances kept while a batch is replaced",
        )
        .property("UpdatePolicy.AutoScalingRollingUpdate.MinInstancesInService")
        .else_in_cloudformation(Default::AwsBy(none_kept)),
        read(
            "replacing_update",
            BOOL,
            Read::Nowhere,
            Default::None,
            "true when an update makes a second group and then deletes the first (CloudFormation)",
        )
        .property("UpdatePolicy.AutoScalingReplacingUpdate.WillReplace"),
    ],
    links: &[
        links(role::TARGET_GROUP_OF, "target_group_arns", &[names::TARGET_GROUP]).property(&["TargetGroupARNs"]),
        link(role::TARGET_GROUP_OF, "traffic_source[*].identifier", &[names::TARGET_GROUP])
            .property(&["TrafficSources[*].Identifier"]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].id", &[names::LAUNCH_TEMPLATE])
            .property(&["LaunchTemplate.LaunchTemplateId"]),
        link(role::LAUNCH_TEMPLATE_OF, "launch_template[*].name", &[names::LAUNCH_TEMPLATE])
            .property(&["LaunchTemplate.LaunchTemplateName"]),
        link(
            role::LAUNCH_TEMPLATE_OF,
            "mixed_instances_policy[*].launch_template[*].launch_template_specification[*].launch_template_id",
            &[names::LAUNCH_TEMPLATE],
        )
        .property(&["MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"]),
        link(
            role::LAUNCH_TEMPLATE_OF,
            "mixed_instances_policy[*].launch_template[*].launch_template_specification[*].launch_template_name",
            &[names::LAUNCH_TEMPLATE],
        )
        .property(&["MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName"]),
        link(role::LAUNCH_CONFIGURATION_OF, "launch_configuration", &[names::LAUNCH_CONFIGURATION])
            .property(&["LaunchConfigurationName"]),
        links(role::SUBNETS, "vpc_zone_identifier", &[names::SUBNET]).property(&["VPCZoneIdentifier"]),
    ],
    identifiers: &["id", "arn", "name"],
    identifiers_cloudformation: &["AutoScalingGroupName"],
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

/// A rolling update keeps no instance in service unless it says so.
fn none_kept(group: &Filled<'_>) -> Value {
    match group.get("rolling_update.written") {
        Lookup::Known(_) => 0.into(),
        Lookup::Unknown(unknown) => Value::unknown(unknown.clone()),
        Lookup::Absent => Value::null(),
    }
}

fn overrides_template(overrides: &Value) -> Value {
    let Some(overrides) = overrides.as_list() else { return overrides.clone() };
    let mut perhaps = None;
    for one in overrides {
        let own = ["launch_template_specification", "LaunchTemplateSpecification"].map(|key| lookup(one, key));
        for own in own {
            match own {
                Lookup::Known(value) if value.as_list().is_none_or(|items| !items.is_empty()) => return true.into(),
                Lookup::Unknown(unknown) => perhaps = Some(unknown.clone()),
                _ => {}
            }
        }
    }
    perhaps.map_or_else(|| false.into(), Value::unknown)
}
