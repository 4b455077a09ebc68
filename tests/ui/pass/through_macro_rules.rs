//! Types, attributes and paths that come through `macro_rules`: in groups without delimiters, and not of the macro's own
//! hygiene.
#![allow(dead_code, unused_braces)]

use bpf_subskeleton::subskeleton;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

macro_rules! selection {
    (
        $(#[$meta:meta])* $vis:vis struct $name:ident in $object:literal;
        $(#[$field_meta:meta])* $field:ident: $handle:ident<[$ty:ty; $len:expr]>, $slots:ty;
        $key:ty, $whole:path, $own:ident
    ) => {
        $(#[$meta])*
        #[subskeleton(obj = $object, snapshot)]
        $vis struct $name {
            $(#[$field_meta])* $vis $field: $handle<[$ty; $len]>,
            $vis slots: $slots,
            $vis samples: $handle<$key>,
            $vis hist_last: $whole,
            $vis custom: Option<$handle<$own>>,
        }
    };
}

type Counter = u64;

selection! {
    /// Documented.
    pub(crate) struct Public in "selection.bpf.o";
    /// Documented.
    #[bpf(name = "weights")]
    heaviness: Var<[u32; NAMES.len()]>, Var<[public::slot; { 64 }]>;
    u64, Var<u64>, Counter
}

selection! {
    struct Private in "selection.bpf.o";
    weights: Var<[u32; 4]>, Var<[private::slot; 64]>;
    Counter, ::bpf_subskeleton::Var<Counter>, u64
}

/// Paths that are known while macros are expanded, and types of the macro's own crate.
macro_rules! whole_library {
    ($name:ident, $object:expr, $variable:literal) => {
        #[subskeleton(obj = concat!(env!($variable), "/", $object), types(slot = $crate::Slot))]
        struct $name;
    };
}

#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Slot {
    pub count: u64,
    pub sum: u64,
}

whole_library!(Whole, "selection.bpf.o", "CARGO_MANIFEST_DIR");

/// A type in a group of its own that is only the beginning of the field's.
macro_rules! nested {
    ($name:ident, $element:ty, $len:literal, $array:ty, $slice:ty) => {
        #[subskeleton(obj = "selection.bpf.o", snapshot)]
        struct $name {
            slots: Var<[$element; $len]>,
            weights: Var<$array>,
        }

        mod slice {
            #[bpf_subskeleton::subskeleton(obj = "selection.bpf.o", snapshot)]
            struct $name {
                weights: Var<$slice>,
            }
        }
    };
}

nested!(Nested, nested::slot, 64, [u32; 4], [u32]);

fn use_both(public: &Public, private: &Private) {
    let _: [u32; 4] = public.heaviness.get();
    let _: u64 = private.hist_last.get() + public.snapshot().samples;
}

fn main() {
    let _ = use_both;
}
