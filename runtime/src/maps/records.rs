//! Ring buffers and perf buffers: records of a type.

use core::fmt;

use bytemuck::Pod;
use libbpf_rs::{PerfBufferBuilder, Result, RingBufferBuilder};

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
    /// If libbpf-rs refuses the map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut callback: impl FnMut(&T) -> i32 + 'callback,
    ) -> Result<()> {
        let deliver = move |record: &[u8]| match read(record) {
            Some(Record::Borrowed(record)) => callback(record),
            Some(Record::Copied(record)) => callback(&record),
            None => -EBADMSG,
        };
        builder.add(self.handle(), deliver).map(drop)
    }
}

impl RingBuf<[u8]> {
    /// Adds this ring buffer to `builder`, with `callback` for the bytes of its records.
    ///
    /// # Errors
    ///
    /// If libbpf-rs refuses the map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        callback: impl FnMut(&[u8]) -> i32 + 'callback,
    ) -> Result<()> {
        builder.add(self.handle(), callback).map(drop)
    }

    /// The same map with records of the type `T`, which no definition in C gives.
    pub fn records_of<T: Pod>(self) -> RingBuf<T> {
        RingBuf::new(self.handle)
    }
}

/// A record in the buffer, or a copy if it is not aligned for its type.
enum Record<'r, T> {
    Borrowed(&'r T),
    Copied(T),
}

fn read<T: Pod>(record: &[u8]) -> Option<Record<'_, T>> {
    let record = record.get(..size_of::<T>())?;
    Some(match bytemuck::try_from_bytes(record) {
        Ok(record) => Record::Borrowed(record),
        Err(_) => Record::Copied(bytemuck::pod_read_unaligned(record)),
    })
}

impl<T: Pod> PerfEventArray<T> {
    /// A builder of a buffer over this map, for libbpf-rs; [`record`](Self::record) reads its samples.
    pub fn builder<'a, 'b>(&'a self) -> PerfBufferBuilder<'a, 'b, libbpf_rs::MapHandle> {
        PerfBufferBuilder::new(self.handle())
    }

    /// A sample as a record.
    ///
    /// # Errors
    ///
    /// If it is shorter than `T`. The kernel pads samples, so it may be longer.
    pub fn record(sample: &[u8]) -> Result<T> {
        match read(sample) {
            Some(Record::Borrowed(record)) => Ok(*record),
            Some(Record::Copied(record)) => Ok(record),
            None => Err(invalid(format!(
                "a sample of {} bytes is too short for a record of {}",
                sample.len(),
                size_of::<T>()
            ))),
        }
    }
}

impl PerfEventArray<[u8]> {
    /// A builder of a buffer over this map, for libbpf-rs.
    pub fn builder<'a, 'b>(&'a self) -> PerfBufferBuilder<'a, 'b, libbpf_rs::MapHandle> {
        PerfBufferBuilder::new(self.handle())
    }

    /// The same map with records of the type `T`, which no definition in C gives.
    pub fn records_of<T: Pod>(self) -> PerfEventArray<T> {
        PerfEventArray::new(self.handle)
    }
}

impl UserRingBuf<[u8]> {
    /// The same map with records of the type `T`, which no definition in C gives.
    pub fn records_of<T: Pod>(self) -> UserRingBuf<T> {
        UserRingBuf::new(self.handle)
    }
}

impl<T: Pod> UserRingBuf<T> {
    /// The producer side, which submits records to BPF programs. There can be one at a time.
    ///
    /// # Errors
    ///
    /// If libbpf can't map the buffer.
    pub fn user_ring_buffer(&self) -> Result<UserRingBuffer<T>> {
        Ok(UserRingBuffer {
            buffer: libbpf_rs::UserRingBuffer::new(self.handle())?,
            records: core::marker::PhantomData,
        })
    }
}

/// Submits records to BPF programs: [`UserRingBuf::user_ring_buffer`].
pub struct UserRingBuffer<T> {
    buffer: libbpf_rs::UserRingBuffer,
    records: core::marker::PhantomData<fn(T)>,
}

impl<T: Pod> UserRingBuffer<T> {
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
