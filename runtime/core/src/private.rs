//! What generated code and the command `subskeleton` call. Not for users: it may change in any release.

pub use crate::__layout_proof as layout_proof;
pub use crate::bind::detached::{Initial, detached};
pub use crate::bind::file::check;
pub use crate::bind::handles::{Bound, BoundArena, Configured, FromLibrary, Programs, missing};
pub use crate::bind::{arena, bind, configure, programs};
pub use crate::bits::{
    Bits, Storage, bitfield, cell, member, packed_cell, set_bitfield, set_member, store_bitfield,
};
pub use crate::describe::primitives::*;
pub use crate::describe::*;
pub use crate::enumeration::{constant, debug_constant, display_constant};
pub use crate::near::nearest;
pub use crate::running::kept;
pub use crate::snapshot::elements;
pub use crate::text::ShownText;
pub use crate::user_types::{
    Plain, Probe, Text, Unknown, expect_pod, wrong_layout, wrong_offset, wrong_size, wrong_type,
};
pub use crate::variables::{
    Group, Kind, debug_group, growing_kind, hidden_growing_kind, hidden_kind, kind, text_kind,
};

/// What generated tables import.
pub mod prelude {
    pub use crate::describe::*;
    pub use crate::private as runtime;
    pub use crate::shared::{Read, Write};
}
