//! The text reports, as they look.
use plangate::report::{Detail, TextOptions, check_text, paths_text};

use crate::report_sample::{plain, shop};

#[test]
fn look() {
    let mut o = TextOptions {
        width: 100,
        detail: Detail::Usual,
        undecided_counts: false,
        outcome: Some("exit 1: 2 findings at or above medium".into()),
    };
    for d in [Detail::Usual, Detail::All, Detail::Fails] {
        o.detail = d;
        eprintln!("{}\n=================", plain(&check_text(&shop(), &o)));
    }
    eprintln!("{}\n=================", plain(&paths_text(&shop(), 100)));
    eprintln!("{}\n=================", plangate::report::check_json(&shop()));
    eprintln!("{}\n=================", plangate::report::paths_json(&shop()));
}
