//! Handles live as long as they are held and are used from any thread, while BPF programs use the same
//! memory.

use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::Object;
use libbpf_rs::libbpf_sys::{bpf_prog_test_run_opts, bpf_test_run_opts};

/// A counter, and a value that takes more than one store to write.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/contended.bpf.o"))]
struct Contended;

/// The two values that `contended_write` alternates between, in each word.
const WORDS: [u64; 3] = [0, 0x1111_1111_1111_1111, 0x2222_2222_2222_2222];

fn load() -> Object {
    kernel::load(kernel::open(&object("contended")))
}

/// A program's descriptor, which any thread can run: libbpf-rs' own handle borrows the object.
fn program(object: &Object, name: &str) -> OwnedFd {
    let program = object.progs_mut().find(|program| program.name() == name);
    program.unwrap().as_fd().try_clone_to_owned().unwrap()
}

fn run(program: &OwnedFd) {
    let mut options = bpf_test_run_opts {
        sz: size_of::<bpf_test_run_opts>() as _,
        ..Default::default()
    };
    // SAFETY: the descriptor is open, and the options carry their own size.
    let error = unsafe { bpf_prog_test_run_opts(program.as_raw_fd(), &raw mut options) };
    assert_eq!((error, options.retval), (0, 0));
}

#[test]
fn ten_threads_outlive_the_object() {
    let object = load();
    let contended = Contended::bind(&object).unwrap();
    let hits = contended.bss.hits.clone();
    run(&program(&object, "contended_count"));
    drop(object);
    let threads: Vec<_> = (0..10)
        .map(|_| {
            let (bss, rodata) = (contended.bss.clone(), contended.rodata.clone());
            thread::spawn(move || {
                for _ in 0..1_000 {
                    bss.hits.as_atomic().fetch_add(1, Ordering::Relaxed);
                }
                rodata.rounds.get()
            })
        })
        .collect();
    drop(contended);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 1_000);
    }
    // The last handle still keeps the memory mapped.
    assert_eq!(hits.get(), 11_000);
}

/// A member and an element, without the struct and the array.
#[test]
fn parts_are_handles_too() {
    #[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
    struct Sampling;

    let open = kernel::open(&object("selection"));
    let object = open.load().unwrap();
    let sampling = Sampling::bind(&object).unwrap();
    let again = Sampling::bind(&object).unwrap();
    let count = sampling.bss.slots.project(|slots| &slots[7].count);
    let weight = sampling.data.weights.project(|weights| &weights[3]);
    let rate = sampling.rodata.sample_rate.project(|rate| rate);
    drop((sampling, object));
    let thread = thread::spawn(move || {
        count.set(11);
        count.as_atomic().fetch_add(1, Ordering::Relaxed);
        (weight.get(), rate.get())
    });
    assert_eq!(thread.join().unwrap(), (4, 10));
    assert_eq!(again.bss.slots[7].count.get(), 12);
    assert_eq!(again.bss.slots[6].count.get(), 0);
}

#[test]
fn bound_twice() {
    let object = load();
    let first = Contended::bind(&object).unwrap();
    first.bss.hits.set(7);
    let second = Contended::bind(&object).unwrap();
    assert_eq!(second.bss.hits.get(), 7);
    drop(first);
    run(&program(&object, "contended_count"));
    assert_eq!(second.bss.hits.get(), 1_007);
    drop(object);
    second.bss.hits.set(8);
    assert_eq!(second.bss.hits.get(), 8);
}

#[test]
fn two_objects_of_one_file() {
    let objects = [load(), load()];
    let [first, second] = objects.each_ref().map(|o| Contended::bind(o).unwrap());
    first.bss.hits.set(1);
    second.bss.hits.set(2);
    run(&program(&objects[1], "contended_count"));
    assert_eq!(first.bss.hits.get(), 1);
    assert_eq!(second.bss.hits.get(), 1_002);
    // In a different order from the one they were created in.
    let [object, other] = objects;
    drop((object, second));
    run(&program(&other, "contended_count"));
    assert_eq!(first.bss.hits.get(), 1);
}

/// A million counts, half by eight threads and half by a BPF program that two threads run.
#[test]
fn no_count_is_lost() {
    let object = load();
    let contended = Contended::bind(&object).unwrap();
    let count = program(&object, "contended_count");
    let (hits, small) = (&contended.bss.hits, &contended.bss.small_hits);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let users = [(); 8].map(|()| {
            scope.spawn(|| {
                for _ in 0..62_500 {
                    hits.as_atomic().fetch_add(1, Ordering::Relaxed);
                    small.as_atomic().fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let programs = [(); 2].map(|()| scope.spawn(|| (0..250).for_each(|_| run(&count))));
        let reader = scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                let now = hits.get();
                assert!(now >= last, "counts only grow");
                last = now;
            }
        });
        let joined: Vec<_> = users
            .into_iter()
            .chain(programs)
            .map(|t| t.join())
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(joined.iter().all(Result::is_ok) && reader.join().is_ok());
    });
    assert_eq!(hits.get(), 1_000_000);
    assert_eq!(small.get(), 1_000_000);
}

/// A wide value may be part old and part new, but each field holds a value that was written.
#[test]
fn wide_values_tear_into_valid_ones() {
    use self::contended::phase;

    let object = load();
    let contended = Contended::bind(&object).unwrap();
    let write = program(&object, "contended_write");
    let wide = &contended.bss.wide;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers = [(); 4].map(|()| {
            scope.spawn(|| {
                loop {
                    let value = wide.get();
                    for word in [value.first, value.second].iter().chain(&value.rest) {
                        assert!(WORDS.contains(word), "{word:#x}");
                    }
                    let phases = [phase(0), phase::PHASE_EVEN, phase::PHASE_ODD];
                    assert!(phases.contains(&value.phase), "{:?}", value.phase);
                    // Any byte would be a valid `Bool`; only these two are written.
                    assert!([false, true].contains(&value.odd.as_bool()));
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                }
            })
        });
        let writers = [(); 2].map(|()| scope.spawn(|| (0..200).for_each(|_| run(&write))));
        let written = writers.map(|writer| writer.join());
        done.store(true, Ordering::Relaxed);
        assert!(written.iter().all(Result::is_ok));
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(wide.first.get(), WORDS[1]);
    assert_eq!(wide.rest[4].get(), WORDS[1]);
    assert_eq!(wide.phase.get(), phase::PHASE_ODD);
    assert!(wide.odd.get().as_bool());
}
