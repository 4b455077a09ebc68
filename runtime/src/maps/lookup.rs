//! Entries by key: lookup, update, delete, take.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use bytemuck::Pod;
use libbpf_rs::{Error, ErrorExt as _, ErrorKind, MapCore, MapFlags, Result, libbpf_sys};

use super::map_type::{BpfMapType, Delete, Lookup, LookupAndDelete, Update};
use super::values::Values;
use super::{TypedMap, invalid};

/// What a lookup in a map of kind `M` gives.
pub type Output<M, V> = <<M as BpfMapType>::Values as Values>::Output<V>;

/// What an update of a map of kind `M` takes.
pub type Input<M, V> = <<M as BpfMapType>::Values as Values>::Input<V>;

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// The value of `key`, or `None` where there is none; for per-CPU kinds a `Vec` with the value of
    /// each possible CPU.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "no such key".
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

    /// Sets the value of `key`: with [`MapFlags::NO_EXIST`] only if it has none, with
    /// [`MapFlags::EXIST`] only if it has one. Per-CPU kinds take a slice with a value for each
    /// possible CPU.
    ///
    /// # Errors
    ///
    /// What the kernel answers: `E2BIG` where the map is full or there is no such index (`ENOSPC` where a
    /// trie is full), `EEXIST` and `ENOENT` as the flags say.
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

    /// Deletes `key`; whether it was there. Of arrays (`DevMap`, `CpuMap`) the kernel doesn't say: `true`.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "no such key".
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

    /// Deletes `key` and gives the value it had, in one step: no update by a BPF program is lost
    /// between.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "no such key"; before Linux 5.14 that it can't.
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

    /// Room for what the kernel copies.
    pub(super) fn buffer<N: Lookup>(&self) -> Result<Vec<u8>> {
        self.check_sizes()?;
        Ok(vec![0; N::Values::size::<V>()?])
    }
}

impl<M, K, V> TypedMap<M, K, V> {
    /// The kernel copies as many bytes as the map says: they must be those of the types.
    pub(super) fn check_sizes(&self) -> Result<()> {
        let (key, value) = (
            self.handle.key_size() as usize,
            self.handle.value_size() as usize,
        );
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
        match call(self.handle.as_fd().as_raw_fd()) {
            0.. => Ok(()),
            error => Err(io::Error::from_raw_os_error(error.saturating_neg())),
        }
    }

    /// Of a full map, and of an index behind the last, the kernel says "Argument list too long".
    pub(super) fn explained(&self, error: impl Into<Error>) -> Error {
        let error = error.into();
        match error.kind() {
            ErrorKind::TooBig => error.with_context(|| {
                let room = self.handle.max_entries();
                format!("the map has room for {room} entries")
            }),
            _ => error,
        }
    }
}

/// "No such key" is an answer, not an error.
pub(super) fn found_or_not(result: core::result::Result<(), impl Into<Error>>) -> Result<bool> {
    match result.map_err(Into::into) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
