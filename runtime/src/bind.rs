//! Finds what a library describes in an object, and compares the two.

pub(crate) mod addresses;
pub(crate) mod btf;
pub(crate) mod instructions;
pub(crate) mod maps;
pub(crate) mod sections;
pub(crate) mod types;
pub(crate) mod variables;
