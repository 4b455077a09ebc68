//! Entries one after the other, and many at once.
//!
//! BPF programs go on while a map is listed. An entry that is there all the time is listed once; one
//! that is inserted or deleted meanwhile may or may not be. Arrays are listed by index, hashes by
//! bucket with `BPF_MAP_LOOKUP_BATCH` (Linux 5.6), which a deletion does not disturb. Where the kernel
//! has no batches, `BPF_MAP_GET_NEXT_KEY` starts over when its key was deleted; keys that were listed
//! before are then passed over.

use core::fmt;
use std::collections::{HashSet, VecDeque};
use std::io;

use bytemuck::Pod;
use libbpf_rs::{Error, ErrorKind, MapCore, MapFlags, Result, libbpf_sys};

use super::TypedMap;
use super::element::{Input, Output, found_or_not};
use super::kind::{Delete, Entries, List, Order};
use super::shape::{Shape, SingleValue};

/// How many entries to ask for at once; more if a single hash bucket holds more.
const BATCH: usize = 4096;

/// A bucket holds more entries than a batch.
const ENOSPC: i32 = 28;

/// `ENOTSUPP`, the kernel's own; user space has no name for it.
const ENOTSUPP: i32 = 524;

/// An iterator over the entries of a map: [`TypedMap::entries`].
pub struct EntryIter<'m, M: List, K: Pod, V: Pod> {
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
        size: usize,
    },
    /// One after the other, behind the last key; keys listed so far.
    Next {
        last: Option<Vec<u8>>,
        seen: HashSet<Vec<u8>>,
    },
    End,
}

