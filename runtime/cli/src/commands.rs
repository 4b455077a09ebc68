//! The commands, one a file.

mod diff;
mod expand;
mod get;
mod list;
mod manual;
mod metrics;
mod set;
mod show;
mod watch;

use std::process::ExitCode;

use anyhow::Result;

use crate::args::{Args, Command};

/// Does what the user wants.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let json = args.json;
    match &args.command {
        Command::Show(args) => show::run(args, json),
        Command::Diff(args) => diff::run(args, json),
        Command::Expand(args) => expand::run(args, json),
        Command::List(args) => list::run(args, json),
        Command::Get(args) => get::run(args, json),
        Command::Set(args) => set::run(args, json),
        Command::Watch(args) => watch::run(args, json),
        Command::Metrics(args) => metrics::run(args, json),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::man(args),
    }
}
