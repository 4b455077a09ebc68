//! `struct_ops` of a library: filled in before load, registered with the kernel, and unregistered.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{process, thread};

use bpf_subskeleton::describe::{Library, StructOps};
use bpf_subskeleton::libbpf_rs::{
    MapCore as _, MapFlags, MapHandle, MapType, OpenObject, libbpf_sys,
};
use bpf_subskeleton::{BindError, BtfType as _, private, subskeleton};
use bpf_subskeleton_tests::kernel::{load, open, problems};
use bpf_subskeleton_tests::objects::{changed, compile_c, link, link_once, object, rename};

/// TCP congestion controls.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/struct_ops.bpf.o"))]
pub struct Control;

/// A selection of variables still has all of the library's `struct_ops`.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/struct_ops.bpf.o"))]
pub struct Inits {
    /// How often `cc_init` was called.
    pub cc_inits: Var<u64>,
}

/// Of the kernel's `net/tcp.h`.
const TCP_CONG_NEEDS_ECN: u32 = 2;

/// A name for a congestion control that no concurrent test uses: the kernel has one list of them.
fn unique(name: &str) -> String {
    format!("{name}_{}", process::id())
}

fn c_string(text: &str) -> [i8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from.cast_signed();
    }
    bytes
}

fn is_registered(name: &str) -> bool {
    let names = fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control").unwrap();
    names.split_whitespace().any(|other| other == name)
}

/// Waits until the kernel has unregistered it: a process that another test forks holds a copy of the link's
/// descriptor until it calls `execve`.
#[track_caller]
fn assert_unregistered(name: &str) {
    let end = Instant::now() + Duration::from_secs(10);
    while is_registered(name) {
        assert!(Instant::now() < end, "`{name}` is still registered");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Opens a connection to this process with that congestion control.
fn connect(name: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // SAFETY: the pointer and length are those of the name, which is only read.
    let result = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_CONGESTION,
            name.as_ptr().cast(),
            name.len() as u32,
        )
    };
    assert_eq!(result, 0, "{name}: {}", std::io::Error::last_os_error());
}

/// The library's two congestion controls under these names, in an object that also has an application's parts.
fn configured(linked: &str, unlinked: &str) -> OpenObject {
    let mut open = open(&link(
        "control",
        &[&object("prog_lib"), &object("struct_ops")],
    ));
    let config = Control::configure(&mut open).unwrap();
    let mut ops = config.struct_ops;
    ops.cc_linked.name = c_string(linked);
    ops.cc_unlinked.name = c_string(unlinked);
    open
}

#[test]
fn members_are_those_of_c() {
    let mut open = open(&object("struct_ops"));
    let mut config = Control::configure(&mut open).unwrap();
    let linked = &mut config.struct_ops.cc_linked;
    assert_eq!(linked.name, c_string("bpf_linked"));
    assert_eq!(linked.flags, 0);
    assert!(linked.init.is_set() && linked.init.is(&config.programs.cc_init));
    assert!(!linked.init.is(&config.programs.cc_ssthresh));
    let unlinked = &config.struct_ops.cc_unlinked;
    assert_eq!(unlinked.name, c_string("bpf_unlinked"));
    assert!(!unlinked.init.is_set());
    assert_eq!(unlinked.ssthresh, config.struct_ops.cc_linked.ssthresh);
    let names: Vec<_> = Control::STRUCT_OPS.iter().map(|ops| ops.name()).collect();
    assert_eq!(names, ["cc_unlinked", "cc_linked", "cc_optional"]);
    assert_eq!(
        Control::STRUCT_OPS[1].ty().to_string(),
        "struct tcp_congestion_ops"
    );
}

/// Makes the kernel call another program, and for sockets that ask for congestion notification too.
fn choose(open: &mut OpenObject) -> Result<(), BindError> {
    let mut config = Control::configure(open)?;
    let control = &mut config.struct_ops.cc_unlinked;
    control.flags = TCP_CONG_NEEDS_ECN;
    control.init.set(&config.programs.cc_other_init);
    Ok(())
}

