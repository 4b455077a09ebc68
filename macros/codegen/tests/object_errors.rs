//! The errors when `obj` names something that is not a BPF library.

#[path = "../../object/tests/clang/mod.rs"]
mod clang;

use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_codegen::internals::Environment;
use bpf_subskeleton_codegen::internals::subskeleton_in;
use bpf_subskeleton_object::elf::Elf;
use syn::spanned::Spanned as _;

use clang::compile;

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The one error for `obj = EXPRESSION`, which must point at that expression.
fn message(expression: &str) -> String {
    let folder = folder().to_str().unwrap().to_owned();
    let environment = Environment::with([("CARGO_MANIFEST_DIR".to_owned(), folder)]);
    let args = format!("obj = {expression}");
    let item = "pub struct Hist;".parse().unwrap();
    let code = subskeleton_in(&environment, args.parse().unwrap(), item);
    let file: syn::File = syn::parse2(code).unwrap();
    let mut messages = file.items.iter().filter_map(|item| match item {
        syn::Item::Macro(item) if item.mac.path.is_ident("compile_error") => Some(item),
        syn::Item::Macro(item) => {
            let last = item.mac.path.segments.last()?;
            (last.ident == "compile_error").then_some(item)
        }
        _ => None,
    });
    let message = messages.next().expect("no message");
    assert!(messages.next().is_none(), "more than one message");
    // The compiler underlines from the path's first token to the delimiter.
    let start = message.mac.path.span().byte_range().start;
    let end = message.mac.delimiter.span().close().byte_range().end;
    assert_eq!(&args[start..end], expression, "points elsewhere");
    message.mac.parse_body::<syn::LitStr>().unwrap().value()
}

/// The error for a file with that name and these bytes.
fn message_of(name: &str, bytes: &[u8]) -> String {
    fs::write(folder().join(name), bytes).unwrap();
    let text = message(&format!("{name:?}"));
    let (file, text) = text.split_once(": ").unwrap();
    assert_eq!(file, format!("`{name}`"));
    text.to_owned()
}

const EXPECTED: &str = ": expected a BPF object as `clang --target=bpf -g -O2 -c` writes it";

#[test]
fn no_file() {
    fs::write(folder().join("histogram.bpf.o"), b"").unwrap();
    fs::create_dir_all(folder().join("histogramm.bpf.o")).unwrap();
    assert_eq!(
        message("\"histogran.bpf.o\""),
        "no file `histogran.bpf.o` in the folder of the crate's Cargo.toml, where relative paths \
         begin; there is `histogram.bpf.o`"
    );
    assert_eq!(
        message("\"nothing/like/it.bpf.o\""),
        "no file `nothing/like/it.bpf.o` in the folder of the crate's Cargo.toml, where relative \
         paths begin"
    );
    assert_eq!(
        message("\"/nowhere/it.bpf.o\""),
        "no file `/nowhere/it.bpf.o`"
    );
    assert_eq!(
        message("concat!(\"/nowhere\", \"/it.bpf.o\")"),
        "no file `concat!(\"/nowhere\", \"/it.bpf.o\")`"
    );
    assert_eq!(message("\"\""), "the path of the object is empty");
}

#[test]
fn not_a_file() {
    fs::create_dir_all(folder().join("folder.bpf.o")).unwrap();
    assert_eq!(
        message("\"folder.bpf.o\""),
        "`folder.bpf.o` is a directory, not a BPF object"
    );
    assert_eq!(
        message("\"/dev/null\""),
        "`/dev/null` is not a regular file"
    );
}

#[test]
fn not_an_object() {
    let (path, _) = compile("other_machine", "x86_64-linux-gnu", "int x;");
    let x86 = fs::read(path).unwrap();
    for (name, bytes, text) in [
        ("empty.bpf.o", &b""[..], "the file is empty"),
        (
            "source.bpf.o",
            b"int x;",
            "not an ELF file (it begins like text)",
        ),
        (
            "archive.bpf.o",
            b"!<arch>\n",
            "not an ELF file (it begins like an archive (`ar`, a static library))",
        ),
        (
            "bitcode.bpf.o",
            b"BC\xc0\xde",
            "not an ELF file (it begins like LLVM bitcode (`-emit-llvm`, `-flto`))",
        ),
        (
            "other_machine.bpf.o",
            &x86,
            "an ELF file for x86-64, not for BPF",
        ),
    ] {
        assert_eq!(message_of(name, bytes), format!("{text}{EXPECTED}"));
    }
}

#[test]
fn damaged_objects() {
    let (_, bytes) = compile("damaged", "bpfel", "int x;");
    let elf = Elf::parse(&bytes).unwrap();
    // The section table is at the end.
    let (sections, cut) = (elf.sections.len(), bytes.len() - 1);
    let size = sections * 64;
    assert_eq!(
        message_of("cut.bpf.o", &bytes[..cut]),
        format!(
            "a damaged ELF file: the section table (e_shnum is {sections}): its {size} bytes at offset {} \
             reach beyond the file's {cut} bytes; compile it again",
            bytes.len() - size
        )
    );

    let btf = elf.btf().unwrap().as_ptr() as usize - bytes.as_ptr() as usize;
    let with = |at: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[btf + at] = value;
        bytes
    };
    // The header's fields: magic, version, flags, its length, offset and length of types, of strings.
    for (name, at, value, text) in [
        (
            "no_magic.bpf.o",
            0,
            0,
            "not BTF: it begins with 0xeb00, not with 0xeb9f",
        ),
        (
            "version.bpf.o",
            2,
            2,
            "BTF of version 2, only version 1 is known",
        ),
        (
            "strings.bpf.o",
            22,
            1,
            "truncated BTF: it ends within its strings",
        ),
        (
            "types.bpf.o",
            14,
            1,
            "truncated BTF: it ends within its types",
        ),
        (
            "kind.bpf.o",
            24 + 7,
            77,
            "BTF type [1] `int`: unknown kind 77",
        ),
    ] {
        let text = format!("{text}; compile the object again");
        assert_eq!(message_of(name, &with(at, value)), text);
    }
}

#[test]
fn no_btf() {
    let (_, mut bytes) = compile("no_btf", "bpfel", "int x;");
    // As without `-g`: no section has that name.
    let at = bytes.windows(5).rposition(|window| window == b".BTF\0");
    bytes[at.unwrap()..][..4].copy_from_slice(b".FTB");
    assert_eq!(
        message_of("no_btf.bpf.o", &bytes),
        "the object has no BTF (no `.BTF` section), so its types are unknown: compile it with `-g`"
    );
}

#[test]
fn other_byte_order() {
    for (target, order, other, wanted) in [
        ("bpfel", "little", "big", "bpfeb"),
        ("bpfeb", "big", "little", "bpfel"),
    ] {
        let (_, bytes) = compile(&format!("order_{target}"), target, "int x;");
        // The compiler evaluates the `cfg` before it for its own target.
        assert_eq!(
            message_of(&format!("{target}.bpf.o"), &bytes),
            format!(
                "a {order}-endian object, but the crate is compiled for a {other}-endian machine: \
                 compile the object with `--target={wanted}`"
            )
        );
    }
}
