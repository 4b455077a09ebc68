//! Typed access to the variables, maps and programs of a BPF *library*: an object that is linked into other
//! people's BPF objects. Its companion crate knows nothing of the object it ends up in.
//!
//! # A companion crate
//!
//! [`#[subskeleton]`](subskeleton) reads the library's object at compile time. A unit struct gets everything
//! that the library exports, grouped by section:
//!
//! ```ignore
//! /// The histogram inside a BPF object that the library is linked into.
//! #[subskeleton(obj = concat!(env!("OUT_DIR"), "/histogram.bpf.o"))]
//! pub struct Histogram;
//! ```
//!
//! A struct with fields gets just these, and the type of each is checked against the object:
//!
//! ```ignore
//! #[subskeleton(obj = concat!(env!("OUT_DIR"), "/histogram.bpf.o"))]
//! pub struct Tasks {
//!     /// A field may have a different name than in C.
//!     #[bpf(name = "hist_tasks_lost")]
//!     pub lost: Var<u64>,
//!     /// `_` takes the type from the object.
//!     pub hist_min: Const<_>,
//!     /// `None` if the application's object does not have it.
//!     pub hist_enabled: Option<Var<Bool>>,
//!     pub hist_tasks: maps::Hash<u32, tasks::hist_task>,
//! }
//! ```
//!
//! `obj` is a path relative to the crate's folder, or `concat!` and `env!` of literals.
//!
//! # In an application
//!
//! ```ignore
//! let mut open = ObjectBuilder::default()
//!     .name("syscall_latency")?
//!     .open_memory(include_object!("syscall_latency.bpf.o"))?;
//! *Histogram::configure(&mut open)?.rodata.hist_min = options.min;
//! let object = open.load()?;
//! let histogram = Histogram::bind(&object)?;
//! ```
//!
//! Tools call the object by its `name`; libbpf would make one of an address.
//!
//! Two phases, two types. Before load, initial values are memory of this process, and `configure` returns
//! references to them. After load, BPF programs may write to the memory at any time, so no Rust reference to a
//! value may exist: `bind` returns a [`Var`] for each variable, and a [`Const`] for those that are now
//! read-only. Neither borrows the object, and both work after it is dropped.
//!
//! `bind` finds each variable through the object's BTF, wherever the linker put it, and compares its type with
//! the one that the library was built with. A [`BindError`] lists everything that differs.
//!
//! # Values
//!
//! A [`Var`] dereferences to [`Shared`], which is used like a [`Cell`](core::cell::Cell); structs and
//! arrays open up by field access and indexing, as `stats.by_cpu[3].packets.get()`:
//!
//! ```
//! use bpf_subskeleton::{Const, Var};
//! use std::sync::atomic::Ordering;
//!
//! fn add(hits: &Var<u64>, step: &Const<u64>) -> u64 {
//!     // As BPF's `__sync_fetch_and_add`: no count is lost.
//!     hits.as_atomic().fetch_add(step.get(), Ordering::Relaxed)
//! }
//!
//! fn reset(by_cpu: &Var<[u64; 8]>) {
//!     for hits in by_cpu.iter() {
//!         hits.set(0);
//!     }
//! }
//! ```
//!
//! Before load an array may be [`Resizable`], and `struct_ops` are [`OpenStructOps`].
//!
//! C types keep their C names, in a module named after the struct (`histogram::…` for `Histogram`). Maps are in
//! [`maps`].
//!
//! # Guides
//!
//! - [Ship a BPF library](guide::ship)
//! - [Use a BPF library](guide::using)
//! - [Wait for records](guide::waiting), in a thread or with tokio
//! - [Use an arena](guide::arenas)
//! - [Test a companion](guide::testing), without a kernel
//! - [Use a library that grows](guide::growing): structs that are longer in a newer object
//! - [Move from a libbpf-cargo skeleton](guide::from_skeleton)
//! - [Coming from C](guide::from_c)
//! - [When binding fails](guide::errors)
//!
//! Applications and companion crates need no other dependency: [`libbpf_rs`] and [`bytemuck`] are
//! re-exported.

#[cfg(doc)]
pub mod guide;

#[doc(inline)]
pub use bpf_subskeleton_core::*;
#[doc(no_inline)]
pub use bpf_subskeleton_core::{bytemuck, libbpf_rs};
#[doc(inline)]
#[doc = include_str!("../guide/attribute.md")]
pub use bpf_subskeleton_macros::subskeleton;
