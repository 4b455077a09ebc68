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

    /// Reads what the kernel copied, `size` bytes.
    #[doc(hidden)]
    fn decode<V: Pod>(bytes: &[u8]) -> Self::Output<V>;

    /// Writes what the kernel will copy.
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

impl Values for PerCpuValues {
    type Output<V: Pod> = Vec<V>;
    type Input<V: Pod> = [V];

    fn size<V: Pod>() -> Result<usize> {
        Ok(stride::<V>() * num_possible_cpus()?)
    }

    fn decode<V: Pod>(bytes: &[u8]) -> Vec<V> {
        let values = bytes.chunks_exact(stride::<V>().max(1));
        values
            .filter_map(|value| value.get(..size_of::<V>()))
            .map(bytemuck::pod_read_unaligned)
            .collect()
    }

    fn encode<V: Pod>(input: &[V], bytes: &mut Vec<u8>) -> Result<()> {
        let cpus = num_possible_cpus()?;
        if input.len() != cpus {
            return Err(invalid(format!(
                "{} values for {cpus} possible CPUs: give one for each",
                input.len()
            )));
        }
        for value in input {
            let end = bytes.len() + stride::<V>();
            bytes.extend_from_slice(bytemuck::bytes_of(value));
            bytes.resize(end, 0);
        }
        Ok(())
    }
}
