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
pub fn elements<'a, T: Pod, A: 'a>(array: impl Iterator<Item = &'a Shared<T, A>>) -> Vec<T> {
    let (least, _) = array.size_hint();
    let mut values = Vec::with_capacity(least);
    for element in array {
        values.reserve(1);
        if let Some(value) = values.spare_capacity_mut().first_mut() {
            element.get_into(value);
            // SAFETY: `get_into` wrote one more; every bit pattern is a `T` (`Pod`).
            unsafe { values.set_len(values.len() + 1) };
        }
    }
    values
}
