//! `pyflink-inspect`: what a plan holds.

fn main() -> std::process::ExitCode {
    pyflink_cli::guarded(pyflink_cli::inspect)
}
