//! `vmlinux.h`: the types of a kernel, as `bpftool btf dump file … format c` writes them.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use crate::environment::rerun_if_changed;
use crate::error::{Error, Kind};
use crate::printf::append;

const BEFORE: &str = "#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

";

const AFTER: &str = "
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
";

/// Writes `vmlinux.h` from the BTF in `btf`, and returns its folder.
pub(crate) fn write(btf: &Path, out: &Path) -> Result<PathBuf, Error> {
    rerun_if_changed(btf);
    let folder = out.join("vmlinux");
    fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
    let types = dump(btf).map_err(|reason| Kind::Vmlinux(btf.to_owned(), reason))?;
    let header = folder.join("vmlinux.h");
    fs::write(&header, format!("{BEFORE}{types}{AFTER}"))
        .map_err(|error| Error::file(&header, error))?;
    Ok(folder)
}

/// All types as C.
fn dump(path: &Path) -> Result<String, String> {
    // libbpf would only return a number for a file that does not exist.
    fs::metadata(path).map_err(|error| error.to_string())?;
    let c_path = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: the path ends with a NUL, and no extended information is asked for.
    let btf = unsafe { libbpf_sys::btf__parse(c_path.as_ptr(), std::ptr::null_mut()) };
    let btf = Btf(NonNull::new(btf).ok_or("there is no BTF in it")?);
    let mut text = String::new();
    let dumper = Dumper::new(&btf, &mut text)?;
    // SAFETY: the BTF is valid as long as `btf`.
    let count = unsafe { libbpf_sys::btf__type_cnt(btf.0.as_ptr()) };
    for id in 1..count {
        // SAFETY: the dumper is valid as long as `dumper`, and the text that it writes to as well.
        let result = unsafe { libbpf_sys::btf_dump__dump_type(dumper.0.as_ptr(), id) };
        if result != 0 {
            return Err(format!("type {id} can't be written as C"));
        }
    }
    drop(dumper);
    Ok(text)
}

struct Btf(NonNull<libbpf_sys::btf>);

impl Drop for Btf {
    fn drop(&mut self) {
        // SAFETY: it is valid, and not used after this.
        unsafe { libbpf_sys::btf__free(self.0.as_ptr()) }
    }
}

/// Dumps types as text.
struct Dumper<'t>(
    NonNull<libbpf_sys::btf_dump>,
    std::marker::PhantomData<&'t mut String>,
);

impl<'t> Dumper<'t> {
    fn new(btf: &'t Btf, text: &'t mut String) -> Result<Self, String> {
        let text = std::ptr::from_mut(text).cast();
        // SAFETY: BTF and text live as long as the dumper: `'t`. Options may be NULL.
        let dumper =
            unsafe { libbpf_sys::btf_dump__new(btf.0.as_ptr(), append(), text, std::ptr::null()) };
        let dumper = NonNull::new(dumper).ok_or("libbpf can't write it as C")?;
        Ok(Self(dumper, std::marker::PhantomData))
    }
}

impl Drop for Dumper<'_> {
    fn drop(&mut self) {
        // SAFETY: it is valid, and not used after this.
        unsafe { libbpf_sys::btf_dump__free(self.0.as_ptr()) }
    }
}
