//! For build scripts: makes a BPF library, and using one, as ordinary as any other crate.
//!
//! The build script of a companion crate compiles the library. Cargo.toml says `links = "histogram_bpf"`:
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), bpf_subskeleton_build::Error> {
//!     bpf_subskeleton_build::Library::new("bpf/histogram.bpf.c")
//!         .include("bpf")
//!         .build()?; // $OUT_DIR/histogram.bpf.o
//!     Ok(())
//! }
//! ```
//!
//! That of an application compiles its own part, and links in each library that the crate depends on, directly or
//! through other libraries (for a crate without BPF code in between, see [`Library::pass_on`]). The headers of the libraries are in the include path: `#include <histogram.bpf.h>`.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), bpf_subskeleton_build::Error> {
//!     bpf_subskeleton_build::Application::new("bpf/app.bpf.c").build()?; // $OUT_DIR/app.bpf.o
//!     Ok(())
//! }
//! ```
//!
//! In the crate, `bpf_subskeleton::include_object!("app.bpf.o")` is the object.
//!
//! # How it works
//!
//! - The compiler is the one that `CLANG` in the environment names, or else [`clang`](Library::clang)'s argument, or
//!   else the newest `clang` in `PATH`. It is called with `-g -O2 -Wall`, `-D__TARGET_ARCH_…`, and the include paths of the crate, of libraries,
//!   of libbpf (`<bpf/bpf_helpers.h>`) and of the kernel's headers (`<asm/types.h>`). Cargo runs the build script
//!   again when a file changes that the compiler has read.
//! - A library tells its dependents where its object and headers are, and those of the libraries that it
//!   uses, through cargo's metadata (`DEP_…_BPF_SUBSKELETON`). Each is linked once, however many crates depend on it. Two
//!   versions of one library can't be in an object: that is an error, which names who depends on which.
//! - The linker is libbpf's. In some orders of its inputs it leaves BTF with the place of another variable. So what it
//!   wrote is compared with the symbols that BPF code uses ([`verify_linked`]), and linked again in another way
//!   if that mends it; if not, the build fails and names each variable.
//!
//! # Without a compiler
//!
//! docs.rs has no clang. With [`prebuilt`](Library::prebuilt) a library has an object that its author committed, for
//! machines like that. The build script itself links libbpf all the same, which takes a C compiler, make,
//! `pkg-config` and the headers of libelf and zlib, or with `default-features = false` an installed libbpf.

mod application;
mod clang;
mod environment;
mod error;
mod headers;
mod library;
mod link;
mod metadata;
mod prebuilt;
mod sources;
mod vmlinux;

pub use bpf_subskeleton_object::{Mismatch, Misplaced, VerifyError, verify_linked};

pub use crate::application::Application;
pub use crate::error::Error;
pub use crate::library::Library;
