//! `pyflink-stream`: compiles a script and runs it.

fn main() -> std::process::ExitCode {
    pyflink_cli::guarded(pyflink_cli::stream)
}
