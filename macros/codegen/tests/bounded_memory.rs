//! Objects built to explode on the way from bytes to Rust: small tables in which everything refers to the
//! same few large things. Allocations, and so the work, stay in proportion to the object.

mod allocation;
#[path = "../../object/tests/clang/mod.rs"]
mod clang;
#[allow(dead_code, reason = "damages objects, for damaged_objects.rs")]
mod mutate;

use bpf_subskeleton_codegen::internals::File;
use bpf_subskeleton_codegen::internals::generate;
use bpf_subskeleton_object::btf::kind;
use bpf_subskeleton_object::model::Library;
use quote::quote;

use allocation::{Allocated, allocated};
use clang::compile;
use mutate::Object;

/// Bytes that may be held at one time per byte of the object while it is read.
const READING: usize = 32;

/// The same while code is generated. Most are tokens, larger here than in the compiler, since they carry
/// locations: a member takes 12 bytes of BTF, and becomes a field, a field in shared memory, a
/// description, an assertion, and the docs of these.
const GENERATING: usize = 2500;

/// Writes BTF type by type; the first two are `int` and `char`.
struct Table {
    types: Vec<u8>,
    strings: Vec<u8>,
    last: u32,
}

const INT: u32 = 1;
const CHAR: u32 = 2;

const GLOBAL: u32 = 1;

impl Table {
    fn new() -> Self {
        let mut table = Self {
            types: Vec::new(),
            strings: vec![0],
            last: 0,
        };
        for (name, size) in [("int", 4), ("char", 1)] {
            let name = table.name(name);
            table.add(name, kind::INT, 0, size, &[size * 8]);
        }
        table
    }

    fn name(&mut self, name: &str) -> u32 {
        let at = self.strings.len() as u32;
        self.strings.extend_from_slice(name.as_bytes());
        self.strings.push(0);
        at
    }

    fn add(&mut self, name: u32, kind: u32, len: usize, size: u32, rest: &[u32]) -> u32 {
        let words = [name, kind << 24 | len as u32, size];
        for word in words.iter().chain(rest) {
            self.types.extend_from_slice(&word.to_le_bytes());
        }
        self.last += 1;
        self.last
    }

    /// Members are name, type and offset in bits.
    fn composite(&mut self, name: u32, size: usize, members: &[[u32; 3]]) -> u32 {
        self.add(
            name,
            kind::STRUCT,
            members.len(),
            size as u32,
            members.as_flattened(),
        )
    }

    fn variable(&mut self, name: &str, ty: u32) -> u32 {
        let name = self.name(name);
        self.add(name, kind::VAR, 0, ty, &[GLOBAL])
    }

    /// Entries are variable, offset and size.
    fn section(&mut self, name: &str, entries: &[[u32; 3]]) {
        let name = self.name(name);
        self.add(
            name,
            kind::DATASEC,
            entries.len(),
            0,
            entries.as_flattened(),
        );
    }
}

fn numbers(n: usize) -> impl Iterator<Item = u32> {
    (0..n).map(|number| number as u32)
}

/// A struct of that many members of the same name.
fn same_names(table: &mut Table, n: usize) {
    let name = table.name("same");
    let members: Vec<_> = numbers(n).map(|i| [name, CHAR, i * 8]).collect();
    let ty = table.composite(0, n, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32]]);
}

/// Nothing but holes between the members.
fn holes(table: &mut Table, n: usize) {
    let members: Vec<_> = numbers(n)
        .map(|i| [table.name(&format!("m{i}")), CHAR, i * 16])
        .collect();
    let ty = table.composite(0, n * 2, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32 * 2]]);
}

/// One long name for everything.
fn long_name(table: &mut Table, n: usize) {
    let name = table.name(&"n".repeat(n));
    let members: Vec<_> = numbers(n).map(|i| [name, CHAR, i * 8]).collect();
    let ty = table.composite(name, n, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32]]);
}

/// The longest name allowed, for everything.
fn allowed_name(table: &mut Table, n: usize) {
    let name = table.name(&"n".repeat(150));
    let members: Vec<_> = numbers(n).map(|i| [name, CHAR, i * 8]).collect();
    let ty = table.composite(name, n, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32]]);
}

