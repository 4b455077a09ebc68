//! The C types that have a counterpart in Rust.

use super::Type;

macro_rules! primitives {
    ($($name:ident = $ty:expr;)*) => {$(
        pub static $name: Type = $ty;
    )*};
}

primitives! {
    U8 = Type::Int { size: 1, signed: false };
    U16 = Type::Int { size: 2, signed: false };
    U32 = Type::Int { size: 4, signed: false };
    U64 = Type::Int { size: 8, signed: false };
    U128 = Type::Int { size: 16, signed: false };
    I8 = Type::Int { size: 1, signed: true };
    I16 = Type::Int { size: 2, signed: true };
    I32 = Type::Int { size: 4, signed: true };
    I64 = Type::Int { size: 8, signed: true };
    I128 = Type::Int { size: 16, signed: true };
    BOOL = Type::Bool;
    F32 = Type::Float { size: 4 };
    F64 = Type::Float { size: 8 };
}
