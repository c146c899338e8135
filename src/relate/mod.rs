//! Floor 3: facts that take several resources to tell, one derived relation a file. Loops, CIDRs, port ranges and
//! hops live here; policies only name the answers.

pub mod ecs;
pub mod forwarding;
pub mod registration;
mod target;

pub use target::{TargetKind, TargetNode};
