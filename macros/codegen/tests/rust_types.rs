//! C types as Rust types: fields, padding, methods and names.

#[path = "../../object/tests/clang/mod.rs"]
mod clang;

use bpf_subskeleton_codegen::internals::layout::{
    FieldKind, Layout, MethodKind, NamedType, NamedTypeKind, Pointee, Record, Roots, Rust, Struct,
};
use bpf_subskeleton_codegen::internals::names;
use bpf_subskeleton_object::btf::kind;
use bpf_subskeleton_object::model::{Extent, Library};
use quote::quote;

use clang::compile;

/// Lays out the library of one C unit.
fn layout<T>(name: &str, source: &str, look: impl FnOnce(&Library<'_>, &Layout) -> T) -> T {
    let (_, bytes) = compile(name, "bpfel", source);
    let library = Library::read(&bytes).unwrap();
    let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
    look(&library, &layout)
}

fn item<'l>(layout: &'l Layout, name: &str) -> &'l NamedType {
    let names: Vec<_> = layout.items.iter().map(|item| &item.name).collect();
    let mut items = layout.items.iter();
    items
        .find(|item| item.name == name)
        .unwrap_or_else(|| panic!("no {name} in {names:?}"))
}

fn composite<'l>(layout: &'l Layout, name: &str) -> &'l Struct {
    match &item(layout, name).kind {
        NamedTypeKind::Struct(composite) => composite,
        other => panic!("{name}: {other:?}"),
    }
}

/// `name@offset`, with `!` if the offset is not aligned for the type.
fn fields(layout: &Layout, name: &str) -> Vec<String> {
    let fields = composite(layout, name).fields.iter();
    let shown = fields.map(|field| {
        let misaligned = match field.kind {
            FieldKind::Member {
                misaligned: true, ..
            } => "!",
            _ => "",
        };
        format!("{}@{}{misaligned}", field.name, field.offset)
    });
    shown.collect()
}

/// `storage.name@bit:width` or `storage.name@byte`, with `!` as in [`fields`].
fn methods(layout: &Layout, name: &str) -> Vec<String> {
    let methods = composite(layout, name).methods.iter();
    let shown = methods.map(|method| {
        let place = match method.kind {
            MethodKind::Bitfield { offset, width } => format!("{offset}:{width}"),
            MethodKind::Member {
                offset,
                misaligned: true,
            } => format!("{offset}!"),
            MethodKind::Member { offset, .. } => offset.to_string(),
        };
        format!("{}.{}@{place}", method.storage, method.getter)
    });
    shown.collect()
}

/// Size, alignment, and whether it is `repr(packed)`.
fn shape(layout: &Layout, name: &str) -> (u32, u32, bool) {
    let composite = composite(layout, name);
    (composite.size, composite.align, composite.packed)
}

fn names(layout: &Layout) -> Vec<&str> {
    layout.items.iter().map(|item| &*item.name).collect()
}

#[test]
fn padding_is_a_field() {
    let source = "struct s { char a; long long b; short c; } s;
        struct _pad0 { char _pad0; int _pad1; } p;";
    layout("padding", source, |_, layout| {
        assert_eq!(shape(layout, "s"), (24, 8, false));
        assert_eq!(
            fields(layout, "s"),
            ["a@0", "_pad0@1", "b@8", "c@16", "_pad1@18"]
        );
        // C names take precedence.
        assert_eq!(fields(layout, "_pad0"), ["_pad0@0", "_pad0_2@1", "_pad1@4"]);
    });
}

#[test]
fn packed_shows_in_places_and_sizes() {
    let source = "#define PACKED __attribute__((packed))
        struct odd { char a; int b; } PACKED odd;
        struct tail { int b; char a; } PACKED tail;
        struct outer { char a; struct odd inner; int b; } outer;
        struct around { char a; struct { int x; } normal; } PACKED around;
        struct two { char a; int b; } __attribute__((packed, aligned(2))) two;";
    layout("packed", source, |_, layout| {
        assert_eq!(shape(layout, "odd"), (5, 1, true));
        assert_eq!(fields(layout, "odd"), ["a@0", "b@1!"]);
        assert_eq!(shape(layout, "tail"), (5, 1, true));
        assert_eq!(fields(layout, "tail"), ["b@0!", "a@4"]);
        // A struct that contains a packed one is not packed itself.
        assert_eq!(shape(layout, "outer"), (12, 4, false));
        assert_eq!(
            fields(layout, "outer"),
            ["a@0", "inner@1", "_pad0@6", "b@8"]
        );
        assert_eq!(shape(layout, "around"), (5, 1, true));
        assert_eq!(fields(layout, "around"), ["a@0", "normal@1!"]);
        assert_eq!(shape(layout, "around_normal"), (4, 4, false));
        assert_eq!(shape(layout, "two"), (6, 1, true));
        assert_eq!(fields(layout, "two"), ["a@0", "b@1!", "_pad0@5"]);
    });
}

