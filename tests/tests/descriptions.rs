//! `VARIABLES`, `MAPS` and `PROGRAMS`: what a tool can find out about a library without an object.

use bpf_subskeleton::subskeleton;

/// All of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Hist;

/// Some of it.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Part {
    pub samples: Option<Var<u64>>,
    #[bpf(name = "sample_rate")]
    pub rate: Const<u32>,
    pub by_pid: maps::Hash<_, _>,
}

#[test]
fn variables() {
    let mut shown: Vec<_> = Hist::VARIABLES
        .iter()
        .map(|variable| {
            format!(
                "{} {}: {}, {} bytes{}",
                variable.section(),
                variable.name(),
                variable.declaration(),
                variable.size(),
                if variable.is_writable() {
                    ""
                } else {
                    ", read-only"
                },
            )
        })
        .collect();
    // The compiler chooses the order within a section.
    shown.sort();
    assert_eq!(
        shown,
        [
            ".bss balance: __s64 balance, 8 bytes",
            ".bss drops: __u32 drops, 4 bytes",
            ".bss hist_last: __u64 hist_last, 8 bytes",
            ".bss last_event: struct event last_event, 32 bytes",
            ".bss samples: __u64 samples, 8 bytes",
            ".bss slots: struct slot slots[64], 1024 bytes",
            ".data level: int level, 4 bytes",
            ".data mode: enum mode mode, 4 bytes",
            ".data shape: enum { … } shape, 4 bytes",
            ".data weights: __u32 weights[4], 16 bytes",
            ".data.custom custom: __u64 custom, 8 bytes",
            ".kconfig CONFIG_HZ: int CONFIG_HZ, 4 bytes, read-only",
            ".rodata sample_rate: const volatile __u32 sample_rate, 4 bytes, read-only",
            ".rodata verbose: const volatile _Bool verbose, 1 bytes, read-only",
            ".rodata.tuning tuning: const volatile __u32 tuning, 4 bytes, read-only",
        ]
    );
}

#[test]
fn maps() {
    let shown: Vec<_> = Hist::MAPS
        .iter()
        .map(|map| {
            let (kind, key, value) = (map.map_type_name().unwrap(), map.key(), map.value());
            format!("{}: {kind}, {key} to {value}", map.name())
        })
        .collect();
    assert_eq!(
        shown,
        [
            "by_pid: hash, u32 to struct slot",
            "events: ringbuf, nothing to nothing",
            "untyped: array, 4 bytes to 8 bytes",
        ]
    );
    assert_eq!(Hist::MAPS[0].value().size(), Some(16));
}

#[test]
fn programs() {
    let shown: Vec<_> = Hist::PROGRAMS
        .iter()
        .map(|program| (program.name(), program.section()))
        .collect();
    assert_eq!(shown, [("on_enter", "raw_tp/sys_enter")]);
}

/// For a selection, they list the selected members, and all programs.
#[test]
fn selected() {
    let shown: Vec<_> = Part::VARIABLES
        .iter()
        .map(|variable| (variable.name(), variable.is_optional()))
        .collect();
    assert_eq!(shown, [("samples", true), ("sample_rate", false)]);
    assert_eq!(Part::MAPS.len(), 1);
    assert_eq!(Part::PROGRAMS.len(), 1);
}
