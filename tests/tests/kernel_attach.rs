//! Programs of a library that are attached to what every kernel has: each counts an event that the test causes.
//! Kinds that need trampolines or kprobes are in `vm_attach`.

use std::io::{self, Read as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, IntoRawFd as _, OwnedFd};
use std::path::Path;
use std::process::{self, Command};
use std::{fs, hint, thread};

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{kernel, objects};
use libbpf_rs::{Iter, Link, Object, TC_INGRESS, TcHookBuilder};

/// A library with a program of each kind, of which none is loaded unless asked for.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/attach.bpf.o"))]
struct Kinds;

/// The index of the loopback device in each network namespace.
const LOOPBACK: i32 = 1;

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

/// The library's counter goes up with each event, as long as the link is there.
#[track_caller]
fn counts(kinds: &Kinds, link: impl Sized, event: impl Fn()) {
    let count = || kinds.bss.attach_count.get();
    let before = count();
    event();
    assert!(count() > before, "not counted");
    drop(link);
    let after = count();
    event();
    assert_eq!(count(), after, "still attached");
}

/// What `attach()` of the library makes of the one program that is loaded.
macro_rules! attached {
    ($object:expr, $program:ident) => {{
        let links = Kinds::programs(&$object).unwrap().attach().unwrap();
        links.$program.expect("its section says where")
    }};
}

/// A uprobe is attached to it by its name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn attach_here(argument: i32) -> i32 {
    hint::black_box(argument) + 1
}

#[test]
fn uprobe() {
    let (object, kinds) = load(|programs| {
        programs.attach_uprobe.set_autoload(true);
    });
    let link = attached!(object, attach_uprobe);
    counts(&kinds, link, || _ = attach_here(33));
    assert_eq!(kinds.bss.attach_returned.get(), 33);
}

#[test]
fn uretprobe() {
    let (object, kinds) = load(|programs| {
        programs.attach_uretprobe.set_autoload(true);
    });
    let link = attached!(object, attach_uretprobe);
    counts(&kinds, link, || _ = attach_here(33));
    assert_eq!(kinds.bss.attach_returned.get(), 34);
}

/// A section without a target: `attach()` passes it over, and libbpf-rs attaches it where the application says.
#[test]
fn uprobe_by_hand() {
    let (object, kinds) = load(|programs| {
        programs.attach_uprobe_by_hand.set_autoload(true);
    });
    let programs = Kinds::programs(&object).unwrap();
    assert!(programs.attach().unwrap().attach_uprobe_by_hand.is_none());
    let opts = libbpf_rs::UprobeOpts {
        func_name: Some("attach_here".into()),
        ..Default::default()
    };
    let this = process::id().cast_signed();
    let program = &programs.attach_uprobe_by_hand;
    let link = program.attach_uprobe_with_opts(this, "/proc/self/exe", 0, opts);
    counts(&kinds, link.unwrap(), || _ = attach_here(1));
}

/// A link to a USDT probe refers to the object, and ours may outlive it.
#[test]
fn usdt_is_left_to_the_application() {
    let (object, _) = load(|programs| {
        programs.attach_usdt.set_autoload(true);
    });
    let error = Kinds::programs(&object).unwrap().attach().unwrap_err();
    assert_eq!(error.name(), "attach_usdt");
    let text = format!("{error:#}");
    assert!(
        text.contains("attach it with libbpf-rs' `attach_usdt`"),
        "{text}"
    );

    let (object, _) = load(|programs| {
        programs.attach_usdt.set_autoload(true);
        programs.attach_usdt.set_autoattach(false);
    });
    let links = Kinds::programs(&object).unwrap().attach().unwrap();
    assert!(links.attach_usdt.is_none());
}

/// Not every kernel can attach this: then it is an error, and never passed over in silence.
#[test]
fn what_the_kernel_does_not_support() {
    let (object, kinds) = load(|programs| {
        programs.attach_kprobe_multi.set_autoload(true);
    });
    let program = &Kinds::programs(&object).unwrap().attach_kprobe_multi;
    match program.attach() {
        Ok(link) => assert!(link.is_some()),
        Err(error) => assert_eq!(error.name(), "attach_kprobe_multi"),
    }
    drop(kinds);
}

fn fork() {
    thread::spawn(|| ()).join().unwrap();
}

/// libbpf looks tracepoints up in tracefs, which not every machine has mounted.
fn mount_tracefs() {
    let folder = Path::new("/sys/kernel/tracing");
    if !folder.join("events").exists() {
        let mount = Command::new("mount")
            .args(["-t", "tracefs", "tracefs"])
            .arg(folder)
            .status();
        assert!(mount.unwrap().success(), "can't mount tracefs");
    }
}

#[test]
fn tracepoint() {
    mount_tracefs();
    let (object, kinds) = load(|programs| {
        programs.attach_tracepoint.set_autoload(true);
    });
    counts(&kinds, attached!(object, attach_tracepoint), fork);
}

#[test]
fn raw_tracepoint() {
    let (object, kinds) = load(|programs| {
        programs.attach_raw_tracepoint.set_autoload(true);
    });
    counts(&kinds, attached!(object, attach_raw_tracepoint), fork);
}

#[test]
fn tracepoint_with_types() {
    let (object, kinds) = load(|programs| {
        programs.attach_tp_btf.set_autoload(true);
    });
    counts(&kinds, attached!(object, attach_tp_btf), fork);
}

