//! One big plan, few numbers.
fn main() {}
