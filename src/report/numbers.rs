//! The numbers of a path in words: ports, seconds, health checks, keep-alive. A value that is not known before apply is
//! `?`, a sensitive one is never shown. Not where on a page they stand.

use std::borrow::Cow;
use std::fmt;

use crate::graph::{Data, Value};
use crate::judge::{Answer, HealthCheckView, KeepAliveView, SecondsView};

/// A number in words that stay together: `every 30 s`.
pub(super) struct Said<'v> {
    pub(super) before: &'static str,
    pub(super) value: Cow<'v, str>,
    pub(super) after: &'static str,
    /// What keeps it apart from the next one.
    pub(super) comma: &'static str,
}

impl<'v> Said<'v> {
    fn new(before: &'static str, value: &'v Value, after: &'static str) -> Said<'v> {
        Said { before, value: plain(value), after, comma: "" }
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}{}", self.before, self.value, self.after, self.comma)
    }
}

/// `HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2` in parts that stay together; `off`;
/// empty when there is none.
pub(super) fn health_check(check: &HealthCheckView) -> Vec<Said<'_>> {
    enumerated(check, times(check))
}

/// As [`health_check`], without the number of successes until a target is healthy.
pub(super) fn health_check_in_short(check: &HealthCheckView) -> Vec<Said<'_>> {
    enumerated(check, pace(check).chain(given_up(check)))
}

/// What is asked for, then the times, with commas between those and before the first.
fn enumerated<'v>(check: &'v HealthCheckView, times: impl Iterator<Item = Said<'v>>) -> Vec<Said<'v>> {
    if is_off(check) {
        return vec![Said { before: "off", value: Cow::Borrowed(""), after: "", comma: "" }];
    }
    let mut parts: Vec<Said<'v>> = asks(check).collect();
    let asks = parts.len();
    parts.extend(times);
    let commas = asks.saturating_sub(1)..parts.len().saturating_sub(1);
    parts[commas].iter_mut().for_each(|part| part.comma = ",");
    parts
}

/// Whether it is switched off for sure.
pub(super) fn is_off(check: &HealthCheckView) -> bool {
    let enabled = check.enabled.as_ref().filter(|value| !value.marks.sensitive);
    enabled.and_then(Value::as_bool) == Some(false)
}

/// What a health check asks for: `HTTP`, `:8080`, `/health`, `expects 200`.
pub(super) fn asks(check: &HealthCheckView) -> impl Iterator<Item = Said<'_>> {
    let protocol = written(&check.protocol).map(|value| Said::new("", value, ""));
    let path = written(&check.path).map(|value| Said::new("", value, ""));
    let matcher = written(&check.matcher).map(|value| Said::new("expects ", value, ""));
    [protocol, check.port.as_ref().map(port), path, matcher].into_iter().flatten()
}

/// When a health check asks, and what that comes to: `every 30 s`, `timeout 5 s`, `healthy after 3`, `unhealthy after 2`.
pub(super) fn times(check: &HealthCheckView) -> impl Iterator<Item = Said<'_>> {
    let healthy = written(&check.healthy_threshold).map(|value| Said::new("healthy after ", value, ""));
    pace(check).chain(healthy).chain(given_up(check))
}

fn pace(check: &HealthCheckView) -> impl Iterator<Item = Said<'_>> {
    let every = written(&check.interval).map(|value| Said::new("every ", value, " s"));
    let timeout = written(&check.timeout).map(|value| Said::new("timeout ", value, " s"));
    every.into_iter().chain(timeout)
}

fn given_up(check: &HealthCheckView) -> Option<Said<'_>> {
    written(&check.unhealthy_threshold).map(|value| Said::new("unhealthy after ", value, ""))
}

/// `60 s`, or `? s` when it is not known before apply.
pub(super) fn seconds(value: &Value) -> Said<'_> {
    Said::new("", value, " s")
}

/// How long a backend keeps an idle connection, and what says so: `65 s` and `uvicorn, stated: …`; `?` and why.
pub(super) fn keep_alive(view: &KeepAliveView) -> (String, String) {
    match view {
        KeepAliveView::Known { seconds, server, strength, from } => {
            let shown = match seconds {
                SecondsView::Millis(millis) => format!("{} s", *millis as f64 / 1000.0),
                SecondsView::Infinite => "no limit".to_owned(),
                SecondsView::None => "closes after each response".to_owned(),
            };
            (shown, format!("{server}, {strength}: {from}"))
        }
        KeepAliveView::Unknown(why) => ("?".to_owned(), why.clone()),
    }
}

/// The answer in one word.
pub(super) fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "admitted",
        Answer::No => "blocked",
        Answer::Partly => "partly blocked",
        Answer::Unknown => "?",
        Answer::NotApplicable => "does not apply",
    }
}

/// `:443 HTTPS`, or as much of it as applies.
pub(super) fn door(number: Option<&Value>, protocol: Option<&Value>) -> String {
    let mut door = number.map(|number| port(number).to_string()).unwrap_or_default();
    if let Some(protocol) = protocol.filter(|value| !value.is_null()) {
        if number.is_some() {
            door.push(' ');
        }
        door.push_str(&plain(protocol));
    }
    door
}

/// The value without quotes; `?` when it is not known before apply.
pub(super) fn plain(value: &Value) -> Cow<'_, str> {
    match &value.data {
        _ if value.marks.sensitive => Cow::Borrowed("(sensitive)"),
        Data::Unknown(_) => Cow::Borrowed("?"),
        Data::String(text) => Cow::Borrowed(text),
        Data::Int(number) => Cow::Owned(number.to_string()),
        _ => Cow::Owned(value.to_string()),
    }
}

fn port(value: &Value) -> Said<'_> {
    if value.is_null() {
        return Said { before: ":", value: Cow::Borrowed("dynamic"), after: "", comma: "" };
    }
    Said::new(":", value, "")
}

fn written(value: &Option<Value>) -> Option<&Value> {
    value.as_ref().filter(|value| !value.is_null())
}
