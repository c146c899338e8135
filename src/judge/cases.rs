//! What policies are held against, by subject. What a case holds is in `facts.rs`.

use super::facts::Case;
use super::model::Model;
use crate::catalog::Subject;
use crate::graph::{Mode, ResourceId};

/// Everything of a graph that policies with one subject are held against, in a stable order.
pub(super) struct Cases<'m> {
    pub model: &'m Model<'m>,
    subject: Subject,
    of_kind: &'m [ResourceId],
}

impl<'m> Cases<'m> {
    /// How many there are, those included that turn out to be none.
    pub(super) fn most(&self) -> usize {
        match self.subject {
            Subject::Kind(_) => self.of_kind.len(),
            Subject::Path => self.model.routes.all.len(),
            Subject::Connection => self.model.connections.len(),
            Subject::Registration => self.model.registrations.all().len(),
            Subject::Resource => 0,
        }
    }

    /// The one at a position, unless it is none.
    pub(super) fn get(&self, at: usize) -> Option<Case<'m>> {
        let model = self.model;
        match self.subject {
            Subject::Kind(_) => {
                let id = *self.of_kind.get(at)?;
                (model.graph.resource(id).mode == Mode::Managed).then(|| model.of_resource(id))
            }
            Subject::Path => model.of_route(at),
            Subject::Connection => model.connections.get(at).map(|connection| model.of_connection(connection)),
            Subject::Registration => Some(model.of_registration(at)),
            Subject::Resource => None,
        }
    }
}

impl Model<'_> {
    /// Everything of the graph that a policy with this subject is held against.
    pub(super) fn cases(&self, subject: Subject) -> Cases<'_> {
        let of_kind = match subject {
            Subject::Kind(kind) => self.graph.of_kind(kind),
            _ => &[],
        };
        Cases { model: self, subject, of_kind }
    }
}
