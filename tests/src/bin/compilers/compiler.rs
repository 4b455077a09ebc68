//! The compilers, and the options that they are tried with.

use std::process::Command;

use bpf_subskeleton_tests::objects::cflags;

/// What Debian has.
pub(crate) const COMPILERS: [&str; 7] = [
    "clang-13", "clang-14", "clang-15", "clang-16", "clang-19", "clang-22", "bpf-gcc",
];

/// A compiler on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Compiler {
    /// Its command, and name in the table.
    pub(crate) command: String,
    /// Its version, in its own words.
    pub(crate) version: String,
    gcc: bool,
}

/// Options that objects are compiled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// The flags.
    pub(crate) flags: &'static str,
    /// What they change. Unless it is nothing, such an object is another library, and no object of other options is
    /// expected to bind to its companion.
    pub(crate) change: Change,
}

/// What options change in an object, for who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// What types look like.
    Types,
    /// Each function is in a section of its own, which libbpf takes for a program's.
    Programs,
    /// Variables that a companion names are hidden by the time that the object is linked.
    Linkage,
}

const fn options(flags: &'static str) -> Options {
    change(Change::Nothing, flags)
}

const fn change(change: Change, flags: &'static str) -> Options {
    Options { flags, change }
}

/// For clang. Its `-O0` makes code that no verifier accepts, `-flto` no ELF, `-gline-tables-only` no BTF of variables.
const CLANG: &[Options] = &[
    options("-O2"),
    options("-O1"),
    options("-O3"),
    options("-Os"),
    options("-O2 -mcpu=v1"),
    options("-O2 -mcpu=v2"),
    options("-O2 -mcpu=v3"),
    options("-O2 -mcpu=v4"),
    options("-O2 -g3"),
    options("-O2 -gdwarf-4"),
    options("-O2 -gdwarf-5"),
    options("-O2 -fdebug-types-section"),
    options("-O2 -fstandalone-debug"),
    options("-O2 -gz"),
    options("-O2 -fms-extensions"),
    options("-O2 -fno-builtin"),
    change(Change::Programs, "-O2 -ffunction-sections"),
    options("-O2 -fdata-sections"),
    options("-O2 -fno-zero-initialized-in-bss"),
    options("-O2 -fcommon"),
    change(Change::Types, "-O2 -fshort-enums"),
    change(Change::Types, "-O2 -funsigned-char"),
    change(Change::Linkage, "-O2 -fvisibility=hidden"),
];

/// For GCC, which writes BTF only if asked, and for BPF no DWARF beside it.
const GCC: &[Options] = &[
    options("-gbtf -mco-re -O2"),
    options("-gbtf -mco-re -O1"),
    options("-gbtf -mco-re -O2 -mkernel=5.2"),
    options("-gbtf -mco-re -O2 -malu32 -mjmp32 -mjmpext"),
    options("-gbtf -mco-re -O2 -fdata-sections"),
];

impl Compiler {
    /// The compiler with that command, if it runs.
    pub(crate) fn find(command: &str) -> Option<Self> {
        let output = Command::new(command).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.lines().next()?.to_owned();
        output.status.success().then(|| Self {
            command: command.to_owned(),
            gcc: !version.contains("clang"),
            version,
        })
    }

    /// The options to try it with.
    pub(crate) fn options(&self) -> &'static [Options] {
        match self.gcc {
            true => GCC,
            false => CLANG,
        }
    }

    /// Whether BPF is what it is for. Debian's GCC for BPF is a preview: what it can't do is reported, but is no failure
    /// of this project.
    pub(crate) fn is_supported(&self) -> bool {
        !self.gcc
    }

    /// A command that compiles with these options.
    pub(crate) fn with(&self, options: Options) -> Command {
        let mut command = Command::new(&self.command);
        let own = cflags().filter(|flag| !flag.starts_with("-O") && !flag.starts_with("-W"));
        match self.gcc {
            true => command.args(own.filter(|flag| *flag != "-g" && !flag.starts_with("--target"))),
            false => command.args(own),
        };
        if self.gcc {
            // Of a cross compiler, these are not among the system's.
            command.args(["-isystem", "/usr/include"]);
        }
        command.arg("-w").args(options.flags.split(' ')).arg("-c");
        command
    }
}
