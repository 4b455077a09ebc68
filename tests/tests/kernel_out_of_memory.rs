//! An array that cannot grow for lack of memory stays as it is. Alone in its file: the limit is the process's, and
//! another test's thread could not start under it.

use bpf_subskeleton::{libbpf_rs, subskeleton};
use bpf_subskeleton_tests::kernel::{load, open};
use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::require_bpf;

/// One of its arrays is `limits`.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"))]
pub struct Tables;

#[test]
fn nothing_changes_when_memory_runs_out() {
    require_bpf();
    let mut open = open(&object("resizable"));
    let mut config = Tables::configure(&mut open).unwrap();
    let limits = &mut config.rodata_limits.limits;
    limits.set_len(2000).unwrap();
    limits[1999] = 6;

    let mut before = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `before` is valid for writes, and the new limit is only read.
    let result = unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_AS, &raw mut before), 0);
        // What is allocated stays, but no more can be.
        let none = libc::rlimit {
            rlim_cur: 1,
            ..before
        };
        assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &raw const none), 0);
        let result = limits.set_len(100_000_000);
        assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &raw const before), 0);
        result
    };
    let error = result.unwrap_err();
    assert_eq!(error.kind(), libbpf_rs::ErrorKind::OutOfMemory, "{error}");
    assert_eq!((limits.len(), limits[1999]), (2000, 6));
    let object = load(open);
    assert_eq!(
        Tables::bind(&object).unwrap().rodata_limits.limits[1999].get(),
        6
    );
}
