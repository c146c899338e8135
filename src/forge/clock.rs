//! The time, so that a test of waiting need not wait.

use std::time::{Duration, SystemTime};

/// Tells the time and lets it pass.
pub trait Clock {
    /// The time since the beginning of 1970, in UTC.
    fn now(&self) -> Duration;

    /// Comes back after this long.
    fn sleep(&self, time: Duration);
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
