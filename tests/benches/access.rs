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
use bpf_subskeleton_tests::report::{Report, Row};
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, Object, ObjectBuilder, OpenObject};

use crate::rounds::{Samples, compare, time};

/// What `benches/access.bpf.c` holds.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/access.bpf.o"), module = counters)]
pub struct Counters;

/// Accesses in one round.
const ACCESSES: u32 = 1 << 18;
const ROUNDS: usize = 100;

fn main() {
    bpf_subskeleton_tests::require_bpf();
    let object = load();
    let counters = Counters::bind(&object).expect("the object that the code was generated from");
    let bss = &counters.bss;

    let mut report = Report::new("access", "one read or write of a variable");
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
            let compared = compare(ROUNDS, ACCESSES, [&mut variable, &mut pointer]);
            let row = compared_row($name, &compared, "raw pointer", 1.05);
            report.add(if $name.ends_with("8 bytes") { row.in_readme() } else { row });
        )*};
    }
    compare_each! {
        "get() of 1 byte": |_| bss.byte.get(), byte.read_volatile();
        "set() of 1 byte": |i| bss.byte.set(i as u8), byte.write_volatile(i as u8);
        "get() of 2 bytes": |_| bss.half.get(), half.read_volatile();
        "set() of 2 bytes": |i| bss.half.set(i as u16), half.write_volatile(i as u16);
        "get() of 4 bytes": |_| bss.word.get(), word.read_volatile();
        "set() of 4 bytes": |i| bss.word.set(i), word.write_volatile(i);
        "get() of 8 bytes": |_| bss.count.get(), count.read_volatile();
        "set() of 8 bytes": |i| bss.count.set(i.into()), count.write_volatile(i.into());
        "get() of a member": |_| bss.stats.packets.get(), packets.read_volatile();
        "set() of a member": |i| bss.stats.packets.set(i.into()), packets.write_volatile(i.into());
        "get() of an element": |_| bss.slots[7].get(), slots.add(7).read_volatile();
        "get() of an element, by index":
            |i| bss.slots[i as usize % 64].get(), slots.add(i as usize % 64).read_volatile();
        "set() of an element, by index":
            |i| bss.slots[i as usize % 64].set(i.into()),
            slots.add(i as usize % 64).write_volatile(i.into());
    }
    blocks(bss, &mut report);

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
    let call = format!("bpf_map_lookup_elem of all {} bytes", map.value_size());
    let row = Row::new("get() of 8 bytes", ours.amount());
    report.add(row.against(ours.beside(&call, &theirs)).in_readme());
    report.finish();
}

/// What a struct of 4 KiB costs, against `memcpy`, which promises nothing about words.
fn blocks(bss: &counters::Bss, report: &mut Report) {
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
    report.add(compared_row("get_into() of 4 KiB", &got, "memcpy", 1.25).in_readme());
    let mut set = || repeat(COPIES, |_| bss.block.set_from(black_box(&*ours)));
    let mut memcpy = || {
        repeat(COPIES, |_| {
            // SAFETY: as above.
            unsafe { black_box(place).copy_from_nonoverlapping(black_box(&raw const *theirs), 1) }
        })
    };
    let set = compare(ROUNDS, COPIES, [&mut set, &mut memcpy]);
    report.add(compared_row("set_from() of 4 KiB", &set, "memcpy", 1.25).in_readme());
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

fn compared_row(what: &str, [here, there]: &[Samples; 2], name: &str, goal: f64) -> Row {
    Row::new(what, here.amount()).against(here.beside(name, there).at_most(goal))
}
