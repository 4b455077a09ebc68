//! Writes BTF as bpftool does.

use std::fmt::{self, Write as _};

use bpf_subskeleton_object::btf::{Btf, Composite, Linkage, Type, TypeId};

/// Writes the table as `bpftool btf dump` does.
pub(crate) fn dump(btf: &Btf<'_>) -> String {
    let mut out = String::new();
    for (id, ty) in btf.iter().skip(1) {
        dump_type(&mut out, btf, id, ty).unwrap();
    }
    out
}

fn dump_type(out: &mut String, btf: &Btf<'_>, id: TypeId, ty: &Type<'_>) -> fmt::Result {
    let quote = |name: &str| match name {
        "" => "'(anon)'".to_owned(),
        name => format!("'{name}'"),
    };
    let name = quote(ty.name());
    let linkage = |linkage: Linkage| match linkage {
        Linkage::Static => "static",
        Linkage::Global => "global",
        Linkage::Extern => "extern",
    };
    write!(out, "{id} ")?;
    match ty {
        Type::Void => unreachable!(),
        Type::Int {
            size,
            offset,
            bits,
            signed,
            char,
            boolean,
            ..
        } => {
            let encoding = match (signed, char, boolean) {
                (false, false, false) => "(none)",
                (true, false, false) => "SIGNED",
                (false, true, false) => "CHAR",
                (false, false, true) => "BOOL",
                _ => "UNKN",
            };
            writeln!(
                out,
                "INT {name} size={size} bits_offset={offset} nr_bits={bits} encoding={encoding}"
            )
        }
        Type::Float { size, .. } => writeln!(out, "FLOAT {name} size={size}"),
        Type::Pointer { to } => writeln!(out, "PTR {name} type_id={}", to.0),
        Type::Typedef { to, .. } => writeln!(out, "TYPEDEF {name} type_id={}", to.0),
        Type::Volatile { to } => writeln!(out, "VOLATILE {name} type_id={}", to.0),
        Type::Const { to } => writeln!(out, "CONST {name} type_id={}", to.0),
        Type::Restrict { to } => writeln!(out, "RESTRICT {name} type_id={}", to.0),
        Type::TypeTag { to, .. } => writeln!(out, "TYPE_TAG {name} type_id={}", to.0),
        Type::Array {
            element,
            index,
            len,
        } => writeln!(
            out,
            "ARRAY {name} type_id={} index_type_id={} nr_elems={len}",
            element.0, index.0
        ),
        Type::Struct(composite) | Type::Union(composite) => {
            let Composite { size, members, .. } = composite;
            let kind = match ty {
                Type::Struct(_) => "STRUCT",
                _ => "UNION",
            };
            writeln!(out, "{kind} {name} size={size} vlen={}", members.len())?;
            for member in members {
                let (name, ty, offset) = (quote(member.name), member.ty.0, member.bit_offset);
                write!(out, "\t{name} type_id={ty} bits_offset={offset}")?;
                match member.bitfield_size {
                    0 => writeln!(out)?,
                    size => writeln!(out, " bitfield_size={size}")?,
                }
            }
            Ok(())
        }
        Type::Enum {
            size,
            signed,
            wide,
            values,
            ..
        } => {
            let kind = if *wide { "ENUM64" } else { "ENUM" };
            let encoding = if *signed { "SIGNED" } else { "UNSIGNED" };
            let vlen = values.len();
            writeln!(
                out,
                "{kind} {name} encoding={encoding} size={size} vlen={vlen}"
            )?;
            let suffix = match (wide, signed) {
                (false, _) => "",
                (true, true) => "LL",
                (true, false) => "ULL",
            };
            for value in values {
                writeln!(out, "\t{} val={}{suffix}", quote(value.name), value.value)?;
            }
            Ok(())
        }
        Type::Forward { union, .. } => {
            let kind = if *union { "union" } else { "struct" };
            writeln!(out, "FWD {name} fwd_kind={kind}")
        }
        Type::Function {
            proto, linkage: l, ..
        } => {
            writeln!(
                out,
                "FUNC {name} type_id={} linkage={}",
                proto.0,
                linkage(*l)
            )
        }
        Type::FunctionProto { ret, params } => {
            let vlen = params.len();
            writeln!(out, "FUNC_PROTO {name} ret_type_id={} vlen={vlen}", ret.0)?;
            for param in params {
                writeln!(out, "\t{} type_id={}", quote(param.name), param.ty.0)?;
            }
            Ok(())
        }
        Type::Variable { ty, linkage: l, .. } => {
            writeln!(out, "VAR {name} type_id={}, linkage={}", ty.0, linkage(*l))
        }
        Type::DataSection { size, entries, .. } => {
            writeln!(out, "DATASEC {name} size={size} vlen={}", entries.len())?;
            for entry in entries {
                let (id, offset, size) = (entry.ty.0, entry.offset, entry.size);
                let ty = btf.ty(entry.ty);
                let kind = match ty {
                    Type::Variable { .. } => "VAR",
                    _ => "FUNC",
                };
                let name = ty.name();
                writeln!(
                    out,
                    "\ttype_id={id} offset={offset} size={size} ({kind} '{name}')"
                )?;
            }
            Ok(())
        }
        Type::DeclTag {
            target, component, ..
        } => {
            let component = component.map_or(-1, i64::from);
            writeln!(
                out,
                "DECL_TAG {name} type_id={} component_idx={component}",
                target.0
            )
        }
    }
}
