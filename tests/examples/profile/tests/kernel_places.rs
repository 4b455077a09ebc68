//! What the old way would have done: take the library's variables to be the last of `.bss`.

use std::time::Duration;

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::btf::{Btf, types};
use bpf_subskeleton::libbpf_rs::{MapCore as _, MapFlags, Object, ObjectBuilder};
use bpf_subskeleton_tests::require_bpf;
use call_stacks::Stacks;

static OBJECT: &[u8] = include_object!("profile.bpf.o");
const PATH: &str = concat!(env!("OUT_DIR"), "/profile.bpf.o");

/// The variables of `.bss`: name, offset and size.
fn bss() -> Vec<(String, usize, usize)> {
    let btf = Btf::from_path(PATH).unwrap();
    let sections = btf.type_by_kind::<types::DataSec<'_>>();
    let bss = sections.filter(|section| section.name().is_some_and(|name| name == ".bss"));
    bss.flat_map(|section| {
        let entries = section.iter().map(|entry| {
            let name = btf.type_by_id::<types::Var<'_>>(entry.ty).unwrap();
            let name = name.name().unwrap().to_str().unwrap().to_owned();
            (name, entry.offset as usize, entry.size)
        });
        entries.collect::<Vec<_>>()
    })
    .collect()
}

fn bytes_of_bss(object: &Object) -> Vec<u8> {
    let mut maps = object.maps();
    let bss = maps.find(|map| map.name().to_str().unwrap().ends_with(".bss"));
    let zero = 0_u32.to_ne_bytes();
    bss.unwrap().lookup(&zero, MapFlags::ANY).unwrap().unwrap()
}

#[test]
fn the_end_of_bss_is_another_librarys() {
    let bss = bss();
    let own = |name: &str| name.starts_with("stacks_");
    let own_size: usize = bss
        .iter()
        .filter_map(|(name, _, size)| own(name).then_some(size))
        .sum();
    let end = bss.iter().map(|(_, offset, size)| offset + size).max();
    let guess = end.unwrap() - own_size;
    // What would be patched beside the library's own.
    let overwritten: Vec<_> = bss
        .iter()
        .filter(|(name, offset, size)| offset + size > guess && !own(name))
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(overwritten, ["exit_info"]);
}

#[test]
fn a_setting_changes_nothing_else() {
    require_bpf();
    let object = ObjectBuilder::default()
        .open_memory(OBJECT)
        .unwrap()
        .load()
        .unwrap();
    let stacks = Stacks::bind(&object).unwrap();
    let before = bytes_of_bss(&object);
    stacks.start(Duration::from_nanos(0x0102_0304_0506_0708));
    let after = bytes_of_bss(&object);

    let bss = bss();
    let (_, start, size) = bss
        .iter()
        .find(|(name, ..)| name == "stacks_config")
        .unwrap();
    let config = *start..start + size;
    assert_ne!(before[config.clone()], after[config.clone()]);
    assert_eq!(before[..config.start], after[..config.start]);
    assert_eq!(before[config.end..], after[config.end..]);
}
