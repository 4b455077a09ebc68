//! What a map's definition says.

use bpf_subskeleton::describe;
use bpf_subskeleton_object::btf::Btf;
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::map_type::MapType;
use bpf_subskeleton_object::model::{MapDefinition, Shape};
use serde_json::{Value as Json, json};

/// The kernel's `BPF_F_…` for `map_flags`, from the lowest bit on.
const FLAGS: [&str; 19] = [
    "BPF_F_NO_PREALLOC",
    "BPF_F_NO_COMMON_LRU",
    "BPF_F_NUMA_NODE",
    "BPF_F_RDONLY",
    "BPF_F_WRONLY",
    "BPF_F_STACK_BUILD_ID",
    "BPF_F_ZERO_SEED",
    "BPF_F_RDONLY_PROG",
    "BPF_F_WRONLY_PROG",
    "BPF_F_CLONE",
    "BPF_F_MMAPABLE",
    "BPF_F_PRESERVE_ELEMS",
    "BPF_F_INNER_MAP",
    "BPF_F_LINK",
    "BPF_F_PATH_FD",
    "BPF_F_VTYPE_BTF_OBJ_FD",
    "BPF_F_TOKEN_FD",
    "BPF_F_SEGV_ON_FAULT",
    "BPF_F_NO_USER_CONV",
];

/// `hash of __u32 to struct slot, 1024 entries`
pub(super) fn to_text(btf: &Btf<'_>, definition: &MapDefinition) -> String {
    let mut text = type_name(definition).unwrap_or_else(|| "map".to_owned());
    let shapes = [definition.key, definition.value];
    let shapes = shapes.map(|shape| match shape {
        Shape::Unknown => None,
        Shape::Size(1) => Some("1 byte".to_owned()),
        Shape::Size(size) => Some(format!("{size} bytes")),
        Shape::Type(id) => Some(declaration(btf, id, "")),
    });
    match shapes {
        [Some(key), Some(value)] => text.push_str(&format!(" of {key} to {value}")),
        [Some(part), None] | [None, Some(part)] => text.push_str(&format!(" of {part}")),
        [None, None] => {}
    }
    if let Some(entries) = definition.max_entries {
        text.push_str(", ");
        text.push_str(&capacity(definition.map_type, entries));
    }
    let flags = flags(definition);
    if !flags.is_empty() {
        text.push_str(&format!(", {}", flags.join(" | ")));
    }
    if let Some(inner) = definition.inner.as_deref() {
        text.push_str(&format!(", each: {}", to_text(btf, inner)));
    }
    text
}

/// What `__uint(max_entries, …)` says of a map of that type.
fn capacity(map_type: Option<u32>, entries: u32) -> String {
    let map_type = map_type.and_then(MapType::by_number);
    match (map_type.map(|map_type| map_type.name), entries) {
        (Some("RingBuf" | "UserRingBuf"), bytes) => format!("{bytes} bytes"),
        (Some("PerfEventArray"), 0) => "an entry for each CPU".to_owned(),
        (_, 1) => "1 entry".to_owned(),
        (_, entries) => format!("{entries} entries"),
    }
}

pub(super) fn to_json(btf: &Btf<'_>, definition: &MapDefinition) -> Json {
    let shape = |shape| match shape {
        Shape::Unknown => Json::Null,
        Shape::Size(size) => json!({ "size": size }),
        Shape::Type(id) => json!({ "type": declaration(btf, id, ""), "size": btf.size_of(id) }),
    };
    json!({
        "type": type_name(definition),
        "key": shape(definition.key),
        "value": shape(definition.value),
        "max_entries": definition.max_entries,
        "flags": flags(definition),
        "inner": definition.inner.as_deref().map(|inner| to_json(btf, inner)),
    })
}

/// The map type as bpftool writes it.
fn type_name(definition: &MapDefinition) -> Option<String> {
    let number = definition.map_type?;
    let (key, value) = (describe::Shape::Unknown, describe::Shape::Unknown);
    let map = describe::Map::new("", Some(number), key, value);
    Some(match map.map_type_name() {
        Some(name) => name.to_owned(),
        None => format!("map of type {number}"),
    })
}

fn flags(definition: &MapDefinition) -> Vec<String> {
    let flags = definition.flags.unwrap_or(0);
    let bits = (0..u32::BITS).filter(|bit| flags >> bit & 1 == 1);
    bits.map(|bit| match FLAGS.get(bit as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("{:#x}", 1_u32 << bit),
    })
    .collect()
}
