//! Entries by key: lookup, update, delete, lookup and delete.

use core::ffi::c_void;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use bytemuck::Pod;
use libbpf_rs::{Error, ErrorExt as _, ErrorKind, MapCore, MapFlags, Result, libbpf_sys};

use super::map_type::{BpfMapType, Delete, Lookup, LookupAndDelete, Update};
use super::values::Values;
use super::{TypedMap, invalid};

/// What a lookup in a map of the map type `M` returns.
pub type Output<M, V> = <<M as BpfMapType>::Values as Values>::Output<V>;

/// What an update of a map of the map type `M` takes.
pub type Input<M, V> = <<M as BpfMapType>::Values as Values>::Input<V>;

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// The value of `key`, or `None` if there is none. For per-CPU maps, a `Vec` with the value of each
    /// possible CPU.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn lookup(&self, key: &K) -> Result<Option<Output<M, V>>>
    where
        M: Lookup,
    {
        M::Values::receive(self.value_size()?, |bytes| {
            self.copy_out(key, bytes, libbpf_sys::bpf_map_lookup_elem)
        })
    }

    /// Copies the value of `key` over an existing one, and returns whether there is one; if not, `value` stays as it
    /// is. For per-CPU maps, `value` is a slice with a value for each possible CPU, which many lookups can share:
    ///
    /// ```no_run
    /// use bpf_subskeleton::{libbpf_rs, maps};
    ///
    /// fn total(packets_of: &maps::PerCpuHash<u32, u64>, interfaces: &[u32]) -> libbpf_rs::Result<u64> {
    ///     let mut of_each_cpu = vec![0; libbpf_rs::num_possible_cpus()?];
    ///     let mut total = 0;
    ///     for interface in interfaces {
    ///         if packets_of.lookup_into(interface, &mut of_each_cpu)? {
    ///             total += of_each_cpu.iter().sum::<u64>();
    ///         }
    ///     }
    ///     Ok(total)
    /// }
    /// ```
    ///
    /// It allocates nothing, except for values of an odd size, not a multiple of 8 bytes, on a machine with more than
    /// a hundred CPUs, and for long ones that [are longer] than `V`.
    ///
    /// # Errors
    ///
    /// As [`lookup`](Self::lookup), and more or fewer values than possible CPUs.
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn lookup_into(&self, key: &K, value: &mut Input<M, V>) -> Result<bool>
    where
        M: Lookup,
    {
        M::Values::receive_into(value, self.value_size()?, |bytes| {
            self.copy_out(key, bytes, libbpf_sys::bpf_map_lookup_elem)
        })
    }

    /// Sets the value of `key`, whether or not it has one: [`update`](Self::update) with
    /// [`MapFlags::ANY`].
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn insert(&self, key: &K, value: &Input<M, V>) -> Result<()>
    where
        M: Update,
    {
        self.update(key, value, MapFlags::ANY)
    }

    /// Sets the value of `key`: with [`MapFlags::NO_EXIST`] only if it has none, with [`MapFlags::EXIST`] only
    /// if it has one. Per-CPU maps take a slice with a value for each possible CPU.
    ///
    /// # Errors
    ///
    /// An error from the kernel: `E2BIG` if the map is full or the index is out of range (`ENOSPC` if a trie
    /// is full), `EEXIST` or `ENOENT` as the flags demand. Or that the values of the map
    /// [are longer] than `V`: the kernel replaces a value as a whole.
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn update(&self, key: &K, value: &Input<M, V>, flags: MapFlags) -> Result<()>
    where
        M: Update,
    {
        self.check_whole()?;
        let updated = M::Values::send(value, |bytes| {
            self.call(|fd| {
                // SAFETY: the sizes of key and value are those of the map, as just checked; for per-CPU maps there is
                // a value for each possible CPU.
                unsafe {
                    libbpf_sys::bpf_map_update_elem(
                        fd,
                        bytemuck::bytes_of(key).as_ptr().cast(),
                        bytes.as_ptr().cast(),
                        flags.bits(),
                    )
                }
            })
        })?;
        updated.map_err(|error| self.explained(error))
    }

    /// Deletes `key`, and returns whether it existed. For a `DevMap` or `CpuMap` the kernel doesn't tell, and
    /// this returns `true`.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn delete(&self, key: &K) -> Result<bool>
    where
        M: Delete,
    {
        self.check_sizes()?;
        found_or_not(self.call(|fd| {
            // SAFETY: the size of the key is that of the map, as just checked.
            unsafe { libbpf_sys::bpf_map_delete_elem(fd, bytemuck::bytes_of(key).as_ptr().cast()) }
        }))
    }

    /// Deletes `key` and returns its value, in one step: no update by a BPF program in between is lost.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`; before Linux 5.14 always one, because that kernel can't
    /// do it.
    pub fn lookup_and_delete(&self, key: &K) -> Result<Option<Output<M, V>>>
    where
        M: LookupAndDelete,
    {
        M::Values::receive(self.value_size()?, |bytes| {
            self.copy_out(key, bytes, libbpf_sys::bpf_map_lookup_and_delete_elem)
        })
    }

    /// Has libbpf copy the value of `key` to `bytes`, which are as many as [`Values::size`] says for
    /// [`value_size`](Self::value_size).
    fn copy_out(
        &self,
        key: &K,
        bytes: &mut [u8],
        copy: unsafe extern "C" fn(i32, *const c_void, *mut c_void) -> i32,
    ) -> Result<bool> {
        let key = bytemuck::bytes_of(key).as_ptr().cast();
        // SAFETY: the callers got the size of the map's values from `value_size`, which has checked the size of the key,
        // and `Values` made room for a value of that size; for per-CPU maps for that of each possible CPU.
        found_or_not(self.call(|fd| unsafe { copy(fd, key, bytes.as_mut_ptr().cast()) }))
    }
}