#[test]
fn the_kernel_calls_the_programs_that_were_set() {
    let (name, other) = (unique("set"), unique("other"));
    let mut open = configured(&name, &other);
    choose(&mut open).unwrap();
    let object = load(open);
    let control = Control::bind(&object).unwrap();
    let links = Control::programs(&object).unwrap().attach().unwrap();
    assert!(links.cc_linked.is_some() && links.cc_unlinked.is_some());
    assert!(links.cc_init.is_none(), "it is attached as a part only");

    connect(&name);
    assert_eq!(control.bss.cc_inits.get(), 1);
    assert_eq!(control.bss.cc_other_inits.get(), 0);
    connect(&other);
    assert_eq!(control.bss.cc_inits.get(), 1);
    assert_eq!(control.bss.cc_other_inits.get(), 1);
    assert_eq!(Inits::bind(&object).unwrap().cc_inits.get(), 1);

    drop(links);
    assert_unregistered(&name);
    assert_unregistered(&other);
}

#[test]
fn a_callback_can_be_replaced_and_cleared() {
    let (name, other) = (unique("repl"), unique("clear"));
    let mut open = configured(&name, &other);
    let mut config = Inits::configure(&mut open).unwrap();
    config
        .struct_ops
        .cc_linked
        .init
        .set(&config.programs.cc_other_init);
    config.struct_ops.cc_linked.init.clear();
    config.struct_ops.cc_unlinked.init = config.struct_ops.cc_linked.ssthresh;
    config.struct_ops.cc_unlinked.init = config.struct_ops.cc_linked.init;
    let object = load(open);
    let programs = Inits::programs(&object).unwrap();
    let links = programs.attach().unwrap();
    connect(&name);
    assert_eq!(Inits::bind(&object).unwrap().cc_inits.get(), 0);
    drop(links);
    assert_unregistered(&name);
}

#[test]
fn a_link_does_not_need_the_object() {
    let (name, other) = (unique("live"), unique("live2"));
    let object = load(configured(&name, &other));
    let mut links = Control::programs(&object).unwrap().attach().unwrap();
    assert!(links.cc_linked.as_mut().unwrap().link().is_some());
    assert!(links.cc_unlinked.as_mut().unwrap().link().is_none());
    drop(object);
    assert!(is_registered(&name) && is_registered(&other));

    // These reuse the numbers of the object's closed descriptors. libbpf's own link of `cc_unlinked` would
    // delete an element from one of them.
    let others: Vec<_> = (0..16)
        .map(|_| {
            let options = libbpf_sys::bpf_map_create_opts {
                sz: size_of::<libbpf_sys::bpf_map_create_opts>() as _,
                ..Default::default()
            };
            let map = MapHandle::create(MapType::Hash, Some("other"), 4, 4, 1, &options).unwrap();
            map.update(&[0; 4], &[7; 4], MapFlags::ANY).unwrap();
            map
        })
        .collect();
    drop(links);
    for map in &others {
        assert_eq!(
            map.lookup(&[0; 4], MapFlags::ANY).unwrap(),
            Some(vec![7; 4])
        );
    }
    assert_unregistered(&name);
    assert_unregistered(&other);
}

#[test]
fn what_is_left_off_is_not_registered() {
    let (name, other) = (unique("off"), unique("off2"));
    let mut open = configured(&name, &other);
    let mut config = Control::configure(&mut open).unwrap();
    config.struct_ops.cc_linked.set_autocreate(false).unwrap();
    config.struct_ops.cc_unlinked.set_autoattach(false).unwrap();
    let object = load(open);
    let programs = Control::programs(&object).unwrap();
    assert!(!programs.cc_init.autoload(), "only `cc_linked` has it");
    let links = programs.attach().unwrap();
    assert!(links.cc_linked.is_none() && links.cc_unlinked.is_none());
    assert!(!is_registered(&name) && !is_registered(&other));
}

#[test]
fn an_optional_one_is_registered_on_request() {
    let (name, [one, other]) = (unique("opt"), ["opt2", "opt3"].map(unique));
    let mut left_off = configured(&one, &other);
    let mut config = Control::configure(&mut left_off).unwrap();
    config.struct_ops.cc_optional.name = c_string(&name);
    let object = load(left_off);
    let programs = Control::programs(&object).unwrap();
    assert!(programs.cc_optional.attach().unwrap().is_none());

    let mut asked_for = configured(&one, &other);
    let mut config = Control::configure(&mut asked_for).unwrap();
    config.struct_ops.cc_optional.name = c_string(&name);
    config.struct_ops.cc_optional.set_autocreate(true).unwrap();
    let object = load(asked_for);
    let programs = Control::programs(&object).unwrap();
    let link = programs.cc_optional.attach().unwrap();
    assert!(link.is_some() && is_registered(&name));
    drop(link);
    assert_unregistered(&name);
}

