//! The numbers of a path in words: ports, seconds, health checks, keep-alive. A value that is not known before apply is
//! `?`, a sensitive one is never shown. Not where on a page they stand.

use crate::graph::{Data, Value};
use crate::judge::{Answer, HealthCheckView, KeepAliveView, SecondsView};

/// `HTTP :8080 /health expects 200, every 30 s, timeout 5 s, unhealthy after 2` in parts that stay together; `off`;
/// empty when there is none.
pub(super) fn health_check(check: &HealthCheckView) -> Vec<String> {
    if is_off(check) {
        return vec!["off".to_owned()];
    }
    enumerated(asks(check), times(check))
}

/// As [`health_check`], without the number of successes until a target is healthy.
pub(super) fn health_check_in_short(check: &HealthCheckView) -> Vec<String> {
    if is_off(check) {
        return vec!["off".to_owned()];
    }
    let mut times = pace(check);
    times.extend(given_up(check));
    enumerated(asks(check), times)
}

/// What is asked for, then the times, with commas between those and before the first.
fn enumerated(mut parts: Vec<String>, times: Vec<String>) -> Vec<String> {
    let asks = parts.len();
    parts.extend(times);
    let commas = asks.saturating_sub(1)..parts.len().saturating_sub(1);
    parts[commas].iter_mut().for_each(|part| part.push(','));
    parts
}

/// Whether it is switched off for sure.
pub(super) fn is_off(check: &HealthCheckView) -> bool {
    let enabled = check.enabled.as_ref().filter(|value| !value.marks.sensitive);
    enabled.and_then(Value::as_bool) == Some(false)
}

/// What a health check asks for: `HTTP`, `:8080`, `/health`, `expects 200`.
pub(super) fn asks(check: &HealthCheckView) -> Vec<String> {
    let mut asks: Vec<String> = Vec::new();
    asks.extend(written(&check.protocol).map(plain));
    asks.extend(check.port.as_ref().map(port));
    asks.extend(written(&check.path).map(plain));
    asks.extend(written(&check.matcher).map(|value| format!("expects {}", plain(value))));
    asks
}

/// When a health check asks, and what that comes to: `every 30 s`, `timeout 5 s`, `healthy after 3`, `unhealthy after 2`.
pub(super) fn times(check: &HealthCheckView) -> Vec<String> {
    let mut times = pace(check);
    times.extend(written(&check.healthy_threshold).map(|value| format!("healthy after {}", plain(value))));
    times.extend(given_up(check));
    times
}

fn pace(check: &HealthCheckView) -> Vec<String> {
    let every = written(&check.interval).map(|value| format!("every {}", seconds(value)));
    let timeout = written(&check.timeout).map(|value| format!("timeout {}", seconds(value)));
    every.into_iter().chain(timeout).collect()
}

fn given_up(check: &HealthCheckView) -> Option<String> {
    written(&check.unhealthy_threshold).map(|value| format!("unhealthy after {}", plain(value)))
}

/// `60 s`, or `? s` when it is not known before apply.
pub(super) fn seconds(value: &Value) -> String {
    format!("{} s", plain(value))
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
    let parts = number.map(port).into_iter().chain(protocol.filter(|value| !value.is_null()).map(plain));
    parts.collect::<Vec<_>>().join(" ")
}

/// The value without quotes; `?` when it is not known before apply.
pub(super) fn plain(value: &Value) -> String {
    match &value.data {
        _ if value.marks.sensitive => "(sensitive)".to_owned(),
        Data::Unknown(_) => "?".to_owned(),
        Data::String(text) => text.to_string(),
        _ => value.to_string(),
    }
}

fn port(value: &Value) -> String {
    if value.is_null() { ":dynamic".to_owned() } else { format!(":{}", plain(value)) }
}

fn written(value: &Option<Value>) -> Option<&Value> {
    value.as_ref().filter(|value| !value.is_null())
}
