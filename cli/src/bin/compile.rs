//! `pyflink-compile`: from a script to a plan.

fn main() -> std::process::ExitCode {
    pyflink_cli::guarded(pyflink_cli::compile)
}
