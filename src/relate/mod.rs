//! Floor 3: what follows from the graph by a loop, a range or several hops, one relation a file. A relation answers
//! in the field's terms and in three values; policies only name it.

mod acl_claims;
mod acl_rules;
mod acl_wording;
mod addresses;
mod admission;
pub mod alarms;
pub mod backends;
pub mod beanstalk;
pub mod callers;
pub mod capacity;
mod cidr;
mod container_instances;
mod dimension;
mod documents;
pub mod ecs;
pub mod forwarding;
mod group;
pub mod identity_provider;
pub mod internet;
pub mod lambda_permission;
mod launch;
mod membership;
mod network_acl;
pub mod network_targets;
pub mod onward;
pub mod order;
mod ports;
mod prefix_list;
pub mod priorities;
pub mod reach;
pub mod registration;
mod rule_listener;
pub mod rule_styles;
mod rule_to_add;
mod rules;
pub mod shadow;
mod target;
mod told;
mod wording;
pub mod zones;

pub use cidr::{AddressSet, Cidr, Family};
pub use dimension::{ArnEnd, RightDimension};
pub use rule_to_add::{MissingRule, RulePeer};
pub use target::{TargetKind, TargetNode};
pub use told::Told;
