//! `crate = …`: another name for the dependency, and a crate that exports it.
extern crate bpf_subskeleton as bpf;

mod library {
    pub mod deep {
        pub use ::bpf_subskeleton as subskeletons;
    }
}

use bpf::subskeleton;

#[subskeleton(obj = "selection.bpf.o", crate = bpf)]
struct Named;

#[subskeleton(obj = "selection.bpf.o", crate = ::bpf)]
struct Absolute {
    samples: Var<u64>,
    slots: Option<Var<_>>,
    last_event: Var<named::event>,
    by_pid: maps::Hash<_, _>,
}

#[subskeleton(obj = "types.bpf.o", crate = crate::library::deep::subskeletons)]
struct Exported;

fn main() {
    #[subskeleton(obj = "selection.bpf.o", crate = crate::library::deep::subskeletons)]
    struct Inner {
        mode: Var<_>,
        shape: Option<Var<named::shape>>,
    }
    let _ = |named: &Named, absolute: &Absolute, exported: &Exported, inner: &Inner| {
        named.bss.samples.set(absolute.samples.get());
        let _ = (&absolute.slots, &absolute.last_event, &absolute.by_pid, exported);
        let _ = (&inner.mode, &inner.shape);
    };
}
