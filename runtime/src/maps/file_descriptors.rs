//! Maps that hold programs, sockets, control groups or other maps, and storage that belongs to something
//! with a file descriptor.

use core::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd};

use bytemuck::Pod;
use libbpf_rs::{ErrorKind, MapCore as _, MapFlags, MapHandle, Result};

use super::lookup::found_or_not;
use super::map_type::{BpfMapType as _, FileDescriptors, MapOfMaps, SockMap, Sockets};
use super::{Handle, TypedMap, invalid};

/// An inner map as a value: the kernel takes a descriptor and gives an id, 4 bytes each.
#[expect(dead_code, reason = "only its size is of use")]
pub struct Inner<I>(u32, PhantomData<fn() -> I>);

impl<M, K: Pod, V: ?Sized> TypedMap<M, K, V> {
    /// Puts a program, socket, control group or event at `key`; the map keeps it alive, except for
    /// sockets.
    ///
    /// # Errors
    ///
    /// What the kernel answers: `EINVAL`, `EBADF` or `EOPNOTSUPP` for the wrong kind of descriptor, `E2BIG`
    /// where there is no such index.
    pub fn set_fd(&self, key: &K, descriptor: &impl AsFd) -> Result<()>
    where
        M: FileDescriptors,
    {
        let descriptor = descriptor.as_fd().as_raw_fd();
        // Maps of sockets may have 8-byte values, for cookies: the kernel reads as many.
        let value = match self.handle.value_size() {
            4 => descriptor.to_ne_bytes().to_vec(),
            8 => u64::try_from(descriptor)
                .unwrap_or_default()
                .to_ne_bytes()
                .to_vec(),
            size => return Err(invalid(format!("the map has values of {size} bytes"))),
        };
        let key = bytemuck::bytes_of(key);
        let set = self.handle.update(key, &value, MapFlags::ANY);
        set.map_err(|error| self.explained(error))
    }

    /// Removes what is at `key`; whether there was something. Of an `XskMap` the kernel doesn't say: `true`.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "nothing there".
    pub fn delete_fd(&self, key: &K) -> Result<bool>
    where
        M: FileDescriptors,
    {
        match self.handle.delete(bytemuck::bytes_of(key)) {
            // How a socket map says "nothing there".
            Err(error)
                if error.kind() == ErrorKind::InvalidInput && M::NUMBER == SockMap::NUMBER =>
            {
                Ok(false)
            }
            deleted => found_or_not(deleted),
        }
    }

    /// The cookie (`SO_COOKIE`) of the socket at `key`, or `None` where there is none.
    ///
    /// # Errors
    ///
    /// If the map's values have fewer than the 8 bytes that cookies take: say `__type(value, __u64)`; or
    /// what the kernel answers, but for "nothing there".
    pub fn cookie(&self, key: &K) -> Result<Option<u64>>
    where
        M: Sockets,
    {
        let mut cookie = [0; 8];
        if self.handle.value_size() as usize != cookie.len() {
            return Err(invalid(format!(
                "the map has values of {} bytes, and cookies take {}",
                self.handle.value_size(),
                cookie.len()
            )));
        }
        let key = bytemuck::bytes_of(key);
        let found = self.handle.lookup_into(key, &mut cookie, MapFlags::ANY)?;
        Ok(found.then(|| u64::from_ne_bytes(cookie)))
    }
}

impl<M: MapOfMaps, K: Pod, I: Handle> TypedMap<M, K, Inner<I>> {
    /// The map at `key`, or `None` where there is none.
    ///
    /// # Errors
    ///
    /// What the kernel answers: `EPERM` without `CAP_SYS_ADMIN`, which opening a map by its id takes; or
    /// if the map is none of the kind `I`.
    pub fn lookup_map(&self, key: &K) -> Result<Option<I>> {
        loop {
            let mut id = [0; 4];
            let key = bytemuck::bytes_of(key);
            if !self.handle.lookup_into(key, &mut id, MapFlags::ANY)? {
                return Ok(None);
            }
            match MapHandle::from_map_id(u32::from_ne_bytes(id)) {
                // Replaced or removed between the two calls: what is there now is asked for again.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                map => return map.and_then(I::from_handle).map(Some),
            }
        }
    }

    /// Puts a map at `key`.
    ///
    /// # Errors
    ///
    /// What the kernel answers: `EINVAL` for a map of another kind or size than the first inner one.
    pub fn set_map(&self, key: &K, map: &I) -> Result<()> {
        let descriptor = map.as_handle().as_fd().as_raw_fd();
        let (key, value) = (bytemuck::bytes_of(key), descriptor.to_ne_bytes());
        let set = self.handle.update(key, &value, MapFlags::ANY);
        set.map_err(|error| self.explained(error))
    }

    /// Removes the map at `key`; whether there was one.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "no such key".
    pub fn delete_map(&self, key: &K) -> Result<bool> {
        found_or_not(self.handle.delete(bytemuck::bytes_of(key)))
    }
}
