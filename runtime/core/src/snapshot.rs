//! Arrays that a snapshot has on the heap. Their elements go there without passing through the stack.

use bytemuck::Pod;

use crate::shared::Shared;

/// The elements of an array.
pub fn elements<'a, T: Pod, A: 'a>(array: impl Iterator<Item = &'a Shared<T, A>>) -> Vec<T> {
    let (least, _) = array.size_hint();
    let mut values = Vec::with_capacity(least);
    for element in array {
        values.reserve(1);
        if let Some(value) = values.spare_capacity_mut().first_mut() {
            element.copy_to(value);
            // SAFETY: `copy_to` wrote one more; every bit pattern is a `T` (`Pod`).
            unsafe { values.set_len(values.len() + 1) };
        }
    }
    values
}
