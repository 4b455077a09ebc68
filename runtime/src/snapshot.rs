//! Values that a snapshot has on the heap. They go there without passing through the stack.

use bytemuck::Pod;

use crate::shared::Shared;

/// A large value.
pub fn boxed<T: Pod, A>(variable: &Shared<T, A>) -> Box<T> {
    let mut value = Box::new_uninit();
    variable.get_into(&mut value);
    // SAFETY: `get_into` wrote all of it, and every bit pattern is a `T` (`Pod`).
    unsafe { value.assume_init() }
}

/// The elements of an array.
pub fn elements<T: Pod, A>(array: &[Shared<T, A>]) -> Vec<T> {
    let mut values = Vec::with_capacity(array.len());
    for (value, element) in values.spare_capacity_mut().iter_mut().zip(array) {
        element.get_into(value);
    }
    // SAFETY: there is room for all, so `get_into` wrote each; every bit pattern is a `T` (`Pod`).
    unsafe { values.set_len(array.len()) };
    values
}
