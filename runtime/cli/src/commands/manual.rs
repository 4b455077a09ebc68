//! `subskeleton completions` and `subskeleton man`: what clap makes of the arguments.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::args::{Args, Completions, Man};

pub(crate) fn completions(args: &Completions) -> Result<ExitCode> {
    let mut command = Args::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "subskeleton", &mut script);
    crate::output::write(&script)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(args: &Man) -> Result<ExitCode> {
    clap_mangen::generate_to(Args::command(), &args.folder)
        .with_context(|| format!("can't write man pages to {}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
