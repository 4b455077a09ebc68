//! The sources of `bpf-src` compile, link in every order, load on the running kernel and
//! compute what their comments promise: nothing of bpf-subskeleton is used here.

use std::path::{Path, PathBuf};
use std::process;
use std::thread;

use bpf_subskeleton_tests::objects::{compile_c, link, link_once, object};
use bpf_subskeleton_tests::{kernel, require_bpf};
use libbpf_rs::btf::{Btf, types};
use libbpf_rs::{MapCore as _, MapFlags, Object, ObjectBuilder, OpenObject};

/// The section and place of a global or weak variable, from the object's BTF.
fn place(object: &Path, variable: &str) -> (String, usize) {
    let btf = Btf::from_path(object).unwrap();
    let mut places = Vec::new();
    for section in btf.type_by_kind::<types::DataSec<'_>>() {
        for entry in section.iter() {
            let var = btf.type_by_id::<types::Var<'_>>(entry.ty).unwrap();
            if var.name().unwrap() == variable && var.linkage() != types::Linkage::Static {
                let section = section.name().unwrap().to_str().unwrap().to_owned();
                places.push((section, entry.offset as usize));
            }
        }
    }
    assert_eq!(places.len(), 1, "{variable} in {}", object.display());
    places.remove(0)
}

/// libbpf prefixes the maps of `.bss`, `.data` and `.rodata` with the object's name.
fn is_map_of(map: &str, section: &str) -> bool {
    map == section
        || map
            .strip_suffix(section)
            .is_some_and(|prefix| !prefix.starts_with('.'))
}

fn read(object: &Object, path: &Path, variable: &str) -> i32 {
    let (section, offset) = place(path, variable);
    let map = object
        .maps()
        .find(|m| is_map_of(m.name().to_str().unwrap(), &section))
        .unwrap();
    let value = map
        .lookup(&0u32.to_ne_bytes(), MapFlags::ANY)
        .unwrap()
        .unwrap();
    i32::from_ne_bytes(value[offset..offset + 4].try_into().unwrap())
}

fn preset(open: &mut OpenObject, path: &Path, variable: &str, to: u32) {
    let (section, offset) = place(path, variable);
    let mut map = open
        .maps_mut()
        .find(|m| is_map_of(m.name().to_str().unwrap(), &section))
        .unwrap();
    let value = map.initial_value_mut().unwrap();
    value[offset..offset + 4].copy_from_slice(&to.to_ne_bytes());
}

fn load(path: &Path) -> Object {
    kernel::load(kernel::open(path))
}

/// What lib_compute() adds up, from the initial values in bpf-src and the override.
const SUM: i32 = 3 + 1 + 1000 + 70 + 500 + (20 - 300) + (1 + 2 + 3 + 4);

#[test]
fn subskel_computes_the_same_in_every_order() {
    require_bpf();
    let [lib, lib2, app] = ["subskel_lib", "subskel_lib2", "subskel_app"].map(object);
    let orders: [(&str, [&PathBuf; 3]); 6] = [
        ("lib_first", [&lib, &lib2, &app]),
        ("lib_last", [&app, &lib2, &lib]),
        ("around", [&lib, &app, &lib2]),
        ("around_reversed", [&lib2, &app, &lib]),
        ("app_first", [&app, &lib, &lib2]),
        ("app_last", [&lib2, &lib, &app]),
    ];
    for (name, inputs) in orders {
        let path = link(name, &inputs.map(PathBuf::as_path));
        let mut open = ObjectBuilder::default().open_file(&path).unwrap();
        preset(&mut open, &path, "app_pid", process::id());
        let object = open.load().unwrap_or_else(|e| panic!("{name}: {e:#}"));

        let links: Vec<_> = object.progs_mut().map(|p| p.attach().unwrap()).collect();
        assert_eq!(links.len(), 2, "{name}");
        thread::yield_now();
        drop(links);

        assert_eq!(read(&object, &path, "lib_weak"), 70, "{name}");
        assert_eq!(read(&object, &path, "shared_level"), 500, "{name}");
        assert_eq!(read(&object, &path, "lib_sum"), SUM, "{name}");
        assert_eq!(read(&object, &path, "app_out"), 2 * SUM, "{name}");
        assert_eq!(read(&object, &path, "lib_saw_bpf") & 0xff, 1, "{name}");
        assert_ne!(read(&object, &path, "lib_calls"), 0, "{name}");
        assert_ne!(read(&object, &path, "lib_exits"), 0, "{name}");
    }
}

#[test]
fn libraries_without_externs_load_alone() {
    require_bpf();
    for name in ["types", "prog_lib", "statics", "subskel_lib2"] {
        drop(load(&object(name)));
        drop(load(&link(name, &[&object(name)])));
    }
}

#[test]
fn unresolved_loads_only_with_its_host() {
    require_bpf();
    let [lib, app] = ["unresolved", "unresolved_app"].map(object);
    for alone in [&lib, &object("subskel_lib")] {
        assert!(
            ObjectBuilder::default().open_file(alone).is_err(),
            "{}",
            alone.display()
        );
    }
    drop(load(&link("unresolved_lib_first", &[&lib, &app])));
    drop(load(&link("unresolved_app_first", &[&app, &lib])));
}

/// Where a second pass helps and where it harms; the runtime has to detect both.
#[test]
fn a_second_link_pass_mends_a_weak_variable_and_breaks_a_static() {
    let [lib, lib2, app] = ["subskel_lib", "subskel_lib2", "subskel_app"].map(object);
    let weak_first = [lib.as_path(), &lib2, &app];
    let once = place(&link_once("weak", &weak_first), "lib_weak");
    let twice = place(&link("weak", &weak_first), "lib_weak");
    assert_ne!(once, twice);

    let [lib, app] = ["statics", "statics_app"].map(object);
    let static_first = [app.as_path(), &lib];
    let once = place(&link_once("static", &static_first), "shown");
    let twice = place(&link("static", &static_first), "shown");
    assert_eq!(
        twice,
        (".data".to_owned(), 0),
        "the offset of the application's static"
    );
    assert_ne!(once, twice);
}

#[test]
#[should_panic(expected = "compiling broken")]
fn a_broken_source_says_so() {
    let _ = compile_c("broken", "int x = ;");
}
