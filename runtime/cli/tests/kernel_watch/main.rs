//! `subskeleton watch`, in a real terminal and in pipes, on objects that really run.

mod lines;
mod pty;
mod reload;
mod rows;
mod screen;

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use bpf_subskeleton::Running;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::compile_c;
use libbpf_rs::Object;

use self::pty::Pty;

/// How large the terminal is: rows and columns.
const SIZE: (u16, u16) = (24, 80);

/// One that has room for everything.
const LARGE: (u16, u16) = (70, 100);

/// An object with the program `name`, whose variable `events` has this value at first.
fn counters(name: &str, events: u64) -> PathBuf {
    let variables = r#"
        enum mode { MODE_OFF, MODE_ON };
        struct cpu { unsigned long long packets; unsigned flags : 3; };
        unsigned long long events = EVENTS;
        unsigned narrow = 4294967290u;
        int balance = -5;
        enum mode mode = MODE_ON;
        char text[16] = "hello";
        unsigned slots[16] = { 100, 0, 50, 1 };
        struct { struct cpu by_cpu[24]; } stats;
        const volatile int setting = 3;
    "#;
    let variables = variables.replace("EVENTS", &events.to_string());
    object(name, &variables, "setting + balance")
}

/// An object with these variables, and the program `name`, which uses some of them.
fn object(name: &str, variables: &str, used: &str) -> PathBuf {
    let source = format!(
        r#"{variables}
        __attribute__((section("raw_tp/sys_enter"), used)) int {name}(void *context) {{ return {used}; }}
        char LICENSE[] __attribute__((section("license"), used)) = "GPL";"#
    );
    compile_c(name, &source)
}

/// An object that this process has loaded.
struct Loaded {
    object: Object,
    /// The id of its program.
    id: String,
}

impl Loaded {
    fn new(name: &str) -> Self {
        Self::load(counters(name, 0))
    }

    fn load(path: PathBuf) -> Self {
        let object = kernel::load(kernel::open(&path));
        let running = {
            let program = object.progs_mut().next().unwrap();
            Running::from_program_fd(program.as_fd()).unwrap()
        };
        let id = running.programs()[0].id().to_string();
        Self { object, id }
    }

    fn watch(&self, options: &[&str], size: (u16, u16)) -> Pty {
        Pty::start(watch(&self.id, options), size)
    }

    /// Writes to its variables.
    fn set(&self, assignments: &[&str]) {
        let mut command = subskeleton();
        command.arg("set").arg(&self.id).args(assignments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

/// A process that ends with its test, however the test ends.
struct Process(Child);

impl Process {
    /// Starts it, with pipes for what it writes.
    fn start(mut command: Command) -> (Self, impl Iterator<Item = String>) {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output: ChildStdout = process.stdout.take().unwrap();
        let lines = BufReader::new(output).lines().map(Result::unwrap);
        (Self(process), lines)
    }

    /// Waits until it ends, and returns what it wrote to standard error.
    fn wait(mut self) -> (ExitStatus, String) {
        let mut errors = String::new();
        let mut stderr = self.0.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        (self.0.wait().unwrap(), errors)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn subskeleton() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subskeleton"));
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
    command
}

fn watch(object: &str, options: &[&str]) -> Command {
    let mut command = subskeleton();
    command.arg("watch").arg(object).args(options);
    command
}

/// What a command wrote to standard output and standard error.
fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}