/// This thread's time on a processor, as an event that occurs each millisecond.
fn clock() -> OwnedFd {
    const PERF_TYPE_SOFTWARE: u32 = 1;
    const PERF_COUNT_SW_TASK_CLOCK: u64 = 1;
    // `struct perf_event_attr` as it was at first: type, size, config, period, …
    let mut attributes = [0_u64; 8];
    attributes[0] = u64::from(PERF_TYPE_SOFTWARE) | (size_of_val(&attributes) as u64) << 32;
    attributes[1] = PERF_COUNT_SW_TASK_CLOCK;
    attributes[2] = 1_000_000;
    // SAFETY: the attributes are of the size that they say.
    let fd = unsafe {
        let attributes = attributes.as_ptr();
        libc::syscall(libc::SYS_perf_event_open, attributes, 0, -1, -1, 0)
    };
    assert!(fd >= 0, "{}", io::Error::last_os_error());
    // SAFETY: the kernel has just created it, and only this function owns it.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}

#[test]
fn perf_event() {
    let (object, kinds) = load(|programs| {
        programs.attach_perf_event.set_autoload(true);
    });
    let programs = Kinds::programs(&object).unwrap();
    assert!(programs.attach().unwrap().attach_perf_event.is_none());
    // The link owns the descriptor.
    let clock = clock().into_raw_fd();
    let link = programs.attach_perf_event.attach_perf_event(clock);
    counts(&kinds, link.unwrap(), || {
        (0..20_000_000).for_each(|n| _ = hint::black_box(n));
    });
}

#[test]
fn iterator() {
    let (object, kinds) = load(|programs| {
        programs.attach_iterator.set_autoload(true);
    });
    let link: Link = attached!(object, attach_iterator);
    let mut tasks = String::new();
    let mut iterator = Iter::new(&link).unwrap();
    iterator.read_to_string(&mut tasks).unwrap();
    assert!(tasks.lines().count() > 1);
    assert!(tasks.lines().all(|line| line == "task"));
    // The tasks are counted on behalf of who reads.
    assert_eq!(kinds.bss.attach_count.get(), tasks.lines().count() as u64);
}

#[test]
fn cgroup() {
    let (object, kinds) = load(|programs| {
        programs.attach_cgroup.set_autoload(true);
    });
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let root = mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let path = words.nth(1)?;
        (words.next()? == "cgroup2").then_some(path)
    });
    let root = fs::File::open(root.unwrap()).unwrap();
    let programs = Kinds::programs(&object).unwrap();
    assert!(programs.attach().unwrap().attach_cgroup.is_none());
    let link = programs.attach_cgroup.attach_cgroup(root.as_raw_fd());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    counts(&kinds, link.unwrap(), || {
        drop(TcpStream::connect(address).unwrap())
    });
}

/// Runs on a thread with a network of its own, of which only the loopback device is up.
fn with_own_network(run: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: the call takes numbers only, and affects this thread only.
            let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
            assert_eq!(result, 0, "{}", io::Error::last_os_error());
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            // SAFETY: all zeros is a valid value.
            let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
            request.ifr_name[0] = b'l'.cast_signed();
            request.ifr_name[1] = b'o'.cast_signed();
            request.ifr_ifru.ifru_flags = libc::IFF_UP as i16;
            // SAFETY: the request is of the type that the command takes.
            let result =
                unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
            assert_eq!(result, 0, "{}", io::Error::last_os_error());
            run();
        });
        thread.join().unwrap();
    });
}

/// Sends a packet through the loopback device, and waits for it.
fn packet() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .send_to(b"here", socket.local_addr().unwrap())
        .unwrap();
    assert_eq!(socket.recv(&mut [0; 16]).unwrap(), 4);
}

#[test]
fn xdp() {
    let (object, kinds) = load(|programs| {
        programs.attach_xdp.set_autoload(true);
    });
    let programs = Kinds::programs(&object).unwrap();
    assert!(programs.attach().unwrap().attach_xdp.is_none());
    with_own_network(|| {
        let programs = Kinds::programs(&object).unwrap();
        let link = programs.attach_xdp.attach_xdp(LOOPBACK).unwrap();
        counts(&kinds, link, packet);
    });
}

#[test]
fn tc() {
    struct Attached(libbpf_rs::TcHook);
    impl Drop for Attached {
        fn drop(&mut self) {
            self.0.detach().unwrap();
        }
    }
    let (object, kinds) = load(|programs| {
        programs.attach_tc.set_autoload(true);
    });
    let programs = Kinds::programs(&object).unwrap();
    assert!(programs.attach().unwrap().attach_tc.is_none());
    with_own_network(|| {
        let programs = Kinds::programs(&object).unwrap();
        let mut hook = TcHookBuilder::new(programs.attach_tc.as_fd())
            .ifindex(LOOPBACK)
            .handle(1)
            .priority(1)
            .hook(TC_INGRESS);
        hook.create().unwrap();
        hook.attach().unwrap();
        counts(&kinds, Attached(hook), packet);
    });
}

#[test]
fn socket_lookup() {
    let (object, kinds) = load(|programs| {
        programs.attach_sk_lookup.set_autoload(true);
    });
    with_own_network(|| {
        let network = fs::File::open("/proc/thread-self/ns/net").unwrap();
        let programs = Kinds::programs(&object).unwrap();
        let link = programs.attach_sk_lookup.attach_netns(network.as_raw_fd());
        // Packets for a connected socket are not looked up.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        counts(&kinds, link.unwrap(), || {
            drop(TcpStream::connect(address).unwrap())
        });
    });
}
