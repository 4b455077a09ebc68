//! Size, alignment and offsets of the generated types match clang's, for both byte orders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem::{align_of, offset_of, size_of};
use std::path::{Path, PathBuf};
use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_codegen::internals::layout::{
    FieldKind, Layout, NamedTypeKind, Pointee, Roots, Rust,
};
use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_object::model::Library;
use bpf_subskeleton_tests::layouts::Questions;
use bpf_subskeleton_tests::objects::{compile_c, compile_c_with, link, object};

/// One variable of each type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
pub struct Types;

/// A type as Rust lays it out.
struct Known {
    rust: &'static str,
    c: &'static str,
    size: usize,
    align: usize,
    /// Rust name, C name and offset.
    members: Vec<(&'static str, &'static str, usize)>,
}

/// `"C type" => rust_type { member, rust_member as "c member" }`: both sides of one list.
macro_rules! known {
    (@c $member:ident) => { stringify!($member) };
    (@c $member:ident $c:literal) => { $c };
    ($($c:literal => $rust:ident { $($member:ident $(as $name:literal)?),* $(,)? })*) => {
        vec![$(Known {
            rust: stringify!($rust),
            c: $c,
            size: size_of::<types::types::$rust>(),
            align: align_of::<types::types::$rust>(),
            members: vec![$((
                stringify!($member),
                known!(@c $member $($name)?),
                offset_of!(types::types::$rust, $member),
            )),*],
        }),*]
    };
}

/// Bitfields and union members are methods, not fields: `types.rs` reads them.
fn known_types() -> Vec<Known> {
    known! {
        "struct signed_ints" => signed_ints { i8, i16, i32, i64_long, i64, i128 }
        "struct unsigned_ints" => unsigned_ints { u8, u16, u32, u64_long, u64, u128 }
        "struct chars" => chars { plain, minus, byte, text }
        "struct truths" => truths { yes, no, many }
        "struct floats" => floats { single, wide, pair }
        "struct padded" => padded { first, middle, last }
        "struct byte_then_int128" => byte_then_int128 { tag, wide, end }

        "enum color" => color {}
        "enum signed_level" => signed_level {}
        "enum trit" => trit {}
        "enum unsigned_mask" => unsigned_mask {}
        "enum wide_unsigned" => wide_unsigned {}
        "enum wide_signed" => wide_signed {}
        "enum byte_enum" => byte_enum {}
        "enum aliased" => aliased {}
        "struct enums" => enums { color, level, mask, wide, deep, byte }

        "struct point" => point { x, y }
        "struct rect" => rect { min, max }
        "struct nested_anonymous" => nested_anonymous { kind, tail }
        "struct nested_named" => nested_named { inner, either, mode }
        "__typeof__(((struct nested_named *)0)->inner)" => nested_named_inner { a, deep }
        "__typeof__(((struct nested_named *)0)->inner.deep[0])" =>
            nested_named_inner_deep { b, c }
        "__typeof__(((struct nested_named *)0)->either)" => nested_named_either {}
        "__typeof__(((struct nested_named *)0)->mode)" => nested_named_mode {}
        "union value" => value {}
        "union overlay" => overlay {}
        "__typeof__(((union overlay *)0)->parts)" => overlay_parts {}
        "anonymous_t" => anonymous_t { id, name }
        "anonymous_union_t" => anonymous_union_t {}
        "state_t" => state_t {}
        "struct empty" => empty {}
        "struct with_empty" => with_empty { before, nothing, after }

        "struct bits_unsigned" => bits_unsigned {}
        "struct bits_signed" => bits_signed {}
        "struct bits_kinds" => bits_kinds {}
        "struct bits_crossing" => bits_crossing {}
        "struct bits_zero_width" => bits_zero_width {}
        "struct bits_mixed" => bits_mixed { head, plain, tail }
        "struct bits_wide" => bits_wide {}
        "struct bits_packed" => bits_packed {}
        "struct bits_nested" => bits_nested { head }

        "struct packed" => packed { tag, misaligned, tail }
        "struct packed_inside" => packed_inside { head, inner, tail }
        "struct packed_around" => packed_around { head, normal, rects, misaligned }
        "struct packed_two" => packed_two { head, number, wide }
        "union packed_union" => packed_union {}
        "struct aligned_32" => aligned_32 { a, b }
        "struct aligned_64" => aligned_64 { count }
        "struct aligned_member" => aligned_member { head, value, tail }
        "struct aligned_array" => aligned_array { head, slots }
        "struct packed_aligned" => packed_aligned { head, number }

        "struct matrix" => matrix { cells, cube, grid }
        "struct long_arrays" => long_arrays { slots, text, points }
        "struct flexible" => flexible { len, items }
        "struct flexible_struct" => flexible_struct { len, items }
        "struct zero_array" => zero_array { len, items }

        "id_t_base" => id_t_base {}
        "id_t_next" => id_t_next {}
        "id_t_const" => id_t_const {}
        "id_t_last" => id_t_last {}
        "row_t" => row_t {}
        "table_t" => table_t {}
        "point_t" => point_t { x, y }
        "point_ptr_t" => point_ptr_t {}
        "callback_t" => callback_t {}
        "struct typedefs" => typedefs { base, last, row, table, point, pointer, anonymous }
        "struct qualified" => qualified { fixed, moving, both, place, letters }

        "struct pointers" => pointers {
            data, text, anything, anything_const, function, callback, array, function_pointer,
            opaque, opaque_union, far_away, twice, exclusive, fixed, many,
        }
        "struct list" => list { value, next, previous }
        "struct forest" => forest { trees, count }
        "struct tree" => tree { home, left, right }

        "struct dual" => dual { a, b }
        "dual" => dual_typedef {}
        "struct duals" => duals { tagged, plain }
        "struct u32" => u32 { value, more }
        "struct Option" => Option { some }
        "struct core" => core { number }
        "i8" => i8 {}
        "u64" => u64 {}
        "struct Bss" => Bss { a }
        "struct Maps" => Maps { a }
        "struct Self" => Self_ { a }
        "struct type" => r#type { a }
        "enum fn" => r#fn {}
        "struct Shared" => Shared { a }
        "struct rust_names" => rust_names {
            u32, option, core, i8, u64, bss, maps, me, kind, function, shared,
        }
        "struct keywords" => keywords {
            r#type as "type", r#fn as "fn", self_ as "self", Self_ as "Self", super_ as "super",
            crate_ as "crate", r#async as "async", r#match as "match", __ as "_", get, set,
            default_,
        }
    }
}

