//! What only whole processes show: signals, readers that go away, time that passes, sockets, which Python.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine, and shorter than anyone waits for a test that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// A script in a folder of its own.
fn script(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("job.py"), text).unwrap();
    folder
}

fn stream(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyflink-stream"));
    command.arg("job.py").args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("VIRTUAL_ENV");
    command
}

/// What a process printed, once it ended. One that hangs is killed, and fails the test.
fn finished(child: Child) -> (Option<i32>, String, String) {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output: Output = receiver.recv_timeout(PATIENCE).map_or_else(
        |_| {
            let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
            panic!("the process hangs")
        },
        Result::unwrap,
    );
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const HANGING: &str = r#"
import threading
from org.apache.flink.streaming.api.functions.source import SourceFunction
from org.apache.flink.streaming.api.functions.sink import SinkFunction


class Hanging(SourceFunction):
    def __init__(self):
        self.over = None

    def run(self, ctx):
        self.over = threading.Event()
        ctx.collect(1)
        ctx.collect(2)
        self.over.wait()

    def cancel(self):
        self.over.set()


class Failing(SinkFunction):
    def invoke(self, value):
        if value == 2:
            raise ValueError('no room for %d' % value)
"#;

#[test]
fn a_sink_that_fails_ends_the_job_although_its_source_waits() {
    let text = format!(
        "{HANGING}
def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(Hanging()).add_sink(Failing())
    env.execute()
"
    );
    let folder = script(&text);
    let (code, stdout, stderr) = finished(stream(folder.path(), &[]).spawn().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("ValueError: no room for 2") && stderr.contains("add_sink"), "{stderr}");
    assert_eq!(stderr.matches("Traceback").count(), 1, "{stderr}");
}

#[test]
fn a_source_that_ignores_cancel_does_not_keep_a_failed_job() {
    let folder = script(
        "
import time


def endless(ctx):
    ctx.collect(1)
    while True:
        time.sleep(0.01)


def fail(value):
    raise RuntimeError('broken')


def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(endless).map(fail).output()
    env.execute()
",
    );
    let (code, _, stderr) = finished(stream(folder.path(), &[]).spawn().unwrap());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("RuntimeError: broken"), "{stderr}");
}

/// A source that hands over an element and then waits for a file that only the reader of that element makes.
const WAITING: &str = r#"
import os
import time


class Waiting:
    def run(self, ctx):
        ctx.collect('first')
        while not os.path.exists('seen'):
            time.sleep(0.001)
        ctx.collect('second')

    def cancel(self):
        pass
"#;

#[test]
fn a_slow_source_does_not_hold_back_results() {
    let text = format!(
        "{WAITING}
def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(Waiting()).map(lambda word: word.upper()).output()
    env.execute()
"
    );
    for timeout in ["0", "50"] {
        let folder = script(&text);
        let mut child = stream(folder.path(), &["--batch-timeout", timeout]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "FIRST");
        fs::write(folder.path().join("seen"), "").unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), "SECOND");
        assert_eq!(finished(child).0, Some(0));
    }
}

#[test]
fn a_window_on_the_system_clock_fires_while_nothing_arrives() {
    let text = format!(
        "from org.apache.flink.streaming.api.windowing.time.Time import milliseconds
{WAITING}
def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(Waiting()).key_by(lambda word: word).time_window(milliseconds(20)) \\
        .reduce(lambda a, b: a).output()
    env.execute()
"
    );
    let folder = script(&text);
    let mut child = stream(folder.path(), &[]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "first");
    fs::write(folder.path().join("seen"), "").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "second");
    assert_eq!(finished(child).0, Some(0));
}

