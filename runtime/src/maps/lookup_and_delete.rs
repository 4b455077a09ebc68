//! All entries, taken out of a map.

use core::fmt;
use core::iter::FusedIterator;
use std::vec;

use bytemuck::Pod;
use libbpf_rs::{Error, Result};

use super::TypedMap;
use super::batch::{AfterLookup, BATCH, Cursor, Then};
use super::lookup::Output;
use super::map_type::{BpfMapType, LookupAndDelete};

/// An iterator that takes the entries out of a map: [`TypedMap::lookup_and_delete_batches`].
///
/// It holds no entries: those that it has deleted are those that it has given.
pub struct LookupAndDeleteBatches<'m, M: BpfMapType, K: Pod, V: Pod> {
    map: &'m TypedMap<M, K, V>,
    source: Source<K>,
}

/// Where the next entries come from.
enum Source<K> {
    Batch(Cursor),
    /// All keys, where the kernel has no batches; listed with the first of them.
    Unlisted,
    Keys(vec::IntoIter<K>),
    /// The error to report behind what was taken before it.
    Failed(Error),
    End,
}

impl<M: BpfMapType, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// Takes all entries, many with each step: the kernel looks them up and deletes them at once, so no
    /// update by a BPF program is lost between (before Linux 5.6 one may be: there it takes two calls).
    ///
    /// An entry that is there all the time is taken, also one that is set meanwhile. One that is inserted
    /// meanwhile may be, or stays.
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
    /// Nothing is lost: a step deletes what it gives, and no more, so whoever stops in between leaves the
    /// rest in the map. An error comes behind everything that was taken before it, and ends the iterator;
    /// but collecting into a `Result` would drop the batches in front of it.
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

    /// [`lookup_and_delete`](Self::lookup_and_delete) for kernels that can't.
    fn look_up_and_delete(&self, key: &K) -> Result<Option<Output<M, V>>>
    where
        M: LookupAndDelete,
    {
        let value = self.lookup(key)?;
        // Who deletes it has it: here, or in whatever else takes entries meanwhile.
        Ok(if self.delete(key)? { value } else { None })
    }
}

impl<M: LookupAndDelete, K: Pod, V: Pod> LookupAndDeleteBatches<'_, M, K, V> {
    /// The entries of a step, which may be none.
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

    fn by_batch(&mut self, mut cursor: Cursor) -> Result<Vec<(K, Output<M, V>)>> {
        let batch = self.map.next_batch(&mut cursor)?;
        self.source = match batch.then {
            Then::More => Source::Batch(cursor),
            Then::End => Source::End,
            Then::NoBatches => Source::Unlisted,
            Then::Failed(error) => Source::Failed(error),
        };
        Ok(batch.entries)
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
