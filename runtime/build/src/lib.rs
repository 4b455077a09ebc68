//! For build scripts: makes BPF libraries, and their use, as ordinary as any other crate.
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
//! The build script of an application compiles the application's own BPF code, and links in each library that the
//! crate depends on, directly or through other libraries (for a crate without BPF code in between, see
//! [`Library::pass_on`]). The libraries' headers are in the include path:
//! `#include <histogram.bpf.h>`.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), bpf_subskeleton_build::Error> {
//!     bpf_subskeleton_build::Application::new("bpf/app.bpf.c").build()?; // $OUT_DIR/app.bpf.o
//!     Ok(())
//! }
//! ```
//!
//! In the crate, `bpf_subskeleton::include_object!("app.bpf.o")` embeds the object.
//!
//! # How it works
//!
//! - The compiler is `CLANG` from the environment, else the argument of [`clang`](Library::clang), else the newest
//!   `clang` in `PATH`. It gets `-g -O2 -Wall`, `-D__TARGET_ARCH_…`, and the include paths of the crate, of libraries,
//!   of libbpf (`<bpf/bpf_helpers.h>`) and of the kernel's headers (`<asm/types.h>`). Cargo reruns the build script
//!   when a file that the compiler has read changes.
//! - A library passes the paths of its object and headers, and of the libraries that it uses, to its dependents
//!   through cargo's metadata (`DEP_…_BPF_SUBSKELETON`). Each is linked once, however many crates depend on it. An
//!   object can't hold two versions of one library: that is an error, which names who depends on which.
//! - The linker is libbpf's. With some orders of its inputs it leaves a variable with a wrong offset in BTF. So its
//!   output is compared with the symbols that BPF code uses ([`verify_linked`]), and linked again in another way
//!   if that helps; if not, the build fails and names each variable.
//!
//! # Without a compiler
//!
//! docs.rs has no clang. For such machines, [`prebuilt`](Library::prebuilt) names an object that the library's author
//! committed. The build script still links libbpf, which takes a C compiler, make, `pkg-config` and the headers of libelf
//! and zlib, or, with `default-features = false`, an installed libbpf.

mod application;
mod clang;
mod complete;
mod environment;
mod error;
mod headers;
mod library;
mod link;
mod metadata;
mod prebuilt;
mod printf;
mod sources;
mod vmlinux;

pub use bpf_subskeleton_object::{Mismatch, Misplaced, VerifyError, verify_linked};

pub use crate::application::Application;
pub use crate::error::Error;
pub use crate::library::Library;
