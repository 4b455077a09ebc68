//! All of [bpf-subskeleton](https://docs.rs/bpf-subskeleton) but its attribute, which re-exports and documents it. Depend on
//! that one.
//!
//! This is a crate of its own so that cargo compiles it while it compiles the attribute: a crate that re-exports an
//! attribute can't be compiled before that.

mod arena;
mod bind;
mod bits;
pub mod describe;
mod enumeration;
mod error;
mod include_object;
pub mod maps;
mod near;
mod origin;
mod program;
mod proof;
mod resizable;
mod running;
mod shared;
mod snapshot;
mod strided;
mod struct_ops;
mod test_run;
mod text;
mod type_names;
mod user_types;
mod value;
mod var;
mod variables;

#[doc(hidden)]
pub mod private;

pub use bytemuck;
pub use libbpf_rs;

pub use crate::arena::{Arena, InArena};
pub use crate::bind::LoadedObject;
pub use crate::enumeration::{Enumeration, NoConstant};
pub use crate::error::{BindError, Problem, Subject};
pub use crate::origin::Origin;
pub use crate::program::{AttachError, Program};
pub use crate::resizable::Resizable;
pub use crate::running::{Running, RunningMap, RunningProgram, RunningSection};
pub use crate::shared::{Access, Fields, Integer, Packed, Read, ReadOnly, Shared, Writable, Write};
pub use crate::strided::{Elements, Strided};
pub use crate::struct_ops::{Callback, OpenStructOps, StructOps, StructOpsLink};
pub use crate::test_run::{PacketProgram, RawTracepointProgram, SkLookupProgram, SyscallProgram};
pub use crate::text::{Text, TooLong};
pub use crate::user_types::BtfType;
pub use crate::value::{Bool, BpfPtr, Function};
pub use crate::var::{Const, Var};
pub use crate::variables::Variables;
