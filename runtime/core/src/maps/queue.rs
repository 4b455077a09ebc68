//! Queues, stacks and bloom filters: values without keys.

use bytemuck::Pod;
use libbpf_rs::{MapCore as _, MapFlags, Result, libbpf_sys};

use super::lookup::found_or_not;
use super::map_type::Push;
use super::values::{SingleValue, Values as _};
use super::{BloomFilter, TypedMap, invalid};

impl<M, K, V: Pod> TypedMap<M, K, V> {
    /// Adds a value at the end of a queue or on top of a stack.
    ///
    /// # Errors
    ///
    /// `E2BIG` if the map is full, any other error from the kernel, or that values of the map
    /// [are longer] than `V`.
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn push(&self, value: &V) -> Result<()>
    where
        M: Push,
    {
        self.put(value, MapFlags::ANY)
    }

    /// Adds a value, and evicts the oldest one if the map is full (`BPF_EXIST`).
    ///
    /// # Errors
    ///
    /// Any error from the kernel, and as [`push`](Self::push) if values are longer.
    pub fn push_evict(&self, value: &V) -> Result<()>
    where
        M: Push,
    {
        self.put(value, MapFlags::EXIST)
    }

    /// Removes and returns the next value, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn pop(&self) -> Result<Option<V>>
    where
        M: Push,
    {
        SingleValue::receive(self.value_size()?, |value| {
            let value = value.as_mut_ptr().cast();
            found_or_not(self.call(|fd| {
                // SAFETY: there is no key, and the buffer has the size of the map's values: `value_size` has checked one
                // and given the other.
                unsafe { libbpf_sys::bpf_map_lookup_and_delete_elem(fd, core::ptr::null(), value) }
            }))
        })
    }

    /// The next value, which stays in the map, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn peek(&self) -> Result<Option<V>>
    where
        M: Push,
    {
        SingleValue::receive(self.value_size()?, |value| {
            let value = value.as_mut_ptr().cast();
            found_or_not(self.call(|fd| {
                // SAFETY: as in `pop`.
                unsafe { libbpf_sys::bpf_map_lookup_elem(fd, core::ptr::null(), value) }
            }))
        })
    }
}

impl<V: Pod> BloomFilter<V> {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// Any error from the kernel.
    pub fn add(&self, value: &V) -> Result<()> {
        self.put(value, MapFlags::ANY)
    }

    /// Whether the value may have been added. `false` is certain, `true` is not.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn contains(&self, value: &V) -> Result<bool> {
        self.check_whole()?;
        let mut value = *value;
        let bytes = bytemuck::bytes_of_mut(&mut value).as_mut_ptr();
        found_or_not(self.call(|fd| {
            // SAFETY: there is no key, and the value has the size of the map's, which was checked.
            unsafe { libbpf_sys::bpf_map_lookup_elem(fd, core::ptr::null(), bytes.cast()) }
        }))
    }
}

impl<M, K, V: Pod> TypedMap<M, K, V> {
    fn put(&self, value: &V, flags: MapFlags) -> Result<()> {
        let handle = self.opened()?;
        if handle.key_size() != 0 {
            return Err(invalid("the map has keys".to_owned()));
        }
        self.check_whole()?;
        let put = handle.update(&[], bytemuck::bytes_of(value), flags);
        put.map_err(|error| self.explained(error))
    }
}
