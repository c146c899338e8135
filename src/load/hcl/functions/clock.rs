//! Points in time, written as RFC 3339 says.

use super::{Function, Kind, TEXT, undecidable};
use crate::graph::Day;
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("formatdate", &[TEXT, TEXT], Kind::Text, |call| {
        let time = Time::parse(call.text(1)?).ok_or_else(no_time)?;
        formatted(call.text(0)?, &time).map(Value::text)
    }),
    Function::new("timeadd", &[TEXT, TEXT], Kind::Text, |call| {
        let time = Time::parse(call.text(0)?).ok_or_else(no_time)?;
        let nanos = duration(call.text(1)?).ok_or_else(|| Fault::new("this is no duration like \"1h30m\""))?;
        Ok(Value::text(time.after(nanos).written()))
    }),
    Function::new("timecmp", &[TEXT, TEXT], Kind::Number, |call| {
        let left = Time::parse(call.text(0)?).ok_or_else(no_time)?;
        let right = Time::parse(call.text(1)?).ok_or_else(no_time)?;
        Ok(Value::number(left.instant().cmp(&right.instant()) as i64))
    }),
    Function::new("timestamp", &[], Kind::Text, |_| {
        Ok(undecidable(Type::String, "timestamp() is when Terraform runs"))
    }),
    Function::new("plantimestamp", &[], Kind::Text, |_| {
        Ok(undecidable(Type::String, "plantimestamp() is when Terraform runs"))
    }),
];

/// A time in YAML, written as Terraform would; `None` when it is none.
pub(super) fn from_yaml(text: &str) -> Option<String> {
    let starts =
        text.len() >= 8 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()) && text.as_bytes()[4] == b'-';
    if !starts {
        return None;
    }
    let (date, clock) = match text.find(['T', 't', ' ']) {
        None => (text, None),
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let clock = match clock {
        None if month.len() == 2 && day.len() == 2 => "00:00:00Z".to_owned(),
        None => return None,
        Some(clock) if clock.contains(['Z', '+', '-']) => clock.replace(' ', ""),
        Some(clock) => format!("{clock}Z"),
    };
    let clock = if clock.as_bytes().get(1) == Some(&b':') { format!("0{clock}") } else { clock };
    Time::parse(&format!("{year}-{month:0>2}-{day:0>2}T{clock}")).map(|time| time.written())
}

/// A moment on a clock with an offset.
struct Time {
    /// Days since 1970-01-01, on this clock.
    day: i64,
    second: i64,
    nano: i64,
    /// Seconds this clock is ahead.
    offset: i64,
}

impl Time {
    fn parse(text: &str) -> Option<Time> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range)?;
            if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i64>().ok() } else { None }
        };
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !text.is_ascii() || marks.iter().any(|&(at, mark)| bytes.get(at) != Some(&mark)) {
            return None;
        }
        let (year, month, date) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
        let mut rest = text.get(19..)?;
        let mut nano = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let end = fraction.find(|char: char| !char.is_ascii_digit())?;
            if end == 0 {
                return None;
            }
            nano = format!("{:0<9}", &fraction[..end.min(9)]).parse().ok()?;
            rest = &fraction[end..];
        }
        let offset = match rest.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => {
                let number = |tens: &u8, ones: &u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
                let (hours, minutes) = (number(a, b), number(c, d));
                if hours > 23 || minutes > 59 {
                    return None;
                }
                (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Time {
            day: Day::new(year, month, date)?.number(),
            second: hour * 3600 + minute * 60 + second,
            nano,
            offset,
        })
    }

    fn instant(&self) -> (i64, i64) {
        (self.day * 86_400 + self.second - self.offset, self.nano)
    }

    fn after(&self, nanos: i128) -> Time {
        let total =
            (i128::from(self.day) * 86_400 + i128::from(self.second)) * 1_000_000_000 + i128::from(self.nano) + nanos;
        let seconds = total.div_euclid(1_000_000_000) as i64;
        Time {
            day: seconds.div_euclid(86_400),
            second: seconds.rem_euclid(86_400),
            nano: total.rem_euclid(1_000_000_000) as i64,
            offset: self.offset,
        }
    }

    /// Without the fraction of the second, as Terraform writes it.
    fn written(&self) -> String {
        let (year, month, date) = Day::of_number(self.day).parts();
        let (hour, minute, second) = self.clock();
        format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}{}", self.zone(true, "Z"))
    }

    fn clock(&self) -> (i64, i64, i64) {
        (self.second / 3600, self.second / 60 % 60, self.second % 60)
    }

    fn zone(&self, colon: bool, utc: &str) -> String {
        if self.offset == 0 && !utc.is_empty() {
            return utc.to_owned();
        }
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{}{:02}", minutes / 60, if colon { ":" } else { "" }, minutes % 60)
    }
}

