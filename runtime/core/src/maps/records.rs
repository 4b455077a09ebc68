//! Ring buffers and perf buffers: records of a type.

use core::fmt;

use bytemuck::Pod;
use libbpf_rs::{MapHandle, PerfBufferBuilder, Result, RingBufferBuilder};

use super::exclusive::{End, Exclusive};
use super::{PerfEventArray, RingBuf, UserRingBuf, invalid};

/// `EBADMSG`: what a poll returns for a record that is too short for its type.
const EBADMSG: i32 = 74;

impl<T: Pod> RingBuf<T> {
    /// Adds this ring buffer to `builder`, with `callback` for its records. Other ring buffers, of this
    /// library or others, can be added to the same builder: one poll serves them all.
    ///
    /// A negative return value of `callback` ends the poll with that error, as in libbpf. So does a record
    /// shorter than `T`, with `EBADMSG`: it is not delivered, and the next poll continues after it. A longer
    /// record is cut to the size of `T`.
    ///
    /// ```no_run
    /// # use bpf_subskeleton::{libbpf_rs::RingBufferBuilder, maps};
    /// # fn poll(events: &maps::RingBuf<u64>, others: &maps::RingBuf<u32>) -> libbpf_rs::Result<()> {
    /// let mut builder = RingBufferBuilder::new();
    /// events.add_to(&mut builder, |event| { println!("{event}"); 0 })?;
    /// others.add_to(&mut builder, |other| { println!("{other}"); 0 })?;
    /// builder.build()?.poll(std::time::Duration::from_millis(100))
    /// # }
    /// # use bpf_subskeleton::libbpf_rs;
    /// ```
    ///
    /// # Errors
    ///
    /// If this process consumes the ring buffer already, through whatever handle of this crate, or if libbpf-rs refuses the
    /// map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        callback: impl FnMut(&T) -> i32 + 'callback,
    ) -> Result<()> {
        add(self.opened()?, builder, deliver(callback))
    }
}

impl RingBuf<[u8]> {
    /// Adds this ring buffer to `builder`, with `callback` for the bytes of its records.
    ///
    /// # Errors
    ///
    /// If this process consumes the ring buffer already, through whatever handle of this crate, or if libbpf-rs refuses the
    /// map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        callback: impl FnMut(&[u8]) -> i32 + 'callback,
    ) -> Result<()> {
        add(self.opened()?, builder, callback)
    }

    /// Adds this ring buffer to `builder`, with `callback` for its records as `T`. The definition of a ring buffer in C
    /// doesn't name their type, so the handle of a whole library doesn't either. Errors of `callback`, and records
    /// of another length than `T`, are those of `add_to` of a `RingBuf<T>`.
    ///
    /// ```no_run
    /// # use bpf_subskeleton::{libbpf_rs::{self, RingBuffer, RingBufferBuilder}, maps};
    /// # struct Maps { opens: maps::RingBuf }
    /// # struct Opens { maps: Maps }
    /// # impl Opens {
    /// fn print(&self) -> libbpf_rs::Result<RingBuffer<'_>> {
    ///     let mut builder = RingBufferBuilder::new();
    ///     self.maps.opens.add_records_to(&mut builder, |pid: &u32| {
    ///         println!("{pid}");
    ///         0
    ///     })?;
    ///     builder.build()
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If this process consumes the ring buffer already, through whatever handle of this crate, or if libbpf-rs refuses the
    /// map.
    pub fn add_records_to<'map, 'callback: 'map, T: Pod>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        callback: impl FnMut(&T) -> i32 + 'callback,
    ) -> Result<()> {
        self.add_to(builder, deliver(callback))
    }

    /// The same map with records of the type `T`, which no definition in C gives. Where the handle can't be moved, there
    /// is [`add_records_to`](Self::add_records_to).
    pub fn records_of<T: Pod>(self) -> RingBuf<T> {
        RingBuf::new(self.presence)
    }
}

/// Adds the ring buffer to `builder`, which then has the only consumer: the callback reads a record where the kernel put
/// it, and would write over it once another consumer is past it.
fn add<'map, 'callback: 'map>(
    map: &'map MapHandle,
    builder: &mut RingBufferBuilder<'map, 'callback>,
    mut callback: impl FnMut(&[u8]) -> i32 + 'callback,
) -> Result<()> {
    let consumer = Exclusive::new(End::Consumer, map)?;
    let only = move |bytes: &[u8]| {
        // It is the callback's.
        let _ = &consumer;
        callback(bytes)
    };
    builder.add(map, only).map(drop)
}

/// A callback for bytes that calls one for records.
fn deliver<T: Pod>(mut callback: impl FnMut(&T) -> i32) -> impl FnMut(&[u8]) -> i32 {
    move |bytes| match in_place(bytes) {
        Some(record) => callback(record),
        None => deliver_copy(bytes, &mut callback),
    }
}

