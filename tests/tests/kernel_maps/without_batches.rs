//! An older kernel, imitated by a filter of this thread's system calls.

use std::thread;

/// The error of `bpf` for commands that it does not know.
const UNKNOWN: i32 = libc::EINVAL;

/// `BPF_MAP_LOOKUP_BATCH` to `BPF_MAP_DELETE_BATCH`, which came with Linux 5.6.
const FIRST: u32 = 24;
const LAST: u32 = 27;

/// Runs on a thread for which the kernel has no batches.
pub(crate) fn without_batches<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    filtered(|| {
        answer_batches_with(UNKNOWN);
        run()
    })
}

/// Runs with this kernel's batches, and then without.
pub(crate) fn with_and_without_batches(run: impl Fn() + Sync) {
    run();
    without_batches(&run);
}

/// Runs on a thread that may filter its system calls: nobody else has them filtered.
pub(crate) fn filtered<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(run).join().unwrap())
}

/// From now on, all batches of this thread, and of those that it starts, fail with this error.
pub(crate) fn answer_batches_with(errno: i32) {
    // Where `struct seccomp_data` has the number of the call, and the lower half of its first argument.
    const NUMBER: u32 = 0;
    const COMMAND: u32 = if cfg!(target_endian = "little") {
        16
    } else {
        20
    };
    let load = |offset| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset);
    let answer = |value| statement(libc::BPF_RET | libc::BPF_K, value);
    let mut filter = [
        load(NUMBER),
        jump(libc::BPF_JEQ, libc::SYS_bpf as u32, 0, 4),
        load(COMMAND),
        jump(libc::BPF_JGE, FIRST, 0, 2),
        jump(libc::BPF_JGT, LAST, 1, 0),
        answer(libc::SECCOMP_RET_ERRNO | errno as u32),
        answer(libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the call takes numbers only, and affects this thread only.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(result, 0);
    // SAFETY: the program is valid for the call, which copies it.
    let result = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    assert_eq!(result, 0);
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    }
}

/// Skips `jt` instructions if the comparison holds, and `jf` if not.
fn jump(comparison: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter {
        jt,
        jf,
        ..statement(libc::BPF_JMP | comparison | libc::BPF_K, k)
    }
}
