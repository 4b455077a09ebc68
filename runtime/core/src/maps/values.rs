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

    /// How many bytes the kernel copies if a value of the map has `value_size`.
    #[doc(hidden)]
    fn size(value_size: usize) -> Result<usize>;

    /// Has `copy` fill `size(value_size)` bytes, and returns what is in them, if it says that it did. Each value begins
    /// with a `V`; what is behind that is left out.
    #[doc(hidden)]
    fn receive<V: Pod>(
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<Option<Self::Output<V>>>;

    /// The same, to where the caller wants it. Whether `copy` says that it did.
    #[doc(hidden)]
    fn receive_into<V: Pod>(
        place: &mut Self::Input<V>,
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool>;

    /// Has `copy` read `size(size_of::<V>())` bytes, for a map whose values are no longer than `V`.
    #[doc(hidden)]
    fn send<V: Pod, R>(input: &Self::Input<V>, copy: impl FnOnce(&[u8]) -> R) -> Result<R>;

    /// Reads what the kernel copied, `size(value_size)` bytes, among those of other keys. `None` if there are fewer.
    #[doc(hidden)]
    fn decode<V: Pod>(bytes: &[u8], value_size: usize) -> Option<Self::Output<V>>;

    /// Writes what the kernel will copy, behind what it copies for other keys. As `send`, for values no longer than `V`.
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

    fn size(value_size: usize) -> Result<usize> {
        Ok(value_size)
    }

    fn receive<V: Pod>(
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<Option<V>> {
        let mut value = V::zeroed();
        let received = Self::receive_into(&mut value, value_size, copy)?;
        Ok(received.then_some(value))
    }

    fn receive_into<V: Pod>(
        place: &mut V,
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool> {
        if value_size == size_of::<V>() {
            return copy(bytemuck::bytes_of_mut(place));
        }
        receive_known(place, value_size, copy)
    }

    fn send<V: Pod, R>(input: &V, copy: impl FnOnce(&[u8]) -> R) -> Result<R> {
        Ok(copy(bytemuck::bytes_of(input)))
    }

    fn decode<V: Pod>(bytes: &[u8], _value_size: usize) -> Option<V> {
        known(bytes)
    }

    fn encode<V: Pod>(input: &V, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.extend_from_slice(bytemuck::bytes_of(input));
        Ok(())
    }
}

/// The part of a value that this crate knows; `None` if the value is shorter, which `TypedMap::value_size` rules out.
fn known<V: Pod>(value: &[u8]) -> Option<V> {
    let known = value.get(..size_of::<V>())?;
    Some(bytemuck::pod_read_unaligned(known))
}

/// Receives a value that is longer than `V`.
#[cold]
fn receive_known<V: Pod>(
    place: &mut V,
    value_size: usize,
    copy: impl FnOnce(&mut [u8]) -> Result<bool>,
) -> Result<bool> {
    with_bytes(value_size, |bytes| {
        let received = copy(bytes)?;
        if received && let Some(value) = known(bytes) {
            *place = value;
        }
        Ok(received)
    })
}

/// How far apart the values of two CPUs are (`bpf_percpu_array_copy` in the kernel).
fn stride(value_size: usize) -> usize {
    value_size.next_multiple_of(8)
}

/// Whether there is nothing behind what is known of a value, so that they are those of a slice.
fn contiguous<V>(value_size: usize) -> bool {
    stride(value_size) == size_of::<V>()
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

/// What is known of each CPU's value.
fn each_of<V: Pod>(bytes: &[u8], value_size: usize) -> impl Iterator<Item = V> {
    let values = bytes.chunks_exact(stride(value_size).max(1));
    values.filter_map(known)
}

impl Values for PerCpuValues {
    type Output<V: Pod> = Vec<V>;
    type Input<V: Pod> = [V];

    fn size(value_size: usize) -> Result<usize> {
        Ok(stride(value_size) * num_possible_cpus()?)
    }

    fn receive<V: Pod>(
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<Option<Vec<V>>> {
        let mut values = vec![V::zeroed(); num_possible_cpus()?];
        let received = Self::receive_into(values.as_mut_slice(), value_size, copy)?;
        Ok(received.then_some(values))
    }

    fn receive_into<V: Pod>(
        place: &mut [V],
        value_size: usize,
        copy: impl FnOnce(&mut [u8]) -> Result<bool>,
    ) -> Result<bool> {
        let cpus = check_len(place.len())?;
        if contiguous::<V>(value_size) {
            return copy(bytemuck::cast_slice_mut(place));
        }
        with_bytes(cpus * stride(value_size), |bytes| {
            let received = copy(bytes)?;
            if received {
                for (place, value) in place.iter_mut().zip(each_of(bytes, value_size)) {
                    *place = value;
                }
            }
            Ok(received)
        })
    }

    fn send<V: Pod, R>(input: &[V], copy: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let cpus = check_len(input.len())?;
        let value_size = size_of::<V>();
        if contiguous::<V>(value_size) {
            return Ok(copy(bytemuck::cast_slice(input)));
        }
        Ok(with_bytes(cpus * stride(value_size), |bytes| {
            let places = bytes.chunks_exact_mut(stride(value_size).max(1));
            for (value, place) in input.iter().map(bytemuck::bytes_of).zip(places) {
                if let Some(place) = place.get_mut(..value.len()) {
                    place.copy_from_slice(value);
                }
            }
            copy(bytes)
        }))
    }

    fn decode<V: Pod>(bytes: &[u8], value_size: usize) -> Option<Vec<V>> {
        Some(each_of(bytes, value_size).collect())
    }

    fn encode<V: Pod>(input: &[V], bytes: &mut Vec<u8>) -> Result<()> {
        Self::send(input, |values| bytes.extend_from_slice(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the kernel copies a value of that many bytes: numbered.
    fn numbered(size: usize) -> impl FnOnce(&mut [u8]) -> Result<bool> {
        move |bytes| {
            assert_eq!(bytes.len(), size);
            for (number, byte) in (1..).zip(bytes) {
                *byte = number as u8;
            }
            Ok(true)
        }
    }

    #[test]
    fn the_known_part_of_a_value() {
        // In place, on the stack, and not.
        for size in [3, 4, 100, ON_STACK, ON_STACK + 1, 100_000] {
            let found = SingleValue::receive::<[u8; 3]>(size, numbered(size)).unwrap();
            assert_eq!(found, Some([1, 2, 3]), "{size}");
            let mut place = [9_u8; 3];
            assert!(SingleValue::receive_into(&mut place, size, numbered(size)).unwrap());
            assert_eq!(place, [1, 2, 3], "{size}");
        }
    }

    #[test]
    fn no_value_and_an_error() {
        for size in [3, 100, 100_000] {
            let mut place = [9_u8; 3];
            let missing = |_: &mut [u8]| Ok(false);
            assert!(!SingleValue::receive_into(&mut place, size, missing).unwrap());
            let found = SingleValue::receive::<[u8; 3]>(size, missing).unwrap();
            assert_eq!((place, found), ([9; 3], None));
            let failed = |_: &mut [u8]| Err(invalid("failed".to_owned()));
            assert!(SingleValue::receive_into(&mut place, size, failed).is_err());
            assert_eq!(place, [9; 3]);
        }
    }

    #[test]
    fn values_of_three_cpus() {
        let bytes: Vec<u8> = (0..72).collect();
        for (size, expected) in [
            (12, [0, 16, 32]),
            (16, [0, 16, 32]),
            (17, [0, 24, 48]),
            (24, [0, 24, 48]),
        ] {
            let values = &bytes[..3 * stride(size)];
            let values = PerCpuValues::decode::<[u8; 12]>(values, size).unwrap();
            let first: Vec<_> = values.iter().map(|value| value[0]).collect();
            assert_eq!(first, expected, "{size}");
        }
    }

    /// Whatever the sizes, the kernel has room for all that it copies.
    #[test]
    fn values_of_all_cpus() {
        let cpus = num_possible_cpus().unwrap();
        for size in [16, 17, 24, 100, ON_STACK] {
            let bytes = PerCpuValues::size(size).unwrap();
            assert_eq!(bytes, cpus * stride(size));
            let firsts: Vec<_> = (0..cpus)
                .map(|cpu| (cpu * stride(size) + 1) as u8)
                .collect();
            let found = PerCpuValues::receive::<[u8; 16]>(size, numbered(bytes)).unwrap();
            let found: Vec<_> = found.unwrap().iter().map(|value| value[0]).collect();
            assert_eq!(found, firsts, "{size}");
            let mut place = vec![[0_u8; 16]; cpus];
            assert!(PerCpuValues::receive_into(&mut place[..], size, numbered(bytes)).unwrap());
            let found: Vec<_> = place.iter().map(|value| value[0]).collect();
            assert_eq!(found, firsts, "{size}");
        }
    }

    #[test]
    fn values_among_those_of_other_keys() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(SingleValue::decode::<[u8; 3]>(&bytes, 5), Some([1, 2, 3]));
        assert_eq!(SingleValue::decode::<[u8; 6]>(&bytes, 5), None);
    }
}
