//! What somebody states of a backend that cannot be seen. It comes before everything that is read.

use super::backend::Backend;
use super::keep_alive::{Defect, Effect, Idle, KeepAlive, RequestLimit, Source, Strength};
use super::table::Server;
use crate::graph::{AddressGlob, Text};
use crate::source::Position;

/// What somebody states of a backend.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The target groups or targets it is about.
    pub addresses: Vec<AddressGlob>,
    /// How long it keeps idle connections.
    pub idle: Idle,
    /// Node's `headersTimeout` in milliseconds.
    pub headers_timeout: Option<u64>,
    /// How long its slowest good response takes, in milliseconds.
    pub slowest_response: Option<u64>,
    /// The file that says so, as it is shown.
    pub file: Text,
    /// Where in the file.
    pub position: Position,
}

impl Stated {
    /// Whether it is about something with this address.
    #[must_use]
    pub fn is_about(&self, address: &str) -> bool {
        self.addresses.iter().any(|glob| glob.matches(address))
    }

    /// The backend it describes.
    #[must_use]
    pub fn backend(&self) -> Backend {
        let from = Source::named("`backends`");
        let server = Server::unknown();
        let mut backend =
            Backend::known(KeepAlive { idle: self.idle, server, strength: Strength::Stated, from: from.clone() });
        backend.limits.extend(self.slowest_response.map(|millis| RequestLimit {
            server,
            key: "slowest_response".into(),
            millis: Some(millis),
            effect: Effect::Answers,
            stated: true,
            from: from.clone(),
        }));
        if let (Some(headers), Idle::Millis(keep_alive)) = (self.headers_timeout, self.idle)
            && headers <= keep_alive
        {
            backend.defects.push(Defect::HeadersTimeout { headers, stated: true, keep_alive, from });
        }
        backend
    }
}
