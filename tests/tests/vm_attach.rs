//! Programs of a library that are attached to the kernel's functions: they need trampolines or kprobes, which not
//! every kernel is built with. `make test-kernels` runs these; `kernel_attach` has the kinds that work everywhere.

use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::process;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{kernel, objects};
use libbpf_rs::{Link, Object};

/// A library with a program of each kind, of which none is loaded unless asked for.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/attach.bpf.o"))]
struct Kinds;

fn this_thread() -> u32 {
    // SAFETY: always safe to call.
    unsafe { libc::gettid() }.cast_unsigned()
}

/// Loads the programs that are chosen; they count what this thread does.
fn load(choose: impl FnOnce(&mut kinds::config::Programs<'_>)) -> (Object, Kinds) {
    let mut open = kernel::open(&objects::object("attach"));
    let mut config = Kinds::configure(&mut open).unwrap();
    *config.rodata.attach_thread = this_thread();
    choose(&mut config.programs);
    let object = kernel::load(open);
    let kinds = Kinds::bind(&object).unwrap();
    (object, kinds)
}

/// What `attach()` of the library makes of the one program that is loaded.
macro_rules! attached {
    ($object:expr, $program:ident) => {{
        let links = Kinds::programs(&$object).unwrap().attach().unwrap();
        links.$program.expect("its section says where")
    }};
}

/// Has the kernel call `vfs_fallocate`, and checks that it was counted, once, and only while it is attached.
#[track_caller]
fn counts_a_call(kinds: &Kinds, link: Link) -> i32 {
    let path = std::env::temp_dir().join(format!("fallocate-{}", process::id()));
    let file = File::create(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: the call takes numbers only.
    let call = || match unsafe { libc::fallocate(file.as_raw_fd(), mode, 0, 4096) } {
        0 => 0,
        _ => -std::io::Error::last_os_error().raw_os_error().unwrap(),
    };
    let before = kinds.bss.attach_count.get();
    let returned = call();
    assert_eq!(kinds.bss.attach_count.get(), before + 1);
    drop(link);
    call();
    assert_eq!(kinds.bss.attach_count.get(), before + 1, "still attached");
    returned
}

#[test]
fn fentry() {
    let (object, kinds) = load(|programs| {
        programs.attach_fentry.set_autoload(true);
    });
    counts_a_call(&kinds, attached!(object, attach_fentry));
}

#[test]
fn fexit() {
    let (object, kinds) = load(|programs| {
        programs.attach_fexit.set_autoload(true);
    });
    let returned = counts_a_call(&kinds, attached!(object, attach_fexit));
    assert_eq!(kinds.bss.attach_returned.get(), returned.into());
}

#[test]
fn kprobe() {
    let (object, kinds) = load(|programs| {
        programs.attach_kprobe.set_autoload(true);
    });
    counts_a_call(&kinds, attached!(object, attach_kprobe));
}

#[test]
fn kretprobe() {
    let (object, kinds) = load(|programs| {
        programs.attach_kretprobe.set_autoload(true);
    });
    let returned = counts_a_call(&kinds, attached!(object, attach_kretprobe));
    assert_eq!(kinds.bss.attach_returned.get(), returned.into());
}

#[test]
fn kprobe_of_several_functions() {
    let (object, kinds) = load(|programs| {
        programs.attach_kprobe_multi.set_autoload(true);
    });
    counts_a_call(&kinds, attached!(object, attach_kprobe_multi));
}

/// It counts files that this process opens, and keeps it from opening them while the library's variable says so.
#[test]
fn lsm() {
    let (object, kinds) = load(|programs| {
        programs.attach_lsm.set_autoload(true);
    });
    let link = attached!(object, attach_lsm);
    File::open("/proc/self/exe").unwrap();
    assert_ne!(kinds.bss.attach_count.get(), 0);
    kinds.data.attach_may_open.set(false.into());
    let error = File::open("/proc/self/exe").unwrap_err();
    kinds.data.attach_may_open.set(true.into());
    assert_eq!(error.raw_os_error(), Some(libc::EPERM));
    drop(link);
    let after = kinds.bss.attach_count.get();
    File::open("/proc/self/exe").unwrap();
    assert_eq!(kinds.bss.attach_count.get(), after, "still attached");
}
