//! What pointers into an arena lead to has fields; what others lead to has not.

#[path = "../../object/tests/clang/mod.rs"]
mod clang;

use bpf_subskeleton_codegen::internals::layout::{Layout, NamedTypeKind, Roots};
use bpf_subskeleton_object::btf::Type;
use bpf_subskeleton_object::model::{Extent, Library};

use clang::compile;

/// In the arena by its section, as clang before version 19 needs it.
const IN_ARENA: &str = "#define ARENA __attribute__((section(\".addr_space.1\")))
    #define MARKED __attribute__((btf_decl_tag(\"arena\")))
    ";

/// `struct name`, `enum name` or `opaque name` of each type that has a name; a union is written as a struct.
fn types(name: &str, source: &str) -> Vec<String> {
    let (_, bytes) = compile(name, "bpfel", &format!("{IN_ARENA}{source}"));
    let library = Library::read(&bytes).unwrap();
    let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
    let mut types: Vec<_> = (layout.items.iter())
        .map(|item| {
            let kind = match item.kind {
                NamedTypeKind::Struct(_) => "struct",
                NamedTypeKind::Enum(_) => "enum",
                NamedTypeKind::Alias(_) => "alias",
                NamedTypeKind::Opaque => "opaque",
            };
            format!("{kind} {}", item.name)
        })
        .collect();
    types.sort();
    types
}

#[test]
fn all_that_the_arena_reaches_has_fields() {
    let source = "enum kind { A }; union either { int i; long l; };
        typedef struct { int x; } plain;
        struct other { struct other *self; };
        struct node { struct node *next; enum kind *kind; union either (*pair)[2]; plain **plain;
            struct { struct other *deep; } in; void *nothing; int *number; void (*call)(void); };
        struct node *first ARENA;
        enum kind *kind; union either *either; plain *of_plain; struct other *other;";
    assert_eq!(
        types("reached", source),
        [
            "enum kind",
            "struct either",
            "struct node",
            "struct node_in",
            "struct other",
            "struct plain",
        ]
    );
}

#[test]
fn other_pointers_need_a_mark() {
    let kernel = "struct task { struct task *parent; }; struct task *task;";
    assert_eq!(types("unmarked", kernel), ["opaque task"]);
    assert_eq!(
        types("marked", &kernel.replace("*task;", "*task MARKED;")),
        ["struct task"]
    );
    // A member: its struct alone is not what leads there.
    let source =
        "struct task { int pid; }; struct mm { int users; }; struct mm *mm; struct task *task;
        struct held { struct mm *mm; struct task *task MARKED; } held;";
    assert_eq!(
        types("member", source),
        ["opaque mm", "struct held", "struct task"]
    );
    // A mark that is another, or on a struct that nothing holds.
    let source = "struct task { int pid; }; struct held { struct task *task MARKED; };
        struct held *of; struct task *task __attribute__((btf_decl_tag(\"arenas\")));";
    assert_eq!(types("others", source), ["opaque held", "opaque task"]);
}

#[test]
fn what_btf_only_declares_has_no_fields() {
    let source = "struct leaf { int weight; }; struct tree { struct leaf *leaf; enum color *color; }; struct tree tree ARENA;";
    assert_eq!(types("declared", source), ["opaque leaf", "struct tree"]);
    let anchored = format!("{source} struct leaf *leaf;");
    assert_eq!(types("anchored", &anchored), ["struct leaf", "struct tree"]);
}

#[test]
fn the_arena_is_no_section() {
    let source = "int sum ARENA = 3; static int hidden ARENA; int one[1] ARENA; int other;
        int use(void) { return hidden++; }";
    let (_, bytes) = compile("section", "bpfel", &format!("{IN_ARENA}{source}"));
    let library = Library::read(&bytes).unwrap();
    let sections: Vec<_> = library
        .sections
        .iter()
        .map(|section| section.name)
        .collect();
    assert_eq!(sections, [".bss"]);
    let variables: Vec<_> = library
        .arena_variables()
        .map(|variable| (variable.name, variable.size, variable.align))
        .collect();
    assert_eq!(variables, [("sum", 4, Some(4)), ("one", 4, Some(4))]);
    assert!(library.names().any(|name| name == "sum"));

    // libbpf can resize the last variable of a section, but not this.
    let (_, bytes) = compile("alone", "bpfel", &format!("{IN_ARENA} int one[1] ARENA;"));
    let library = Library::read(&bytes).unwrap();
    let extents: Vec<_> = library
        .arena_variables()
        .map(|variable| variable.extent)
        .collect();
    assert_eq!(extents, [Extent::Fixed]);

    // A map makes an arena, too.
    let (_, bytes) = compile("no_arena", "bpfel", "int x;");
    assert!(Library::read(&bytes).unwrap().arena.is_none());
    let map = "struct { int (*type)[33]; int (*max_entries)[9]; } pages __attribute__((section(\".maps\")));";
    let (_, bytes) = compile("map_only", "bpfel", map);
    let library = Library::read(&bytes).unwrap();
    assert_eq!(library.arena.as_ref().unwrap().variables, []);
    assert!(
        library
            .btf
            .iter()
            .any(|(_, ty)| matches!(ty, Type::DataSection { .. }))
    );
}
