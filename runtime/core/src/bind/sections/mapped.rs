//! Which sections this process has mapped: libraries in one object share the mapping of each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Mapping;

/// What tells mappings apart: the kernel's id of the map, and whether a writable mapping was asked for.
///
/// The kernel gives the id of a map to no other as long as there is the map, and a mapping keeps it: what is found by
/// its id is a mapping of that map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) map_id: u32,
    pub(super) writable: bool,
}

/// Mappings by their keys, in order.
type Mapped = Vec<(Key, Weak<Mapping>)>;

/// Mappings that somebody has, and for a moment one whose last owner is dropping it.
static MAPPED: Mutex<Mapped> = Mutex::new(Vec::new());

/// The mapping with this key, or the one that `map` makes.
pub(super) fn get_or_map(
    key: Key,
    map: impl FnOnce() -> Result<Mapping, String>,
) -> Result<Arc<Mapping>, String> {
    let mut mapped = lock();
    let place = place_of(key, &mapped);
    if let Ok(index) = place
        && let Some(mapping) = mapped[index].1.upgrade()
    {
        return Ok(mapping);
    }
    // First of all: an `Entry` that an error drops would wait for the lock that is held here.
    let made = map()?;
    let mapping = Arc::new(Mapping {
        _entry: Some(Entry(key)),
        ..made
    });
    let entry = (key, Arc::downgrade(&mapping));
    match place {
        Ok(index) => mapped[index] = entry,
        Err(index) => mapped.insert(index, entry),
    }
    Ok(mapping)
}

/// A mapping's place in the table.
pub(super) struct Entry(Key);

impl Drop for Entry {
    /// Nobody has the mapping any more, but another one may have come in its place.
    fn drop(&mut self) {
        let mut mapped = lock();
        if let Ok(index) = place_of(self.0, &mapped)
            && mapped[index].1.strong_count() == 0
        {
            mapped.remove(index);
        }
    }
}

/// Where the mapping with this key is, or belongs.
fn place_of(key: Key, mapped: &Mapped) -> Result<usize, usize> {
    mapped.binary_search_by_key(&key, |(key, _)| *key)
}

/// No panic leaves the table half changed.
fn lock() -> MutexGuard<'static, Mapped> {
    MAPPED.lock().unwrap_or_else(PoisonError::into_inner)
}