impl<M: List, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// All entries, in no order; those of an array by index.
    ///
    /// An entry that is there all the time is listed once, whatever is inserted and deleted meanwhile.
    /// After an error the iterator ends.
    pub fn entries(&self) -> EntryIter<'_, M, K, V> {
        EntryIter {
            map: self,
            ready: VecDeque::new(),
            source: match M::ORDER {
                Order::Index => Source::Index(0),
                Order::Hash => Source::Batch {
                    position: None,
                    size: BATCH,
                },
                Order::Trie => Source::Next {
                    last: None,
                    seen: HashSet::new(),
                },
            },
        }
    }

    /// The keys of all [`entries`](Self::entries).
    pub fn keys(&self) -> impl Iterator<Item = Result<K>> {
        self.entries().map(|entry| entry.map(|(key, _)| key))
    }

    /// The values of all [`entries`](Self::entries).
    pub fn values(&self) -> impl Iterator<Item = Result<Output<M, V>>> {
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

    fn by_batch(&mut self, position: Option<Vec<u8>>, mut size: usize) -> Result<()> {
        let value_size = M::Shape::size::<V>()?;
        loop {
            let mut keys = vec![0; size * size_of::<K>()];
            let mut values = vec![0; size * value_size];
            // For hashes the position is a bucket's number.
            let mut next = vec![0; size_of::<K>().max(4)];
            let mut count = size as u32;
            let options = libbpf_sys::bpf_map_batch_opts {
                sz: size_of::<libbpf_sys::bpf_map_batch_opts>() as _,
                ..Default::default()
            };
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
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                // A bucket that holds more than that.
                Err(error) if is_raw(&error, ENOSPC) && size < u32::MAX as usize / 2 => {
                    size *= 2;
                    continue;
                }
                Err(error) if position.is_none() && cant_batch(&error) => {
                    return self.by_key(None, HashSet::new());
                }
                Err(error) => return Err(error),
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
                    size,
                };
            }
            return Ok(());
        }
    }

    fn by_key(&mut self, last: Option<Vec<u8>>, mut seen: HashSet<Vec<u8>>) -> Result<()> {
        let mut last = last;
        // After a start over, as many known keys as the map can hold may come first.
        let mut known = 0;
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
            if !seen.insert(next.clone()) {
                known += 1;
                if known > u64::from(self.map.handle.max_entries()) {
                    return Ok(());
                }
                last = Some(next);
                continue;
            }
            let key = bytemuck::pod_read_unaligned(&next);
            let value = self.map.lookup(&key)?;
            last = Some(next);
            // A key that was deleted meanwhile has no value.
            if let Some(value) = value {
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

impl<M: List, K: Pod, V: Pod> fmt::Debug for EntryIter<'_, M, K, V> {
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
    /// How many entries were written or deleted, from the first.
    pub fn done(&self) -> usize {
        self.done
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped after {} entries: {:#}", self.done, self.error)
    }
}

impl std::error::Error for BatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<M, K: Pod, V: Pod> TypedMap<M, K, V>
where
    M: Entries<Shape = SingleValue>,
{
    /// Sets many entries with one system call where the kernel can (Linux 5.6), else one by one.
    ///
    /// # Errors
    ///
    /// The first entry that can't be set, with how many were before it: `E2BIG` where the map is full.
    pub fn insert_batch(
        &self,
        entries: &[(K, Input<M, V>)],
        flags: MapFlags,
    ) -> Result<(), BatchError>
    where
        Input<M, V>: Pod,
    {
        let none = |error| BatchError { done: 0, error };
        self.check_sizes().map_err(none)?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            keys.extend_from_slice(bytemuck::bytes_of(key));
            M::Shape::encode::<V>(value, &mut values).map_err(none)?;
        }
        let mut count = entries.len() as u32;
        let options = batch_options(flags);
        let result = match entries {
            [] => Ok(()),
            _ => self.call(|fd| {
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
            }),
        };
        match result {
            Err(error) if cant_batch(&error) => {
                one_by_one(entries, |(key, value)| self.update(key, value, flags))
            }
            result => result.map_err(|error| BatchError {
                done: done(count, entries.len()),
                error,
            }),
        }
    }
}

impl<M: Delete, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Deletes many keys with one system call where the kernel can (Linux 5.6), else one by one. Keys
    /// that are not there are passed over.
    ///
    /// # Errors
    ///
    /// The first key that can't be deleted, with how many were before it.
    pub fn delete_batch(&self, keys: &[K]) -> Result<(), BatchError> {
        self.check_sizes()
            .map_err(|error| BatchError { done: 0, error })?;
        let options = batch_options(MapFlags::ANY);
        let mut rest = keys;
        loop {
            if rest.is_empty() {
                return Ok(());
            }
            let bytes: &[u8] = bytemuck::cast_slice(rest);
            let mut count = rest.len() as u32;
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
            let finished = keys.len() - rest.len();
            match result {
                Ok(()) => return Ok(()),
                // The kernel stops at a key that is not there.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let skip = done(count, rest.len()) + 1;
                    rest = rest.get(skip..).unwrap_or_default();
                }
                Err(error) if cant_batch(&error) => {
                    return one_by_one(rest, |key| self.delete(key).map(drop)).map_err(|error| {
                        BatchError {
                            done: finished + error.done,
                            ..error
                        }
                    });
                }
                Err(error) => {
                    let done = finished + done(count, rest.len());
                    return Err(BatchError { done, error });
                }
            }
        }
    }
}

fn batch_options(flags: MapFlags) -> libbpf_sys::bpf_map_batch_opts {
    libbpf_sys::bpf_map_batch_opts {
        sz: size_of::<libbpf_sys::bpf_map_batch_opts>() as _,
        elem_flags: flags.bits(),
        ..Default::default()
    }
}

/// How many entries the kernel says it did; where it says nothing, it leaves the number alone.
fn done(count: u32, len: usize) -> usize {
    match count as usize {
        count if count < len => count,
        _ => 0,
    }
}

fn one_by_one<T>(list: &[T], each: impl Fn(&T) -> Result<()>) -> Result<(), BatchError> {
    for (done, item) in list.iter().enumerate() {
        each(item).map_err(|error| BatchError { done, error })?;
    }
    Ok(())
}

/// Whether the kernel has no batches, or not for this kind of map.
fn cant_batch(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput | ErrorKind::Unsupported
    ) || is_raw(error, ENOTSUPP)
}

/// Whether the error is this number; libbpf-rs keeps it inside.
fn is_raw(error: &Error, number: i32) -> bool {
    let expected: Error = io::Error::from_raw_os_error(number).into();
    expected.to_string() == error.to_string()
}
