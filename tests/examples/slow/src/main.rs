//! Shows system calls that take long.
//!
//! Two libraries are in the BPF object: `slow-calls`, and the `histogram` that `slow-calls` uses. This program uses both,
//! and both companion crates find their own part.

use std::error::Error;
use std::time::{Duration, Instant};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{ObjectBuilder, RingBufferBuilder};
use histogram::Histogram;
use slow_calls::SlowCalls;

const DURATION: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let mut open = ObjectBuilder::default()
        .name("slow")?
        .open_memory(include_object!("slow.bpf.o"))?;
    SlowCalls::set_threshold(&mut open, Duration::from_millis(2))?;
    let object = open.load()?;
    let slow_calls = SlowCalls::bind(&object)?;
    let histogram = Histogram::bind(&object)?;

    let mut builder = RingBufferBuilder::new();
    slow_calls.add_to(&mut builder, |call| {
        println!(
            "{} ({}): call {} took {:.1?}, {:.1?} in all",
            call.comm, call.pid, call.number, call.duration, call.total
        );
    })?;
    let calls = builder.build()?;
    let programs = ["call_begins", "call_ends"];
    let links: Result<Vec<_>, _> = object
        .progs_mut()
        .filter(|program| programs.iter().any(|name| program.name() == *name))
        .map(|program| program.attach())
        .collect();
    let links = (Histogram::programs(&object)?.attach()?, links?);
    let start = Instant::now();
    while start.elapsed() < DURATION {
        calls.poll(Duration::from_millis(100))?;
    }
    drop(links);
    println!(
        "\n{} calls of {:?} or more\n",
        slow_calls.count(),
        slow_calls.threshold()
    );
    print!("{}", histogram.snapshot());
    Ok(())
}
