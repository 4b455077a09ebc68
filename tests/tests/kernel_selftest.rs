//! The kernel's own test of subskeletons (`tools/testing/selftests/bpf/prog_tests/subskeleton.c`), behaviour
//! by behaviour and with more cases: one binding function serves a library in every final object.

use std::path::PathBuf;
use std::{process, thread};

use bpf_subskeleton::{BindError, Const, Var, subskeleton};
use bpf_subskeleton_tests::objects::{link, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, ObjectBuilder, OpenObject};

/// The library. It knows nothing of the objects it is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/subskel_lib.bpf.o"))]
struct Lib;

/// The application's own part, bound in the same way: that works for any object's variables.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/subskel_app.bpf.o"))]
struct App;

/// libbpf-cargo's skeleton of the final object that the build script linked.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::undocumented_unsafe_blocks
)]
mod skeleton {
    include!(concat!(env!("OUT_DIR"), "/subskel.skel.rs"));
}

/// What `configure` sets: each differs from the initial value in C.
const BIAS: i32 = 5;
const BASE: i32 = 10_000;
const CUSTOM: i32 = 200;
const WEIGHTS: [i32; 4] = [7, 0, -3, 9];

/// What lib_compute() adds up: the values set, `lib_pair` of the library, `lib_weak` of the
/// application, and `shared_level` of the other library.
const SUM: i32 = BIAS + BASE + CUSTOM + (7 - 3 + 9) + (20 - 300) + 70 + 500;

/// Everything that the application's author writes, whatever the final object is.
fn configure(open: &mut OpenObject) -> Result<(), BindError> {
    let config = Lib::configure(open)?;
    *config.rodata.lib_bias = BIAS;
    *config.data.lib_base = BASE;
    *config.data.lib_weights = WEIGHTS;
    *config.data_custom.lib_custom = CUSTOM;
    // Both have the values that the linker resolved them to, not the library's.
    assert_eq!(*config.data.lib_weak, 70);
    assert_eq!(*config.externs.shared_level, 500);
    *App::configure(open)?.rodata.app_pid = process::id();
    Ok(())
}

/// Before the programs are attached: the initial values are what `configure` left.
fn bind(object: &Object) -> Result<Lib, BindError> {
    let lib = Lib::bind(object)?;
    assert_eq!(lib.rodata.lib_bias.get(), BIAS);
    assert_eq!(lib.data.lib_base.get(), BASE);
    assert_eq!(lib.data.lib_weights.get(), WEIGHTS);
    assert_eq!(lib.data_custom.lib_custom.get(), CUSTOM);
    assert_eq!(lib.bss.lib_sum.get(), 0);
    Ok(lib)
}

/// After some system calls: what the programs computed.
fn check(lib: &Lib, app: &App) {
    assert_eq!(lib.bss.lib_sum.get(), SUM);
    assert_eq!(lib.data.lib_weak.get(), 70);
    assert_eq!(lib.externs.shared_level.get(), 500);
    assert_eq!(lib.data.lib_pair.small.get(), 20);
    assert_eq!(lib.data.lib_pair.wide.get(), -300);
    assert!(lib.kconfig.CONFIG_BPF.get().as_bool());
    assert!(lib.bss.lib_saw_bpf.get().as_bool());
    assert!(lib.bss.lib_hook.get().is_null());
    assert_ne!(lib.bss.lib_calls.get(), 0);
    assert_ne!(lib.bss.lib_exits.get(), 0);
    assert_eq!(app.bss.app_out.get(), SUM * app.rodata.app_multiplier.get());

    let own = lib.maps.lib_seen.lookup(&0).unwrap().unwrap();
    let shared = lib.maps.shared_seen.lookup(&0).unwrap().unwrap();
    for seen in [own, shared] {
        assert_ne!(seen.calls, 0);
        assert_eq!(seen.last_sum, i64::from(SUM));
    }
    assert!(lib.maps.lib_seen.lookup(&1).unwrap().is_none());
}

