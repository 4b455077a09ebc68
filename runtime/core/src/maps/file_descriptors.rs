//! Maps that hold programs, sockets, control groups, perf events or other maps.

use core::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd};

use bytemuck::Pod;
use libbpf_rs::{ErrorKind, MapCore as _, MapFlags, MapHandle, Result};

use super::lookup::existed;
use super::map_type::{BpfMapType as _, FileDescriptors, MapOfMaps, SockMap, Sockets};
use super::{Handle, TypedMap, invalid};

/// An inner map as a value: the kernel takes a file descriptor and returns an id, 4 bytes each.
#[expect(dead_code, reason = "only its size is of use")]
pub struct Inner<I>(u32, PhantomData<fn() -> I>);

impl<M, K: Pod, V: ?Sized> TypedMap<M, K, V> {
    /// Sets `key` to a program, socket, control group or perf event. The map keeps it alive, unless it is a
    /// socket.
    ///
    /// # Errors
    ///
    /// An error from the kernel: `EINVAL`, `EBADF` or `EOPNOTSUPP` for a file descriptor of something else,
    /// `E2BIG` if the index is out of range.
    pub fn set_fd(&self, key: &K, descriptor: &impl AsFd) -> Result<()>
    where
        M: FileDescriptors,
    {
        let handle = self.opened()?;
        let descriptor = descriptor.as_fd().as_raw_fd();
        // Maps of sockets may have 8-byte values, for cookies, and then the kernel reads 8 bytes.
        let value = match handle.value_size() {
            4 => descriptor.to_ne_bytes().to_vec(),
            8 => u64::try_from(descriptor)
                .unwrap_or_default()
                .to_ne_bytes()
                .to_vec(),
            size => return Err(invalid(format!("the map has values of {size} bytes"))),
        };
        let key = bytemuck::bytes_of(key);
        let set = handle.update(key, &value, MapFlags::ANY);
        set.map_err(|error| self.explained(error))
    }

    /// Deletes what is at `key`, and returns whether there was anything. For an `XskMap` the kernel doesn't
    /// tell, and this returns `true`.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn delete_fd(&self, key: &K) -> Result<bool>
    where
        M: FileDescriptors,
    {
        match self.opened()?.delete(bytemuck::bytes_of(key)) {
            // How a socket map says "no such key".
            Err(error)
                if error.kind() == ErrorKind::InvalidInput && M::NUMBER == SockMap::NUMBER =>
            {
                Ok(false)
            }
            deleted => existed(deleted),
        }
    }

    /// The cookie (`SO_COOKIE`) of the socket at `key`, or `None` if there is no socket.
    ///
    /// # Errors
    ///
    /// If the map's values are smaller than a cookie, 8 bytes: define it with `__type(value, __u64)`. Any
    /// error from the kernel other than `ENOENT`.
    pub fn cookie(&self, key: &K) -> Result<Option<u64>>
    where
        M: Sockets,
    {
        let handle = self.opened()?;
        let mut cookie = [0; 8];
        if handle.value_size() as usize != cookie.len() {
            return Err(invalid(format!(
                "the map has values of {} bytes, and cookies take {}",
                handle.value_size(),
                cookie.len()
            )));
        }
        let key = bytemuck::bytes_of(key);
        let found = handle.lookup_into(key, &mut cookie, MapFlags::ANY)?;
        Ok(found.then(|| u64::from_ne_bytes(cookie)))
    }
}

impl<M: MapOfMaps, K: Pod, I: Handle> TypedMap<M, K, Inner<I>> {
    /// The map at `key`, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// An error from the kernel, such as `EPERM` without `CAP_SYS_ADMIN`, which opening a map by id requires;
    /// or a map that is not an `I`.
    pub fn lookup_map(&self, key: &K) -> Result<Option<I>> {
        loop {
            let mut id = [0; 4];
            let key = bytemuck::bytes_of(key);
            if !self.opened()?.lookup_into(key, &mut id, MapFlags::ANY)? {
                return Ok(None);
            }
            match MapHandle::from_map_id(u32::from_ne_bytes(id)) {
                // Replaced or deleted between the two calls: look up what is there now.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                map => return map.and_then(I::from_handle).map(Some),
            }
        }
    }

    /// Sets `key` to a map.
    ///
    /// # Errors
    ///
    /// An error from the kernel, such as `EINVAL` for a map that differs from the inner map of the definition
    /// in type or size. For some kernels, Linux 6.1 among them, a map that was created without BTF differs from one
    /// with BTF.
    ///
    /// # Panics
    ///
    /// If `map` is [detached].
    ///
    /// [detached]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/testing/
    pub fn set_map(&self, key: &K, map: &I) -> Result<()> {
        let handle = self.opened()?;
        let descriptor = map.as_handle().as_fd().as_raw_fd();
        let (key, value) = (bytemuck::bytes_of(key), descriptor.to_ne_bytes());
        let set = handle.update(key, &value, MapFlags::ANY);
        set.map_err(|error| self.explained(error))
    }

    /// Deletes the map at `key`, and returns whether there was one.
    ///
    /// # Errors
    ///
    /// Any error from the kernel other than `ENOENT`.
    pub fn delete_map(&self, key: &K) -> Result<bool> {
        existed(self.opened()?.delete(bytemuck::bytes_of(key)))
    }
}
