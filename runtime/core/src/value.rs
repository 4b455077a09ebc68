//! Values of C types that have no exact counterpart in Rust: [`Bool`] and [`BpfPtr`].

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::Not;

use bytemuck::{Pod, Zeroable};

/// A C `_Bool`: one byte, true unless it is 0.
///
/// A Rust `bool` with any other bit pattern than 0 and 1 is undefined behaviour, and nothing keeps a
/// BPF program from writing one; so this type accepts them all.
///
/// ```
/// # use bpf_subskeleton::Bool;
/// let enabled = Bool::from(true);
/// assert!(enabled.as_bool());
/// assert_eq!(enabled, true);
/// assert_eq!(!enabled, false);
/// ```
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct Bool(u8);

impl Bool {
    /// 1.
    pub const TRUE: Self = Self(1);
    /// 0.
    pub const FALSE: Self = Self(0);

    /// Whether any bit is set.
    #[inline]
    pub const fn as_bool(self) -> bool {
        self.0 != 0
    }
}

// SAFETY: zero is false.
unsafe impl Zeroable for Bool {}
// SAFETY: a transparent `u8`: no padding, every bit pattern is valid.
unsafe impl Pod for Bool {}

impl From<bool> for Bool {
    #[inline]
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}

impl From<Bool> for bool {
    #[inline]
    fn from(value: Bool) -> Self {
        value.as_bool()
    }
}

impl Not for Bool {
    type Output = bool;

    #[inline]
    fn not(self) -> bool {
        !self.as_bool()
    }
}

impl PartialEq for Bool {
    fn eq(&self, other: &Self) -> bool {
        self.as_bool() == other.as_bool()
    }
}

impl Eq for Bool {}

impl PartialOrd for Bool {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `false` is less than `true`.
impl Ord for Bool {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bool().cmp(&other.as_bool())
    }
}

impl PartialEq<bool> for Bool {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == *other
    }
}

impl PartialEq<Bool> for bool {
    fn eq(&self, other: &Bool) -> bool {
        *self == other.as_bool()
    }
}

impl Hash for Bool {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bool().hash(state);
    }
}

impl fmt::Debug for Bool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bool().fmt(f)
    }
}

impl fmt::Display for Bool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bool().fmt(f)
    }
}

/// A pointer as BPF programs hold it: 8 bytes on every host, an address that means nothing to this
/// process, unless it is one into an [`Arena`](crate::Arena), which follows it. `T` is what it points to.
#[repr(transparent)]
pub struct BpfPtr<T: ?Sized> {
    address: u64,
    to: PhantomData<fn() -> *const T>,
}

/// What a function pointer points to: `BpfPtr<Function>`.
#[derive(Debug)]
pub enum Function {}

impl<T: ?Sized> BpfPtr<T> {
    /// The null pointer.
    pub const NULL: Self = Self::from_address(0);

    /// A pointer with this address.
    #[inline]
    pub const fn from_address(address: u64) -> Self {
        Self {
            address,
            to: PhantomData,
        }
    }

    /// The address, as BPF programs see it.
    #[inline]
    pub const fn address(self) -> u64 {
        self.address
    }

    /// Whether the address is 0.
    #[inline]
    pub const fn is_null(self) -> bool {
        self.address == 0
    }
}

impl<T: ?Sized> Clone for BpfPtr<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for BpfPtr<T> {}

impl<T: ?Sized> Default for BpfPtr<T> {
    fn default() -> Self {
        Self::NULL
    }
}

impl<T: ?Sized> PartialEq for BpfPtr<T> {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl<T: ?Sized> Eq for BpfPtr<T> {}

impl<T: ?Sized> PartialOrd for BpfPtr<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By address.
impl<T: ?Sized> Ord for BpfPtr<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.address.cmp(&other.address)
    }
}

impl<T: ?Sized> Hash for BpfPtr<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address.hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for BpfPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.address)
    }
}

// SAFETY: zero is the null pointer.
unsafe impl<T: ?Sized> Zeroable for BpfPtr<T> {}
// SAFETY: a transparent `u64` beside a zero-sized marker: no padding, every bit pattern is valid.
unsafe impl<T: ?Sized + 'static> Pod for BpfPtr<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_but_zero_is_one_truth() {
        assert_eq!(Bool(2), Bool::TRUE);
        assert_eq!(Bool(2).cmp(&Bool::TRUE), Ordering::Equal);
        assert!(Bool::FALSE < Bool(2));
    }

    #[test]
    fn pointers_are_ordered_by_address() {
        let [low, high] = [1, 2].map(BpfPtr::<u8>::from_address);
        assert!(low < high);
        assert_eq!(low.max(high), high);
    }
}
