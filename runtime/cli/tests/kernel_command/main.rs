//! The commands about running objects, on the running kernel.

mod command;
mod get_and_set;
mod list;
mod metrics;
mod values;
