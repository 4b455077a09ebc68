//! Which CPUs share a cache: the userspace companion of the BPF library in `bpf/`.
//!
//! The pattern is that of schedulers that share a library of BPF code. Its read-only configuration
//! (`const volatile`) had to be set by every application on its own skeleton, field by field, before load: one
//! that forgets a field runs with a zero that the verifier has taken for a constant. Its `SEC("syscall")`
//! programs, which set up the library once it is loaded, were found by name and called with a struct that was
//! cast to a slice of bytes: a field that the library gets makes that struct too short, without a word.
//!
//! Here [`Topology::configure_for`] sets all of the configuration, and [`Topology::set_up`] calls the program with
//! the library's own struct, which is compared with the object's.

use std::fmt;

use bpf_subskeleton::libbpf_rs::{self, Object, OpenObject};
use bpf_subskeleton::{BindError, subskeleton};

/// The topology inside a BPF object that the library is linked into.
#[derive(Debug)]
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/topology.bpf.o"))]
pub struct Topology;

/// The domain of each CPU: those of one domain share a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domains {
    /// By number of the CPU.
    pub of_cpu: Vec<u32>,
    /// Whether CPUs share cores.
    pub smt: bool,
}

/// The library could not be set up.
#[derive(Debug)]
pub enum Error {
    /// The object does not contain this library.
    Bind(BindError),
    /// A program could not be called.
    Call(libbpf_rs::Error),
    /// The library refused a CPU, with this errno.
    Refused {
        /// The CPU.
        cpu: u32,
        /// What the program returned.
        errno: i32,
    },
}

impl Topology {
    /// Sets the library's configuration, before load.
    ///
    /// # Errors
    ///
    /// If the library is not in the object.
    pub fn configure_for(open: &mut OpenObject, domains: &Domains) -> Result<(), BindError> {
        let config = Self::configure(open)?;
        *config.rodata.topo_nr_cpus = domains.of_cpu.len() as u32;
        *config.rodata.topo_nr_domains = domains.count();
        *config.rodata.topo_smt = domains.smt.into();
        Ok(())
    }

    /// Tells the loaded library which CPU is in which domain, before programs are attached.
    ///
    /// # Errors
    ///
    /// If the library is not in the object, or refuses a CPU.
    pub fn set_up(object: &Object, domains: &Domains) -> Result<Self, Error> {
        let programs = Self::programs(object).map_err(Error::Bind)?;
        for (cpu, &domain) in (0..).zip(&domains.of_cpu) {
            let mut arguments = topology::topo_cpu {
                cpu,
                domain,
                ..Default::default()
            };
            let status = programs.topo_add_cpu.run(&mut arguments);
            match status.map_err(Error::Call)? {
                0 => {}
                errno => return Err(Error::Refused { cpu, errno: -errno }),
            }
        }
        Self::bind(object).map_err(Error::Bind)
    }

    /// The CPUs of a domain.
    pub fn cpus_of(&self, domain: usize) -> impl Iterator<Item = u32> {
        let words = self.bss.topo_domains[domain].cpus.get();
        (0..).zip(words).flat_map(|(index, word): (u32, u64)| {
            let bits = (0..64).filter(move |bit| word & 1 << bit != 0);
            bits.map(move |bit| index * 64 + bit)
        })
    }

    /// How many switches between CPUs there were, and how many of them to another domain.
    pub fn migrations(&self) -> (u64, u64) {
        (self.bss.topo_migrations.get(), self.bss.topo_across.get())
    }
}

impl Domains {
    /// How many there are.
    pub fn count(&self) -> u32 {
        self.of_cpu.iter().max().map_or(1, |last| last + 1)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => error.fmt(f),
            Self::Call(error) => write!(f, "can't call `topo_add_cpu`: {error:#}"),
            Self::Refused { cpu, errno } => {
                let error = std::io::Error::from_raw_os_error(*errno);
                write!(f, "the library refuses CPU {cpu}: {error}")
            }
        }
    }
}

impl std::error::Error for Error {}
