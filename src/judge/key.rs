//! What makes two checks the same check: in two ways an input can turn out, or before and after a change. Not a
//! fingerprint: the values it rests on do not count.

use std::collections::BTreeMap;

use super::facts::About;
use super::hold::Held;
use super::model::Model;
use crate::graph::Text;

/// One policy on one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    policy: Text,
    subject: Text,
    about: Vec<Text>,
    /// Which of several like it.
    times: usize,
}

/// Keys given so far, so that no two checks of one graph have the same.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<Key, usize>);

impl Seen {
    /// The key of a check.
    pub(super) fn key(&mut self, model: &Model<'_>, held: &Held<'_>) -> Key {
        let mut key = key(model, held);
        let times = self.0.entry(key.clone()).or_default();
        key.times = *times;
        *times += 1;
        key
    }
}

fn key(model: &Model<'_>, held: &Held<'_>) -> Key {
    let registration = |at: usize| {
        let registration = model.registration(at);
        vec![model.address(registration.via), model.address(registration.target_group), registration.name(model.graph)]
    };
    let about = match held.about {
        About::Resource => Vec::new(),
        About::Route(at) => vec![format!("{:?}", model.path_ref(&model.routes.all[at])).into()],
        About::Connection(balancer, at) => [vec![model.address(balancer)], registration(at)].concat(),
        About::Registration(at) => registration(at),
    };
    Key { policy: held.policy.id.clone(), subject: model.address(held.on), about, times: 0 }
}