#[test]
fn a_signal_interrupts_a_function_that_sleeps_and_a_second_one_ends_at_once() {
    let folder = script(
        "
import time


def sleep(value):
    open('asleep', 'w').close()
    time.sleep(1000)


def main(factory):
    env = factory.get_execution_environment()
    env.from_elements(1).map(sleep).output()
    env.execute()
",
    );
    let started = Instant::now();
    let child = stream(folder.path(), &[]).spawn().unwrap();
    // What functions print comes with their batch, so a file tells that it sleeps.
    while !folder.path().join("asleep").exists() {
        assert!(started.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    kill(&child, "-INT");
    assert_eq!(finished(child).0, Some(130));

    let folder = script(
        "
import time


def stubborn(ctx):
    ctx.collect(1)
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass


def main(factory):
    env = factory.get_execution_environment()
    env.create_python_source(stubborn).output()
    env.execute()
",
    );
    let mut child = stream(folder.path(), &[]).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    kill(&child, "-TERM");
    kill(&child, "-TERM");
    assert_eq!(finished(child).0, Some(143));
}

#[test]
fn a_signal_ends_machine_code_that_loops_for_ever() {
    for endless in ["while n > 0:", "for _ in range(n * 10 ** 17):"] {
        let folder = script(&format!(
            "
def spin(n):
    total = 0
    {endless}
        total = (total + n) % 1000
    return total


def main(factory):
    env = factory.get_execution_environment()
    env.generate_sequence(0, 1).map(spin).output()
    env.execute()
"
        ));
        let mut child = stream(folder.path(), &["--batch-size", "1", "--summary=json"]).spawn().unwrap();
        // The first element is through, so the second one is in the loop, or will be.
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "0\n");
        kill(&child, "-INT");
        let (code, _, said) = finished(child);
        assert_eq!(code, Some(130), "{endless} {said}");
        assert!(said.contains(r#""mode":"guarded""#), "{endless} {said}");
    }
}

fn kill(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn sockets_in_and_out() {
    let source = TcpListener::bind("127.0.0.1:0").unwrap();
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = script(
        "
import sys
from org.apache.flink.streaming.util.serialization import SerializationSchema


class Line(SerializationSchema):
    def serialize(self, value):
        return value + '\\n'


def main(factory):
    env = factory.get_execution_environment()
    env.socket_text_stream('127.0.0.1', int(sys.argv[1])).map(str.upper).write_to_socket(
        '127.0.0.1', int(sys.argv[2]), Line())
    env.execute()
",
    );
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port().to_string();
    let child = stream(folder.path(), &["-", &port(&source), &port(&sink)]).spawn().unwrap();
    let (mut peer, _) = source.accept().unwrap();
    let (reader, _) = sink.accept().unwrap();
    let mut lines = BufReader::new(reader).lines();
    peer.write_all("one\r\nzw\u{f6}lf\nth".as_bytes()).unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "ONE");
    assert_eq!(lines.next().unwrap().unwrap(), "ZW\u{d6}LF");
    peer.write_all(b"ree").unwrap();
    drop(peer);
    assert_eq!(lines.next().unwrap().unwrap(), "THREE");
    assert!(lines.next().is_none());
    let (code, _, stderr) = finished(child);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_socket_that_nobody_serves_and_one_that_breaks() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port().to_string()
    };
    let text = "
import sys
from org.apache.flink.streaming.util.serialization import SimpleStringSchema


def main(factory):
    env = factory.get_execution_environment()
    if sys.argv[1] == 'in':
        env.socket_text_stream('127.0.0.1', int(sys.argv[2])).output()
    else:
        env.generate_sequence(1, 100000000).map(str).write_to_socket('127.0.0.1', int(sys.argv[2]), SimpleStringSchema())
    env.execute()
";
    let folder = script(text);
    for way in ["in", "out"] {
        let (code, _, stderr) = finished(stream(folder.path(), &["-", way, &refused]).spawn().unwrap());
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains(&format!("127.0.0.1:{refused}")) && stderr.contains("refused"), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = sink.local_addr().unwrap().port().to_string();
    let child = stream(folder.path(), &["-", "out", &port]).spawn().unwrap();
    let (mut reader, _) = sink.accept().unwrap();
    reader.read_exact(&mut [0; 100]).unwrap();
    drop(reader);
    let (code, _, stderr) = finished(child);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("write_to_socket") && stderr.contains(&port), "{stderr}");
}

#[test]
fn a_full_disk_is_an_error_and_not_a_panic() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = script(
        "
def main(factory):
    env = factory.get_execution_environment()
    env.generate_sequence(1, 100000).output()
    env.execute()
",
    );
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (code, _, stderr) = finished(stream(folder.path(), &[]).stdout(full).spawn().unwrap());
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("No space left"), "{stderr}");
}

/// A folder that looks like a virtual environment of a Python version, with one module in it.
fn environment(folder: &Path, version: &str, minor: &str) {
    let packages = folder.join("lib").join(format!("python{minor}")).join("site-packages");
    fs::create_dir_all(&packages).unwrap();
    fs::create_dir_all(folder.join("bin")).unwrap();
    fs::write(folder.join("pyvenv.cfg"), format!("home = /usr/bin\nversion = {version}\n")).unwrap();
    fs::write(folder.join("bin/python3"), "").unwrap();
    fs::write(packages.join("only_here.py"), "WORD = 'from the environment'\n").unwrap();
}

#[test]
fn packages_come_from_the_virtual_environment_and_another_version_is_refused() {
    let version = {
        let output = Command::new(env!("CARGO_BIN_EXE_pyflink-run")).arg("--version").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("(linked, ") && text.contains("site-packages: "), "{text}");
        let at = text.find("Python ").unwrap() + 7;
        text[at..].split(' ').next().unwrap().to_owned()
    };
    let minor = version.split('.').take(2).collect::<Vec<_>>().join(".");
    let folder = script(
        "
import only_here


def main(factory):
    env = factory.get_execution_environment()
    env.from_elements(only_here.WORD).output()
    env.execute()
",
    );
    let right = folder.path().join("right");
    environment(&right, &version, &minor);
    let (code, stdout, stderr) = finished(stream(folder.path(), &[]).env("VIRTUAL_ENV", &right).spawn().unwrap());
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "from the environment\n", ""));
    let python = right.join("bin/python3");
    let (code, stdout, _) = finished(stream(folder.path(), &["--python", python.to_str().unwrap()]).spawn().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(0), "from the environment\n"));

    let (code, _, stderr) = finished(stream(folder.path(), &[]).spawn().unwrap());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("No module named 'only_here'"), "{stderr}");

    let wrong = folder.path().join("wrong");
    environment(&wrong, "3.6.1", "3.6");
    let (code, _, stderr) = finished(stream(folder.path(), &[]).env("VIRTUAL_ENV", &wrong).spawn().unwrap());
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("is Python 3.6.1") && stderr.contains(&format!("Python {minor}")), "{stderr}");
    let missing = folder.path().join("missing");
    let (code, _, stderr) = finished(stream(folder.path(), &[]).env("VIRTUAL_ENV", &missing).spawn().unwrap());
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("not a virtual environment"), "{stderr}");
}
