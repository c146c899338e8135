//! All tests in one binary.

mod report_sample;
mod report_text;
