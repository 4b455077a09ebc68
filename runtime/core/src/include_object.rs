//! [`include_object!`](crate::include_object): the bytes of a BPF object from `OUT_DIR`.

/// The bytes of a BPF object that the crate's build script has put into `OUT_DIR`, as a `&'static [u8]`.
///
/// They are aligned to 8 bytes, as an ELF file wants it: libbpf reads the file's structs where they are.
///
/// ```ignore
/// use bpf_subskeleton::include_object;
/// use bpf_subskeleton::libbpf_rs::ObjectBuilder;
///
/// let open = ObjectBuilder::default()
///     .name("app")?
///     .open_memory(include_object!("app.bpf.o"))?;
/// ```
///
/// Tools such as bpftool call the object's maps by the name, as `app.bss`; libbpf would make one of an address.
///
/// Its value can also be that of a constant or of a static.
#[macro_export]
macro_rules! include_object {
    ($name:literal) => {{
        #[repr(C, align(8))]
        struct Aligned<Bytes: ?::core::marker::Sized>(Bytes);

        const OBJECT: &Aligned<[::core::primitive::u8]> = &Aligned(*::core::include_bytes!(
            ::core::concat!(
                ::core::env!(
                    "OUT_DIR",
                    "`include_object!` takes an object from OUT_DIR, which cargo sets for crates with a build \
                     script: add a build.rs that compiles one"
                ),
                "/",
                $name
            )
        ));
        &OBJECT.0
    }};
}
