//! Code that asks for something that its description of the library does not have. Generated code never does,
//! so the bug is ours: it must panic, and never hand out a reference to what is not there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use bpf_subskeleton::describe::{Library, Map, Program, Shape, Type, Variable};
use bpf_subskeleton::maps::map_type;
use bpf_subskeleton::private::{self, Bound, Configured, Group, I32, Kind, U32, U64, kind};
use bpf_subskeleton::{BindError, Const, Read, Var, Write};
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::compile_c;
use libbpf_rs::{Object, OpenObject};

static TWO_INTS: Type = Type::Array {
    element: &I32,
    len: 2,
};

/// It follows an int, so its 8 bytes are only 4-byte aligned.
const PAIR: Variable = Variable::new::<[i32; 2], Write>("pair", ".data", "int pair[2]", &TWO_INTS);
const FIXED: Variable =
    Variable::new::<i32, Read>("fixed", ".rodata", "const volatile int fixed", &I32);
const SLOTS: Map = Map::new("slots", Some(1), Shape::Type(&U32), Shape::Type(&U64));
const LOOK: Program = Program::new("look", "raw_tp");

static LIBRARY: Library = Library {
    name: "Library",
    variables: &[PAIR, FIXED],
    maps: &[SLOTS],
    programs: &[LOOK],
    struct_ops: &[],
};

