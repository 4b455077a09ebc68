//! What generated code calls. Not for users: it may change in any release.

use crate::error::{Problem, Subject};

mod bind;
mod configure;
mod programs;

pub use self::bind::{Bound, bind};
pub use self::configure::{Configured, configure};
pub use self::programs::{Programs, programs};
pub use crate::bits::{
    Bits, Storage, bitfield, cell, member, packed_cell, set_bitfield, set_member, store_bitfield,
};
pub use crate::describe::primitives::*;
pub use crate::describe::*;
pub use crate::user_types::{
    Plain, Probe, Text, Unknown, expect_layout, expect_offset, expect_pod, wrong_layout,
    wrong_offset, wrong_size, wrong_type,
};

/// What a generated constructor asks for is what its own table, checked by then, describes; anything
/// else is a bug of the generator, and it is better to stop than to hand out a wrong reference.
pub(crate) const OUT_OF_STEP: &str = "generated code and its description of the library disagree";

fn no_btf() -> Problem {
    Problem::new(
        Subject::Object,
        "",
        "has no BTF to check the library's types against; compile it with `-g`",
    )
}

/// Stands for a field that the macro could not find, in code that doesn't compile for that reason.
pub fn missing<T>() -> T {
    panic!("{OUT_OF_STEP}")
}
