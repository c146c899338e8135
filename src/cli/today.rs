//! The one place that asks what day it is. Nothing but the end of exemptions depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::graph::Day;
use crate::source::Problem;

/// Sets the day, so that a run can be made again.
const VARIABLE: &str = "PLANGATE_TODAY";

/// Today in UTC, or the day that `PLANGATE_TODAY` says.
///
/// # Errors
/// The variable holds no day.
pub(crate) fn today() -> Result<Day, Problem> {
    match std::env::var(VARIABLE) {
        Ok(text) => Day::parse(&text).ok_or_else(|| {
            Problem::error(format!("`{}` is no day such as 2027-01-31", text.escape_debug())).in_file(VARIABLE)
        }),
        Err(_) => {
            let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            Ok(Day::of_number(i64::try_from(seconds / 86_400).unwrap_or(0)))
        }
    }
}
