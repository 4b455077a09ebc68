//! Programs run from user space with the arguments the kernel would pass, and a program whose target is set.

use std::thread;
use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{ErrorKind, Object};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::open;
use bpf_subskeleton_tests::objects::{compile_c, object};

/// All of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/test_run.bpf.o"))]
pub struct Calls;

/// Of the kernel's `bpf.h`.
const XDP_DROP: i32 = 1;
const XDP_PASS: i32 = 2;
const SK_DROP: i32 = 0;
const SK_PASS: i32 = 1;

fn load() -> Object {
    let mut open = open(&object("test_run"));
    // It has no target.
    let mut config = Calls::configure(&mut open).unwrap();
    config.programs.run_on_target.set_autoload(false);
    open.load().unwrap_or_else(|e| panic!("{e:#}"))
}

#[test]
fn a_packet_is_changed() {
    let object = load();
    let calls = Calls::programs(&object).unwrap();
    let mut packet = vec![5; 100];
    assert_eq!(calls.run_xdp.run(&mut packet).unwrap(), XDP_PASS);
    assert_eq!(packet.len(), 64);
    assert_eq!(packet[..2], [6, 5]);
    packet[0] = 0xff;
    assert_eq!(calls.run_xdp.run(&mut packet).unwrap(), XDP_DROP);
    assert!(
        calls.run_xdp.run(&mut vec![0; 3]).is_err(),
        "no Ethernet header"
    );
}

#[test]
fn a_context_goes_with_the_packet() {
    let object = load();
    let calls = Calls::programs(&object).unwrap();
    let mut packet = vec![0; 64];
    let mut context = calls::xdp_md {
        data_end: 64,
        ..Default::default()
    };
    let verdict = calls.run_xdp.run_with(&mut context, &mut packet);
    assert_eq!(verdict.unwrap(), XDP_PASS);
    assert_eq!((context.data_end, packet[0]), (64, 1));

    let mut context = calls::__sk_buff {
        mark: 30,
        cb: [4, 0, 0, 0, 9],
        ..Default::default()
    };
    let result = calls.run_tc.run_with(&mut context, &mut packet);
    assert_eq!(result.unwrap(), 0);
    assert_eq!((context.mark, context.cb), (1, [34, 0, 0, 0, 9]));
    assert_eq!(packet.len(), 4000, "longer than what went in");
    context.len = 3;
    assert!(
        calls.run_tc.run_with(&mut context, &mut packet).is_err(),
        "not to be set"
    );
}

#[test]
fn a_tracepoint_has_arguments() {
    let object = load();
    let calls = Calls::programs(&object).unwrap();
    assert_eq!(calls.run_raw_tp.run(&[44, 2]).unwrap(), 42);
    assert_eq!(calls.run_raw_tp.run(&[1, 2, 3]).unwrap(), -1);
    assert!(calls.run_raw_tp.run(&[1]).is_err(), "it reads two");
    // It is otherwise an ordinary program.
    assert!(calls.run_raw_tp.attach().unwrap().is_some());
}

#[test]
fn a_program_that_is_not_loaded_says_so() {
    let mut open = open(&object("test_run"));
    let mut config = Calls::configure(&mut open).unwrap();
    config.programs.run_on_target.set_autoload(false);
    config.programs.run_raw_tp.set_autoload(false);
    let object = open.load().unwrap();
    let calls = Calls::programs(&object).unwrap();
    let error = calls.run_raw_tp.run(&[44, 2]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "program `run_raw_tp` is not loaded: `set_autoload(false)`, or a `?` in its section, leaves it out"
    );
}

#[test]
fn a_lookup_has_a_context() {
    let object = load();
    let calls = Calls::programs(&object).unwrap();
    let mut context = calls::bpf_sk_lookup {
        family: libc::AF_INET as u32,
        protocol: libc::IPPROTO_TCP as u32,
        local_port: 7,
        ..Default::default()
    };
    assert_eq!(calls.run_sk_lookup.run(&mut context).unwrap(), SK_DROP);
    context.local_port = 8;
    assert_eq!(calls.run_sk_lookup.run(&mut context).unwrap(), SK_PASS);
    context.family = 0;
    assert!(calls.run_sk_lookup.run(&mut context).is_err());
}

#[test]
fn a_target_is_set_before_load() {
    let mut open = open(&object("test_run"));
    let mut config = Calls::configure(&mut open).unwrap();
    let target = Some("sched_switch".to_owned());
    config
        .programs
        .run_on_target
        .set_attach_target(0, target)
        .unwrap();
    let object = open.load().unwrap();
    let calls = Calls::bind(&object).unwrap();
    let link = Calls::programs(&object)
        .unwrap()
        .run_on_target
        .attach()
        .unwrap();
    thread::sleep(Duration::from_millis(1));
    assert_ne!(calls.bss.run_attached.get(), 0);
    drop(link);
}

#[test]
fn a_context_of_another_type_is_an_error() {
    let edited = compile_c(
        "contexts",
        r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        __u64 run_attached;
        struct own { __u32 local; };
        SEC("xdp") int run_xdp(struct __sk_buff *ctx) { return XDP_PASS; }
        SEC("tc") int run_tc(struct __sk_buff *skb) { return 0; }
        SEC("raw_tp/sys_enter") int run_raw_tp(__u64 *args) { return 0; }
        SEC("sk_lookup") int run_sk_lookup(struct own *ctx) { return SK_PASS; }
        SEC("tp_btf") int run_on_target(void *ctx) { return 0; }
        char LICENSE[] SEC("license") = "Dual MIT/GPL";
        "#,
    );
    let mut open = open(&edited);
    let mut config = Calls::configure(&mut open).unwrap();
    config.programs.run_on_target.set_autoload(false);
    let object = open.load().unwrap();
    let error = Calls::programs(&object).unwrap_err().to_string();
    assert!(error.contains("`run_xdp(context)"), "{error}");
    assert!(error.contains("`run_sk_lookup(context)"), "{error}");
    assert!(!error.contains("`run_tc"), "{error}");
}
