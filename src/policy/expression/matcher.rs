//! The list of codes a health check takes for healthy, as AWS writes it: `200`, `200,202`, `200-299`, or codes and
//! ranges mixed; no spaces.

/// Ranges of codes, both ends included; none when the text is not such a list.
pub(super) fn ranges(text: &str) -> Option<Vec<(i64, i64)>> {
    text.split(',').map(range).collect()
}

fn range(text: &str) -> Option<(i64, i64)> {
    let (from, to) = match text.split_once('-') {
        Some((from, to)) => (code(from)?, code(to)?),
        None => (code(text)?, code(text)?),
    };
    (from <= to).then_some((from, to))
}

/// One to three digits: HTTP codes have three, gRPC codes one or two.
fn code(text: &str) -> Option<i64> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
