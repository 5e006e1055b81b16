//! The commands: argument parsing, printing, exit codes, nothing else.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 the job or the script failed, 2 bad usage or
//! bad input file, 128 + signal if one ended it.

mod compile;
mod inspect;
mod options;
mod output;
mod run;
mod stream;
mod summary;

pub use compile::main as compile;
pub use inspect::main as inspect;
pub use run::main as run;
pub use stream::main as stream;

use std::process::ExitCode;

/// Calls a command; a panic is a mistake of ours, said in one line.
pub fn guarded(command: fn(options::Line) -> u8) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("something unexpected");
        output::error(&format!("internal error: {what}{place}; this is a mistake of pyflink, please report it"));
    }));
    let line = options::Line::split(std::env::args_os());
    ExitCode::from(std::panic::catch_unwind(|| command(line)).unwrap_or(1))
}
