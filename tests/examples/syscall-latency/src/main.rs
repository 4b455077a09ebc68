//! Draws a histogram of how long system calls take, on the running kernel.
//!
//! The BPF library `histogram` is linked into this program's BPF object, and the crate `histogram` finds
//! it there. The object is loaded with plain libbpf-rs; `time-slices` does the same with a skeleton.

mod options;
mod privilege;
mod screen;

use std::cmp::Reverse;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{self, Link, Object, ObjectBuilder};
use histogram::{Histogram, Snapshot, Task, labels};

use crate::options::{Options, USAGE};
use crate::screen::Screen;

const REFRESH: Duration = Duration::from_millis(250);

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return finish(Screen::new().finish(USAGE).map_err(Into::into)),
        Err(problem) => return finish(Err(problem.into())),
    };
    finish(run(&options))
}

fn finish(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader, such as `head`, has seen enough.
        Err(problem) if is_broken_pipe(problem.as_ref()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("syscall-latency: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(problem: &(dyn Error + 'static)) -> bool {
    problem
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    privilege::check()?;
    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // It fails when the receiver is gone: then this program is about to end anyway.
        let _ = interrupt.send(());
    })?;

    let mut open = ObjectBuilder::default()
        .name("syscall_latency")?
        .open_memory(include_object!("syscall_latency.bpf.o"))?;
    *Histogram::configure(&mut open)?.rodata.hist_min = options.min;
    let object = open.load()?;
    let histogram = Histogram::bind(&object)?;
    let links = (Histogram::programs(&object)?.attach()?, attach(&object)?);

    let start = Instant::now();
    let mut screen = Screen::new();
    loop {
        let elapsed = start.elapsed();
        let left = options
            .duration
            .map(|duration| duration.saturating_sub(elapsed));
        if left == Some(Duration::ZERO) {
            break;
        }
        if screen.is_terminal() {
            screen.frame(&frame(&histogram.snapshot(), elapsed, screen.bar_width()))?;
        }
        match interrupted.recv_timeout(left.map_or(REFRESH, |left| left.min(REFRESH))) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }

    let elapsed = start.elapsed();
    drop(links);
    drop(object);
    // The histogram owns what it shows: it outlives the object.
    let snapshot = histogram.snapshot();
    let last = frame(&snapshot, elapsed, screen.bar_width());
    screen.finish(&(last + &summary(&snapshot, histogram.tasks()?)))?;
    Ok(())
}

/// Attaches this application's programs; they stay attached as long as the links live.
fn attach(object: &Object) -> libbpf_rs::Result<Vec<Link>> {
    object
        .progs_mut()
        .filter(|program| program.name() == "call_begins" || program.name() == "call_ends")
        .map(|program| program.attach())
        .collect()
}

fn frame(snapshot: &Snapshot, elapsed: Duration, bar_width: usize) -> String {
    let calls = snapshot.count();
    let seconds = elapsed.as_secs_f64();
    format!("{calls} system calls in {seconds:.1} s\n\n{snapshot:bar_width$}")
}

/// What follows the last frame: statistics, and who made the calls.
fn summary(snapshot: &Snapshot, mut tasks: Vec<Task>) -> String {
    let (Some(mean), Some(fullest)) = (snapshot.mean(), snapshot.fullest()) else {
        return "nothing recorded\n".to_owned();
    };
    let (low, high) = labels(fullest);
    let mut text = format!("\nmean {}", time(mean));
    for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        // A quantile exists where a mean does.
        let value = snapshot.quantile(q).unwrap_or_default();
        text += &format!(", {name} about {}", time(value));
    }
    text += &format!("; most often {low}..{high} {}\n\n", snapshot.unit);

    tasks.sort_by_key(|task| Reverse(task.total.count));
    for Task { pid, name, total } in tasks.iter().take(5) {
        let spent = time(total.sum as f64);
        text += &format!(
            "{:>10} calls, {spent:>9} in them: {name} ({pid})\n",
            total.count
        );
    }
    text
}

fn time(nanoseconds: f64) -> String {
    format!("{:.1?}", Duration::from_nanos(nanoseconds as u64))
}