/// Alignments that BTF does not record, so that Rust's is less: the type, clang's and Rust's.
/// A variable of such a type is still where the compiler put it, followed by its padding.
const LESS_ALIGNED: [(&str, usize, usize); 6] = [
    // aligned(N)
    ("aligned_32", 32, 4),
    ("aligned_64", 64, 8),
    // aligned(N) on a member, or around a struct that has it
    ("aligned_member", 16, 4),
    ("aligned_array", 64, 8),
    // packed to another alignment than 1
    ("packed_two", 2, 1),
    ("packed_aligned", 4, 1),
];

/// The values of `expressions` according to clang.
fn ask_clang(expressions: &[String]) -> Vec<usize> {
    let source = format!(
        "#include \"types.h\"\nconst unsigned long long answers[] = {{\n{},\n}};\n",
        expressions.join(",\n")
    );
    let bytes = fs::read(compile_c("layout", &source)).unwrap();
    let elf = Elf::parse(&bytes).unwrap();
    let answers = elf.section(".rodata").unwrap().data.chunks_exact(8);
    let answers: Vec<_> = answers
        .map(|answer| u64::from_ne_bytes(answer.try_into().unwrap()) as usize)
        .collect();
    assert_eq!(answers.len(), expressions.len());
    answers
}

#[test]
fn rust_lays_out_as_clang_does() {
    let known = known_types();
    let mut questions = Vec::new();
    for Known { c, members, .. } in &known {
        questions.push(format!("sizeof({c})"));
        questions.push(format!("_Alignof({c})"));
        for (_, member, _) in members {
            questions.push(format!("__builtin_offsetof({c}, {member})"));
        }
    }
    let mut answers = ask_clang(&questions).into_iter();
    let mut differences = Vec::new();
    let mut less_aligned = Vec::new();
    for known in known {
        let mut compare = |what: &str, rust: usize| {
            let clang = answers.next().unwrap();
            let exception = (known.rust, clang, rust);
            if what == "alignment" && LESS_ALIGNED.contains(&exception) {
                less_aligned.push(exception);
            } else if clang != rust {
                let c = known.c;
                differences.push(format!("{what} of {c}: {clang} in C, {rust} in Rust"));
            }
        };
        compare("size", known.size);
        compare("alignment", known.align);
        for (_, member, offset) in known.members {
            compare(&format!("offset of {member}"), offset);
        }
    }
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(less_aligned.len(), LESS_ALIGNED.len());
}

