//! Local storage: values that belong to a task, inode, socket or control group.

use std::os::fd::{AsFd, AsRawFd as _};

use bytemuck::Pod;
use libbpf_rs::{MapCore as _, MapFlags, Result};

use super::TypedMap;
use super::lookup::existed;
use super::map_type::LocalStorage;
use super::values::{SingleValue, Values as _};

impl<M, K, V: Pod> TypedMap<M, K, V> {
    /// The value of a task (a pidfd), inode (a file), socket or control group, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn get_storage(&self, owner: &impl AsFd) -> Result<Option<V>>
    where
        M: LocalStorage,
    {
        let key = owner.as_fd().as_raw_fd().to_ne_bytes();
        let handle = self.opened()?;
        SingleValue::receive(self.value_size()?, |value| {
            handle.lookup_into(&key, value, MapFlags::ANY)
        })
    }

    /// Sets the value of a task, inode, socket or control group.
    ///
    /// # Errors
    ///
    /// Any error from the kernel, or that values of the map [are longer] than `V`.
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn set_storage(&self, owner: &impl AsFd, value: &V) -> Result<()>
    where
        M: LocalStorage,
    {
        self.check_whole()?;
        let key = owner.as_fd().as_raw_fd().to_ne_bytes();
        self.opened()?
            .update(&key, bytemuck::bytes_of(value), MapFlags::ANY)
    }

    /// Deletes the value of a task, inode, socket or control group, and returns whether there was one.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn delete_storage(&self, owner: &impl AsFd) -> Result<bool>
    where
        M: LocalStorage,
    {
        let key = owner.as_fd().as_raw_fd().to_ne_bytes();
        existed(self.opened()?.delete(&key))
    }
}
