//! Lookup and delete of all entries.

use core::fmt;
use core::iter::{self, FusedIterator};
use std::vec;

use bytemuck::Pod;
use libbpf_rs::{Error, Result};

use super::TypedMap;
use super::batch::{AfterLookup, BATCH, Cursor, Then};
use super::lookup::Output;
use super::map_type::{BpfMapType, LookupAndDelete};

/// An iterator that looks up and deletes all entries of a map: [`TypedMap::lookup_and_delete_batches`].
///
/// It buffers no entries: it has deleted exactly those that it has returned.
pub struct LookupAndDeleteBatches<'m, M: BpfMapType, K: Pod, V: Pod> {
    map: &'m TypedMap<M, K, V>,
    source: Source<K>,
}

/// Where the next entries come from.
enum Source<K> {
    Batch(Cursor<K>),
    /// All keys, if the kernel has no batches; not listed yet.
    Unlisted,
    Keys(vec::IntoIter<K>),
    /// The error to report after the entries before it.
    Failed(Error),
    End,
}

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Looks up and deletes all entries, many at a time. The kernel does both in one step, so no update by a
    /// BPF program in between is lost. (Before Linux 5.6 it takes two system calls, and one may be.)
    ///
    /// An entry that exists throughout is returned, even if it is updated during the iteration. One that is
    /// inserted during the iteration is returned or stays.
    ///
    /// ```no_run
    /// use bpf_subskeleton::{libbpf_rs, maps};
    ///
    /// fn report(bytes_of: &maps::Hash<u32, u64>) -> libbpf_rs::Result<()> {
    ///     for batch in bytes_of.lookup_and_delete_batches() {
    ///         for (pid, bytes) in batch? {
    ///             println!("{pid}: {bytes}");
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// Nothing is lost: a step deletes what it returns and no more, so stopping early leaves the rest in the
    /// map. An error comes after everything deleted before it, and ends the iterator. Collecting into a
    /// `Result` would drop the batches before the error.
    #[doc(alias = "drain")]
    pub fn lookup_and_delete_batches(&self) -> LookupAndDeleteBatches<'_, M, K, V>
    where
        M: LookupAndDelete,
    {
        LookupAndDeleteBatches {
            map: self,
            source: Source::Batch(Cursor::new(AfterLookup::Delete)),
        }
    }

    /// [`lookup_and_delete`](Self::lookup_and_delete) for kernels that don't have it.
    fn look_up_and_delete(&self, key: &K) -> Result<Option<Output<M, V>>>
    where
        M: LookupAndDelete,
    {
        let value = self.lookup(key)?;
        // Whoever deletes it gets it: here, or in whatever else deletes entries at the same time.
        Ok(if self.delete(key)? { value } else { None })
    }
}

impl<M: LookupAndDelete, K: Pod, V: Pod> LookupAndDeleteBatches<'_, M, K, V> {
    /// The entries of a step, possibly none.
    fn step(&mut self) -> Result<Vec<(K, Output<M, V>)>> {
        match core::mem::replace(&mut self.source, Source::End) {
            Source::Batch(cursor) => self.by_batch(cursor),
            Source::Unlisted => {
                let keys: Vec<_> = self.map.keys().collect::<Result<_>>()?;
                Ok(self.by_key(keys.into_iter()))
            }
            Source::Keys(keys) => Ok(self.by_key(keys)),
            Source::Failed(error) => Err(error),
            Source::End => Ok(Vec::new()),
        }
    }

    fn by_batch(&mut self, mut cursor: Cursor<K>) -> Result<Vec<(K, Output<M, V>)>> {
        let then = self.map.next_batch(&mut cursor)?;
        let entries = iter::from_fn(|| cursor.take::<M, V>()).collect();
        self.source = match then {
            Then::More => Source::Batch(cursor),
            Then::End => Source::End,
            Then::NoBatches => Source::Unlisted,
            Then::Failed(error) => Source::Failed(error),
        };
        Ok(entries)
    }

    fn by_key(&mut self, mut keys: vec::IntoIter<K>) -> Vec<(K, Output<M, V>)> {
        let mut taken = Vec::new();
        for key in keys.by_ref().take(BATCH) {
            match self.map.look_up_and_delete(&key) {
                Ok(value) => taken.extend(value.map(|value| (key, value))),
                Err(error) => {
                    self.source = Source::Failed(error);
                    return taken;
                }
            }
        }
        if !keys.as_slice().is_empty() {
            self.source = Source::Keys(keys);
        }
        taken
    }
}

impl<M: LookupAndDelete, K: Pod, V: Pod> Iterator for LookupAndDeleteBatches<'_, M, K, V> {
    type Item = Result<Vec<(K, Output<M, V>)>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !matches!(self.source, Source::End) {
            match self.step() {
                Ok(entries) if entries.is_empty() => {}
                step => return Some(step),
            }
        }
        None
    }
}

impl<M: LookupAndDelete, K: Pod, V: Pod> FusedIterator for LookupAndDeleteBatches<'_, M, K, V> {}

impl<M: BpfMapType, K: Pod, V: Pod> fmt::Debug for LookupAndDeleteBatches<'_, M, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupAndDeleteBatches")
            .field("map", self.map)
            .finish_non_exhaustive()
    }
}
