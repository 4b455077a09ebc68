//! Entries one after the other, and many at once.
//!
//! BPF programs go on while a map is listed. An entry that is there all the time is listed once; one
//! that is inserted or deleted meanwhile may or may not be. `BPF_MAP_LOOKUP_BATCH` (Linux 5.6) goes
//! by index in arrays and by bucket in hashes, which a deletion does not disturb. Where the kernel has no
//! batches, arrays are still listed by index; for others `BPF_MAP_GET_NEXT_KEY` starts over when its key was
//! deleted, and keys that were listed before are then passed over.

use core::fmt;
use core::iter::FusedIterator;
use std::collections::{HashSet, VecDeque};
use std::io;

use bytemuck::Pod;
use libbpf_rs::{Error, MapCore, MapFlags, Result, libbpf_sys};

use super::element::{Output, found_or_not};
use super::kind::{Delete, Entries, Kind, List, Order};
use super::shape::{Shape, SingleValue};
use super::{TypedMap, invalid};

/// How many entries to ask for at once, and of how many bytes; more if a single hash bucket holds more.
const BATCH: usize = 4096;
const BATCH_BYTES: usize = 1 << 20;

/// `ENOTSUPP`, the kernel's own; user space has no name for it.
const ENOTSUPP: i32 = 524;

/// An iterator over the entries of a map: [`TypedMap::entries`].
pub struct EntryIter<'m, M: Kind, K: Pod, V: Pod> {
    map: &'m TypedMap<M, K, V>,
    ready: VecDeque<(K, Output<M, V>)>,
    source: Source,
}

/// Where the next entries come from.
enum Source {
    /// The index to go on at.
    Index(u32),
    /// A batch, from the kernel's position, `None` at first.
    Batch {
        position: Option<Vec<u8>>,
        /// How many to ask for, as soon as known.
        size: Option<usize>,
    },
    /// One after the other, behind the last key; keys listed so far.
    Next {
        last: Option<Vec<u8>>,
        seen: HashSet<Vec<u8>>,
    },
    End,
}

impl Source {
    fn without_batches(order: Order) -> Self {
        match order {
            Order::Index => Self::Index(0),
            Order::Hash | Order::Next => Self::Next {
                last: None,
                seen: HashSet::new(),
            },
        }
    }
}

impl<M: Kind, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// All entries, in no order; those of an array by index.
    ///
    /// An entry that is there all the time is listed once, whatever is inserted and deleted meanwhile.
    /// (Before Linux 5.6, and in `DevMapHash`, one that is *set* meanwhile may be passed over: the kernel
    /// puts it to the front of its bucket.) After an error the iterator ends.
    pub fn entries(&self) -> EntryIter<'_, M, K, V>
    where
        M: List,
    {
        self.entries_from(match M::ORDER {
            Order::Index | Order::Hash => Source::Batch {
                position: None,
                size: None,
            },
            Order::Next => Source::without_batches(M::ORDER),
        })
    }

    /// What [`entries`](Self::entries) does where the kernel has no batches.
    #[doc(hidden)]
    pub fn entries_without_batches(&self) -> EntryIter<'_, M, K, V>
    where
        M: List,
    {
        self.entries_from(Source::without_batches(M::ORDER))
    }

    fn entries_from(&self, source: Source) -> EntryIter<'_, M, K, V> {
        EntryIter {
            map: self,
            ready: VecDeque::new(),
            source,
        }
    }

    /// The keys of all [`entries`](Self::entries).
    pub fn keys(&self) -> impl Iterator<Item = Result<K>>
    where
        M: List,
    {
        self.entries().map(|entry| entry.map(|(key, _)| key))
    }

    /// The values of all [`entries`](Self::entries).
    pub fn values(&self) -> impl Iterator<Item = Result<Output<M, V>>>
    where
        M: List,
    {
        self.entries().map(|entry| entry.map(|(_, value)| value))
    }
}