#[test]
fn a_failure_names_it_and_unregisters_the_others() {
    let (name, other) = (unique("taken"), unique("taken2"));
    let first = load(configured(&name, &other));
    let links = Control::programs(&first).unwrap();
    let taken = links.cc_linked.attach().unwrap();
    let second = load(configured(&name, &other));
    let error = Control::programs(&second).unwrap().attach().unwrap_err();
    assert_eq!(error.name(), "cc_linked");
    assert!(
        error
            .to_string()
            .starts_with("can't attach struct_ops `cc_linked`: "),
        "{error}"
    );
    // It was attached before the other failed.
    assert_unregistered(&other);
    drop(taken);
    assert_unregistered(&name);
    assert!(
        Control::programs(&second)
            .unwrap()
            .cc_linked
            .attach()
            .is_ok()
    );
}

#[test]
fn a_program_of_another_object_is_refused_at_load() {
    let mut open = configured(&unique("strange"), &unique("strange2"));
    {
        let mut other = self::open(&object("struct_ops"));
        let other = Control::configure(&mut other).unwrap();
        let mut config = Control::configure(&mut open).unwrap();
        config
            .struct_ops
            .cc_linked
            .init
            .set(&other.programs.cc_init);
    }
    // The other object is gone, and its program with it.
    assert!(open.load().is_err());
}

#[test]
fn an_object_without_it_is_an_error() {
    let mut open = open(&object("prog_lib"));
    let problems_of = problems(Control::configure(&mut open));
    let expected = "struct_ops `cc_linked`: not in the object; is the library linked into it?";
    assert!(
        problems_of.iter().any(|problem| problem == expected),
        "{problems_of:?}"
    );
    let object = load(open);
    let problems_of = problems(Control::programs(&object));
    assert!(
        problems_of.iter().any(|problem| problem == expected),
        "{problems_of:?}"
    );
}

/// The library, edited.
fn edited(from: &str, to: &str) -> OpenObject {
    let source = include_str!("../../bpf-src/struct_ops.bpf.c");
    assert!(source.contains(from));
    open(&compile_c("struct_ops", &source.replace(from, to)))
}

#[test]
fn a_struct_of_another_layout_is_an_error() {
    let member = "void (*init)(struct sock *sk);\n\t__u32 flags;";
    let mut open = edited(member, "__u64 flags;\n\tvoid (*init)(struct sock *sk);");
    let expected = ["cc_unlinked", "cc_linked", "cc_optional"].map(|name| {
        [
            format!(
                "struct_ops `{name}.init`: built with function pointer at offset 24, \
                 the object has function pointer at offset 32"
            ),
            format!(
                "struct_ops `{name}.flags`: built with u32 at offset 32, \
                 the object has u64 at offset 24"
            ),
            format!(
                "struct_ops `{name}.name`: built with s8[16] at offset 36, \
                 the object has s8[16] at offset 40"
            ),
        ]
    });
    assert_eq!(problems(Control::configure(&mut open)), expected.concat());
}

/// An application that has a `static` congestion control of its own.
fn app(name: &str) -> PathBuf {
    let source = r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct sock;
        struct tcp_congestion_ops {
            __u32 (*ssthresh)(struct sock *sk);
            __u32 (*undo_cwnd)(struct sock *sk);
            void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
            char name[16];
        };
        SEC("struct_ops") int app_calls(__u64 *ctx) { return 2; }
        SEC("struct_ops") int app_undo(__u64 *ctx) { return 2; }
        SEC("struct_ops") void app_avoid(__u64 *ctx) {}
        SEC(".struct_ops.link") __attribute__((used)) static struct tcp_congestion_ops NAME = {
            .ssthresh = (void *)app_calls,
            .undo_cwnd = (void *)app_undo,
            .cong_avoid = (void *)app_avoid,
            .name = "bpf_app",
        };
        char LICENSE[] SEC("license") = "Dual MIT/GPL";
    "#;
    compile_c("struct_ops_app", &source.replace("NAME", name))
}