#[test]
fn packed_shows_in_addresses() {
    let source = "#define S __attribute__((section(\".data.s\")))
        struct any { long long a, b; } any;
        struct like { long long a, b; } __attribute__((packed));
        struct holds { struct like like; };
        char before S = 1;
        struct holds holds[2] S = { { { 1, 2 } } };
        struct like like S = { 1, 2 };";
    layout("addresses", source, |_, layout| {
        assert_eq!(shape(layout, "any"), (16, 8, false));
        assert_eq!(shape(layout, "like"), (16, 1, true));
        assert_eq!(shape(layout, "holds"), (16, 1, false));
        assert_eq!(fields(layout, "holds"), ["like@0"]);
    });
}

/// A variable that no field has, but records are of its type.
#[test]
fn records_are_as_packed_as_their_variable() {
    let source = "#define S __attribute__((section(\".data.s\")))
        char before S = 1;
        struct event { long long a, b; } __attribute__((packed)) event S = { 1, 2 };";
    let (_, bytes) = compile("records", "bpfel", source);
    let library = Library::read(&bytes).unwrap();
    let mut roots = Roots::of(&library);
    roots.variables.clear();
    let mut variables = library.variables();
    let (section, variable) = variables
        .find(|(_, variable)| variable.name == "event")
        .unwrap();
    roots.records.push(Record {
        ty: variable.ty,
        variable: Some((section.unwrap(), variable)),
    });
    let layout = Layout::new(&library.btf, &roots).unwrap();
    assert_eq!(shape(&layout, "event"), (16, 1, true));
}

#[test]
fn bitfields_are_methods_of_their_word() {
    let source = "enum e { E = -1 };
        struct b { unsigned a : 3; int b : 30; enum e e : 2; _Bool f : 1; } b;
        struct tight { char head; unsigned a : 4; char tail; } tight;
        struct p { char a : 3; long long b : 62; } __attribute__((packed)) p;
        struct alone { unsigned a : 4; char tail; } alone;";
    layout("bitfields", source, |_, layout| {
        assert_eq!(
            fields(layout, "b"),
            ["_bits0@0", "_bits1@4", "_bits2@8", "_pad0@9"]
        );
        let b = [
            "_bits0.a@0:3",
            "_bits1.b@0:30",
            "_bits1.e@30:2",
            "_bits2.f@0:1",
        ];
        assert_eq!(methods(layout, "b"), b);
        // The word that `a` is declared in overlaps other members: its storage is its own bytes only.
        assert_eq!(
            fields(layout, "tight"),
            ["_align@0", "head@0", "_bits0@1", "tail@2", "_pad0@3"]
        );
        assert_eq!(methods(layout, "tight"), ["_bits0.a@0:4"]);
        assert_eq!(methods(layout, "p"), ["_bits0.a@0:3", "_bits0.b@3:62"]);
        assert_eq!(shape(layout, "p"), (9, 1, false));
        // It has the alignment of its bitfield's type.
        assert_eq!(shape(layout, "alone"), (4, 4, false));
        assert_eq!(
            fields(layout, "alone"),
            ["_align@0", "_bits0@0", "tail@1", "_pad0@2"]
        );
        let NamedTypeKind::Enum(enumeration) = &item(layout, "e").kind else {
            panic!("no enum");
        };
        let (name, c_name, value) = &enumeration.values[0];
        assert_eq!((&**name, &**c_name, *value), ("E", "E", -1));
    });
}

#[test]
fn unions_are_methods_of_their_bytes() {
    let source = "union u { char a; long long b; char c[12]; } u;
        struct s { int head; union { struct { short x, y; }; unsigned low : 5; }; } s;
        struct p { char a; union { int x; short y; }; } __attribute__((packed)) p;
        struct anon { char h; struct { char k; int odd; } __attribute__((packed)); long long t; } anon;";
    layout("unions", source, |_, layout| {
        assert_eq!(shape(layout, "u"), (16, 8, false));
        assert_eq!(fields(layout, "u"), ["_union0@0"]);
        assert_eq!(
            methods(layout, "u"),
            ["_union0.a@0", "_union0.b@0", "_union0.c@0"]
        );
        let words = Rust::Array(
            Box::new(Rust::Int {
                size: 8,
                signed: false,
            }),
            2,
        );
        assert_eq!(composite(layout, "u").fields[0].ty, words);
        assert_eq!(fields(layout, "s"), ["head@0", "_union0@4"]);
        let s = ["_union0.x@0", "_union0.y@2", "_union0.low@0:5"];
        assert_eq!(methods(layout, "s"), s);
        assert_eq!(methods(layout, "p"), ["_union0.x@0!", "_union0.y@0!"]);
        // An anonymous packed struct can't be flattened into one that is not packed.
        assert_eq!(
            fields(layout, "anon"),
            ["h@0", "_union0@1", "_pad0@6", "t@8"]
        );
        assert_eq!(methods(layout, "anon"), ["_union0.k@0", "_union0.odd@1!"]);
    });
}

