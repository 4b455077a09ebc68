//! Batches: many entries with one system call.

use core::borrow::Borrow as _;
use core::fmt;
use core::ops::Range;
use std::io;

use bytemuck::Pod;
use libbpf_rs::{Error, MapCore as _, MapFlags, Result, libbpf_sys};

use super::lookup::Output;
use super::map_type::{BpfMapType, Delete, Update};
use super::values::Values as _;
use super::{TypedMap, invalid};

/// How many entries, and how many bytes of them, to ask for at once; more if a single hash bucket holds more.
pub(super) const BATCH: usize = 4096;
const BATCH_BYTES: usize = 1 << 20;

/// `ENOTSUPP`, an error number of the kernel that user space has no name for.
const ENOTSUPP: i32 = 524;

/// A batch that failed partway.
#[derive(Debug)]
pub struct BatchError {
    done: usize,
    error: Error,
}

impl BatchError {
    /// How many entries succeeded, from the first. The next one failed.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Why it failed: an error from the kernel, or the wrong number of values.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped after {} entries: {:#}", self.done, self.error)
    }
}

impl std::error::Error for BatchError {}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        error.error
    }
}

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Updates many entries with few system calls if the kernel can (Linux 5.6, per-CPU arrays 5.13). If it
    /// can't, and for flags other than [`MapFlags::ANY`], updates them one by one. Per-CPU maps take a `Vec`
    /// with a value for each possible CPU.
    ///
    /// # Errors
    ///
    /// The first entry that can't be updated, with how many were updated before it: `E2BIG` if the map is
    /// full, more or fewer values than possible CPUs, or values that [are longer] than `V`.
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn update_batch(
        &self,
        entries: &[(K, Output<M, V>)],
        flags: MapFlags,
    ) -> Result<(), BatchError>
    where
        M: Update,
    {
        let mut finished = 0;
        let stopped = |done, error| BatchError { done, error };
        self.check_whole().map_err(|error| stopped(0, error))?;
        let value_size = M::Values::size(size_of::<V>()).map_err(|error| stopped(0, error))?;
        let options = batch_options(flags);
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for batch in entries.chunks(batch_of(size_of::<K>().saturating_add(value_size))) {
            keys.clear();
            values.clear();
            let mut len = 0;
            let encoded = batch.iter().try_for_each(|(key, value)| {
                M::Values::encode(value.borrow(), &mut values)?;
                keys.extend_from_slice(bytemuck::bytes_of(key));
                len += 1;
                Ok(())
            });
            let mut count = len as u32;
            let result = self.call(|fd| {
                // SAFETY: both buffers hold `count` entries of the map, whose sizes were checked; for
                // per-CPU maps `encode` has written a value for each possible CPU, or none.
                unsafe {
                    libbpf_sys::bpf_map_update_batch(
                        fd,
                        keys.as_ptr().cast(),
                        values.as_ptr().cast(),
                        &raw mut count,
                        &raw const options,
                    )
                }
            });
            match result {
                Ok(()) => {
                    finished += len;
                    // Entries before the bad one are updated, just as they are one by one.
                    encoded.map_err(|error| stopped(finished, error))?;
                }
                Err(error) => {
                    finished += done(count, len);
                    if !cant_batch(&error) {
                        return Err(stopped(finished, self.explained(error)));
                    }
                    for (key, value) in entries.get(finished..).unwrap_or_default() {
                        self.update(key, value.borrow(), flags)
                            .map_err(|error| stopped(finished, error))?;
                        finished += 1;
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl<M, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Deletes many keys with few system calls if the kernel can (Linux 5.6), otherwise one by one. Skips keys
    /// that do not exist.
    ///
    /// # Errors
    ///
    /// The first key that can't be deleted, with how many came before it.
    pub fn delete_batch(&self, keys: &[K]) -> Result<(), BatchError>
    where
        M: Delete,
    {
        let stopped = |done, error| BatchError { done, error };
        self.check_sizes().map_err(|error| stopped(0, error))?;
        let options = batch_options(MapFlags::ANY);
        let mut finished = 0;
        loop {
            let rest = keys.get(finished..).unwrap_or_default();
            let Some(batch) = rest.chunks(batch_of(size_of::<K>())).next() else {
                return Ok(());
            };
            let bytes: &[u8] = bytemuck::cast_slice(batch);
            let mut count = batch.len() as u32;
            let result = self.call(|fd| {
                // SAFETY: the buffer holds `count` keys of the map, whose size was checked.
                unsafe {
                    libbpf_sys::bpf_map_delete_batch(
                        fd,
                        bytes.as_ptr().cast(),
                        &raw mut count,
                        &raw const options,
                    )
                }
            });
            match result {
                Ok(()) => finished += batch.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    // The kernel stops at a key that does not exist.
                    finished += done(count, batch.len()) + 1;
                }
                Err(error) if cant_batch(&error) => {
                    finished += done(count, batch.len());
                    for key in keys.get(finished..).unwrap_or_default() {
                        self.delete(key).map_err(|error| stopped(finished, error))?;
                        finished += 1;
                    }
                    return Ok(());
                }
                Err(error) => {
                    finished += done(count, batch.len());
                    return Err(stopped(finished, error.into()));
                }
            }
        }
    }
}

/// How far an iteration in batches has come, and what the kernel copied last. Its buffers serve all batches.
pub(super) struct Cursor<K> {
    after_lookup: AfterLookup,
    /// Where the kernel continues; `None` at the start.
    position: Option<Vec<u8>>,
    keys: Vec<K>,
    values: Vec<u8>,
    /// How long a value is in the kernel.
    value_size: usize,
    /// How many bytes of `values` are a key's: those of one value, or of one for each possible CPU.
    stride: usize,
    /// The entries that were not taken yet.
    left: Range<usize>,
}

/// What becomes of the entries that were looked up.
#[derive(Clone, Copy)]
pub(super) enum AfterLookup {
    Keep,
    Delete,
}

impl<K: Pod> Cursor<K> {
    pub(super) fn new(after_lookup: AfterLookup) -> Self {
        Self {
            after_lookup,
            position: None,
            keys: Vec::new(),
            values: Vec::new(),
            value_size: 0,
            stride: 0,
            left: 0..0,
        }
    }

    /// Takes the next of the entries that the kernel returned, even if it failed afterwards. The map is the one that
    /// they are from.
    #[inline]
    pub(super) fn take<M: BpfMapType, V: Pod>(&mut self) -> Option<(K, Output<M, V>)> {
        let entry = self.left.next()?;
        let key = *self.keys.get(entry)?;
        let value = self.values.get(entry * self.stride..)?;
        let value = M::Values::decode(value.get(..self.stride)?, self.value_size)?;
        Some((key, value))
    }
}

/// What follows a batch.
pub(super) enum Then {
    More,
    End,
    /// The kernel has none for this map.
    NoBatches,
    Failed(Error),
}

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Has the kernel copy the next entries, for [`Cursor::take`].
    pub(super) fn next_batch(&self, cursor: &mut Cursor<K>) -> Result<Then> {
        cursor.value_size = self.value_size()?;
        cursor.stride = M::Values::size(cursor.value_size)?;
        cursor.left = 0..0;
        let mut size = match cursor.keys.len() {
            0 => batch_of(size_of::<K>().saturating_add(cursor.stride)),
            size => size,
        };
        // The position is the last key in arrays, and the number of a bucket in hashes.
        let mut next = vec![0; size_of::<K>().max(4)];
        loop {
            let (Some(bytes), Ok(mut count)) =
                (size.checked_mul(cursor.stride), u32::try_from(size))
            else {
                return Err(invalid(format!("{size} entries at once are too many")));
            };
            cursor.keys.resize(size, K::zeroed());
            cursor.values.resize(bytes, 0);
            let options = batch_options(MapFlags::ANY);
            let from = cursor
                .position
                .as_ref()
                .map_or(core::ptr::null(), |position| position.as_ptr());
            let lookup = match cursor.after_lookup {
                AfterLookup::Keep => libbpf_sys::bpf_map_lookup_batch,
                AfterLookup::Delete => libbpf_sys::bpf_map_lookup_and_delete_batch,
            };
            let result = self.call(|fd| {
                // SAFETY: all buffers are as large as `count` entries of the map, whose sizes `value_size`
                // has checked or given; positions are as large as a key, and at least 4 bytes.
                unsafe {
                    lookup(
                        fd,
                        // libbpf only reads it, but says otherwise.
                        from.cast_mut().cast(),
                        next.as_mut_ptr().cast(),
                        cursor.keys.as_mut_ptr().cast(),
                        cursor.values.as_mut_ptr().cast(),
                        &raw mut count,
                        &raw const options,
                    )
                }
            });
            let (count, then) = match result {
                Ok(()) => (count as usize, Then::More),
                // The last batch, which may hold entries.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    (count as usize, Then::End)
                }
                // A bucket that holds more than that; none holds more than all.
                Err(error)
                    if error.kind() == io::ErrorKind::StorageFull
                        && size < self.handle().max_entries() as usize =>
                {
                    size = size.saturating_mul(2);
                    continue;
                }
                Err(error) if cursor.position.is_none() && cant_batch(&error) => {
                    (0, Then::NoBatches)
                }
                Err(error) => (done(count, size), Then::Failed(error.into())),
            };
            cursor.left = 0..count.min(size);
            cursor.position = Some(next);
            return Ok(then);
        }
    }
}

/// How many entries of this size to handle at once.
fn batch_of(bytes: usize) -> usize {
    (BATCH_BYTES / bytes.max(1)).clamp(1, BATCH)
}

fn batch_options(flags: MapFlags) -> libbpf_sys::bpf_map_batch_opts {
    libbpf_sys::bpf_map_batch_opts {
        sz: size_of::<libbpf_sys::bpf_map_batch_opts>() as _,
        elem_flags: flags.bits(),
        ..Default::default()
    }
}

/// How many entries the kernel processed before it failed, if it says so: otherwise it leaves the number as it
/// was.
fn done(count: u32, len: usize) -> usize {
    match count as usize {
        count if count < len => count,
        _ => 0,
    }
}

/// Whether the kernel has no batches, none for this map type, or none with these flags.
fn cant_batch(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(ENOTSUPP)
}
