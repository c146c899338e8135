//! Floor 4: holds policies against a graph. `judge` is the one way in; it cannot fail.

mod assessment;
mod facts;
mod model;
mod view;

pub use crate::relate::reach::Answer;
pub use assessment::{
    Assessment, Evidence, Finding, HealthCheckView, Hop, Input, PathRef, PathView, Reach, Summary, Verdict,
};

use crate::graph::Graph;
use model::Model;

pub fn judge(graph: &Graph) -> Assessment {
    let model = Model::new(graph);
    Assessment { paths: model.views(), ..Assessment::default() }
}