/// Long docs, and many of them.
fn docs(table: &mut Table, n: usize) {
    let variable = table.variable("v", INT);
    let text = table.name(&format!("doc: {}", "text ".repeat(n)));
    for _ in 0..n {
        table.add(text, kind::DECL_TAG, 0, variable, &[u32::MAX]);
    }
    table.section(".data", &[[variable, 0, 4]]);
}

/// Many docs on a variable that is listed many times.
fn places(table: &mut Table, n: usize) {
    let variable = table.variable("v", INT);
    let text = table.name("doc: text");
    for _ in 0..n {
        table.add(text, kind::DECL_TAG, 0, variable, &[u32::MAX]);
    }
    let entries: Vec<_> = numbers(n).map(|i| [variable, i * 4, 4]).collect();
    table.section(".data", &entries);
}

/// Many docs on a member that is a part of many structs.
fn shared_docs(table: &mut Table, n: usize) {
    let name = table.name("m");
    let inner = table.composite(0, 4, &[[name, INT, 0]]);
    let text = table.name("doc: text");
    for _ in 0..n {
        table.add(text, kind::DECL_TAG, 0, inner, &[0]);
    }
    let members: Vec<_> = numbers(n).map(|i| [0, inner, i * 32]).collect();
    let ty = table.composite(0, n * 4, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32 * 4]]);
}

/// Structs contained twice in others, which are contained twice in others…
fn doubling(table: &mut Table, n: usize) {
    let name = table.name("m");
    let (mut ty, mut size) = (table.composite(0, 1, &[[name, CHAR, 0]]), 1);
    let levels = n.ilog2();
    for _ in 0..levels {
        ty = table.composite(0, size as usize * 2, &[[0, ty, 0], [0, ty, size * 8]]);
        size *= 2;
    }
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, size]]);
}

/// Many variables of a struct of many members and a flexible array.
fn flexible(table: &mut Table, n: usize) {
    let mut members: Vec<_> = numbers(n)
        .map(|i| [table.name(&format!("m{i}")), CHAR, i * 8])
        .collect();
    let array = table.add(0, kind::ARRAY, 0, 0, &[CHAR, INT, 0]);
    members.push([table.name("tail"), array, n as u32 * 8]);
    let ty = table.composite(0, n, &members);
    let size = n as u32 + 1;
    let entries: Vec<_> = numbers(n)
        .map(|i| [table.variable(&format!("v{i}"), ty), i * size, size])
        .collect();
    table.section(".data", &entries);
}

/// Many pointers to a function of many parameters.
fn parameters(table: &mut Table, n: usize) {
    let name = table.name("parameter");
    let list = [name, INT].repeat(n);
    let prototype = table.add(0, kind::FUNC_PROTO, n, INT, &list);
    let pointer = table.add(0, kind::PTR, 0, prototype, &[]);
    let entries: Vec<_> = numbers(n)
        .map(|i| [table.variable(&format!("v{i}"), pointer), i * 8, 8])
        .collect();
    table.section(".data", &entries);
}

/// Many maps of a type with many members.
fn maps(table: &mut Table, n: usize) {
    let pointer = table.add(0, kind::PTR, 0, INT, &[]);
    let name = table.name("key");
    let members: Vec<_> = numbers(n).map(|i| [name, pointer, i * 64]).collect();
    let ty = table.composite(0, n * 8, &members);
    let entries: Vec<_> = numbers(n)
        .map(|i| [table.variable(&format!("m{i}"), ty), 0, n as u32 * 8])
        .collect();
    table.section(".maps", &entries);
}

/// Members whose type is a chain of `step`s, as long as one may be.
fn chains(table: &mut Table, n: usize, steps: u32, mut step: impl FnMut(&mut Table, u32) -> u32) {
    let end = (0..steps).fold(CHAR, |ty, _| step(table, ty));
    let size = if table.types.len() > 60 * 20 { 1 } else { 8 };
    let members: Vec<_> = numbers(n)
        .map(|i| [table.name(&format!("m{i}")), end, i * size * 8])
        .collect();
    let ty = table.composite(0, n * size as usize, &members);
    let variable = table.variable("v", ty);
    table.section(".data", &[[variable, 0, n as u32 * size]]);
}