#[test]
fn a_setter_does_not_take_a_getters_name() {
    let source = "struct s { unsigned x : 3; unsigned set_x : 3; unsigned type : 2; } s;";
    layout("setters", source, |_, layout| {
        let methods = composite(layout, "s").methods.iter();
        let names: Vec<_> = methods.map(|m| (&*m.getter, &*m.setter)).collect();
        let x = [
            ("x", "set_x"),
            ("set_x_2", "set_set_x_2"),
            ("r#type", "set_type"),
        ];
        assert_eq!(names, x);
    });
}

#[test]
fn flexible_arrays_have_the_length_of_their_variable() {
    let source = "struct f { unsigned len; int items[]; };
        struct f three = { 3, { 1, 2, 3 } };
        struct f none = { 0 };
        struct c { long long a; char items[]; } odd = { 1, \"abc\" };";
    layout("flexible", source, |_, layout| {
        let length = |name: &str| match &composite(layout, name).fields.last().unwrap().ty {
            Rust::Array(_, len) => *len,
            other => panic!("{other:?}"),
        };
        assert_eq!((length("f"), length("three")), (0, 3));
        assert_eq!(shape(layout, "three"), (16, 4, false));
        assert!(!names(layout).contains(&"none"));
        // Its 12 bytes are not a multiple of 8.
        assert_eq!(shape(layout, "odd"), (12, 1, true));
        assert_eq!((length("c"), length("odd")), (0, 4));
    });
}

#[test]
fn names_that_clash() {
    let source = "struct dual { int a; }; typedef short dual;
        typedef struct { int x; } only_typedef; typedef only_typedef again;
        struct same { int y; }; typedef struct same same;
        typedef struct { int z; } row[3];
        struct dual d; dual e; again f; same g; row h; struct far { int q; } *i; struct nowhere *j;
        struct Bss { int a; } k; struct { int a; } dual_; enum { P } state; enum { Q = -1 } *l;";
    layout("clash", source, |library, layout| {
        let mut names = names(layout);
        names.sort_unstable();
        let expected = [
            "Bss",
            "again",
            "dual",
            "dual_",
            "dual_typedef",
            "far",
            "nowhere",
            "only_typedef",
            "row",
            "row_type",
            "same",
            "state",
        ];
        assert_eq!(names, expected);
        assert!(matches!(
            item(layout, "dual").kind,
            NamedTypeKind::Struct(_)
        ));
        let short = Rust::Int {
            size: 2,
            signed: true,
        };
        assert!(
            matches!(&item(layout, "dual_typedef").kind, NamedTypeKind::Alias(rust) if *rust == short)
        );
        assert!(matches!(item(layout, "far").kind, NamedTypeKind::Opaque));
        assert!(matches!(
            item(layout, "nowhere").kind,
            NamedTypeKind::Opaque
        ));
        let (_, i) = library.variables().find(|(_, v)| v.name == "i").unwrap();
        let Rust::Pointer(Pointee::Composite(far)) = layout.rust(&library.btf, i.ty) else {
            panic!("no pointer");
        };
        assert_eq!(layout.pointee_item(&library.btf, far).unwrap().name, "far");
    });
}

/// The name of an anonymous type depends on where it is, and on nothing else.
#[test]
fn anonymous_types_are_named_after_their_path() {
    let held = "struct named { struct { union { int a; } deep[2]; } in; enum { K } kind;
            enum { M } mode : 2; };
        struct { struct { int b; } inner; } var; struct named named;
        typedef struct { struct { int c; } member; } alias_t; alias_t alias;";
    let more =
        "struct { int z; } a_first; enum { Z } a_second; struct { struct { int y; } inner; } b;";
    let expected = [
        "alias_t",
        "alias_t_member",
        "named",
        "named_in",
        "named_in_deep",
        "named_kind",
        "named_mode",
        "var",
        "var_inner",
    ];
    let names_of = |name: &str, source: &str| {
        layout(name, source, |_, layout| {
            let names = names(layout).into_iter();
            let mut names: Vec<_> = names.map(str::to_owned).collect();
            names.sort_unstable();
            names
        })
    };
    assert_eq!(names_of("paths", held), expected);
    let edited = names_of("paths_edited", &format!("{more}{held}"));
    for name in expected {
        assert!(edited.contains(&name.to_owned()), "{name} in {edited:?}");
    }
    let added = ["a_first", "a_second", "b", "b_inner"];
    assert_eq!(edited.len(), expected.len() + added.len());
}