/// Changes a variable of a running object, and waits for the programs to see it.
fn change(lib: &Lib) {
    lib.data.lib_weights[1].set(1_000);
    lib.data.lib_pair.wide.set(0);
    assert!(eventually(|| lib.bss.lib_sum.get() == SUM + 1_300));
}

/// Makes system calls until `condition` holds, and returns whether it ever did. Another test's thread may be
/// inside the programs with a value it read earlier, so one call may not be enough.
fn eventually(condition: impl Fn() -> bool) -> bool {
    (0..1_000).any(|_| {
        thread::yield_now();
        condition()
    })
}

/// With libbpf-rs alone, in every order of the linker's inputs.
fn runs_in(name: &str, inputs: [&str; 3]) {
    require_bpf();
    let inputs = inputs.map(object);
    let path = link(name, &inputs.each_ref().map(PathBuf::as_path));
    let mut open = ObjectBuilder::default().open_file(path).unwrap();
    configure(&mut open).unwrap();
    let object = open.load().unwrap();

    let lib = bind(&object).unwrap();
    let app = App::bind(&object).unwrap();
    let own = Lib::programs(&object).unwrap().attach().unwrap();
    assert!(own.lib_on_exit.is_some());
    let links = App::programs(&object).unwrap().attach().unwrap();
    thread::yield_now();
    check(&lib, &app);
    change(&lib);

    // Once detached, no value changes any more, and the last values outlive the object.
    drop((own, links));
    drop(object);
    assert!(eventually(|| {
        let exits = lib.bss.lib_exits.get();
        thread::yield_now();
        lib.bss.lib_exits.get() == exits
    }));
    assert_eq!(lib.bss.lib_sum.get(), SUM + 1_300);
    assert_eq!(lib.rodata.lib_bias.get(), BIAS);
    assert_eq!(
        app.bss.app_out.get(),
        lib.bss.lib_sum.get() * app.rodata.app_multiplier.get()
    );
    let seen = lib.maps.lib_seen.lookup(&0).unwrap().unwrap();
    assert_eq!(seen.last_sum, i64::from(SUM) + 1_300);
}

#[test]
fn library_first() {
    runs_in(
        "library_first",
        ["subskel_lib", "subskel_lib2", "subskel_app"],
    );
}

#[test]
fn library_last() {
    runs_in(
        "library_last",
        ["subskel_app", "subskel_lib2", "subskel_lib"],
    );
}

#[test]
fn libraries_around_the_application() {
    runs_in(
        "libraries_around",
        ["subskel_lib", "subskel_app", "subskel_lib2"],
    );
}

#[test]
fn through_a_libbpf_cargo_skeleton() {
    use libbpf_rs::skel::{OpenSkel as _, Skel as _, SkelBuilder as _};

    require_bpf();
    let mut storage = std::mem::MaybeUninit::uninit();
    let mut open = skeleton::SubskelSkelBuilder::default()
        .open(&mut storage)
        .unwrap();
    configure(open.open_object_mut()).unwrap();
    // The skeleton and the subskeleton see one image.
    let rodata = open.maps.rodata_data.as_deref_mut().unwrap();
    assert_eq!(rodata.lib_bias, BIAS);
    rodata.app_multiplier = 3;
    let mut skel = open.load().unwrap();

    let lib = bind(skel.object()).unwrap();
    let app = App::bind(skel.object()).unwrap();
    // This takes `&mut`: `lib` and `app` borrow nothing of the skeleton.
    skel.attach().unwrap();
    thread::yield_now();
    check(&lib, &app);
    assert_eq!(app.rodata.app_multiplier.get(), 3);
    assert_eq!(skel.maps.bss_data.as_deref().unwrap().lib_sum, SUM);
    change(&lib);

    drop(skel);
    assert_eq!(lib.bss.lib_sum.get(), SUM + 1_300);
}

/// What a binding's type promises: `Send`, `Sync` and `'static`.
const _: () = {
    const fn owned<T: Send + Sync + 'static>() {}
    owned::<Lib>();
    owned::<Var<i32>>();
    owned::<Const<i32>>();
    owned::<BindError>();
};
