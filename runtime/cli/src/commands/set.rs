//! `subskeleton set`: writes to a running object's variables.

use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use bpf_subskeleton::Running;
use serde_json::{Value as Json, json};

use crate::args::Set;
use crate::globals::{Globals, Target, all_or_errors};
use crate::value::{self, Scalar, Value};
use crate::{object, output};

pub(crate) fn run(args: &Set, json: bool) -> Result<ExitCode> {
    let running = object::find(&args.object)?;
    let done = write(args, json, &running);
    done.map_err(|error| object::explain(error, &running))
}

fn write(args: &Set, json: bool, running: &Running) -> Result<ExitCode> {
    let globals = Globals::new(running)?;
    // Nothing is written unless everything can be.
    let assignments = args.assignments.iter();
    let assignments = all_or_errors(assignments.map(|text| assignment(&globals, text)))?;
    let mut written = Vec::new();
    for (target, value) in &assignments {
        let before = globals.write(target, value)?;
        written.push((target, before, globals.value(target)?));
    }
    match json {
        true => output::write_json(&written.iter().map(to_json).collect())?,
        false => output::write(written.iter().map(to_text).collect::<String>())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What `PATH=VALUE` means for the object.
fn assignment<'r>(globals: &Globals<'r>, text: &str) -> Result<(Target<'r>, Scalar)> {
    let (path, value) = text
        .split_once('=')
        .with_context(|| format!("`{text}`: expected `PATH=VALUE`"))?;
    let path = path.trim_end();
    let target = globals.target(path)?;
    globals.expect_writable(&target)?;
    let width = target.place.bits.map(|(_, width)| width);
    let value = value::parse(&globals.btf, target.place.ty, width, value.trim_start());
    let value = value.map_err(|reason| anyhow!("`{path}`: {reason}"))?;
    Ok((target, value))
}

/// A place, its value before, and what is there now: BPF programs may have written to it meanwhile.
type Written<'w, 'r> = (&'w Target<'r>, Value<'r>, Value<'r>);

fn to_text((target, before, now): &Written<'_, '_>) -> String {
    format!("{}: {before} -> {now}\n", target.path)
}

fn to_json((target, before, now): &Written<'_, '_>) -> Json {
    json!({ "path": target.path, "before": before.to_json(), "now": now.to_json() })
}