impl<M, K, V> TypedMap<M, K, V> {
    /// How many bytes a value has in the kernel, which copies as many: those of `V`, or more if it may be longer and is.
    ///
    /// # Errors
    ///
    /// If keys have another size than `K`, or values are shorter than `V`.
    pub(super) fn value_size(&self) -> Result<usize> {
        let handle = self.opened()?;
        let (key, value) = (handle.key_size() as usize, handle.value_size() as usize);
        if size_of::<K>() != key || size_of::<V>() > value {
            return Err(invalid(format!(
                "the map has keys of {key} and values of {value} bytes, the types {} and {}",
                size_of::<K>(),
                size_of::<V>()
            )));
        }
        Ok(value)
    }

    /// The same, where only keys are copied.
    pub(super) fn check_sizes(&self) -> Result<()> {
        self.value_size().map(drop)
    }

    /// Before a write: values are as long as `V`, so that it is all that the kernel reads and replaces.
    pub(super) fn check_whole(&self) -> Result<()> {
        let (known, size) = (size_of::<V>(), self.value_size()?);
        if known != size {
            return Err(invalid(format!(
                "the map has values of {size} bytes, and this program knows {known} of them: a write would replace the \
                 rest as well; build it with the newer version of the BPF library, or let a BPF program write"
            )));
        }
        Ok(())
    }
}

impl<M, K: ?Sized, V: ?Sized> TypedMap<M, K, V> {
    /// Calls libbpf, whose functions return a negative error number.
    pub(super) fn call(&self, call: impl FnOnce(i32) -> i32) -> io::Result<()> {
        match call(self.opened()?.as_fd().as_raw_fd()) {
            0.. => Ok(()),
            error => Err(io::Error::from_raw_os_error(error.saturating_neg())),
        }
    }

    /// For a full map and for an index out of range, the kernel's error reads "Argument list too long".
    pub(super) fn explained(&self, error: impl Into<Error>) -> Error {
        let error = error.into();
        match error.kind() {
            ErrorKind::TooBig => error.with_context(|| {
                let room = self.handle().max_entries();
                format!("the map has room for {room} entries")
            }),
            _ => error,
        }
    }
}

/// "No such key" is a result, not an error: looking for one that is missing allocates nothing.
pub(super) fn found_or_not(result: io::Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The same of what libbpf-rs returns.
pub(super) fn existed(result: Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
