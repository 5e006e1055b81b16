//! `pyflink-run`: runs a plan.

fn main() -> std::process::ExitCode {
    pyflink_cli::guarded(pyflink_cli::run)
}