/// The library after that, in the same section.
fn after(name: &str) -> OpenObject {
    open(&link_once("behind", &[&app(name), &object("struct_ops")]))
}

#[test]
fn another_in_the_same_section_is_left_alone() {
    let name = unique("behind");
    let mut open = after("app_linked");
    let mut config = Control::configure(&mut open).unwrap();
    let linked = &mut config.struct_ops.cc_linked;
    assert_eq!(linked.name, c_string("bpf_linked"));
    assert!(linked.init.is(&config.programs.cc_init));
    linked.name = c_string(&name);
    let object = load(open);
    let link = Control::programs(&object).unwrap().cc_linked.attach();
    connect(&name);
    assert_eq!(Control::bind(&object).unwrap().bss.cc_inits.get(), 1);
    assert!(!is_registered("bpf_app"));
    drop(link);
}

#[test]
fn two_of_one_name_are_an_error() {
    let mut open = after("cc_linked");
    assert_eq!(
        problems(Control::configure(&mut open)),
        ["struct_ops `cc_linked`: the object has more than one of that name"]
    );
}

#[test]
fn a_static_one_is_not_taken_for_the_librarys() {
    let problems = problems(Control::configure(&mut open(&app("cc_linked"))));
    let expected = "struct_ops `cc_linked`: not in the object; is the library linked into it?";
    assert!(
        problems.iter().any(|problem| problem == expected),
        "{problems:?}"
    );
}

/// A damaged library may describe one twice; its memory is lent out only once.
#[test]
fn one_is_lent_out_once() {
    type Ops = control::struct_ops::tcp_congestion_ops;
    static TWICE: Library = Library {
        name: "Twice",
        variables: &[],
        maps: &[],
        programs: &[],
        struct_ops: &[
            StructOps::new::<Ops>("cc_linked", ".struct_ops.link", Ops::BTF),
            StructOps::new::<Ops>("cc_linked", ".struct_ops.link", Ops::BTF),
        ],
    };
    let mut open = open(&object("struct_ops"));
    assert_eq!(problems(private::configure(&mut open, &TWICE)).len(), 1);
}

/// libbpf allocates the memory by the variable's type, once.
#[test]
fn the_map_may_be_resized_but_not_the_memory() {
    let mut open = open(&object("struct_ops"));
    for mut map in open.maps_mut() {
        if map.name() == "cc_linked" {
            map.set_value_size(8).unwrap();
        } else if map.map_type() == MapType::StructOps {
            map.set_value_size(1 << 20).unwrap();
        }
    }
    let mut config = Control::configure(&mut open).unwrap();
    config.struct_ops.cc_linked.name = c_string("all of it");
    config.struct_ops.cc_unlinked.name = c_string("all of it");
}

/// libbpf has no memory for a `struct_ops` after a map that was only given this type, and would follow a null
/// pointer to it.
#[test]
fn another_map_given_this_type_is_refused() {
    let source = include_str!("../../bpf-src/struct_ops.bpf.c").replace(
        "char LICENSE",
        r#"struct {
            __uint(type, BPF_MAP_TYPE_HASH);
            __uint(max_entries, 1);
            __type(key, __u32);
            __type(value, __u32);
        } cc_mapped SEC(".maps");
        char LICENSE"#,
    );
    // Linked, because its BTF then has sizes, so that libbpf does not look for the sections.
    let linked = link("map", &[&compile_c("map", &source)]);
    let object = changed("map", &linked, |bytes| {
        rename(bytes, "cc_mapped", "cc_linked");
        // Hides the section from libbpf, but not from BTF. Section names come first in the file.
        let name = b"\0.struct_ops.link\0";
        let mut places = bytes.windows(name.len());
        let place = places.position(|place| place == name).unwrap();
        bytes[place + 1] = b'_';
    });
    let mut open = open(&object);
    for mut map in open.maps_mut() {
        assert_eq!(map.name() == "cc_linked", map.map_type() == MapType::Hash);
        if map.map_type() == MapType::Hash {
            map.set_type(MapType::StructOps).unwrap();
        }
    }
    let expected = "struct_ops `cc_linked`: not in the object; is the library linked into it?";
    let problems = problems(Control::configure(&mut open));
    assert!(
        problems.iter().any(|problem| problem == expected),
        "{problems:?}"
    );
}
