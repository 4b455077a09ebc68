//! `subskeleton get`: the values of a running object's variables.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use bpf_subskeleton::Running;
use serde_json::{Map, Value as Json};

use crate::args::Get;
use crate::globals::{Globals, Target, all_or_errors};
use crate::symbols::Symbols;
use crate::value::Value;
use crate::{object, output};

pub(crate) fn run(args: &Get, json: bool) -> Result<ExitCode> {
    let running = object::find(&args.object)?;
    let done = read(args, json, &running);
    done.map_err(|error| object::explain(error, &running))
}

fn read(args: &Get, json: bool, running: &Running) -> Result<ExitCode> {
    let globals = Globals::new(running)?;
    let targets = globals.targets(&args.paths, |_| true)?;
    let mut symbols = Symbols::default();
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for (label, target) in labels(&targets).into_iter().zip(&targets) {
        match globals.value(target) {
            Ok(mut value) => {
                value.name_pointers(&mut |address| symbols.at(address));
                values.push((label, value));
            }
            Err(error) => errors.push(error),
        }
    }
    write(&values, json)?;
    // One section that can't be read doesn't hide the others.
    all_or_errors(errors.into_iter().map(Err::<(), _>))?;
    Ok(ExitCode::SUCCESS)
}

fn write(values: &[(String, Value<'_>)], json: bool) -> Result<()> {
    let values = values.iter();
    match json {
        true => {
            let values = values.map(|(label, value)| (label.clone(), value.to_json()));
            output::write_json(&Json::Object(values.collect::<Map<_, _>>()))
        }
        false => {
            let lines = values.map(|(label, value)| format!("{label} = {value:#}\n"));
            output::write(lines.collect::<String>())
        }
    }
}

/// The paths, and for static variables that share a name also their section and number.
pub(super) fn labels(targets: &[Target<'_>]) -> Vec<String> {
    let mut count = BTreeMap::<&str, usize>::new();
    for target in targets {
        *count.entry(&target.path).or_default() += 1;
    }
    let mut seen = BTreeMap::<&str, usize>::new();
    let labels = targets.iter().map(|target| {
        let path = target.path.as_str();
        if count.get(path).is_none_or(|count| *count == 1) {
            return path.to_owned();
        }
        let number = seen.entry(path).or_default();
        *number += 1;
        format!("{path} ({}, {number})", target.variable.section)
    });
    labels.collect()
}
