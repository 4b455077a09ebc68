//! Counts for a second which process makes how many system calls.

use std::cmp::Reverse;
use std::error::Error;
use std::fs;
use std::thread;
use std::time::Duration;

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::ObjectBuilder;
use census::Census;

fn main() -> Result<(), Box<dyn Error>> {
    let open = ObjectBuilder::default()
        .name("callers")?
        .open_memory(include_object!("callers.bpf.o"))?;
    let object = open.load()?;
    let census = Census::allocate(&object, 256)?;
    let links: Result<Vec<_>, _> = object
        .progs_mut()
        .filter(|program| program.name() == "on_call")
        .map(|program| program.attach())
        .collect();
    let links = links?;
    thread::sleep(Duration::from_secs(1));
    drop(links);
    // The arena is the object's: it is borrowed.
    let mut counts = Census::arena(&object)?.counts();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    for (pid, count) in counts.iter().take(10) {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        println!("{count:>9} by {pid} {}", name.trim_end());
    }
    println!(
        "{} processes, {} calls not counted",
        counts.len(),
        census.lost()
    );
    Ok(())
}
