//! Counts for a second how often tasks move away from the cache that they used.

use std::error::Error;
use std::fs;
use std::thread;
use std::time::Duration;

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{ObjectBuilder, num_possible_cpus};
use topology::{Domains, Topology};

fn main() -> Result<(), Box<dyn Error>> {
    let domains = domains(num_possible_cpus()?);
    let mut open = ObjectBuilder::default()
        .name("placement")?
        .open_memory(include_object!("placement.bpf.o"))?;
    Topology::configure_for(&mut open, &domains)?;
    let object = open.load()?;
    let topology = Topology::set_up(&object, &domains)?;
    let links: Result<Vec<_>, _> = object
        .progs_mut()
        .filter(|program| program.name() == "on_call")
        .map(|program| program.attach())
        .collect();
    let links = links?;
    thread::sleep(Duration::from_secs(1));
    drop(links);
    for domain in 0..domains.count() as usize {
        let cpus: Vec<_> = topology
            .cpus_of(domain)
            .map(|cpu| cpu.to_string())
            .collect();
        println!("domain {domain}: CPUs {}", cpus.join(", "));
    }
    let (all, across) = topology.migrations();
    println!("{all} moves to another CPU, {across} of them to another domain");
    Ok(())
}

/// CPUs share a domain if they share a cache of the last level.
fn domains(cpus: usize) -> Domains {
    let mut caches = Vec::new();
    let of_cpu = (0..cpus).map(|cpu| {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/cache/index3/shared_cpu_list");
        // Where the kernel doesn't tell, all are taken to share one.
        let cache = fs::read_to_string(path).unwrap_or_default();
        let known = caches.iter().position(|known| *known == cache);
        known.unwrap_or_else(|| {
            caches.push(cache);
            caches.len() - 1
        }) as u32
    });
    Domains {
        of_cpu: of_cpu.collect(),
        smt: fs::read_to_string("/sys/devices/system/cpu/smt/active").is_ok_and(|on| on == "1\n"),
    }
}
