//! Prints each program that is started, and each process that ends, on the running kernel.
//!
//! Two BPF libraries report them, `execs` and `exits`, which know nothing of each other. They are linked into
//! one object; each has a ring buffer in it, and this program polls both in one loop.

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{ErrorKind, ObjectBuilder, RingBufferBuilder};
use execs::Execs;
use exits::Exits;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let numbers: Result<Vec<u16>, _> = args.iter().map(|arg| arg.parse()).collect();
    let result = match numbers.as_deref() {
        Ok([]) => run(5),
        Ok(&[seconds]) => run(seconds),
        _ => Err("usage: shared-poll [SECONDS]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("shared-poll: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(seconds: u16) -> Result<(), Box<dyn Error>> {
    let object = ObjectBuilder::default()
        .name("shared_poll")?
        .open_memory(include_object!("shared_poll.bpf.o"))?
        .load()?;
    let execs = Execs::bind(&object)?;
    let exits = Exits::bind(&object)?;

    // A poll calls these on its own thread, one at a time. They only collect: what can fail stays outside.
    let lines = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    execs.add_to(&mut builder, |exec| {
        let line = format!("exec {:>7} {}", exec.pid, exec.path);
        lines.borrow_mut().push((exec.time, line));
    })?;
    exits.add_to(&mut builder, |exit| {
        let line = format!("exit {:>7} {}: {}", exit.pid, exit.name, exit.status);
        lines.borrow_mut().push((exit.time, line));
    })?;
    let poll = builder.build()?;
    let links = (
        Execs::programs(&object)?.attach()?,
        Exits::programs(&object)?.attach()?,
    );

    let mut out = io::stdout().lock();
    writeln!(out, "for {seconds} s:")?;
    let mut print = || {
        let mut lines = lines.take();
        // One ring buffer is read after the other.
        lines.sort();
        lines
            .iter()
            .try_for_each(|(_, line)| writeln!(out, "{line}"))
    };
    let end = Instant::now() + Duration::from_secs(seconds.into());
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        match poll.poll(left) {
            // This process was stopped and goes on.
            Err(problem) if problem.kind() == ErrorKind::Interrupted => {}
            polled => polled?,
        }
        print()?;
    }
    drop(links);
    // What came after the last poll.
    poll.consume()?;
    print()?;
    writeln!(out, "lost: {} execs, {} exits", execs.lost(), exits.lost())?;
    Ok(())
}
