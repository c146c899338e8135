//! Floor 4: holds policies against a graph.

mod assessment;

pub use assessment::{
    Answer, Assessment, Evidence, Finding, HealthCheckView, Hop, Input, PathRef, PathView, Reach, Summary, Verdict,
};