/// The list above leaves out no type of `types.h` that a variable has, and no field of one.
#[test]
fn every_type_is_known() {
    let bytes = fs::read(object("types")).unwrap();
    let library = Library::read(&bytes).unwrap();
    let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
    let known: BTreeMap<_, BTreeSet<_>> = known_types()
        .into_iter()
        .map(|known| {
            let members = known.members.iter().map(|(rust, ..)| rust.to_string());
            (known.rust.to_owned(), members.collect())
        })
        .collect();
    assert!(known.len() >= 80, "{}", known.len());
    for item in &layout.items {
        let fields = match &item.kind {
            NamedTypeKind::Struct(composite) => &composite.fields[..],
            NamedTypeKind::Enum(_) | NamedTypeKind::Alias(_) => &[],
            NamedTypeKind::Opaque => continue,
        };
        // Types of variables without a name in C, which no other unit can speak of.
        if item.name.starts_with("data_") {
            continue;
        }
        let fields: BTreeSet<_> = fields
            .iter()
            .filter(|field| matches!(field.kind, FieldKind::Member { .. }))
            .map(|field| field.name.clone())
            .collect();
        let Some(members) = known.get(&item.name) else {
            panic!("{} ({}) is not in the list", item.name, item.c_name);
        };
        assert!(fields.is_subset(members), "{}: {fields:?}", item.name);
    }
}

/// What is generated for a source, compared with the compiler's answers; returns the number of these.
fn compare(source: &Path, target: &str) -> usize {
    let include = format!("#include \"{}\"\n", source.display());
    let flags = [target, "-w"];
    let name = source.file_stem().unwrap().to_str().unwrap();
    let bytes = fs::read(compile_c_with(name, &include, &flags)).unwrap();
    let library = Library::read(&bytes).unwrap();
    let questions = Questions::about(&library).unwrap();
    let asked = include + &questions.source();
    let answers = fs::read(compile_c_with(name, &asked, &flags)).unwrap();
    let differences = questions.differences(&answers).unwrap();
    assert_eq!(differences, Vec::<String>::new(), "{name} for {target}");
    questions.len()
}

/// All sources for the other byte order as well, which this machine's kernel can't load: sizes, offsets,
/// constants, and the bits of each bitfield.
#[test]
fn every_object_of_either_byte_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["bpf-src", "tests/golden", "macros/object/tests/clang"];
    let sources = folders.map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let sources: Vec<_> = sources
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".bpf.c"))
        .collect();
    let [little, big] = thread::scope(|scope| {
        let sources = &sources;
        let targets = ["--target=bpfel", "--target=bpfeb"];
        let compared = targets.map(|target| {
            scope.spawn(move || {
                let compared = sources.iter().map(|source| compare(source, target));
                compared.sum::<usize>()
            })
        });
        compared.map(|thread| thread.join().unwrap())
    });
    assert!(
        sources.len() > 30 && big > 500,
        "{} sources, {big} facts",
        sources.len()
    );
    assert_eq!(little, big);
}

/// The linker keeps both, and a variable has the one of its own unit.
#[test]
fn two_structs_of_one_tag() {
    let one = compile_c("tag_one", "struct S { int a; } one = { 1 };");
    let two = compile_c("tag_two", "struct S { long long b, c; } two = { 2 };");
    let any = compile_c("tag_any", "struct S *to_any;");
    for (name, inputs) in [
        ("one_two", [&one, &two, &any]),
        ("two_one", [&any, &two, &one]),
    ] {
        let bytes = fs::read(link(name, &inputs.map(PathBuf::as_path))).unwrap();
        let library = Library::read(&bytes).unwrap();
        let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
        let members = |variable: &str| {
            let mut variables = library.variables();
            let (_, variable) = variables.find(|(_, v)| v.name == variable).unwrap();
            let Some(item) = layout.item_of(library.btf.resolve(variable.ty)) else {
                panic!("{name}: no item");
            };
            let NamedTypeKind::Struct(composite) = &item.kind else {
                panic!("{name}: {item:?}");
            };
            let fields = composite.fields.iter().map(|field| field.name.clone());
            (item.name.clone(), fields.collect::<Vec<_>>())
        };
        let [(one, one_fields), (two, two_fields)] = ["one", "two"].map(members);
        assert_eq!(
            (one_fields.join(" "), two_fields.join(" ")),
            ("a".into(), "b c".into())
        );
        let names = BTreeSet::from([one, two]);
        assert_eq!(
            names,
            BTreeSet::from(["S".into(), "S_type".into()]),
            "{name}"
        );

        // BTF does not say which of them a pointer means, but the code is the same each time.
        for _ in 0..16 {
            let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
            let mut variables = library.variables();
            let (_, variable) = variables.find(|(_, v)| v.name == "to_any").unwrap();
            let Rust::Pointer(Pointee::Composite(id)) = layout.rust(&library.btf, variable.ty)
            else {
                panic!("{name}: no pointer");
            };
            assert_eq!(layout.pointee_item(&library.btf, id).unwrap().name, "S");
        }
    }
}
