//! Guides: how to ship a BPF library, how to use one, how to get here from elsewhere.
//!
//! The first two are one story, and its code is what it says: a test builds and runs it from these pages alone.

#[doc = include_str!("../guide/ship.md")]
pub mod ship {}

#[doc = include_str!("../guide/using.md")]
pub mod using {}

#[doc = include_str!("../guide/from_skeleton.md")]
pub mod from_skeleton {}

#[doc = include_str!("../guide/from_c.md")]
pub mod from_c {}

#[doc = include_str!("../guide/errors.md")]
pub mod errors {}

#[doc = include_str!("../guide/arenas.md")]
pub mod arenas {}

#[doc = include_str!("../guide/growing.md")]
pub mod growing {}

#[doc = include_str!("../guide/waiting.md")]
pub mod waiting {}

#[doc = include_str!("../guide/testing.md")]
pub mod testing {}
