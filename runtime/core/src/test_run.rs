//! Programs that user space can run (`BPF_PROG_TEST_RUN`), with typed contexts and arguments.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::null;
use std::io;

use bytemuck::Pod;
use libbpf_rs::{Object, Result, libbpf_sys};

use crate::origin::Origin;
use crate::program::Program;

/// A `SEC("syscall")` program of a library, which user space runs with a context of the type `C`.
///
/// ```no_run
/// # use bpf_subskeleton::{SyscallProgram, libbpf_rs};
/// # fn f(reset: &SyscallProgram<'_, u64>) -> libbpf_rs::Result<()> {
/// let mut context = 5;
/// let status = reset.run(&mut context)?;
/// println!("{status}, and the context is now {context}");
/// # Ok(())
/// # }
/// ```
pub struct SyscallProgram<'obj, C, O: Origin = Object> {
    program: Program<'obj, O>,
    context: PhantomData<fn(C)>,
}

/// A `SEC("sk_lookup")` program of a library, which user space can run with a context of the type `C`:
/// `bpf_sk_lookup`.
pub struct SkLookupProgram<'obj, C, O: Origin = Object> {
    program: Program<'obj, O>,
    context: PhantomData<fn(C)>,
}

/// A program of a library that user space can run with a packet, such as `SEC("xdp")` and `SEC("tc")`, and
/// with a context of the type `C`: `xdp_md` or `__sk_buff`.
///
/// ```no_run
/// # use bpf_subskeleton::{PacketProgram, libbpf_rs};
/// # fn f(filter: &PacketProgram<'_, u64>) -> libbpf_rs::Result<()> {
/// let mut packet = vec![0; 64];
/// let verdict = filter.run(&mut packet)?;
/// println!("{verdict}, and the packet now has {} bytes", packet.len());
/// # Ok(())
/// # }
/// ```
pub struct PacketProgram<'obj, C, O: Origin = Object> {
    program: Program<'obj, O>,
    context: PhantomData<fn(C)>,
}

/// A `SEC("raw_tp/…")` program of a library, which user space can run with the arguments of a tracepoint.
pub struct RawTracepointProgram<'obj, O: Origin = Object> {
    program: Program<'obj, O>,
}

impl<C: Pod, O: Origin> SyscallProgram<'_, C, O> {
    /// Runs the program once with this context, which it may write to, and returns its return value.
    ///
    /// # Errors
    ///
    /// If the program is not loaded; else an error from the kernel: the caller lacks permission, or the context is
    /// larger than 64 KiB.
    pub fn run(&self, context: &mut C) -> Result<i32> {
        // The kernel writes to the context itself (`bpf_prog_test_run_syscall`).
        let context = Context::InPlace(bytemuck::bytes_of_mut(context));
        call(&self.program, context, None)
    }
}

impl<C: Pod, O: Origin> SkLookupProgram<'_, C, O> {
    /// Runs the program once with this context, which it may write to, and returns its return value.
    ///
    /// # Errors
    ///
    /// If the program is not loaded; else an error from the kernel: the caller lacks permission, or the context is
    /// invalid.
    pub fn run(&self, context: &mut C) -> Result<i32> {
        let context = Context::Copied(bytemuck::bytes_of_mut(context));
        call(&self.program, context, None)
    }
}

impl<C: Pod, O: Origin> PacketProgram<'_, C, O> {
    /// Runs the program once with this packet, which it may change, and returns its return value.
    ///
    /// # Errors
    ///
    /// If the program is not loaded; else an error from the kernel: the caller lacks permission, or the packet is too
    /// long or has no Ethernet header.
    pub fn run(&self, packet: &mut Vec<u8>) -> Result<i32> {
        call(&self.program, Context::None, Some(packet))
    }

    /// Runs the program once with this context and packet, which it may change, and returns its return value.
    ///
    /// The kernel says which fields of the context may be set (`convert___skb_to_skb`,
    /// `bpf_prog_test_run_xdp`): in an `xdp_md`, `data_end` is the length of the packet.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and if the context is invalid.
    pub fn run_with(&self, context: &mut C, packet: &mut Vec<u8>) -> Result<i32> {
        let context = Context::Copied(bytemuck::bytes_of_mut(context));
        call(&self.program, context, Some(packet))
    }
}

