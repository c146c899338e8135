//! The command line program.

use std::process::ExitCode;

/// A large plan is millions of small values, made on several threads: the system's allocator took a fifth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    plangate::cli::run()
}
