//! `complete_btf` does to an object's BTF what libbpf does when it opens the object.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::fs;
use std::path::Path;
use std::slice;

use bpf_subskeleton_object::btf::{Btf, Linkage, Type};
use bpf_subskeleton_object::complete_btf;
use bpf_subskeleton_object::elf::Endianness;
use bpf_subskeleton_tests::objects::{compile_c, link, link_once, object};
use libbpf_rs::{AsRawLibbpf as _, ObjectBuilder, libbpf_sys};

const NATIVE: Endianness = match cfg!(target_endian = "little") {
    true => Endianness::Little,
    false => Endianness::Big,
};

/// Sizes of sections; and sections, offsets, sizes and linkages of variables.
type Places = BTreeMap<String, (u32, Vec<(u32, u32, String, Linkage)>)>;

fn places(btf: &[u8]) -> Places {
    let btf = Btf::parse(btf, NATIVE).unwrap();
    let sections = btf.iter().filter_map(|(_, ty)| {
        let Type::DataSection {
            name,
            size,
            entries,
        } = ty
        else {
            return None;
        };
        let entries = entries.iter().filter_map(|entry| match btf.ty(entry.ty) {
            Type::Variable { name, linkage, .. } => {
                Some((entry.offset, entry.size, (*name).to_owned(), *linkage))
            }
            _ => None,
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
        // libbpf numbers the kernel's variables itself.
        (*name != ".ksyms").then(|| ((*name).to_owned(), (*size, entries)))
    });
    sections.collect()
}

fn of_libbpf(path: &Path) -> Places {
    let open = ObjectBuilder::default()
        .open_file(path)
        .unwrap_or_else(|e| panic!("{}: {e:#}", path.display()));
    // SAFETY: the object is open, and its BTF and the bytes of it live as long.
    let bytes = unsafe {
        let btf = libbpf_sys::bpf_object__btf(open.as_libbpf_object().as_ptr());
        let mut size = 0;
        let bytes: *const c_void = libbpf_sys::btf__raw_data(btf, &raw mut size);
        slice::from_raw_parts(bytes.cast::<u8>(), size as usize)
    };
    places(bytes)
}

#[track_caller]
fn check(path: &Path) {
    let completed = complete_btf(&fs::read(path).unwrap()).unwrap();
    assert_eq!(places(&completed), of_libbpf(path), "{}", path.display());
}

#[test]
fn what_the_compiler_wrote() {
    let libraries = [
        "contended",
        "drift",
        "exits",
        "maps",
        "padding",
        "places",
        "prog_lib",
        "resizable",
        "selection",
        "statics",
        "struct_ops",
        "test_run",
        "types",
    ];
    for library in libraries {
        check(&object(library));
    }
}

#[test]
fn what_is_linked() {
    let pairs = [
        ["statics", "statics_app"],
        ["declared", "declared_app"],
        ["unresolved", "unresolved_app"],
    ];
    for pair in pairs {
        let [lib, app] = pair.map(object);
        check(&link("complete", &[&lib, &app]));
        check(&link_once("complete", &[&lib, &app]));
    }
}

/// libbpf orders `.kconfig` by alignment, then by size, then by name.
#[test]
fn kconfig() {
    const SOURCE: &str = "
        enum libbpf_tristate { TRI_NO = 0, TRI_YES = 1, TRI_MODULE = 2 };
        #define config __attribute__((section(\".kconfig\"))) __attribute__((weak))
        extern _Bool CONFIG_A config;
        extern char CONFIG_B[7] config;
        extern long CONFIG_C config;
        extern enum libbpf_tristate CONFIG_D config;
        extern short CONFIG_E config;
        extern int CONFIG_G config;
        extern int CONFIG_F config;
        __attribute__((section(\"syscall\"))) int run(void *ctx)
        {
            return CONFIG_G + CONFIG_F + CONFIG_A + CONFIG_B[0] + CONFIG_C + CONFIG_D + CONFIG_E;
        }
        char LICENSE[] __attribute__((section(\"license\"))) = \"GPL\";";
    let object = compile_c("complete-kconfig", SOURCE);
    check(&object);
    check(&link("complete-kconfig", &[&object]));
}