/// A record in the buffer, as the kernel aligns them: to 8 bytes.
fn in_place<T: Pod>(bytes: &[u8]) -> Option<&T> {
    let bytes = bytes.get(..size_of::<T>())?;
    bytemuck::try_from_bytes(bytes).ok()
}

/// A copy of a record, for a type that is aligned to more than its bytes are.
fn copy<T: Pod>(bytes: &[u8]) -> Option<T> {
    let bytes = bytes.get(..size_of::<T>())?;
    Some(bytemuck::pod_read_unaligned(bytes))
}

/// Calls `callback` with a copy of a record, unless it is too short.
#[cold]
fn deliver_copy<T: Pod>(bytes: &[u8], callback: &mut impl FnMut(&T) -> i32) -> i32 {
    match copy(bytes) {
        Some(record) => callback(&record),
        None => -EBADMSG,
    }
}

impl<T: Pod> PerfEventArray<T> {
    /// A builder of a buffer over this map, for libbpf-rs; [`record`](Self::record) reads its samples.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle).
    pub fn builder<'a, 'b>(&'a self) -> PerfBufferBuilder<'a, 'b, MapHandle> {
        PerfBufferBuilder::new(self.handle())
    }

    /// A sample as a record.
    ///
    /// # Errors
    ///
    /// If it is shorter than `T`. The kernel pads samples, so it may be longer.
    pub fn record(sample: &[u8]) -> Result<T> {
        copy(sample).ok_or_else(|| {
            invalid(format!(
                "a sample of {} bytes is too short for a record of {}",
                sample.len(),
                size_of::<T>()
            ))
        })
    }
}

impl PerfEventArray<[u8]> {
    /// A builder of a buffer over this map, for libbpf-rs.
    ///
    /// # Panics
    ///
    /// As [`handle`](Self::handle).
    pub fn builder<'a, 'b>(&'a self) -> PerfBufferBuilder<'a, 'b, MapHandle> {
        PerfBufferBuilder::new(self.handle())
    }

    /// The same map with records of the type `T`, which no definition in C gives. Where the handle can't be moved,
    /// `PerfEventArray::<T>::record` reads the samples of this one's [`builder`](Self::builder).
    pub fn records_of<T: Pod>(self) -> PerfEventArray<T> {
        PerfEventArray::new(self.presence)
    }
}

impl UserRingBuf<[u8]> {
    /// The same map with records of the type `T`, which no definition in C gives. Where the handle can't be moved, there
    /// is [`user_ring_buffer_of`](Self::user_ring_buffer_of).
    pub fn records_of<T: Pod>(self) -> UserRingBuf<T> {
        UserRingBuf::new(self.presence)
    }

    /// The producer side for records of the type `T`, which no definition in C gives. There can be one at a time, as of
    /// a `UserRingBuf<T>`.
    ///
    /// # Errors
    ///
    /// If this process has a producer of the map already, through whatever handle, or if libbpf can't map the buffer.
    pub fn user_ring_buffer_of<T: Pod>(&self) -> Result<UserRingBuffer<T>> {
        UserRingBuffer::of(self.opened()?)
    }
}

impl<T: Pod> UserRingBuf<T> {
    /// The producer side, which submits records to BPF programs. There can be one at a time, because two would write
    /// over each other's records: to share it among threads, put it into a `Mutex`. Other processes, and libbpf-rs'
    /// own producers, must leave the buffer alone as well.
    ///
    /// # Errors
    ///
    /// If this process has a producer of the map already, through whatever handle, or if libbpf can't map the buffer.
    pub fn user_ring_buffer(&self) -> Result<UserRingBuffer<T>> {
        UserRingBuffer::of(self.opened()?)
    }
}

/// Submits records to BPF programs: [`UserRingBuf::user_ring_buffer`].
pub struct UserRingBuffer<T> {
    /// Dropped before the next producer may begin. While it is mapped, the kernel gives no other map its id.
    buffer: libbpf_rs::UserRingBuffer,
    _producer: Exclusive,
    records: core::marker::PhantomData<fn(T)>,
}

impl<T: Pod> UserRingBuffer<T> {
    /// The only producer of the map.
    fn of(map: &MapHandle) -> Result<Self> {
        let producer = Exclusive::new(End::Producer, map)?;
        Ok(Self {
            buffer: libbpf_rs::UserRingBuffer::new(map)?,
            _producer: producer,
            records: core::marker::PhantomData,
        })
    }

    /// Submits a record. It takes `&mut self`, because libbpf's producer is for one thread at a time.
    ///
    /// # Errors
    ///
    /// If the buffer is full.
    pub fn submit(&mut self, record: &T) -> Result<()> {
        let mut sample = self.buffer.reserve(size_of::<T>())?;
        sample.copy_from_slice(bytemuck::bytes_of(record));
        self.buffer.submit(sample)
    }
}

impl<T> fmt::Debug for UserRingBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRingBuffer").finish_non_exhaustive()
    }
}