impl<O: Origin> RawTracepointProgram<'_, O> {
    /// Runs the program once with these arguments, and returns its return value.
    ///
    /// # Errors
    ///
    /// If the program is not loaded; else an error from the kernel: the caller lacks permission, or it reads more
    /// arguments than given.
    pub fn run(&self, arguments: &[u64]) -> Result<i32> {
        // Programs of other types write to their context.
        let mut arguments = arguments.to_vec();
        let context = Context::InPlace(bytemuck::cast_slice_mut(&mut arguments));
        call(&self.program, context, None)
    }
}

/// The context of a run, and where the kernel puts what the program changed.
enum Context<'c> {
    None,
    InPlace(&'c mut [u8]),
    Copied(&'c mut [u8]),
}

/// At least the longest packet that the kernel accepts (`MAX_SKB_FRAGS` pages in `bpf_prog_test_run_skb`).
const LONGEST_PACKET: usize = 128 * 1024;

fn call(
    program: &Program<'_, impl Origin>,
    mut context: Context<'_>,
    packet: Option<&mut Vec<u8>>,
) -> Result<i32> {
    let mut options = libbpf_sys::bpf_test_run_opts {
        sz: size_of::<libbpf_sys::bpf_test_run_opts>() as _,
        ..Default::default()
    };
    let (context_in, size) = match &mut context {
        Context::None => (null(), 0),
        // The kernel refuses an address without bytes.
        Context::InPlace([]) => (null(), 0),
        Context::InPlace(bytes) => (bytes.as_mut_ptr().cast_const(), bytes.len()),
        Context::Copied(bytes) => {
            options.ctx_out = bytes.as_mut_ptr().cast();
            options.ctx_size_out = bytes.len() as u32;
            (options.ctx_out.cast_const().cast(), bytes.len())
        }
    };
    options.ctx_in = context_in.cast();
    options.ctx_size_in = size as u32;
    let mut packet_out = Vec::new();
    if let Some(packet) = &packet {
        packet_out.resize(LONGEST_PACKET.max(packet.len()), 0);
        options.data_in = packet.as_ptr().cast();
        options.data_size_in = packet.len() as u32;
        options.data_out = packet_out.as_mut_ptr().cast();
        options.data_size_out = packet_out.len() as u32;
    }
    let fd = program.raw_fd();
    // The kernel would only say that this is no descriptor.
    if fd < 0 {
        return Err(program.not_loaded());
    }
    // SAFETY: each pointer comes with its length, from a borrow that outlives the call. Those that the kernel
    // writes to come from mutable borrows: what it copies out, and the context of `SEC("syscall")`.
    let result = unsafe { libbpf_sys::bpf_prog_test_run_opts(fd, &raw mut options) };
    if result < 0 {
        return Err(io::Error::from_raw_os_error(-result).into());
    }
    if let Some(packet) = packet {
        packet_out.truncate(options.data_size_out as usize);
        *packet = packet_out;
    }
    // The kernel's number is unsigned, the program's `int` is not.
    Ok(options.retval.cast_signed())
}

macro_rules! programs {
    ($($name:ident $(<$context:ident>)?;)*) => {$(
        impl<'obj $(, $context)?, O: Origin> $name<'obj $(, $context)?, O> {
            pub(crate) fn new(program: Program<'obj, O>) -> Self {
                Self {
                    program,
                    $(context: PhantomData::<fn($context)>,)?
                }
            }
        }

        impl<'obj $(, $context)?, O: Origin> Deref for $name<'obj $(, $context)?, O> {
            type Target = Program<'obj, O>;

            fn deref(&self) -> &Program<'obj, O> {
                &self.program
            }
        }

        impl<$($context,)? O: Origin> fmt::Debug for $name<'_ $(, $context)?, O> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.program.fmt(f)
            }
        }
    )*};
}

programs! {
    SyscallProgram<C>;
    SkLookupProgram<C>;
    PacketProgram<C>;
    RawTracepointProgram;
}
