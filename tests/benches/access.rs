//! What a read and a write of a variable cost, against a raw pointer into the same memory, and against
//! the system call that reads a map.
//!
//! Each round repeats one access in a loop. `black_box` takes each value read, and the compiler leaves
//! out no store that somebody else may see, so no access is hoisted or merged. Both sides become the
//! same instructions; `objdump -d` of the benchmark on x86-64 shows, sixteen times in a row, for
//! `bss.count.get()` and `count.read_volatile()`
//!
//! ```text
//! mov    (%rax),%rsi         the access
//! mov    %rsi,0x8(%rsp)      black_box
//! ```
//!
//! for `bss.stats.packets.get()` the same with `0x38(%rax)`, the field's place, and for
//! `bss.count.set(i)` and `count.write_volatile(i)` one store: `mov %rcx,(%rax)`.

mod rounds;

use std::hint::black_box;
use std::time::Duration;

use bpf_subskeleton::subskeleton;
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, Object, ObjectBuilder, OpenObject};

use crate::rounds::{Samples, compare, readable, time};

/// What `benches/access.bpf.c` holds.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/access.bpf.o"), module = counters)]
pub struct Counters;

/// Accesses in one round.
const ACCESSES: u32 = 1 << 18;
const ROUNDS: usize = 101;

fn main() {
    bpf_subskeleton_tests::require_bpf();
    let object = load();
    let counters = Counters::bind(&object).expect("the object that the code was generated from");
    let bss = &counters.bss;

    println!("access: one read or write; times are of the best rounds");
    println!(
        "{:<22} {:>10} {:>12}   ratio (median)",
        "", "variable", "raw pointer"
    );
    let byte = bss.byte.as_atomic().as_ptr();
    let half = bss.half.as_atomic().as_ptr();
    let word = bss.word.as_atomic().as_ptr();
    let count = bss.count.as_atomic().as_ptr();
    let packets = bss.stats.packets.as_atomic().as_ptr();
    let slots = bss.slots[0].as_atomic().as_ptr();
    macro_rules! compare_each {
        ($($name:literal: |$i:pat_param| $variable:expr, $pointer:expr;)*) => {$(
            let mut variable = || repeat(ACCESSES, |$i| $variable);
            // SAFETY: the pointers lead to values of their types in the mapping that `counters` owns,
            // and an index of 0 to 63 stays inside the 64 slots.
            let mut pointer = || repeat(ACCESSES, |$i| unsafe { $pointer });
            print($name, &compare(ROUNDS, ACCESSES, [&mut variable, &mut pointer]));
        )*};
    }
    compare_each! {
        "byte.get()": |_| bss.byte.get(), byte.read_volatile();
        "byte.set(i)": |i| bss.byte.set(i as u8), byte.write_volatile(i as u8);
        "half.get()": |_| bss.half.get(), half.read_volatile();
        "half.set(i)": |i| bss.half.set(i as u16), half.write_volatile(i as u16);
        "word.get()": |_| bss.word.get(), word.read_volatile();
        "word.set(i)": |i| bss.word.set(i), word.write_volatile(i);
        "count.get()": |_| bss.count.get(), count.read_volatile();
        "count.set(i)": |i| bss.count.set(i.into()), count.write_volatile(i.into());
        "stats.packets.get()": |_| bss.stats.packets.get(), packets.read_volatile();
        "stats.packets.set(i)": |i| bss.stats.packets.set(i.into()), packets.write_volatile(i.into());
        "slots[7].get()": |_| bss.slots[7].get(), slots.add(7).read_volatile();
        "slots[i % 64].get()":
            |i| bss.slots[i as usize % 64].get(), slots.add(i as usize % 64).read_volatile();
        "slots[i % 64].set(i)":
            |i| bss.slots[i as usize % 64].set(i.into()),
            slots.add(i as usize % 64).write_volatile(i.into());
    }
    blocks(bss);

    // Without a mapping, a variable is read by copying its section, the only value of its map.
    let map = section(&object);
    let (key, mut value) = (0u32.to_ne_bytes(), vec![0; map.value_size() as usize]);
    let mut lookup = || {
        let times = ACCESSES / 256; // A call takes as long as a thousand accesses.
        256 * repeat(times, |_| {
            let found = map.lookup_into(black_box(&key), black_box(&mut value), MapFlags::ANY);
            assert!(found.is_ok_and(|found| found));
        })
    };
    let mut variable = || repeat(ACCESSES, |_| bss.count.get());
    let [ours, theirs] = compare(ROUNDS, ACCESSES, [&mut variable, &mut lookup]);
    println!(
        "\ncount.get() takes {}; bpf_map_lookup_elem of its section ({} bytes) {}, {:.0} times as long",
        readable(ours.min()),
        map.value_size(),
        readable(theirs.min()),
        theirs.ratio(&ours).min,
    );
}

/// Prints what a struct of 4 KiB costs, against `memcpy`, which promises nothing about words.
fn blocks(bss: &counters::Bss) {
    const COPIES: u32 = ACCESSES / 256;
    let place: *mut counters::block = bss.block.words[0].as_atomic().as_ptr().cast();
    let mut copies = [counters::block::default(); 2];
    let [ours, theirs] = &mut copies;
    let mut get = || repeat(COPIES, |_| bss.block.get_into(black_box(&mut *ours)));
    let mut memcpy = || {
        repeat(COPIES, |_| {
            // SAFETY: there is a block at either place, aligned, and nobody writes them meanwhile.
            unsafe { black_box(place).copy_to_nonoverlapping(black_box(&raw mut *theirs), 1) }
        })
    };
    let got = compare(ROUNDS, COPIES, [&mut get, &mut memcpy]);
    print("get_into(), 4 KiB", &got);
    let mut set = || repeat(COPIES, |_| bss.block.set_from(black_box(&*ours)));
    let mut memcpy = || {
        repeat(COPIES, |_| {
            // SAFETY: as above.
            unsafe { black_box(place).copy_from_nonoverlapping(black_box(&raw const *theirs), 1) }
        })
    };
    let set = compare(ROUNDS, COPIES, [&mut set, &mut memcpy]);
    print("set_from(), 4 KiB", &set);
}

fn load() -> Object {
    let path = concat!(env!("OUT_DIR"), "/access.bpf.o");
    ObjectBuilder::default()
        .open_file(path)
        .and_then(OpenObject::load)
        .unwrap_or_else(|e| panic!("{path}: {e:#}"))
}

/// The map of `.bss`, the only section there is.
fn section(object: &Object) -> MapHandle {
    let map = object.maps().next().expect("the map of .bss");
    MapHandle::try_from(&map).expect("a loaded map")
}

/// Repeats an access. Many stand in one turn of the loop: where a lone one's jump falls among cache
/// lines may double its time.
#[inline(never)]
fn repeat<T>(times: u32, mut access: impl FnMut(u32) -> T) -> Duration {
    time(|| {
        for i in (0..times).step_by(16) {
            for j in i..i + 16 {
                black_box(access(j));
            }
        }
    })
}

fn print(name: &str, [variable, pointer]: &[Samples; 2]) {
    let ratio = variable.ratio(pointer);
    println!(
        "{name:<22} {:>10} {:>12}   {:.3} ({:.3})",
        readable(variable.min()),
        readable(pointer.min()),
        ratio.min,
        ratio.median,
    );
}
