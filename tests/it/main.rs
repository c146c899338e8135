//! All tests in one binary.

mod policy_files;
mod policy_truth;