fn no_time() -> Fault {
    Fault::new("this is no time in the form 2006-01-02T15:04:05Z")
}

fn formatted(format: &str, time: &Time) -> Result<String, Fault> {
    let mut out = String::new();
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        if char == '\'' {
            if chars.get(at + 1) == Some(&'\'') {
                out.push('\'');
                at += 2;
                continue;
            }
            at += 1;
            loop {
                match (chars.get(at), chars.get(at + 1)) {
                    (Some('\''), Some('\'')) => {
                        out.push('\'');
                        at += 2;
                    }
                    (Some('\''), _) => break,
                    (Some(char), _) => {
                        out.push(*char);
                        at += 1;
                    }
                    (None, _) => return Err(Fault::new("the quote is not closed")),
                }
            }
            at += 1;
        } else if char.is_ascii_alphabetic() {
            let length = chars[at..].iter().take_while(|next| **next == char).count();
            let part = element(char, length, time);
            out.push_str(&part.ok_or_else(|| {
                Fault::new(format!("the format does not know {}", char.to_string().repeat(length.min(9))))
            })?);
            at += length;
        } else {
            out.push(char);
            at += 1;
        }
    }
    Ok(out)
}

fn element(letter: char, length: usize, time: &Time) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    let (year, month, date) = Day::of_number(time.day).parts();
    let (hour, minute, second) = time.clock();
    let month_name = MONTHS.get(usize::try_from(month - 1).ok()?)?;
    let day_name = DAYS.get(usize::try_from(time.day.rem_euclid(7)).ok()?)?;
    let one_or_two = |number: i64| match length {
        1 => Some(number.to_string()),
        2 => Some(format!("{number:02}")),
        _ => None,
    };
    match (letter, length) {
        ('Y', 2) => Some(format!("{:02}", year % 100)),
        ('Y', 4) => Some(format!("{year:04}")),
        ('M', 3) => Some(month_name[..3].to_owned()),
        ('M', 4) => Some((*month_name).to_owned()),
        ('M', _) => one_or_two(month),
        ('D', _) => one_or_two(date),
        ('E', 3) => Some(day_name[..3].to_owned()),
        ('E', 4) => Some((*day_name).to_owned()),
        ('h', _) => one_or_two(hour),
        ('H', _) => one_or_two(if hour % 12 == 0 { 12 } else { hour % 12 }),
        ('A', 2) => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        ('a', 2) => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
        ('m', _) => one_or_two(minute),
        ('s', _) => one_or_two(second),
        ('Z', 1) => Some(time.zone(true, "Z")),
        ('Z', 3) => Some(time.zone(false, "UTC")),
        ('Z', 4) => Some(time.zone(false, "")),
        ('Z', 5) => Some(time.zone(true, "")),
        _ => None,
    }
}

/// A duration as Go writes it, in nanoseconds.
fn duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() || rest.len() > 200 {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let fraction = &fraction[..fraction.len().min(15)];
        let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        total += part * unit / 10i128.pow(fraction.len() as u32);
        rest = next;
    }
    (total < i128::from(i64::MAX)).then_some(if negative { -total } else { total })
}
