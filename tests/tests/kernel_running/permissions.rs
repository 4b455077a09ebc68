//! What processes with less privilege are told.
//!
//! The kernel keeps capabilities and user ids for each thread, and libc's wrappers make them those of the process: the
//! system calls themselves change only the thread that gives up its privilege.

use std::os::fd::AsFd as _;
use std::thread;

use bpf_subskeleton::{Running, libbpf_rs};

use super::{Pinned, Sampling, loaded, object, running};

const CAP_BPF: u64 = 1 << 39;

const NEEDED: &str = "the kernel shows programs, maps and BTF that others loaded only to processes with CAP_SYS_ADMIN; \
                      CAP_BPF is not enough";

/// Runs `look` with these capabilities only.
fn with_capabilities<T: Send>(capabilities: u64, look: impl FnOnce() -> T + Send) -> T {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    // Of these, two words each: effective, permitted, inheritable.
    let words = [capabilities as u32, (capabilities >> 32) as u32];
    let sets = words.map(|word| [word, word, 0]);
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let header = Header {
                version: 0x2008_0522,
                pid: 0,
            };
            // SAFETY: both are as the kernel wants them for this version.
            let result =
                unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) };
            assert_eq!(result, 0);
            look()
        });
        thread.join().unwrap()
    })
}

/// Runs `look` as a user without privilege.
fn as_nobody<T: Send>(look: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: it changes the ids of this thread, which ends with `look`.
            let result = unsafe { libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534) };
            assert_eq!(result, 0);
            look()
        });
        thread.join().unwrap()
    })
}

fn error<T>(result: libbpf_rs::Result<T>) -> String {
    format!("{:#}", result.err().expect("it is refused"))
}

#[test]
fn what_is_not_permitted_says_which_capability_is_missing() {
    let pinned = Pinned::new("permissions", &object("selection"));
    let path = pinned.path("on_enter");
    let object = loaded(&object("selection"));
    let known = running(&object);
    let (program, map) = (known.programs()[0].id(), known.maps()[0].id());
    let descriptor = object.progs_mut().next().unwrap();
    let descriptor = descriptor.as_fd();
    let look = || {
        [
            error(Running::from_program_id(program)),
            error(Running::from_map_id(map)),
            error(Running::from_program_fd(descriptor)),
            error(Running::all()),
        ]
    };
    let expected = [
        "can't look at programs",
        "can't look at maps",
        "can't list programs",
        "can't list programs",
    ]
    .map(|what| format!("{what}: {NEEDED}"));
    assert_eq!(with_capabilities(CAP_BPF, look), expected);
    // Without any, older kernels do not even say what a descriptor is of.
    for (found, expected) in as_nobody(look).iter().zip(&expected) {
        let text = found.replace("can't look at programs", "can't list programs");
        assert!(found == expected || text == *expected, "{found}");
    }

    // The owner may open the pin, which is not enough.
    let pinned = || error(Running::from_pinned(&path));
    let text = format!("{}: can't look at programs: {NEEDED}", path.display());
    assert_eq!(with_capabilities(CAP_BPF, pinned), text);
    // Others may not open the file, which older kernels don't come to look at.
    let denied = ["Permission denied (os error 13)", NEEDED];
    let denied = denied.map(|why| format!("{}: {why}", path.display()));
    let text = as_nobody(pinned);
    assert!(denied.contains(&text), "{text}");
    // Nobody's thread has lost it, not the process.
    Running::from_pinned(&path).unwrap();
}

#[test]
fn a_view_made_with_privilege_is_no_privilege() {
    let object = loaded(&object("selection"));
    let running = running(&object);
    let sampling = Sampling::bind(&running).unwrap();
    let problems = with_capabilities(CAP_BPF, || {
        // What is bound stays bound.
        sampling.bss.samples.set(5);
        assert!(!running.is_current());
        super::problems(Sampling::bind(&running))
    });
    assert!(problems.iter().any(|problem| problem == "section `.bss`: its map can't be opened: that needs CAP_SYS_ADMIN, as maps are opened by their ids: Operation not permitted (os error 1)"), "{problems:#?}");
    assert_eq!(
        (sampling.bss.samples.get(), running.is_current()),
        (5, true)
    );
}
