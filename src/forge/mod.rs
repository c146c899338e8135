//! Floor 1: a forge is where pull requests are discussed: GitHub (also Enterprise) and GitLab. Writes one comment that
//! is kept up to date, and comments on changed lines. Knows nothing of findings, policies or reports: it is given texts
//! and places.
//!
//! `environment` finds out where to and with which token, `client` asks and asks again, `github` and `gitlab` say how
//! each API puts it, `conversation` is what is done, the same for both. A token goes to the API's own host and
//! nowhere else, and is shown nowhere.

mod client;
mod clock;
mod conversation;
mod environment;
mod github;
mod gitlab;
mod host;
mod mark;
mod patch;
mod token;

pub use clock::{Clock, SystemClock};
pub use conversation::{Done, Forge, Reviewed};
pub use environment::{Asked, Kind, Surroundings, Target, find};
pub use host::Remark;
pub use mark::Tag;
pub use patch::ChangedLines;
pub use token::Token;
