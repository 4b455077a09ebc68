//! [`Strided`]: arrays whose elements may be longer in the object.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use core::ptr::{self, NonNull};

use bytemuck::Pod;

use crate::shared::Shared;

/// An array of structs that may be longer in the object than here: the array type `E` of
/// [`grows`], with elements as far apart as the object has them.
///
/// It is used by index, as an array is. Of each element only the part that this crate knows can be reached.
///
/// ```
/// # use bpf_subskeleton::{Strided, Var};
/// fn busiest(stats: &Var<Strided<[u64; 4]>>) -> Option<u64> {
///     let first = stats[0].get();
///     stats.iter().map(|stats| stats.get()).max().filter(|most| *most > first)
/// }
///
/// // Before the object is loaded.
/// fn reset(stats: &mut Strided<[u64; 4]>) {
///     stats[0] = 7;
///     for stats in stats.iter_mut() {
///         *stats = 0;
///     }
/// }
/// ```
///
/// [`grows`]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
#[repr(transparent)]
pub struct Strided<E> {
    array: PhantomData<E>,
    /// `E::LEN` elements, each as long as any and not shorter than `E::Element`. They begin where one is aligned, and
    /// so does each.
    bytes: [u8],
}

/// An array type: `[T; N]`.
pub trait Elements: sealed::Sealed {
    /// `T`
    type Element;
    /// `N`
    const LEN: usize;
}

impl<T, const N: usize> sealed::Sealed for [T; N] {}

impl<T, const N: usize> Elements for [T; N] {
    type Element = T;
    const LEN: usize = N;
}

/// Whether `size` bytes are an array `E` with longer elements, if they begin where one is aligned.
pub(crate) fn is_array_of<E: Elements>(size: usize) -> bool {
    let stride = stride::<E>(size);
    Some(size) == stride.checked_mul(E::LEN)
        && stride >= size_of::<E::Element>()
        && stride.is_multiple_of(align_of::<E::Element>())
}

/// How far apart the elements of an array of `size` bytes are.
fn stride<E: Elements>(size: usize) -> usize {
    size.checked_div(E::LEN).unwrap_or(0)
}

/// The array in these bytes.
pub(crate) fn in_bytes<E>(first: NonNull<u8>, size: usize) -> *mut Strided<E> {
    ptr::slice_from_raw_parts_mut(first.as_ptr(), size) as *mut Strided<E>
}

impl<E: Elements<Element: Pod>> Strided<E> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        E::LEN
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        E::LEN == 0
    }

    /// The element at `index`, or `None` if that is out of bounds.
    pub fn get(&self, index: usize) -> Option<&E::Element> {
        self.iter().nth(index)
    }

    /// The element at `index`, or `None` if that is out of bounds.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut E::Element> {
        self.iter_mut().nth(index)
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &E::Element> {
        let elements = self.bytes.chunks_exact(self.chunk());
        elements.map(|bytes| bytemuck::from_bytes(&bytes[..size_of::<E::Element>()]))
    }

    /// The elements, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut E::Element> {
        let chunk = self.chunk();
        let elements = self.bytes.chunks_exact_mut(chunk);
        elements.map(|bytes| bytemuck::from_bytes_mut(&mut bytes[..size_of::<E::Element>()]))
    }

    /// The size of an element, or of no element.
    fn chunk(&self) -> usize {
        stride::<E>(self.bytes.len()).max(1)
    }
}

impl<E: Elements<Element: Pod>> Index<usize> for Strided<E> {
    type Output = E::Element;

    fn index(&self, index: usize) -> &E::Element {
        self.get(index).unwrap_or_else(|| out_of_bounds::<E>(index))
    }
}

impl<E: Elements<Element: Pod>> IndexMut<usize> for Strided<E> {
    fn index_mut(&mut self, index: usize) -> &mut E::Element {
        self.get_mut(index)
            .unwrap_or_else(|| out_of_bounds::<E>(index))
    }
}