fn pointers(table: &mut Table, n: usize) {
    chains(table, n, 60, |table, ty| {
        table.add(0, kind::PTR, 0, ty, &[])
    });
}

fn arrays(table: &mut Table, n: usize) {
    chains(table, n, 60, |table, ty| {
        table.add(0, kind::ARRAY, 0, 0, &[ty, INT, 1])
    });
}

fn dimensions(table: &mut Table, n: usize) {
    chains(table, n, 16, |table, ty| {
        table.add(0, kind::ARRAY, 0, 0, &[ty, INT, 1])
    });
}

fn typedefs(table: &mut Table, n: usize) {
    let name = table.name("t");
    chains(table, n, 60, |table, ty| {
        table.add(name, kind::TYPEDEF, 0, ty, &[])
    });
}

/// Structs without names, named after a path of long names.
fn paths(table: &mut Table, n: usize) {
    let name = table.name(&"n".repeat(150));
    let entries: Vec<_> = numbers(n / 60)
        .map(|i| {
            let ty = (0..60).fold(CHAR, |ty, _| table.composite(0, 1, &[[name, ty, 0]]));
            [table.variable(&format!("v{i}"), ty), i, 1]
        })
        .collect();
    table.section(".data", &entries);
}

type Attack = fn(&mut Table, usize);

/// The outcome for an object.
struct Outcome {
    refused: bool,
    /// Bytes of the object.
    len: usize,
    reading: Allocated,
    generating: Allocated,
}

fn run(object: &Object, attack: Attack, n: usize) -> Outcome {
    let mut table = Table::new();
    attack(&mut table, n);
    let object = object.clone().with_btf(table.types, table.strings);
    let bytes = object.write(false);
    let len = bytes.len();
    let (_, reading) = allocated(|| drop(Library::read(&bytes)));

    let path = "/library.bpf.o".to_owned();
    // Tokens carry locations in tests, and proc-macro2 would keep every one.
    proc_macro2::extra::invalidate_current_thread_spans();
    let (args, item) = (
        quote!(obj = "library.bpf.o"),
        quote!(
            pub struct Library;
        ),
    );
    let (result, generating) = allocated(|| generate(args, item, &File { path, bytes }));
    Outcome {
        refused: result.is_none(),
        len,
        reading,
        generating,
    }
}

#[test]
fn nothing_grows_faster_than_the_object() {
    let (_, bytes) = compile("growth", "bpfel", "int x;");
    let object = Object::parse(&bytes).unwrap().without_debug();
    let attacks: [(&str, Attack, bool); _] = [
        ("same_names", same_names, false),
        ("holes", holes, false),
        ("long_name", long_name, true),
        ("allowed_name", allowed_name, false),
        ("docs", docs, true),
        ("places", places, true),
        ("shared_docs", shared_docs, true),
        ("doubling", doubling, true),
        ("flexible", flexible, true),
        ("parameters", parameters, false),
        ("maps", maps, false),
        ("pointers", pointers, false),
        ("arrays", arrays, true),
        ("dimensions", dimensions, false),
        ("typedefs", typedefs, false),
        ("paths", paths, false),
    ];
    for (name, attack, refused) in attacks {
        let small = run(&object, attack, 500);
        let large = run(&object, attack, 2000);
        let Outcome {
            len,
            generating: Allocated { peak, .. },
            ..
        } = large;
        assert_eq!(large.refused, refused, "{name}");
        assert!(
            large.reading.peak < len * READING,
            "{name}: {:?} of {len}",
            large.reading
        );
        assert!(peak < len * GENERATING, "{name}: {peak} of {len}");
        // Everything is four times as large; so is the work, if it is linear in the object's length.
        for (large, small) in [
            (large.reading, small.reading),
            (large.generating, small.generating),
        ] {
            assert!(
                large.total < small.total * 5,
                "{name}: {small:?}, {large:?}"
            );
        }
    }
}
