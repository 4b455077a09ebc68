//! The values that a companion reads, against those that bpftool reads from the kernel's map, at the place that the
//! kernel's BTF gives.

use std::collections::HashMap;
use std::process::Command;

use bpf_subskeleton::bytemuck::{self, Pod};
use bpf_subskeleton::libbpf_rs::query::MapInfoIter;
use bpf_subskeleton::libbpf_rs::{MapCore as _, MapHandle, Object};
use bpf_subskeleton::{Access, Var};

/// A variable's name and bytes.
pub(crate) type Values = Vec<(&'static str, Vec<u8>)>;

pub(crate) fn bytes<T: Pod, A: Access>(variable: &Var<T, A>) -> Vec<u8> {
    bytemuck::bytes_of(&variable.get()).to_vec()
}

pub(crate) fn slice<T: Pod, A: Access>(variable: &Var<[T], A>) -> Vec<u8> {
    let bytes = variable
        .iter()
        .map(|element| bytemuck::bytes_of(&element.get()).to_vec());
    bytes.flatten().collect()
}

/// How many values are equal, and what is said of each other one.
pub(crate) fn compare(object: &Object, values: &Values) -> (usize, Vec<String>) {
    let mut sections: HashMap<String, Vec<(usize, Vec<u8>)>> = HashMap::new();
    for map in object.maps() {
        let name = map.name().to_string_lossy().into_owned();
        let id = MapHandle::try_from(&map).and_then(|map| map.info()).map(|info| info.info.id);
        let info = id.ok().and_then(|id| MapInfoIter::default().find(|info| info.id == id));
        let Some(info) = info.filter(|_| name.contains('.')) else {
            continue;
        };
        let bytes = value(&bpftool(&["-j", "map", "lookup", "id", &info.id.to_string(), "key", "0", "0", "0", "0"]));
        let types = bpftool(&["btf", "dump", "id", &info.btf_id.to_string()]);
        for (variable, offset, size) in datasec(&types, info.btf_value_type_id) {
            let bytes = bytes.get(offset..offset + size).unwrap_or_default().to_vec();
            sections.entry(variable).or_default().push((offset, bytes));
        }
    }
    let mut equal = 0;
    let mut differences = Vec::new();
    for (name, bytes) in values {
        match sections.get(*name).map(Vec::as_slice) {
            Some([(_, other)]) if other == bytes => equal += 1,
            Some([(offset, other)]) => differences.push(format!(
                "{name} at {offset}: {bytes:02x?} bound, {other:02x?} in bpftool"
            )),
            Some(_) => differences.push(format!("{name}: several of that name")),
            None => differences.push(format!("{name}: unknown to bpftool")),
        }
    }
    (equal, differences)
}

fn bpftool(args: &[&str]) -> String {
    let output = Command::new("bpftool").args(args).output();
    output.map_or_else(|e| e.to_string(), |output| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `"value":["0x01","0x02"]`
fn value(json: &str) -> Vec<u8> {
    let list = json.split("\"value\":[").nth(1).unwrap_or_default();
    let list = list.split(']').next().unwrap_or_default();
    let bytes = list.split(',').filter_map(|byte| {
        u8::from_str_radix(byte.trim_matches('"').strip_prefix("0x")?, 16).ok()
    });
    bytes.collect()
}

/// The variables of a section, with offset and size:
///
/// ```text
/// [963] DATASEC '.bss' size=12 vlen=2
///     type_id=710 offset=0 size=8 (VAR 'dropped')
/// ```
fn datasec(types: &str, id: u32) -> Vec<(String, usize, usize)> {
    let start = format!("[{id}] DATASEC ");
    let lines = types.lines().skip_while(|line| !line.starts_with(&start));
    let lines = lines.skip(1).take_while(|line| line.starts_with('\t'));
    let entries = lines.filter_map(|line| {
        let number = |key: &str| line.split(key).nth(1)?.split(' ').next()?.parse().ok();
        let name = line.split('\'').nth(1)?;
        Some((name.to_owned(), number("offset=")?, number("size=")?))
    });
    entries.collect()
}
