//! A day of the calendar, as people write it: `2027-01-31`. No clock and no zone.

use std::fmt;

/// A day that exists, in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: i64,
    month: i64,
    date: i64,
}

impl Day {
    /// The day with this year, month and date; none when there is no such day.
    #[must_use]
    pub fn new(year: i64, month: i64, date: i64) -> Option<Day> {
        let exists = (1..=12).contains(&month) && date >= 1 && date <= days_in(year, month);
        exists.then_some(Day { year, month, date })
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        let digits = bytes.iter().enumerate().all(|(at, byte)| matches!(at, 4 | 7) || byte.is_ascii_digit());
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' || !digits {
            return None;
        }
        let number = |part: Option<&str>| part?.parse::<i64>().ok();
        Day::new(number(text.get(..4))?, number(text.get(5..7))?, number(text.get(8..))?)
    }

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last.
    #[must_use]
    pub fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.date - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The day so many days after 1970-01-01.
    #[must_use]
    pub fn of_number(number: i64) -> Day {
        let day = number + 719_468;
        let era = day.div_euclid(146_097);
        let of_era = day.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let date = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Day { year: year + era * 400 + i64::from(month <= 2), month, date }
    }

    /// Year, month and date.
    #[must_use]
    pub fn parts(self) -> (i64, i64, i64) {
        (self.year, self.month, self.date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.date)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_read() {
        assert_eq!(Day::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-1-1",
            "27-01-01",
            "2027-01-01T",
            "2027/01/01",
            "soon",
            "２027-01-1",
        ] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_have_numbers_and_back() {
        assert_eq!(Day::of_number(0).to_string(), "1970-01-01");
        for number in [-1, 59, 11_016, 20_777, 47_540] {
            assert_eq!(Day::of_number(number).number(), number);
        }
        assert!(Day::parse("2026-12-31") < Day::parse("2027-01-01"));
    }
}
