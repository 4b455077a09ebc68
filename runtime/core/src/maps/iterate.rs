//! Iteration over entries.
//!
//! BPF programs keep running during an iteration. An entry that exists throughout is returned once; one that
//! is inserted or deleted during the iteration may or may not be. `BPF_MAP_LOOKUP_BATCH` (Linux 5.6) goes by
//! index in arrays and by bucket in hashes, which a deletion does not disturb. If the kernel has no batches,
//! arrays still go by index. For others `BPF_MAP_GET_NEXT_KEY` starts over if its key was deleted, and keys
//! that were returned before are skipped.

use core::fmt;
use core::iter::FusedIterator;
use std::collections::HashSet;

use bytemuck::Pod;
use libbpf_rs::{MapCore, Result, libbpf_sys};

use super::batch::{AfterLookup, Cursor, Then};
use super::lookup::{Output, found_or_not};
use super::map_type::{BpfMapType, Iterate, Order};
use super::{TypedMap, invalid};

/// An iterator over the entries of a map: [`TypedMap::entries`].
pub struct EntryIter<'m, M: BpfMapType, K: Pod, V: Pod> {
    map: &'m TypedMap<M, K, V>,
    source: Source<K>,
}

/// Where the next entries come from.
enum Source<K> {
    /// From this index on.
    Index(u32),
    /// In batches: this one, and what follows it.
    Batch(Cursor<K>, Then),
    /// One after the other, after the key `last`; `seen` are the keys so far.
    Next {
        last: Option<Vec<u8>>,
        seen: HashSet<Vec<u8>>,
    },
    End,
}

impl<K> Source<K> {
    fn without_batches(order: Order) -> Self {
        match order {
            Order::Index => Self::Index(0),
            Order::Bucket | Order::NextKey => Self::Next {
                last: None,
                seen: HashSet::new(),
            },
        }
    }
}

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// All entries, in no particular order; those of an array by index.
    ///
    /// An entry that exists throughout is returned once, whatever is inserted and deleted during the
    /// iteration. (Before Linux 5.6, and in a `DevMapHash`, one that is *updated* during the iteration may be
    /// skipped: the kernel moves it to the front of its bucket.) After an error the iterator ends.
    pub fn entries(&self) -> EntryIter<'_, M, K, V>
    where
        M: Iterate,
    {
        EntryIter {
            map: self,
            source: match M::ORDER {
                Order::Index | Order::Bucket => {
                    Source::Batch(Cursor::new(AfterLookup::Keep), Then::More)
                }
                Order::NextKey => Source::without_batches(M::ORDER),
            },
        }
    }

    /// The keys of all [`entries`](Self::entries).
    pub fn keys(&self) -> impl Iterator<Item = Result<K>>
    where
        M: Iterate,
    {
        self.entries().map(|entry| entry.map(|(key, _)| key))
    }

    /// The values of all [`entries`](Self::entries).
    pub fn values(&self) -> impl Iterator<Item = Result<Output<M, V>>>
    where
        M: Iterate,
    {
        self.entries().map(|entry| entry.map(|(_, value)| value))
    }
}

/// `for entry in &map { let (key, value) = entry?; }`, as [`entries`](TypedMap::entries).
impl<'m, M: Iterate, K: Pod, V: Pod> IntoIterator for &'m TypedMap<M, K, V> {
    type Item = Result<(K, Output<M, V>)>;
    type IntoIter = EntryIter<'m, M, K, V>;

    fn into_iter(self) -> EntryIter<'m, M, K, V> {
        self.entries()
    }
}

impl<'m, M: Iterate, K: Pod, V: Pod> EntryIter<'m, M, K, V> {
    /// The next entry, where none of the last batch is left.
    fn look_up(&mut self) -> Result<Option<(K, Output<M, V>)>> {
        loop {
            match core::mem::replace(&mut self.source, Source::End) {
                Source::Index(index) => return self.by_index(index),
                Source::Next { last, seen } => return self.by_key(last, seen),
                Source::End => return Ok(None),
                Source::Batch(mut cursor, Then::More) => {
                    let then = self.map.next_batch(&mut cursor)?;
                    let entry = cursor.take::<M, V>();
                    self.source = Source::Batch(cursor, then);
                    if entry.is_some() {
                        return Ok(entry);
                    }
                }
                Source::Batch(_, Then::NoBatches) => {
                    self.source = Source::without_batches(M::ORDER)
                }
                Source::Batch(_, Then::Failed(error)) => return Err(error),
                Source::Batch(_, Then::End) => return Ok(None),
            }
        }
    }

    fn by_index(&mut self, index: u32) -> Result<Option<(K, Output<M, V>)>> {
        self.map.check_sizes()?;
        for index in index..self.map.handle().max_entries() {
            // Map types of this order have `u32` keys: `check_sizes` has compared the size with the kernel's.
            let key = bytemuck::pod_read_unaligned(bytemuck::bytes_of(&index));
            if let Some(value) = self.map.lookup(&key)? {
                self.source = Source::Index(index + 1);
                return Ok(Some((key, value)));
            }
        }
        Ok(None)
    }

    fn by_key(
        &mut self,
        mut last: Option<Vec<u8>>,
        mut seen: HashSet<Vec<u8>>,
    ) -> Result<Option<(K, Output<M, V>)>> {
        self.map.check_sizes()?;
        // After a restart, all keys seen before come first. Whoever deletes each key that this is at could
        // keep it busy forever.
        let mut patience = 64 * (u64::from(self.map.handle().max_entries()) + 64);
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
                return Ok(None);
            }
            patience -= 1;
            if patience == 0 {
                return Err(invalid(
                    "entries are deleted faster than the iteration gets on".to_owned(),
                ));
            }
            let new = seen.insert(next.clone());
            let key = bytemuck::pod_read_unaligned(&next);
            last = Some(next);
            // A key that was deleted since has no value.
            if new && let Some(value) = self.map.lookup(&key)? {
                self.source = Source::Next { last, seen };
                return Ok(Some((key, value)));
            }
        }
    }
}

impl<M: Iterate, K: Pod, V: Pod> Iterator for EntryIter<'_, M, K, V> {
    type Item = Result<(K, Output<M, V>)>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Source::Batch(cursor, _) = &mut self.source
            && let Some(entry) = cursor.take::<M, V>()
        {
            return Some(Ok(entry));
        }
        self.look_up().transpose()
    }
}

impl<M: Iterate, K: Pod, V: Pod> FusedIterator for EntryIter<'_, M, K, V> {}

impl<M: BpfMapType, K: Pod, V: Pod> fmt::Debug for EntryIter<'_, M, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryIter")
            .field("map", self.map)
            .finish_non_exhaustive()
    }
}
