//! What is said of types that can't have a trait that `derive(…)` asks for.

#[path = "../../object/tests/clang/mod.rs"]
mod clang;

use std::path::PathBuf;
use std::sync::LazyLock;

use bpf_subskeleton_codegen::internals::{Environment, expand_in};

use clang::compile;

/// A type for each thing that can be in the way.
const LIBRARY: &str = r#"
    struct plain { unsigned long a; char b[40]; } plain;
    typedef struct plain plain_t;
    struct aliased { plain_t of[2]; unsigned long count; } aliased;
    struct inner { double mean; };
    typedef struct inner inner_t;
    struct floats { inner_t rows[2][3]; } floats;
    float load;
    double loads[4];
    union either { int a; float b; };
    struct with_union { union either rows[2]; } with_union;
    struct anonymous { struct { int a; union { int b; int c; }; }; } anonymous;
    struct not_anonymous { struct { int a; struct { int b; }; }; } not_anonymous;
    struct padded { char a; int b; } padded;
    struct around { struct padded of[2]; } around;
    struct bits { unsigned a : 32; } bits;
    union u1 { int a; } u1; union u2 { int a; } u2; union u3 { int a; } u3; union u4 { int a; } u4; union u5 { int a; } u5;
    struct opaque *pointer;
"#;

fn expanded(args: &str, fields: &str) -> Result<String, Vec<String>> {
    static OBJECT: LazyLock<PathBuf> = LazyLock::new(|| compile("traits", "bpf", LIBRARY).0);
    let environment = Environment::with([("CARGO_MANIFEST_DIR".to_owned(), "/".to_owned())]);
    let args = format!("obj = {:?}, {args}", *OBJECT).parse().unwrap();
    let fields = fields.split_whitespace();
    let fields: String = fields.map(|name| format!("{name}: Var<_>,")).collect();
    let item = format!("struct Library {{ {fields} }}").parse().unwrap();
    expand_in(&environment, args, item).map(|code| code.to_string())
}

/// The mistakes in the arguments after `obj`, where these variables are selected.
fn mistakes(args: &str, fields: &str) -> Vec<String> {
    expanded(args, fields).err().unwrap_or_default()
}

#[test]
fn nothing_is_in_the_way() {
    let all = "derive(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, my::Other)";
    assert_eq!(mistakes(all, "plain not_anonymous pointer"), [""; 0]);
    let most = "derive(PartialEq, PartialOrd, serde::Serialize), snapshot";
    assert_eq!(
        mistakes(most, "plain floats load padded around bits"),
        [""; 0]
    );
    assert_eq!(mistakes("derive(Eq)", "padded around bits load"), [""; 0]);
    assert_eq!(mistakes("derive(my::Other)", "floats load"), [""; 0]);
    assert_eq!(mistakes("derive(), derive?()", "u1"), [""; 0]);
}

#[test]
fn floats() {
    let told = |name: &str| {
        format!(
            "`{name}` can't be on all C types here: `double mean` of `struct inner` is a float; \
             `derive?({name})` leaves such types out"
        )
    };
    assert_eq!(
        mistakes("derive(Eq, Hash)", "floats"),
        [told("Eq"), told("Hash")]
    );
    let told = "`Hash` can't be on all C types here: the variable `load` is a float, \
                the variable `loads` is a float; `derive?(Hash)` leaves such types out";
    assert_eq!(mistakes("derive(Hash), snapshot", "load loads"), [told]);
    assert_eq!(mistakes("derive(Hash)", "load loads"), [""; 0]);
}

#[test]
fn unions() {
    let told = "`PartialEq` can't be on all C types here: `union either` is a union; \
                `derive?(PartialEq)` leaves such types out";
    assert_eq!(mistakes("derive(PartialEq)", "with_union"), [told]);
    let told = "`serde::Serialize` can't be on all C types here: \
                `struct anonymous` contains an anonymous union; \
                `derive?(serde::Serialize)` leaves such types out";
    assert_eq!(mistakes("derive(serde::Serialize)", "anonymous"), [told]);
    let told = "`my::Other` can't be on all C types here: `union u1` is a union, \
                `union u2` is a union, `union u3` is a union, `union u4` is a union, and 1 more; \
                `derive?(my::Other)` leaves such types out";
    assert_eq!(mistakes("derive(my::Other)", "u1 u2 u3 u4 u5"), [told]);
}

#[test]
fn what_a_derive_macro_would_take_for_members() {
    let told = "`my::Other` can't be on all C types here: `struct padded` has padding, \
                `unsigned int a : 32` of `struct bits` is a bitfield; \
                `derive?(my::Other)` leaves such types out";
    assert_eq!(mistakes("derive(my::Other)", "around bits"), [told]);
}

/// What contains a type without the trait can't have it either, nor can a snapshot.
#[test]
fn types_are_left_out() {
    let count = |args: &str, fields: &str, text: &str| {
        let code = expanded(args, fields).unwrap();
        code.matches(text).count()
    };
    let other = ":: my :: Other";
    assert_eq!(count("derive?(my::Other), snapshot", "around", other), 0);
    // `plain` and the snapshot.
    assert_eq!(count("derive?(my::Other), snapshot", "plain", other), 2);
    assert_eq!(
        count("derive?(my::Other), snapshot", "plain around", other),
        1
    );
    let eq = "cmp :: Eq";
    assert_eq!(count("derive?(Eq), snapshot", "plain", eq), 2);
    assert_eq!(count("derive?(Eq), snapshot", "plain load", eq), 1);
    assert_eq!(count("derive?(Eq), snapshot", "floats with_union", eq), 0);
}

/// Where a type of the user's is, no trait is certain: `PartialEq` must be asked for, and `Eq` is proven.
#[test]
fn types_of_the_user() {
    let expanded = |args: &str| {
        let args = format!("types(plain = crate::Plain), {args}");
        expanded(&args, "aliased").unwrap()
    };
    let compares = |code: &str| code.contains("cmp :: PartialEq for aliased");
    let proves = |code: &str| code.contains("is_eq :: < [self :: plain ; 2] >");
    for (args, compared, proven) in [
        ("", false, false),
        ("derive?(Hash)", false, false),
        ("derive?(PartialOrd)", true, false),
        ("derive(PartialEq)", true, false),
        ("derive(Eq)", true, true),
    ] {
        let code = expanded(args);
        assert_eq!(
            (compares(&code), proves(&code)),
            (compared, proven),
            "{args}"
        );
    }
    // One of a known type is not.
    assert!(!expanded("derive(Eq)").contains("is_eq :: < :: core"));
}

#[test]
fn traits_that_can_not_be_asked_for() {
    assert_eq!(
        mistakes("derive(Eq, core::cmp::Eq, my::Other, my::Other)", "plain"),
        [
            "duplicate trait `core::cmp::Eq`",
            "duplicate trait `my::Other`"
        ]
    );
    assert_eq!(
        mistakes("derive(Eq), derive?(Eq)", "plain"),
        ["duplicate trait `Eq`"]
    );
    assert_eq!(
        mistakes("derive(Eq), derive(Hash)", "plain"),
        ["duplicate argument `derive`"]
    );
    assert_eq!(
        mistakes("derive(Copy, std::default::Default)", "plain"),
        [
            "`Copy` is on every C type already: leave it out",
            "`Default` is on every C type already: leave it out"
        ]
    );
    assert_eq!(
        mistakes("derive(Ord)", "plain"),
        ["`Ord` needs `Eq` and `PartialOrd` beside it"]
    );
}
