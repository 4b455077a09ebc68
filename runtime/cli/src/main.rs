//! `subskeleton`: looks into BPF libraries, and into objects that already run.
//!
//! Data flows one way. `args` says what the user wants; a file of `commands` does it. Those about files read a
//! library through `library`. Those about running objects find one through `object`, a place in it through `path`,
//! and turn the bytes there into a `value`, or a text into bytes.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod description;
mod globals;
mod library;
mod linked;
mod memory;
mod names;
mod object;
mod output;
mod path;
mod symbols;
mod value;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;

/// The exit status of errors; that of clap's as well. 1 is the answer "they differ" of `subskeleton diff`.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    match commands::run(&args) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done if this can't be written either.
            let _ = writeln!(io::stderr(), "subskeleton: {error:#}");
            ExitCode::from(TROUBLE)
        }
    }
}

/// Whether the reader of the output has gone, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain();
    causes.any(|cause| {
        let error = cause.downcast_ref::<io::Error>();
        error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
