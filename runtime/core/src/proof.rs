//! Proof, at compile time, that generated types are laid out as C lays them out.

/// Requires size, alignment and offsets of a generated type: `layout_proof!(types::worker, 48, 8, pid: 0);`
/// beside the modules of generated code.
///
/// A type of `types` has a mirror in `fields`, which must agree. Its cells may be aligned to less than the
/// type, for those of a packed struct are aligned to 1.
#[doc(hidden)]
#[macro_export]
macro_rules! __layout_proof {
    (types::$name:ident, $size:literal, $align:literal $(, $field:ident: $offset:literal)*) => {
        $crate::private::layout_proof!(@value super::types::$name, $size, $align $(, $field: $offset)*);
        const _: () = {
            type Fields = super::fields::$name<$crate::Write>;
            ::core::assert!(
                ::core::mem::size_of::<Fields>() == $size && ::core::mem::align_of::<Fields>() <= $align
            );
            $(::core::assert!(::core::mem::offset_of!(Fields, $field) == $offset);)*
        };
    };
    ($module:ident::$name:ident, $size:literal, $align:literal $(, $field:ident: $offset:literal)*) => {
        $crate::private::layout_proof!(@value super::$module::$name, $size, $align $(, $field: $offset)*);
    };
    (@value $value:path, $size:literal, $align:literal $(, $field:ident: $offset:literal)*) => {
        const _: () = {
            ::core::assert!(
                ::core::mem::size_of::<$value>() == $size && ::core::mem::align_of::<$value>() == $align
            );
            $(::core::assert!(::core::mem::offset_of!($value, $field) == $offset);)*
        };
    };
}
