//! The table of map types in the runtime, the one in the generator, and libbpf's `enum bpf_map_type` agree.
//! Needs no privilege: libbpf is only asked for names.

use std::ffi::CStr;

use bpf_subskeleton::maps::map_type::TABLE;
use bpf_subskeleton_object::map_type::MapType;
use libbpf_rs::libbpf_sys;

/// Map types that libbpf knows and neither table has a handle for.
const WITHOUT_HANDLE: &[u32] = &[
    libbpf_sys::BPF_MAP_TYPE_UNSPEC,
    libbpf_sys::BPF_MAP_TYPE_CGROUP_STORAGE,
    libbpf_sys::BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
    libbpf_sys::BPF_MAP_TYPE_STRUCT_OPS,
    libbpf_sys::BPF_MAP_TYPE_ARENA,
    libbpf_sys::BPF_MAP_TYPE_INSN_ARRAY,
];

/// libbpf's name of a map type: `lru_hash`.
fn libbpf_name(number: u32) -> Option<&'static str> {
    // SAFETY: any number will do; the result is NULL or a string that is never freed.
    let name = unsafe {
        let name = libbpf_sys::libbpf_bpf_map_type_str(number);
        (!name.is_null()).then(|| CStr::from_ptr(name))
    };
    name.map(|name| name.to_str().unwrap())
}

fn row(number: u32) -> Option<(&'static str, usize)> {
    let rows: Vec<_> = TABLE.iter().filter(|row| row.0 == number).collect();
    assert!(rows.len() <= 1, "{rows:?}");
    rows.first()
        .map(|(_, name, parameters)| (*name, *parameters))
}

#[test]
fn runtime_and_generator_have_the_same_map_types() {
    let generator = MapType::all().iter();
    let generator: Vec<_> = generator
        .map(|ty| (ty.number, ty.name, ty.parameters.count()))
        .collect();
    let untyped = libbpf_sys::BPF_MAP_TYPE_UNSPEC;
    let mut runtime: Vec<_> = TABLE.to_vec();
    runtime.retain(|(number, ..)| *number != untyped);
    runtime.sort_unstable();
    assert_eq!(runtime, generator);
}

#[test]
fn map_types_have_libbpfs_names() {
    for (number, name, _) in TABLE {
        if *number == libbpf_sys::BPF_MAP_TYPE_UNSPEC {
            assert_eq!(*name, "Untyped");
            continue;
        }
        let libbpf = libbpf_name(*number).unwrap();
        assert_eq!(
            name.to_lowercase(),
            libbpf.replace('_', ""),
            "map type {number}"
        );
        // The kernel's, which libbpf writes in lower case without the prefix.
        let constant = MapType::by_number(*number).unwrap().constant;
        assert_eq!(constant, format!("BPF_MAP_TYPE_{}", libbpf.to_uppercase()));
    }
}

#[test]
fn every_map_type_of_libbpf_is_known() {
    let known = (0..).take_while(|number| libbpf_name(*number).is_some());
    let without_handle: Vec<_> = known
        .filter(|number| *number == 0 || row(*number).is_none())
        .collect();
    assert_eq!(without_handle, WITHOUT_HANDLE);
}
