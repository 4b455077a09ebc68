//! BTF that tests write by hand, with libbpf's writer: it needs neither an object nor a kernel.

use core::ptr::NonNull;
use std::ffi::CString;

use libbpf_rs::libbpf_sys;

use super::{Btf, GLOBAL};

/// BTF that grows type by type. Each method returns the id of the type that it adds.
pub(crate) struct BtfBuilder(NonNull<libbpf_sys::btf>);

/// A member of a struct: name, type, offset in bits, and width in bits of a bitfield or 0.
pub(crate) type NewMember<'a> = (&'a str, u32, u32, u32);

fn c_string(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn id(result: i32) -> u32 {
    u32::try_from(result).unwrap()
}

impl BtfBuilder {
    pub(crate) fn new() -> Self {
        // SAFETY: always safe to call.
        Self(NonNull::new(unsafe { libbpf_sys::btf__new_empty() }).unwrap())
    }

    pub(crate) fn btf(&self) -> Btf<'_> {
        // SAFETY: all that changes it takes `&mut self`.
        unsafe { Btf::from_raw(self.0) }
    }

    /// As a `.BTF` section has it.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        let mut size = 0;
        // SAFETY: the BTF is valid.
        let bytes = unsafe { libbpf_sys::btf__raw_data(self.0.as_ptr(), &raw mut size) };
        // SAFETY: there are as many bytes, until the BTF changes.
        unsafe { core::slice::from_raw_parts(bytes.cast(), size as usize) }
    }

    /// Calls a function of libbpf's writer.
    fn add(&mut self, name: &str, add: impl FnOnce(*mut libbpf_sys::btf, *const i8) -> i32) -> u32 {
        let name = c_string(name);
        id(add(self.0.as_ptr(), name.as_ptr().cast()))
    }

    pub(crate) fn int(&mut self, name: &str, size: u64, signed: bool) -> u32 {
        let encoding = if signed {
            libbpf_sys::BTF_INT_SIGNED
        } else {
            0
        };
        // SAFETY: the BTF is valid, and the name a string.
        self.add(name, |btf, name| unsafe {
            libbpf_sys::btf__add_int(btf, name.cast(), size as _, encoding as i32)
        })
    }

    pub(crate) fn structure(&mut self, tag: &str, size: u32, members: &[NewMember<'_>]) -> u32 {
        // SAFETY: as in `int`.
        let ty = self.add(tag, |btf, tag| unsafe {
            libbpf_sys::btf__add_struct(btf, tag.cast(), size)
        });
        for (name, member, offset, width) in members {
            let name = c_string(name);
            // SAFETY: as in `int`; the last type is the struct.
            let added = unsafe {
                libbpf_sys::btf__add_field(
                    self.0.as_ptr(),
                    name.as_ptr(),
                    *member as _,
                    *offset,
                    *width,
                )
            };
            assert_eq!(added, 0);
        }
        ty
    }

    pub(crate) fn enumeration(&mut self, tag: &str, size: u32, values: &[(&str, i64)]) -> u32 {
        // SAFETY: as in `int`.
        let ty = self.add(tag, |btf, tag| unsafe {
            libbpf_sys::btf__add_enum(btf, tag.cast(), size)
        });
        for (name, value) in values {
            let name = c_string(name);
            // SAFETY: as in `int`; the last type is the enum.
            let added =
                unsafe { libbpf_sys::btf__add_enum_value(self.0.as_ptr(), name.as_ptr(), *value) };
            assert_eq!(added, 0);
        }
        ty
    }

    pub(crate) fn pointer(&mut self, to: u32) -> u32 {
        // SAFETY: the BTF is valid.
        id(unsafe { libbpf_sys::btf__add_ptr(self.0.as_ptr(), to as _) })
    }

    pub(crate) fn array(&mut self, element: u32, len: u32) -> u32 {
        // SAFETY: the BTF is valid.
        id(unsafe { libbpf_sys::btf__add_array(self.0.as_ptr(), element as _, element as _, len) })
    }

    pub(crate) fn typedef(&mut self, name: &str, of: u32) -> u32 {
        // SAFETY: as in `int`.
        self.add(name, |btf, name| unsafe {
            libbpf_sys::btf__add_typedef(btf, name.cast(), of as _)
        })
    }

    /// A function without parameters.
    pub(crate) fn function(&mut self, name: &str) -> u32 {
        // SAFETY: the BTF is valid.
        let proto = id(unsafe { libbpf_sys::btf__add_func_proto(self.0.as_ptr(), 0) });
        // SAFETY: as in `int`.
        self.add(name, |btf, name| unsafe {
            libbpf_sys::btf__add_func(btf, name.cast(), libbpf_sys::BTF_FUNC_GLOBAL, proto as _)
        })
    }

    /// A global variable.
    pub(crate) fn variable(&mut self, name: &str, ty: u32) -> u32 {
        self.variable_with(name, ty, GLOBAL)
    }

    pub(crate) fn variable_with(&mut self, name: &str, ty: u32, linkage: u32) -> u32 {
        // SAFETY: as in `int`.
        self.add(name, |btf, name| unsafe {
            libbpf_sys::btf__add_var(btf, name.cast(), linkage as _, ty as _)
        })
    }

    /// A DATASEC: of each variable its id, its offset and its size.
    pub(crate) fn section(&mut self, name: &str, entries: &[(u32, u32, u32)]) -> u32 {
        let size = entries.iter().map(|(_, offset, size)| offset + size).max();
        // SAFETY: as in `int`.
        let ty = self.add(name, |btf, name| unsafe {
            libbpf_sys::btf__add_datasec(btf, name.cast(), size.unwrap_or(0))
        });
        for (variable, offset, size) in entries {
            // SAFETY: the BTF is valid, and its last type is the DATASEC.
            let added = unsafe {
                libbpf_sys::btf__add_datasec_var_info(
                    self.0.as_ptr(),
                    *variable as _,
                    *offset,
                    *size,
                )
            };
            assert_eq!(added, 0);
        }
        ty
    }
}

impl Drop for BtfBuilder {
    fn drop(&mut self) {
        // SAFETY: `new` made it, and nobody else frees it.
        unsafe { libbpf_sys::btf__free(self.0.as_ptr()) };
    }
}
