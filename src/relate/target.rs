//! What stands behind a target group, as far as reachability is concerned: which network interface a load balancer
//! connects to. Finding out what is registered where is not done here.

use crate::graph::ResourceId;

/// One thing that a load balancer sends requests to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetNode {
    /// What it is.
    pub kind: TargetKind,
    /// The resource of the graph, when it is one.
    pub resource: Option<ResourceId>,
    /// The plain IP address it was registered with.
    pub address: Option<String>,
}

/// The sorts of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// The tasks of an ECS service.
    EcsService,
    /// The tasks of one task set of an ECS service.
    TaskSet,
    /// The instances of an Auto Scaling group.
    AutoscalingGroup,
    /// One instance.
    Instance,
    /// A plain address.
    Ip,
    /// A Lambda function: invoked, not connected to.
    Lambda,
    /// A load balancer behind another.
    LoadBalancer,
    /// A network interface.
    Interface,
}

impl TargetKind {
    /// Its name in reports and policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TargetKind::EcsService | TargetKind::TaskSet => "ecs_service",
            TargetKind::AutoscalingGroup => "autoscaling_group",
            TargetKind::Instance => "instance",
            TargetKind::Ip => "ip",
            TargetKind::Lambda => "lambda",
            TargetKind::LoadBalancer => "alb",
            TargetKind::Interface => "interface",
        }
    }
}