impl<'m, M: List, K: Pod, V: Pod> EntryIter<'m, M, K, V> {
    fn refill(&mut self) -> Result<()> {
        self.map.check_sizes()?;
        match core::mem::replace(&mut self.source, Source::End) {
            Source::Index(index) => self.by_index(index),
            Source::Batch { position, size } => self.by_batch(position, size),
            Source::Next { last, seen } => self.by_key(last, seen),
            Source::End => Ok(()),
        }
    }

    fn by_index(&mut self, index: u32) -> Result<()> {
        if index >= self.map.handle.max_entries() {
            return Ok(());
        }
        // Kinds of this order have `u32` keys: `check_sizes` has compared the size with the kernel's.
        let key = bytemuck::pod_read_unaligned(bytemuck::bytes_of(&index));
        if let Some(value) = self.map.lookup(&key)? {
            self.ready.push_back((key, value));
        }
        self.source = Source::Index(index + 1);
        Ok(())
    }

    fn by_batch(&mut self, position: Option<Vec<u8>>, size: Option<usize>) -> Result<()> {
        let value_size = M::Shape::size::<V>()?;
        let mut size = size.unwrap_or_else(|| batch_of(size_of::<K>().saturating_add(value_size)));
        loop {
            let (Some(key_bytes), Some(value_bytes), Ok(mut count)) = (
                size.checked_mul(size_of::<K>()),
                size.checked_mul(value_size),
                u32::try_from(size),
            ) else {
                return Err(invalid(format!("{size} entries at once are too many")));
            };
            let (mut keys, mut values) = (vec![0; key_bytes], vec![0; value_bytes]);
            // The position is the last key in arrays, and the number of a bucket in hashes.
            let mut next = vec![0; size_of::<K>().max(4)];
            let options = batch_options(MapFlags::ANY);
            let from = position
                .as_ref()
                .map_or(core::ptr::null(), |position| position.as_ptr());
            let result = self.map.call(|fd| {
                // SAFETY: all buffers are as large as `count` entries of the map, whose sizes were
                // checked; positions are as large as a key, and at least 4 bytes.
                unsafe {
                    libbpf_sys::bpf_map_lookup_batch(
                        fd,
                        // libbpf only reads it, but says otherwise.
                        from.cast_mut().cast(),
                        next.as_mut_ptr().cast(),
                        keys.as_mut_ptr().cast(),
                        values.as_mut_ptr().cast(),
                        &raw mut count,
                        &raw const options,
                    )
                }
            });
            let more = match result {
                Ok(()) => true,
                // The last batch, which may hold entries.
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                // A bucket that holds more than that; none holds more than all.
                Err(error)
                    if error.kind() == io::ErrorKind::StorageFull
                        && size < self.map.handle.max_entries() as usize =>
                {
                    size = size.saturating_mul(2);
                    continue;
                }
                Err(error) if position.is_none() && cant_batch(&error) => {
                    self.source = Source::without_batches(M::ORDER);
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let count = count as usize;
            let keys = keys.chunks_exact(size_of::<K>().max(1)).take(count);
            let values = values.chunks_exact(value_size.max(1));
            for (key, value) in keys.zip(values) {
                let key = bytemuck::pod_read_unaligned(key);
                self.ready.push_back((key, M::Shape::decode(value)));
            }
            if more {
                self.source = Source::Batch {
                    position: Some(next),
                    size: Some(size),
                };
            }
            return Ok(());
        }
    }

    fn by_key(&mut self, mut last: Option<Vec<u8>>, mut seen: HashSet<Vec<u8>>) -> Result<()> {
        // After a start over, all that was listed comes first. Who deletes each key that this stands at
        // could keep it busy for ever.
        let mut patience = 64 * (u64::from(self.map.handle.max_entries()) + 64);
        loop {
            let mut next = vec![0; size_of::<K>()];
            let found = self.map.call(|fd| {
                let last = last
                    .as_ref()
                    .map_or(core::ptr::null(), |last| last.as_ptr());
                // SAFETY: both are as large as a key of the map, which was checked, or NULL.
                unsafe {
                    libbpf_sys::bpf_map_get_next_key(fd, last.cast(), next.as_mut_ptr().cast())
                }
            });
            if !found_or_not(found)? {
                return Ok(());
            }
            patience -= 1;
            if patience == 0 {
                return Err(invalid(
                    "entries are deleted faster than they can be listed".to_owned(),
                ));
            }
            let new = seen.insert(next.clone());
            let key = bytemuck::pod_read_unaligned(&next);
            last = Some(next);
            // A key that was deleted meanwhile has no value.
            if new && let Some(value) = self.map.lookup(&key)? {
                self.ready.push_back((key, value));
                self.source = Source::Next { last, seen };
                return Ok(());
            }
        }
    }
}

impl<M: List, K: Pod, V: Pod> Iterator for EntryIter<'_, M, K, V> {
    type Item = Result<(K, Output<M, V>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(Ok(entry));
            }
            if matches!(self.source, Source::End) {
                return None;
            }
            if let Err(error) = self.refill() {
                self.source = Source::End;
                return Some(Err(error));
            }
        }
    }
}

