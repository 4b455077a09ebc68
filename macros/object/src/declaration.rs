//! C declarations, written as in C: `int (*hook)(int, const char *)`.

use crate::btf::{Btf, Composite, Type, TypeId};

/// Longer declarations end in `…`: a hostile table can describe a prototype of any length.
const MAX_LEN: usize = 400;

/// The declaration of `name` with the type `id`; without a name, the type. It always contains the name.
pub fn declaration(btf: &Btf<'_>, id: TypeId, name: &str) -> String {
    let mut text = declare(btf, id, name.to_owned(), &mut 200);
    if text.len() > MAX_LEN {
        let end = (0..MAX_LEN).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
        if !text.contains(name) {
            text = format!("… {name}");
        }
    }
    text
}

/// Declares `declarator` with the type. `budget` bounds how many types are visited: the table has no
/// cycles here, but its prototypes may fan out.
fn declare(btf: &Btf<'_>, id: TypeId, declarator: String, budget: &mut u32) -> String {
    if *budget == 0 || declarator.len() > MAX_LEN {
        return format!("… {declarator}");
    }
    *budget -= 1;
    // `*` binds more loosely than `[]` and `()`.
    let suffixed = |suffix: String| match declarator.starts_with('*') {
        true => format!("({declarator}){suffix}"),
        false => format!("{declarator}{suffix}"),
    };
    match btf.ty(id) {
        Type::Pointer { to } => declare(btf, *to, format!("*{declarator}"), budget),
        Type::Array { element, len, .. } => {
            let len = if *len == 0 {
                String::new()
            } else {
                len.to_string()
            };
            declare(btf, *element, suffixed(format!("[{len}]")), budget)
        }
        Type::FunctionProto { ret, params } => {
            let mut list = Vec::new();
            for param in params {
                if *budget == 0 {
                    list.push("…".to_owned());
                    break;
                }
                list.push(match (btf.ty(param.ty), param.name) {
                    (Type::Void, "") => "...".to_owned(),
                    (_, name) => declare(btf, param.ty, name.to_owned(), budget),
                });
            }
            if list.is_empty() {
                list.push("void".to_owned());
            }
            declare(
                btf,
                *ret,
                suffixed(format!("({})", list.join(", "))),
                budget,
            )
        }
        Type::Const { to } => qualify(btf, *to, "const", declarator, budget),
        Type::Volatile { to } => qualify(btf, *to, "volatile", declarator, budget),
        Type::Restrict { to } => qualify(btf, *to, "restrict", declarator, budget),
        Type::TypeTag { to, .. } => declare(btf, *to, declarator, budget),
        ty => join(&base(ty), &declarator),
    }
}

/// Writes a qualifier: before the type it qualifies, but after the `*` of a pointer.
fn qualify(btf: &Btf<'_>, to: TypeId, word: &str, declarator: String, budget: &mut u32) -> String {
    match btf.ty(unqualified(btf, to)) {
        Type::Pointer { .. } => declare(btf, to, join(word, &declarator), budget),
        _ => format!("{word} {}", declare(btf, to, declarator, budget)),
    }
}

/// Strips qualifiers, but not typedefs: a qualified typedef of a pointer has its qualifiers in front.
fn unqualified(btf: &Btf<'_>, mut id: TypeId) -> TypeId {
    while let Type::Const { to }
    | Type::Volatile { to }
    | Type::Restrict { to }
    | Type::TypeTag { to, .. } = btf.ty(id)
    {
        id = *to;
    }
    id
}

fn join(left: &str, right: &str) -> String {
    match right {
        "" => left.to_owned(),
        right => format!("{left} {right}"),
    }
}

fn base(ty: &Type<'_>) -> String {
    let tagged = |keyword: &str, name: &str| match name {
        "" => format!("{keyword} {{ … }}"),
        name => format!("{keyword} {name}"),
    };
    match ty {
        Type::Void => "void".to_owned(),
        Type::Struct(Composite { name, .. }) | Type::Forward { name, union: false } => {
            tagged("struct", name)
        }
        Type::Union(Composite { name, .. }) | Type::Forward { name, union: true } => {
            tagged("union", name)
        }
        Type::Enum { name, .. } => tagged("enum", name),
        ty => ty.name().to_owned(),
    }
}
