//! What variables hold before they are set.

use bpf_subskeleton_object::btf::Type;
use bpf_subskeleton_object::model::{Extent, InitialValue, Variable};

use super::Interface;
use crate::value::{Value, is_char};

/// More zeroes are not worth their memory: a damaged object may claim any number of them.
const MOST_ZEROES: u32 = 1 << 16;

impl Interface {
    /// What a variable holds before it is set, unless the object doesn't say.
    pub(super) fn initial_value(&self, variable: &Variable<'static>) -> Option<Value<'static>> {
        let zeroes;
        let bytes = match variable.initial {
            InitialValue::Bytes(bytes) => bytes,
            InitialValue::Zeroes if variable.size <= MOST_ZEROES => {
                zeroes = vec![0; variable.size as usize];
                &zeroes
            }
            InitialValue::Zeroes | InitialValue::Unknown => return None,
        };
        let library = &self.library;
        let mut value = Value::read(&library.btf, variable.ty, library.endian, bytes);
        if variable.extent == Extent::Flexible
            && let Value::Members(members) = &mut value
            && let Some((_, last)) = members.last_mut()
            && let Some(array) = self.flexible_array(variable, bytes)
        {
            *last = array;
        }
        Some(value)
    }

    /// The flexible array at the end of a variable, as long as the variable makes it.
    fn flexible_array(&self, variable: &Variable<'static>, bytes: &[u8]) -> Option<Value<'static>> {
        let btf = &self.library.btf;
        let Type::Struct(composite) = btf.ty(btf.resolve(variable.ty)) else {
            return None;
        };
        let last = composite.members.last()?;
        let Type::Array { element, .. } = *btf.ty(btf.resolve(last.ty)) else {
            return None;
        };
        let bytes = bytes.get(last.bit_offset as usize / 8..)?;
        if is_char(btf, element) {
            let text = bytes.split(|byte| *byte == 0).next()?;
            return Some(Value::Text(text.to_vec()));
        }
        let size = usize::try_from(btf.size_of(element)?).ok()?;
        let elements = bytes.chunks_exact(size.max(1));
        let elements = elements
            .map(|element_bytes| Value::read(btf, element, self.library.endian, element_bytes));
        Some(Value::Array(elements.collect()))
    }
}
