//! The values of a key: one, or one for each possible CPU.

use core::borrow::Borrow;

use bytemuck::Pod;
use libbpf_rs::{Result, num_possible_cpus};

use super::invalid;

/// Whether a key has one value or one for each possible CPU.
pub trait Values {
    /// What a lookup returns: `V`, or a `Vec<V>` with one for each possible CPU.
    type Output<V: Pod>: Borrow<Self::Input<V>>;
    /// What an update takes: `V`, or `[V]` with one for each possible CPU.
    type Input<V: Pod>: ?Sized;

    /// How many bytes the kernel copies.
    #[doc(hidden)]
    fn size<V: Pod>() -> Result<usize>;

    /// Has `copy` fill `size` bytes, and returns what is in them, if it says that it did.
    #[doc(hidden)]
    fn receive<V: Pod>(
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<Option<Self::Output<V>>>;

    /// The same, to where the caller wants it. Whether `copy` says that it did.
    #[doc(hidden)]
    fn receive_into<V: Pod>(
        place: &mut Self::Input<V>,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool>;

    /// Has `copy` read `size` bytes.
    #[doc(hidden)]
    fn send<V: Pod, R>(input: &Self::Input<V>, copy: impl FnOnce(&[u8]) -> R) -> Result<R>;

    /// Reads what the kernel copied, `size` bytes, among those of other keys.
    #[doc(hidden)]
    fn decode<V: Pod>(bytes: &[u8]) -> Self::Output<V>;

    /// Writes what the kernel will copy, behind what it copies for other keys.
    #[doc(hidden)]
    fn encode<V: Pod>(input: &Self::Input<V>, bytes: &mut Vec<u8>) -> Result<()>;
}

/// One value for each key.
#[derive(Debug)]
pub enum SingleValue {}

/// For each key, one value for each possible CPU.
#[derive(Debug)]
pub enum PerCpuValues {}

impl Values for SingleValue {
    type Output<V: Pod> = V;
    type Input<V: Pod> = V;

    fn size<V: Pod>() -> Result<usize> {
        Ok(size_of::<V>())
    }

    fn receive<V: Pod>(copy: impl FnOnce(&mut [u8]) -> Result<bool>) -> Result<Option<V>> {
        let mut value = V::zeroed();
        let received = copy(bytemuck::bytes_of_mut(&mut value))?;
        Ok(received.then_some(value))
    }

    fn receive_into<V: Pod>(
        place: &mut V,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool> {
        copy(bytemuck::bytes_of_mut(place))
    }

    fn send<V: Pod, R>(input: &V, copy: impl FnOnce(&[u8]) -> R) -> Result<R> {
        Ok(copy(bytemuck::bytes_of(input)))
    }

    fn decode<V: Pod>(bytes: &[u8]) -> V {
        bytemuck::pod_read_unaligned(bytes)
    }

    fn encode<V: Pod>(input: &V, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.extend_from_slice(bytemuck::bytes_of(input));
        Ok(())
    }
}

/// How far apart the values of two CPUs are (`bpf_percpu_array_copy` in the kernel).
fn stride<V>() -> usize {
    size_of::<V>().next_multiple_of(8)
}

/// Whether there is nothing between them, so that they are those of a slice.
fn contiguous<V>() -> bool {
    stride::<V>() == size_of::<V>()
}

/// The possible CPUs, if there is a value for each.
fn check_len(len: usize) -> Result<usize> {
    let cpus = num_possible_cpus()?;
    if len != cpus {
        return Err(invalid(format!(
            "{len} values for {cpus} possible CPUs: give one for each"
        )));
    }
    Ok(cpus)
}

/// How many bytes of values that are not contiguous are copied without an allocation: those of 128 CPUs.
const ON_STACK: usize = 1024;

/// Calls it with that many bytes, all 0.
fn with_bytes<R>(size: usize, call: impl FnOnce(&mut [u8]) -> R) -> R {
    match [0; ON_STACK].get_mut(..size) {
        Some(bytes) => call(bytes),
        None => call(&mut vec![0; size]),
    }
}

/// The bytes of each CPU's value.
fn each_of<V>(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let values = bytes.chunks_exact(stride::<V>().max(1));
    values.filter_map(|value| value.get(..size_of::<V>()))
}

impl Values for PerCpuValues {
    type Output<V: Pod> = Vec<V>;
    type Input<V: Pod> = [V];

    fn size<V: Pod>() -> Result<usize> {
        Ok(stride::<V>() * num_possible_cpus()?)
    }

    fn receive<V: Pod>(copy: impl FnOnce(&mut [u8]) -> Result<bool>) -> Result<Option<Vec<V>>> {
        let mut values = vec![V::zeroed(); num_possible_cpus()?];
        let received = Self::receive_into(values.as_mut_slice(), copy)?;
        Ok(received.then_some(values))
    }

    fn receive_into<V: Pod>(
        place: &mut [V],
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool> {
        let cpus = check_len(place.len())?;
        if contiguous::<V>() {
            return copy(bytemuck::cast_slice_mut(place));
        }
        with_bytes(cpus * stride::<V>(), |bytes| {
            let received = copy(bytes)?;
            if received {
                for (value, bytes) in place.iter_mut().zip(each_of::<V>(bytes)) {
                    *value = bytemuck::pod_read_unaligned(bytes);
                }
            }
            Ok(received)
        })
    }

    fn send<V: Pod, R>(input: &[V], copy: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let cpus = check_len(input.len())?;
        if contiguous::<V>() {
            return Ok(copy(bytemuck::cast_slice(input)));
        }
        Ok(with_bytes(cpus * stride::<V>(), |bytes| {
            let places = bytes.chunks_exact_mut(stride::<V>().max(1));
            for (value, place) in input.iter().map(bytemuck::bytes_of).zip(places) {
                if let Some(place) = place.get_mut(..value.len()) {
                    place.copy_from_slice(value);
                }
            }
            copy(bytes)
        }))
    }

    fn decode<V: Pod>(bytes: &[u8]) -> Vec<V> {
        each_of::<V>(bytes)
            .map(bytemuck::pod_read_unaligned)
            .collect()
    }

    fn encode<V: Pod>(input: &[V], bytes: &mut Vec<u8>) -> Result<()> {
        Self::send(input, |values| bytes.extend_from_slice(values))
    }
}