impl<E: Elements<Element: Pod + fmt::Debug>> fmt::Debug for Strided<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<E: Elements, A> Shared<Strided<E>, A> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        E::LEN
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        E::LEN == 0
    }

    fn element(&self, index: usize) -> Option<&Shared<E::Element, A>> {
        let bytes = self.as_ptr() as *mut [u8];
        (index < E::LEN).then(|| {
            let element = bytes
                .cast::<u8>()
                .wrapping_add(index * stride::<E>(bytes.len()));
            // SAFETY: whoever made the reference to the array checked with `is_array_of` that an element at each index
            // below `E::LEN` is inside its bytes and aligned. `Shared` is transparent, and `A` is the array's own.
            unsafe { &*element.cast::<Shared<E::Element, A>>() }
        })
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Shared<E::Element, A>> {
        (0..E::LEN).filter_map(|index| self.element(index))
    }
}

impl<E: Elements, A> Index<usize> for Shared<Strided<E>, A> {
    type Output = Shared<E::Element, A>;

    fn index(&self, index: usize) -> &Shared<E::Element, A> {
        self.element(index)
            .unwrap_or_else(|| out_of_bounds::<E>(index))
    }
}

impl<E: Elements<Element: Pod + fmt::Debug>, A> fmt::Debug for Shared<Strided<E>, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cold]
fn out_of_bounds<E: Elements>(index: usize) -> ! {
    panic!(
        "index {index} is out of bounds: the array has {} elements",
        E::LEN
    )
}

mod sealed {
    pub trait Sealed {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::Write;

    #[repr(C, align(8))]
    struct Bytes([u8; 72]);

    /// Three elements of 24 bytes, each longer than a pair of numbers.
    fn numbered() -> Bytes {
        let mut bytes = Bytes([0xff; 72]);
        for (index, element) in bytes.0.chunks_exact_mut(24).enumerate() {
            element[..8].copy_from_slice(&(index as u64).to_ne_bytes());
            element[8..16].copy_from_slice(&10_u64.to_ne_bytes());
        }
        bytes
    }

    #[test]
    fn elements_are_where_the_object_has_them() {
        let mut bytes = numbered();
        let first = NonNull::from(&mut bytes.0).cast::<u8>();
        // SAFETY: the bytes are an array as just written, and only used through it.
        let array = unsafe { &mut *in_bytes::<[[u64; 2]; 3]>(first, 72) };
        assert_eq!(format!("{array:?}"), "[[0, 10], [1, 10], [2, 10]]");
        array[1] = [4, 5];
        assert_eq!((array[2], array.get(3), array.len()), ([2, 10], None, 3));
        for element in array.iter_mut() {
            element[0] += 1;
        }
        let mut unknown = bytes.0.chunks_exact(24).map(|element| &element[16..]);
        assert!(unknown.all(|unknown| unknown == [0xff; 8]));
        assert_eq!(bytes.0[24..32], 5_u64.to_ne_bytes());
    }

    #[test]
    fn shared_elements_are_where_the_object_has_them() {
        let mut bytes = numbered();
        let first = NonNull::from(&mut bytes.0).cast::<u8>();
        let array =
            in_bytes::<[[u64; 2]; 3]>(first, 72) as *const Shared<Strided<[[u64; 2]; 3]>, Write>;
        // SAFETY: as above, and `Shared` is transparent.
        let array = unsafe { &*array };
        assert_eq!(format!("{array:?}"), "[[0, 10], [1, 10], [2, 10]]");
        array[1].set([4, 5]);
        array[2][1].set(6);
        assert_eq!((array[1].get(), array[2].get()), ([4, 5], [2, 6]));
        assert!(array.element(3).is_none());
        assert_eq!((array.iter().count(), array.len()), (3, 3));
        assert_eq!(bytes.0[40..48], [0xff; 8]);
        assert_eq!(bytes.0[64..], [0xff; 8]);
    }

    #[test]
    #[should_panic(expected = "index 3 is out of bounds: the array has 3 elements")]
    fn an_index_out_of_bounds() {
        let mut bytes = numbered();
        let first = NonNull::from(&mut bytes.0).cast::<u8>();
        // SAFETY: as above.
        let array = unsafe { &*in_bytes::<[[u64; 2]; 3]>(first, 72) };
        let _ = array[3];
    }

    #[test]
    fn what_is_an_array() {
        let fitting = (0..100).filter(|size| is_array_of::<[u64; 3]>(*size));
        assert_eq!(fitting.collect::<Vec<_>>(), [24, 48, 72, 96]);
        let fitting = (0..10).filter(|size| is_array_of::<[u16; 2]>(*size));
        assert_eq!(fitting.collect::<Vec<_>>(), [4, 8]);
    }
}
