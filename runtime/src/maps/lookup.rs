//! Entries by key: lookup, update, delete, lookup and delete.

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
        let mut bytes = self.buffer::<M>()?;
        let found = self.call(|fd| {
            // SAFETY: the sizes of key and value are those of the map, as `buffer` has checked.
            unsafe {
                libbpf_sys::bpf_map_lookup_elem(
                    fd,
                    bytemuck::bytes_of(key).as_ptr().cast(),
                    bytes.as_mut_ptr().cast(),
                )
            }
        });
        found_or_not(found).map(|found| found.then(|| M::Values::decode(&bytes)))
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
    /// is full), `EEXIST` or `ENOENT` as the flags demand.
    pub fn update(&self, key: &K, value: &Input<M, V>, flags: MapFlags) -> Result<()>
    where
        M: Update,
    {
        self.check_sizes()?;
        let mut bytes = Vec::new();
        M::Values::encode(value, &mut bytes)?;
        let updated = self.call(|fd| {
            // SAFETY: the sizes of key and value are those of the map, as just checked.
            unsafe {
                libbpf_sys::bpf_map_update_elem(
                    fd,
                    bytemuck::bytes_of(key).as_ptr().cast(),
                    bytes.as_ptr().cast(),
                    flags.bits(),
                )
            }
        });
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
        let mut bytes = self.buffer::<M>()?;
        let found = self.call(|fd| {
            // SAFETY: the sizes of key and value are those of the map, as `buffer` has checked.
            unsafe {
                libbpf_sys::bpf_map_lookup_and_delete_elem(
                    fd,
                    bytemuck::bytes_of(key).as_ptr().cast(),
                    bytes.as_mut_ptr().cast(),
                )
            }
        });
        found_or_not(found).map(|found| found.then(|| M::Values::decode(&bytes)))
    }

    /// Space for what the kernel copies.
    pub(super) fn buffer<N: Lookup>(&self) -> Result<Vec<u8>> {
        self.check_sizes()?;
        Ok(vec![0; N::Values::size::<V>()?])
    }
}

impl<M, K, V> TypedMap<M, K, V> {
    /// The kernel copies as many bytes as the map says, so the types must have the same sizes.
    pub(super) fn check_sizes(&self) -> Result<()> {
        let handle = self.opened()?;
        let (key, value) = (handle.key_size() as usize, handle.value_size() as usize);
        if size_of::<K>() != key || size_of::<V>() != value {
            return Err(invalid(format!(
                "the map has keys of {key} and values of {value} bytes, the types {} and {}",
                size_of::<K>(),
                size_of::<V>()
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

/// "No such key" is a result, not an error.
pub(super) fn found_or_not(result: core::result::Result<(), impl Into<Error>>) -> Result<bool> {
    match result.map_err(Into::into) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