impl<M: List, K: Pod, V: Pod> FusedIterator for EntryIter<'_, M, K, V> {}

impl<M: Kind, K: Pod, V: Pod> fmt::Debug for EntryIter<'_, M, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryIter")
            .field("map", self.map)
            .finish_non_exhaustive()
    }
}

/// A batch that was not carried out to its end.
#[derive(Debug)]
pub struct BatchError {
    done: usize,
    error: Error,
}

impl BatchError {
    /// How many entries were dealt with, from the first; the one behind them is to blame.
    pub fn done(&self) -> usize {
        self.done
    }

    /// What the kernel answered.
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

impl<M, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Sets many entries with few system calls where the kernel can (Linux 5.6), else, and for flags
    /// other than [`MapFlags::ANY`], one by one.
    ///
    /// # Errors
    ///
    /// The first entry that can't be set, with how many were set before it: `E2BIG` where the map is full.
    pub fn insert_batch(&self, entries: &[(K, V)], flags: MapFlags) -> Result<(), BatchError>
    where
        M: Entries<Shape = SingleValue>,
    {
        let mut finished = 0;
        let stopped = |done, error| BatchError { done, error };
        self.check_sizes().map_err(|error| stopped(0, error))?;
        let options = batch_options(flags);
        for batch in entries.chunks(batch_of(size_of::<(K, V)>())) {
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for (key, value) in batch {
                keys.extend_from_slice(bytemuck::bytes_of(key));
                values.extend_from_slice(bytemuck::bytes_of(value));
            }
            let mut count = batch.len() as u32;
            let result = self.call(|fd| {
                // SAFETY: both buffers hold `count` entries of the map, whose sizes were checked.
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
                Ok(()) => finished += batch.len(),
                Err(error) => {
                    finished += done(count, batch.len());
                    if !cant_batch(&error) {
                        return Err(stopped(finished, error.into()));
                    }
                    for (key, value) in entries.get(finished..).unwrap_or_default() {
                        self.update(key, value, flags)
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
    /// Deletes many keys with few system calls where the kernel can (Linux 5.6), else one by one. Keys
    /// that are not there are passed over.
    ///
    /// # Errors
    ///
    /// The first key that can't be deleted, with how many were before it.
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
                    // The kernel stops at a key that is not there.
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

/// How many entries the kernel says it did before it failed; where it says nothing, it leaves the number
/// alone.
fn done(count: u32, len: usize) -> usize {
    match count as usize {
        count if count < len => count,
        _ => 0,
    }
}

/// Whether the kernel has no batches, not for this kind of map, or not with these flags.
fn cant_batch(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(ENOTSUPP)
}
