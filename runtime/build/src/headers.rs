//! Finds the headers that BPF code includes, wherever the distribution keeps them.

use std::env;
use std::path::{Path, PathBuf};

use crate::environment::{cargo_text, user};
use crate::error::Error;

/// Include paths for libbpf's and the kernel's headers; the user's come first.
pub(crate) fn system_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    // Prefer the headers of the libbpf that the build script links. Otherwise the system's: in /usr/include, which
    // clang searches by default, or where Nix says.
    let bundled = Path::new(env!("LIBBPF_SYS_INCLUDE"));
    if bundled.join("bpf/bpf_helpers.h").is_file() {
        folders.push(bundled.to_owned());
    }
    folders.extend(of_nix());
    folders.extend(of_kernel());
    folders
}

/// Where clang does not look for the kernel's `<asm/types.h>` when it targets BPF: Debian keeps it in a folder
/// named after the architecture.
fn of_kernel() -> Option<PathBuf> {
    if Path::new("/usr/include/asm/types.h").is_file() {
        return None;
    }
    let arch = cargo_text("CARGO_CFG_TARGET_ARCH").ok()?;
    let machine = match arch.as_str() {
        "x86_64" => "x86_64-linux-gnu",
        "x86" => "i386-linux-gnu",
        "aarch64" => "aarch64-linux-gnu",
        "arm" => "arm-linux-gnueabihf",
        "riscv64" => "riscv64-linux-gnu",
        "powerpc64" => "powerpc64le-linux-gnu",
        "s390x" => "s390x-linux-gnu",
        "loongarch64" => "loongarch64-linux-gnu",
        "mips64" => "mips64el-linux-gnuabi64",
        _ => return None,
    };
    [
        Path::new("/usr/include").join(machine),
        // A cross compiler's.
        Path::new("/usr").join(machine).join("include"),
    ]
    .into_iter()
    .find(|folder| folder.join("asm/types.h").is_file())
}

/// What Nix passes to its own compilers: `-isystem FOLDER`.
fn of_nix() -> Vec<PathBuf> {
    let Some(flags) = user("NIX_CFLAGS_COMPILE") else {
        return Vec::new();
    };
    let flags = flags.to_string_lossy();
    let mut words = flags.split_whitespace();
    let mut folders = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "-isystem" | "-I" | "-idirafter" => folders.extend(words.next().map(PathBuf::from)),
            _ => folders.extend(word.strip_prefix("-I").map(PathBuf::from)),
        }
    }
    folders
}

/// `-D__TARGET_ARCH_x86`, from which libbpf's `bpf_tracing.h` knows the registers.
pub(crate) fn target_arch() -> Result<String, Error> {
    let arch = cargo_text("CARGO_CFG_TARGET_ARCH")?;
    let name = match arch.as_str() {
        "x86" | "x86_64" => "x86",
        "aarch64" => "arm64",
        "arm" => "arm",
        "riscv64" => "riscv",
        "powerpc" | "powerpc64" => "powerpc",
        "s390x" => "s390",
        "loongarch64" => "loongarch",
        "mips" | "mips64" => "mips",
        other => other,
    };
    Ok(format!("-D__TARGET_ARCH_{name}"))
}

/// The header that clang did not find, and how to get it.
pub(crate) fn missing(text: &str) -> Option<(String, &'static str)> {
    let (before, _) = text.split_once("' file not found")?;
    let (_, header) = before.rsplit_once('\'')?;
    let advice = match header {
        "vmlinux.h" => "call `.vmlinux()` in the build script, or `.vmlinux_from(…)`",
        _ if header.starts_with("bpf/") => {
            "install libbpf's headers (Debian: package libbpf-dev, Fedora: libbpf-devel, Nix: libbpf)"
        }
        _ if header.starts_with("asm/") || header.starts_with("linux/") => {
            "install the kernel's headers (Debian: package linux-libc-dev, Fedora: kernel-headers, Nix: \
             linuxHeaders)"
        }
        _ => {
            "name its folder with `.include(…)`; the headers of a BPF library come with a dependency on its crate"
        }
    };
    Some((header.to_owned(), advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_headers_are_told() {
        let text = |header: &str| {
            format!(
                "a.c:3:10: \x1b[0;1;31mfatal error: \x1b[0m\x1b[1m'{header}' file not found\x1b[0m\n    3 |"
            )
        };
        let package = |header: &str| missing(&text(header)).unwrap().1;
        assert!(package("bpf/bpf_helpers.h").contains("libbpf-dev"));
        assert!(package("asm/types.h").contains("linux-libc-dev"));
        assert!(package("vmlinux.h").contains(".vmlinux()"));
        assert!(package("histogram.bpf.h").contains("dependency"));
        assert_eq!(missing("error: expected ';'"), None);
    }
}
