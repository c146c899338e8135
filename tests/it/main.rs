//! All tests in one binary.

mod policy_files;
mod policy_language;
mod policy_truth;
