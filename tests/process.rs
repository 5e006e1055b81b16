//! What only whole processes show: signals, and readers that go away.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const ENDLESS: &str = r#"
from org.apache.flink.api.common.functions import RichMapFunction
from org.apache.flink.core.fs.FileSystem import WriteMode
from org.apache.flink.streaming.api.functions.source import SourceFunction
import time


class Endless(SourceFunction):
    running = True

    def run(self, ctx):
        n = 0
        while self.running:
            ctx.collect(n)
            n += 1
            time.sleep(0.001)

    def cancel(self):
        self.running = False
        print("cancelled")


class Same(RichMapFunction):
    def map(self, value):
        return value

    def close(self):
        print("closed")


def main(factory):
    env = factory.get_execution_environment()
    numbers = env.create_python_source(Endless()).map(Same())
    numbers.write_as_text("out.txt", WriteMode.OVERWRITE)
    numbers.output()
    env.execute()
    print("never")
"#;

/// Starts the endless job, reads a few lines, signals it; gives its exit code, its last lines and the file's lines.
fn interrupted(signal: &str) -> (Option<i32>, Vec<String>, String, usize) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("job.py"), ENDLESS).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_pyflink-stream"))
        .arg("job.py")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().take(3).collect::<Vec<_>>(), ["0", "1", "2"]);
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().unwrap();
    let file = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    let last = rest[rest.len().saturating_sub(2)..].to_vec();
    (output.status.code(), last, String::from_utf8_lossy(&output.stderr).into_owned(), file.lines().count())
}

#[test]
fn an_interrupt_cancels_closes_flushes_and_exits_with_130() {
    let (code, last, stderr, lines) = interrupted("-INT");
    assert_eq!((code, stderr.as_str()), (Some(130), ""));
    assert_eq!(last, ["cancelled", "closed"]);
    assert!(lines >= 3);
}

#[test]
fn a_termination_does_the_same_and_exits_with_143() {
    let (code, last, stderr, lines) = interrupted("-TERM");
    assert_eq!((code, stderr.as_str()), (Some(143), ""));
    assert_eq!(last, ["cancelled", "closed"]);
    assert!(lines >= 3);
}

#[test]
fn a_reader_that_goes_away_ends_the_job_quietly() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("job.py"), ENDLESS).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_pyflink-stream"))
        .arg("job.py")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((line.as_str(), output.status.code()), ("0\n", Some(0)));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
