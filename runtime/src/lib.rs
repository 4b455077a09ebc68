#![doc = include_str!("../README.md")]

mod bits;
mod btf;
mod check;
mod definition;
pub mod describe;
mod error;
mod expect;
mod locate;
pub mod maps;
mod program;
mod section;
mod shared;
mod value;
mod var;

#[doc(hidden)]
pub mod private;

pub use bpf_subskeleton_macros::subskeleton;
pub use bytemuck;
pub use libbpf_rs;

pub use crate::error::{BindError, Problem, Subject};
pub use crate::expect::BtfType;
pub use crate::program::{AttachError, Program, SyscallProgram};
pub use crate::shared::{Access, Fields, Integer, Packed, Read, ReadOnly, Shared, Writable, Write};
pub use crate::value::{Bool, BpfPtr, Function};
pub use crate::var::{Const, Var};
