//! Shows where a process makes system calls.
//!
//! The BPF object has two libraries linked in: `call-stacks`, which walks stacks, and `exit-info`, which says when there
//! are enough. Each companion crate finds its own part.

use std::error::Error;
use std::process;
use std::time::{Duration, Instant};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{ObjectBuilder, RingBufferBuilder};
use call_stacks::Stacks;
use exit_info::ExitInfo;

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let pid = match std::env::args().nth(1) {
        Some(pid) => pid.parse()?,
        None => process::id(),
    };
    let object = ObjectBuilder::default()
        .name("profile")?
        .open_memory(include_object!("profile.bpf.o"))?
        .load()?;
    let stacks = Stacks::bind(&object)?;
    let exit = ExitInfo::bind(&object)?;
    stacks.add_target(pid)?;
    stacks.start(Duration::from_millis(1));
    let links: Result<Vec<_>, _> = object
        .progs_mut()
        .filter(|program| program.name() == "on_call")
        .map(|program| program.attach())
        .collect();
    let links = links?;

    let mut builder = RingBufferBuilder::new();
    stacks.add_to(&mut builder, |stack| {
        let frames: Vec<_> = stack
            .frames
            .iter()
            .map(|frame| format!("{frame:#x}"))
            .collect();
        println!("{} ({}): {}", stack.comm, stack.tid, frames.join(" < "));
    })?;
    let samples = builder.build()?;
    let start = Instant::now();
    while exit.exit().is_none() && start.elapsed() < PATIENCE {
        samples.poll(Duration::from_millis(10))?;
    }
    drop(links);
    match exit.exit() {
        Some(exit) => println!("{exit}"),
        None => println!("{} stacks in {PATIENCE:?}", stacks.stats.collected.get()),
    }
    Ok(())
}
