//! `subskeleton list`: the running objects.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use anyhow::Result;
use bpf_subskeleton::{Problem, Running, RunningMap, RunningProgram};
use serde_json::{Value as Json, json};

use crate::args::List;
use crate::{linked, output};

pub(crate) fn run(args: &List, json: bool) -> Result<ExitCode> {
    let objects: Vec<_> = match &args.library {
        Some(library) => linked::find(library)?
            .into_iter()
            .map(|linked| (linked.object, Some(linked.problems)))
            .collect(),
        None => Running::all()?
            .into_iter()
            .map(|object| (object, None))
            .collect(),
    };
    let objects = objects.iter();
    match json {
        true => output::write_json(
            &objects
                .map(|(object, problems)| to_json(object, problems.as_deref()))
                .collect(),
        )?,
        false => output::write(
            objects
                .map(|(object, problems)| to_text(object, problems.as_deref()))
                .collect::<String>(),
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

/// With what the library's companion would say, if one was asked for.
fn to_text(object: &Running, problems: Option<&[Problem]>) -> String {
    let holders = object.holders().into_iter();
    let holders: Vec<_> = holders
        .map(|pid| format!("{} ({pid})", command_of(pid)))
        .collect();
    let held = match holders.is_empty() {
        // Pinned, or attached by something that needs no process.
        true => "held by no process".to_owned(),
        false => format!("held by {}", holders.join(", ")),
    };
    let mut text = format!("btf:{}: {held}\n", object.btf_id());
    for problem in problems.unwrap_or_default() {
        let _ = writeln!(text, "    {problem}");
    }
    for program in object.programs() {
        let (id, name) = (program.id(), program.name().display());
        let (ty, tag) = (program_type(program), tag(program));
        // Writing to a `String` can't fail.
        let _ = writeln!(text, "    program {id}: {name}, {ty}, tag {tag}");
    }
    for map in object.maps() {
        let (id, name) = (map.id(), map.name().display());
        let _ = writeln!(text, "    map {id}: {name}, {}", map_type(map));
    }
    text
}

fn to_json(object: &Running, problems: Option<&[Problem]>) -> Json {
    let programs = object.programs().iter().map(|program| {
        json!({
            "id": program.id(),
            "name": program.name().to_string_lossy(),
            "type": program_type(program),
            "tag": tag(program),
            "loaded_ns_after_boot": program.loaded().as_nanos() as u64,
        })
    });
    let maps = object.maps().iter().map(|map| {
        json!({
            "id": map.id(),
            "name": map.name().to_string_lossy(),
            "type": map_type(map),
        })
    });
    let holders = object.holders().into_iter();
    let holders = holders.map(|pid| json!({ "pid": pid, "command": command_of(pid) }));
    let mut json = json!({
        "btf_id": object.btf_id(),
        "programs": programs.collect::<Vec<_>>(),
        "maps": maps.collect::<Vec<_>>(),
        "holders": holders.collect::<Vec<_>>(),
    });
    if let Some(problems) = problems {
        let problems = problems.iter().map(|problem| json!(problem.to_string()));
        json["problems"] = problems.collect();
    }
    json
}

fn program_type(program: &RunningProgram) -> String {
    match program.program_type_name() {
        Some(name) => name.to_owned(),
        None => format!("type {}", program.program_type() as u32),
    }
}

fn map_type(map: &RunningMap) -> String {
    match map.map_type_name() {
        Some(name) => name.to_owned(),
        None => format!("type {}", map.map_type() as u32),
    }
}

fn tag(program: &RunningProgram) -> String {
    let bytes = program.tag();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a process, as far as `/proc` still has it.
fn command_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm"));
    name.map_or_else(|_| "?".to_owned(), |name| name.trim_end().to_owned())
}
