//! Counts by key, in a tree: the userspace companion of the BPF library in `bpf/`.
//!
//! The pattern is that of schedulers that keep lists and trees in an arena. Their user space casts what BPF stored to a
//! pointer to a struct that it defines once more, and follows it: a null, a pointer to a page that was freed in an arena
//! that faults, a struct that has become longer, each ends in a crash or in numbers from somewhere else.
//!
//! Here [`CensusArena`] gives out references to what is inside the arena, or `None`, and the struct is the
//! library's own, compared with the object's.

use std::fmt;

use bpf_subskeleton::libbpf_rs::{self, Object};
use bpf_subskeleton::{BindError, Shared, subskeleton};

/// The census inside a BPF object that the library is linked into.
#[derive(Debug)]
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/census.bpf.o"))]
pub struct Census;

/// The library could not be set up.
#[derive(Debug)]
pub enum Error {
    /// The object does not contain this library.
    Bind(BindError),
    /// A program could not be called.
    Call(libbpf_rs::Error),
    /// The library has no memory, for this errno.
    Memory(i32),
}

/// How many bits of a key each level of the tree takes.
const BITS: u32 = 4;

impl Census {
    /// Allocates memory of so many pages for keys; to be called once, before anything is counted.
    ///
    /// # Errors
    ///
    /// If the library is not in the object, or the arena has not so many pages left.
    pub fn allocate(object: &Object, pages: u32) -> Result<Self, Error> {
        let census = Self::bind(object).map_err(Error::Bind)?;
        let programs = Self::programs(object).map_err(Error::Bind)?;
        let mut memory = census::census_memory { pages };
        match programs
            .census_allocate
            .run(&mut memory)
            .map_err(Error::Call)?
        {
            0 => Ok(census),
            errno => Err(Error::Memory(-errno)),
        }
    }

    /// How many events had no memory for their key.
    pub fn lost(&self) -> u64 {
        self.bss.census_lost.get()
    }
}

impl CensusArena<'_> {
    /// All keys, in order, with their counts.
    pub fn counts(&self) -> Vec<(u32, u64)> {
        let mut counts = Vec::new();
        self.visit(self.census_root, 0, 32, &mut counts);
        counts
    }

    /// Visits a node. `bits` is how many bits of the key are open below it, so this ends whatever pointers say.
    fn visit(
        &self,
        node: &Shared<census::census_node>,
        key: u32,
        bits: u32,
        counts: &mut Vec<(u32, u64)>,
    ) {
        let Some(bits) = bits.checked_sub(BITS) else {
            counts.push((key, node.count.get()));
            return;
        };
        for (digit, child) in (0..).zip(node.child.iter()) {
            // `None` for a null pointer too.
            if let Some(child) = self.get(child.get()) {
                self.visit(child, key | digit << bits, bits, counts);
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Memory(errno) => {
                let error = std::io::Error::from_raw_os_error(*errno);
                write!(f, "the census gets no memory: {error}")
            }
        }
    }
}

impl std::error::Error for Error {}