/// libbpf looks for programs in the functions of the struct itself.
#[test]
fn the_functions_of_struct_ops_are_programs() {
    let source = include_str!("../../object/tests/clang/struct_ops.bpf.c");
    layout("struct_ops", source, |library, layout| {
        let names: Vec<_> = library.struct_ops.iter().map(|ops| ops.name).collect();
        assert_eq!(names, ["on", "other", "off"]);
        let items = &layout.struct_ops;
        let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["calls", "type"].map(names::identifier));
        let NamedTypeKind::Struct(composite) = &items[0].kind else {
            panic!("{:?}", items[0].kind);
        };
        let callbacks: Vec<_> = (composite.fields.iter())
            .filter(|field| field.ty == Rust::Callback)
            .map(|field| field.name.as_str())
            .collect();
        assert_eq!(callbacks, ["start", "stop"]);
    });
}

#[test]
fn only_arrays_that_follow_the_convention_can_be_resized() {
    let source = "#define S(name) __attribute__((section(name), used))
        S(\".data.one\") int one[1];
        S(\".rodata.constant\") const volatile int constant[1];
        S(\".bss.zero\") struct { int a; } zero[1];
        S(\".data.rows\") int rows[1][4];
        S(\".data.longer\") int longer[2] = { 1 };
        S(\".data.scalar\") int scalar = 1;
        S(\".data.two\") int with_a_static[1] = { 1 };
        S(\".data.two\") static int hidden = 1;
        S(\".data.three\") int first[1] = { 1 };
        S(\".data.three\") int second[1] = { 1 };
        int in_data[1] = { 1 };";
    layout("resizable", source, |library, _| {
        let variables = library.variables().map(|(_, variable)| variable);
        let resizable = variables.filter(|variable| variable.extent == Extent::Resizable);
        let mut names: Vec<_> = resizable.map(|variable| variable.name).collect();
        names.sort_unstable();
        assert_eq!(names, ["constant", "one", "rows", "zero"]);
    });
}

#[test]
fn sections_of_similar_names() {
    let source = "#define S(name) __attribute__((section(name)))
        int a S(\".data.x.y\") = 1; int b S(\".data.x_y\") = 2; int c S(\".data.maps\") = 3;";
    let (path, _) = compile("sections", "bpfel", source);
    let path = path.to_str().unwrap();
    let code = bpf_subskeleton_codegen::subskeleton(
        quote!(obj = #path),
        quote!(
            pub struct Lib;
        ),
    );
    let file: syn::File = syn::parse2(code).unwrap();
    let fields = file.items.iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == "Lib" => Some(&item.fields),
        _ => None,
    });
    let fields = fields.unwrap().iter().map(|field| {
        let ty = &field.ty;
        let name = field.ident.as_ref().unwrap();
        quote!(#name: #ty).to_string().replace(' ', "")
    });
    let expected = [
        "data_maps:lib::DataMaps",
        "data_x_y:lib::DataXY",
        "data_x_y_2:lib::DataXY_2",
    ];
    assert_eq!(fields.collect::<Vec<_>>(), expected);
}

/// Compilers before clang 16 forget that an enum is signed.
#[test]
fn enumerators_fit_their_enum() {
    let source = "enum { MINUS = -1 } __attribute__((packed)) v;";
    let (_, mut bytes) = compile("enumerators", "bpfel", source);
    let signed = 1_u32 << 31 | kind::ENUM << 24 | 1;
    let at = bytes
        .windows(4)
        .position(|word| word == signed.to_le_bytes());
    bytes[at.unwrap() + 3] &= 0x7f;
    let library = Library::read(&bytes).unwrap();
    let layout = Layout::new(&library.btf, &Roots::of(&library)).unwrap();
    let [item] = &layout.items[..] else {
        panic!("{layout:?}")
    };
    let NamedTypeKind::Enum(enumeration) = &item.kind else {
        panic!("{item:?}")
    };
    assert_eq!(enumeration.values[0].2, 255);
}