fn compile() -> PathBuf {
    let source = "
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        int in_front = 1;
        int pair[2] = { 2, 3 };
        const volatile int fixed = 4;
        struct {
            __uint(type, BPF_MAP_TYPE_HASH);
            __uint(max_entries, 1);
            __type(key, __u32);
            __type(value, __u64);
        } slots SEC(\".maps\");
        SEC(\"raw_tp\") int look(void *ctx) { return fixed; }
    ";
    compile_c("out_of_step", source)
}

fn open() -> OpenObject {
    kernel::open(&compile())
}

fn load() -> Object {
    open().load().unwrap()
}

#[track_caller]
fn assert_stops<T>(ask: impl FnOnce() -> T) {
    let stopped = catch_unwind(AssertUnwindSafe(ask)).err().unwrap();
    let text = stopped
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| stopped.downcast_ref::<&str>().copied());
    let said = "generated code and its description of the library disagree";
    assert!(text.unwrap().starts_with(said), "{text:?}");
}

#[test]
fn in_step() {
    let object = load();
    let mut bound = private::bind(&object, &LIBRARY).unwrap();
    assert_eq!(bound.variable::<[i32; 2], Write>().get(), [2, 3]);
    assert_eq!(bound.variable::<i32, Read>().get(), 4);
    bound
        .map::<map_type::Hash, u32, u64>()
        .insert(&1, &2)
        .unwrap();
    // There are no more.
    assert_stops(|| bound.variable::<i32, Read>());
    assert_stops(|| bound.map::<map_type::Hash, u32, u64>());
}

#[test]
fn variables_of_another_size() {
    let object = load();
    let bind = || private::bind(&object, &LIBRARY).unwrap();
    assert_stops(|| bind().variable::<[i32; 3], Write>());
    assert_stops(|| bind().variable::<i32, Write>());
    assert_stops(|| bind().unsized_variable::<[i32; 3], Write>());
    assert_eq!(bind().unsized_variable::<i32, Write>().len(), 2);
    let mut open = open();
    assert_stops(|| {
        *private::configure(&mut open, &LIBRARY)
            .unwrap()
            .variable::<i32>()
    });
    assert_stops(|| {
        let mut config = private::configure(&mut open, &LIBRARY).unwrap();
        config.unsized_variable::<[i32; 3]>().len()
    });
}

#[test]
fn variables_that_are_not_aligned() {
    let object = load();
    let bind = || private::bind(&object, &LIBRARY).unwrap();
    assert_stops(|| bind().variable::<u64, Write>());
    assert_stops(|| bind().unsized_variable::<u64, Write>());
    let mut open = open();
    assert_stops(|| {
        *private::configure(&mut open, &LIBRARY)
            .unwrap()
            .variable::<u64>()
    });
}

#[test]
fn constants_that_are_written() {
    let object = load();
    let mut bound = private::bind(&object, &LIBRARY).unwrap();
    bound.variable::<[i32; 2], Write>();
    assert_stops(|| bound.variable::<i32, Write>());
    // Before load they can be written.
    let mut open = open();
    let mut config = private::configure(&mut open, &LIBRARY).unwrap();
    assert_eq!(config.unsized_variable::<i32>(), [2, 3]);
    *config.variable::<i32>() = 5;
}

#[test]
fn maps_of_another_shape() {
    let object = load();
    let bind = || private::bind(&object, &LIBRARY).unwrap();
    assert_stops(|| bind().map::<map_type::LruHash, u32, u64>());
    assert_stops(|| bind().map::<map_type::Hash, u64, u64>());
    assert_stops(|| bind().map::<map_type::Hash, u32, u32>());
}

/// A struct that the runtime fills has as many fields as its table has rows, and these no more than the library has
/// variables.
#[test]
fn structs_of_another_length() {
    type Pair = Var<[i32; 2]>;
    #[repr(C)]
    struct Both(Pair, Const<i32>);
    #[repr(C)]
    struct More(Pair, Const<i32>, u8);
    #[repr(C)]
    struct Fewer(Pair);
    #[repr(C)]
    struct Three(Pair, Const<i32>, Const<i32>);
    #[repr(C)]
    struct NoKind(Pair, Const<i32>);
    const KINDS: &[Kind] = &[kind::<Const<i32>>(), kind::<Pair>()];
    macro_rules! group {
        ($($ty:ident $rows:expr;)*) => {$(
            // SAFETY: the rows are those of its fields; not all are where the test is that this stops.
            unsafe impl Group for $ty {
                type Library = Bound;
                const KINDS: &'static [Kind] = KINDS;
                const ROWS: &'static [u32] = &$rows;
                const NAMES: &'static str = "pair fixed fixed";
            }
        )*};
    }
    group! { Both [1, 0]; More [1, 0]; Fewer [1, 0]; Three [1, 0, 0]; NoKind [1, 2]; }
    let object = load();
    let bind = || private::bind(&object, &LIBRARY).unwrap();
    let both = bind().variables::<Both>();
    assert_eq!((both.0.get(), both.1.get()), ([2, 3], 4));
    assert_stops(|| bind().variables::<More>().2);
    assert_stops(|| bind().variables::<Fewer>().0.get());
    assert_stops(|| bind().variables::<Three>().2.get());
    assert_stops(|| bind().variables::<NoKind>().1.get());

    #[repr(C)]
    struct Values<'obj>(&'obj mut [i32; 2], &'obj mut i32);
    // SAFETY: the rows are those of its fields.
    unsafe impl<'obj> Group for Values<'obj> {
        type Library = Configured<'obj>;
        const KINDS: &'static [Kind] = &[kind::<&'obj mut [i32; 2]>(), kind::<&'obj mut i32>()];
        const ROWS: &'static [u32] = &[0, 1];
        const NAMES: &'static str = "pair fixed";
    }
    let mut open = open();
    let values: Values<'_> = private::configure(&mut open, &LIBRARY).unwrap().variables();
    assert_eq!((*values.0, *values.1), ([2, 3], 4));
}

/// Before load each is lent out mutably, so none may be lent out twice.
#[test]
fn names_that_occur_twice() {
    static TWICE: Library = Library {
        name: "Twice",
        variables: &[PAIR, PAIR],
        maps: &[SLOTS, SLOTS],
        programs: &[LOOK, LOOK],
        struct_ops: &[],
    };
    let paths = |error: BindError| -> Vec<_> {
        let problems = error.problems().iter();
        problems.map(|problem| problem.path().to_owned()).collect()
    };
    let mut open = open();
    let error = private::configure(&mut open, &TWICE).err().unwrap();
    assert_eq!(paths(error), ["pair", "slots", "look"]);
    let object = open.load().unwrap();
    let error = private::programs(&object, &TWICE).err().unwrap();
    assert_eq!(paths(error), ["look"]);
}
