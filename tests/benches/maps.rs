//! What operations on maps cost, against libbpf-rs' own handle of the same map and against aya, in bytes and
//! typed: a hash of a million entries, records from a ring buffer.

mod flows;
mod rounds;

use std::cell::Cell;

use aya::maps::{HashMap, Map, MapData, RingBuf};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::report::{Report, Row};
use libbpf_rs::{
    MapCore as _, MapFlags, MapHandle, Object, ObjectBuilder, ProgramInput, RingBufferBuilder,
};

use crate::flows::{Flow, each, of_aya};
use crate::rounds::{compare, time};

/// What `benches/maps.bpf.c` holds.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/benched_maps.bpf.o"))]
pub struct Benched;

use benched::{event, flow};

const ENTRIES: u64 = 1_000_000;
/// Calls in one round of those that take one entry.
const CALLS: u32 = 20_000;
const ROUNDS: usize = 32;
/// Entries that libbpf-rs updates at once, as many as the typed handle does.
const BATCH: usize = 4096;
/// And that it looks up at once: room for all. The iterator of libbpf-rs 0.27.2 ends at a batch that is not full, and
/// in a hash hardly any is, as the kernel takes whole buckets.
const ALL: u32 = 1 << 20;
/// Rounds of what goes over all entries, and of what does so in batches.
const WHOLE_ROUNDS: usize = 6;
const BATCH_ROUNDS: usize = 16;
/// Rounds of what takes a nanosecond or few an entry.
const MANY_ROUNDS: usize = 200;
/// How many there are of what consumes records, in turns, each of a buffer of its own: where that is mapped makes a
/// difference of some percent.
const CONSUMERS: usize = 8;
/// Records in a round, which is what the program submits at once, so many times.
const SUBMITTED: u32 = 1024;
const SUBMISSIONS: u32 = 16;

fn main() {
    bpf_subskeleton_tests::require_bpf();
    let (object, benched) = load(1 << 20);
    let mut report = Report::new(
        "maps",
        "the time of an entry in a hash of 1,000,000, of a record",
    );
    hash(&benched, &mut report);
    records(&benched, &object, &mut report);
    report.finish();
}

/// The maps, with room for so many flows.
fn load(flows: u32) -> (Object, Benched) {
    let path = concat!(env!("OUT_DIR"), "/benched_maps.bpf.o");
    let mut open = ObjectBuilder::default()
        .open_file(path)
        .unwrap_or_else(|e| panic!("{path}: {e:#}"));
    let mut config = Benched::configure(&mut open).expect("what the code was generated from");
    let set = config.maps.flows.set_max_entries(flows);
    set.expect("it is not loaded");
    let object = open.load().unwrap_or_else(|e| panic!("{path}: {e:#}"));
    let benched = Benched::bind(&object).expect("what the code was generated from");
    (object, benched)
}

/// A million flows, in an order that no cache foresees.
fn hash(benched: &Benched, report: &mut Report) {
    let typed = &benched.maps.flows;
    let raw: &MapHandle = typed.handle();
    let mut aya: HashMap<MapData, u64, Flow> =
        Map::HashMap(of_aya(raw)).try_into().expect("a hash");
    let entries: Vec<(u64, flow)> = (0..ENTRIES).map(|i| (key(i), value(i))).collect();
    typed
        .update_batch(&entries, MapFlags::ANY)
        .expect("there is room");

    // Each round takes other keys, the same for all.
    let keys = |round: &mut u64| {
        *round += 1;
        let first = *round * u64::from(CALLS);
        (first..first + u64::from(CALLS)).map(|i| key(i % ENTRIES))
    };
    let mut bytes = [0; size_of::<flow>()];
    let mut rounds = [0; 5];
    let [r0, r1, r2, r3, r4] = &mut rounds;
    let mut reused = flow::default();
    let [typed_found, into, raw_into, raw_found, aya_found] = compare(
        ROUNDS,
        CALLS,
        [
            &mut || {
                each(keys(r0), |key| {
                    typed.lookup(&key).expect("a hash").expect("it is there")
                })
            },
            &mut || {
                each(keys(r1), |key| {
                    typed.lookup_into(&key, &mut reused).expect("a hash")
                })
            },
            &mut || {
                each(keys(r2), |key| {
                    raw.lookup_into(&key.to_ne_bytes(), &mut bytes, MapFlags::ANY)
                        .expect("a hash");
                    bytemuck::pod_read_unaligned::<flow>(&bytes)
                })
            },
            &mut || {
                each(keys(r3), |key| {
                    let found = raw.lookup(&key.to_ne_bytes(), MapFlags::ANY);
                    found.expect("a hash").expect("it is there")
                })
            },
            &mut || each(keys(r4), |key| aya.get(&key, 0).expect("it is there")),
        ],
    );
    for (how, here) in [("lookup", &typed_found), ("lookup_into", &into)] {
        let row = Row::new(format!("{how} in a hash of 1,000,000"), here.amount())
            .against(
                here.beside("libbpf-rs, lookup_into", &raw_into)
                    .at_most(1.02),
            )
            .against(here.beside("libbpf-rs, lookup", &raw_found))
            .against(here.beside("aya", &aya_found));
        report.add(if how == "lookup" {
            row.in_readme()
        } else {
            row
        });
    }

    let mut rounds = [0; 3];
    let [r0, r1, r2] = &mut rounds;
    let [here, raw_updated, aya_updated] = compare(
        ROUNDS,
        CALLS,
        [
            &mut || {
                each(keys(r0), |key| {
                    typed.insert(&key, &value(key)).expect("it is there")
                })
            },
            &mut || {
                each(keys(r1), |key| {
                    let value = value(key);
                    raw.update(
                        &key.to_ne_bytes(),
                        bytemuck::bytes_of(&value),
                        MapFlags::ANY,
                    )
                    .expect("it is there");
                })
            },
            &mut || {
                each(keys(r2), |key| {
                    let flow { packets, bytes, .. } = value(key);
                    aya.insert(key, Flow { packets, bytes }, 0)
                        .expect("it is there");
                })
            },
        ],
    );
    let row = Row::new("update in a hash of 1,000,000", here.amount())
        .against(here.beside("libbpf-rs", &raw_updated).at_most(1.02))
        .against(here.beside("aya", &aya_updated));
    report.add(row.in_readme());
    whole(benched, &aya, &entries, report);
}

/// All entries at once.
fn whole(
    benched: &Benched,
    aya: &HashMap<MapData, u64, Flow>,
    entries: &[(u64, flow)],
    report: &mut Report,
) {
    let typed = &benched.maps.flows;
    let raw: &MapHandle = typed.handle();
    let all = ENTRIES as u32;
    let same = |packets: u64| assert_eq!(packets, ENTRIES);
    let [here, raw_batch, raw_keys, aya_iterated] = compare(
        WHOLE_ROUNDS,
        all,
        [
            &mut || {
                time(|| {
                    same(
                        typed
                            .entries()
                            .map(|entry| entry.expect("a hash").1.packets)
                            .sum(),
                    )
                })
            },
            &mut || {
                time(|| {
                    let batches = raw.lookup_batch(ALL, MapFlags::ANY, MapFlags::ANY);
                    let packets = batches.expect("a hash").map(|(_, value)| packets(&value));
                    same(packets.sum());
                })
            },
            &mut || {
                time(|| {
                    let values = raw.keys().map(|key| {
                        let value = raw.lookup(&key, MapFlags::ANY).expect("a hash");
                        packets(&value.expect("it is there"))
                    });
                    same(values.sum());
                })
            },
            &mut || {
                time(|| {
                    same(
                        aya.iter()
                            .map(|entry| entry.expect("a hash").1.packets)
                            .sum(),
                    )
                })
            },
        ],
    );
    let row = Row::new("iteration over 1,000,000, an entry", here.amount())
        .against(
            here.beside("libbpf-rs, one batch of all", &raw_batch)
                .at_most(1.0),
        )
        .against(here.beside("libbpf-rs, key by key", &raw_keys).at_most(1.0))
        .against(here.beside("aya", &aya_iterated).at_most(1.0));
    report.add(row.in_readme());

    // libbpf-rs takes the bytes of keys and those of values, which are apart already or are taken apart.
    let raw_update = |keys: &[u64], values: &[flow]| {
        raw.update_batch(
            bytemuck::cast_slice(keys),
            bytemuck::cast_slice(values),
            keys.len() as u32,
            MapFlags::ANY,
            MapFlags::ANY,
        )
        .expect("they are there");
    };
    let (keys, values): (Vec<u64>, Vec<flow>) = entries.iter().copied().unzip();
    let (mut some_keys, mut some_values) = (Vec::new(), Vec::new());
    let [here, raw_pairs, raw_apart] = compare(
        BATCH_ROUNDS,
        all,
        [
            &mut || {
                time(|| {
                    typed
                        .update_batch(entries, MapFlags::ANY)
                        .expect("they are there");
                })
            },
            &mut || {
                time(|| {
                    for entries in entries.chunks(BATCH) {
                        some_keys.clear();
                        some_values.clear();
                        some_keys.extend(entries.iter().map(|(key, _)| *key));
                        some_values.extend(entries.iter().map(|(_, value)| *value));
                        raw_update(&some_keys, &some_values);
                    }
                })
            },
            &mut || {
                time(|| {
                    for (keys, values) in keys.chunks(BATCH).zip(values.chunks(BATCH)) {
                        raw_update(keys, values);
                    }
                })
            },
        ],
    );
    let row = Row::new("update in batches, an entry", here.amount())
        .against(
            here.beside("libbpf-rs, from the same pairs", &raw_pairs)
                .at_most(1.0),
        )
        .against(
            here.beside("libbpf-rs, keys and values apart already", &raw_apart)
                .at_most(1.02),
        );
    report.add(row);

    let fill = || {
        typed
            .update_batch(entries, MapFlags::ANY)
            .expect("there is room");
    };
    let [here, raw_taken] = compare(
        BATCH_ROUNDS,
        all,
        [
            &mut || {
                fill();
                time(|| {
                    let batches = typed.lookup_and_delete_batches();
                    let entries = batches.flat_map(|batch| batch.expect("a hash"));
                    same(entries.map(|(_, value)| value.packets).sum());
                })
            },
            &mut || {
                fill();
                time(|| {
                    let batches = raw.lookup_and_delete_batch(ALL, MapFlags::ANY, MapFlags::ANY);
                    let packets = batches.expect("a hash").map(|(_, value)| packets(&value));
                    same(packets.sum());
                })
            },
        ],
    );
    let other = here.beside("libbpf-rs, one batch of all", &raw_taken);
    let row = Row::new("lookup and delete in batches, an entry", here.amount());
    report.add(row.against(other.at_most(1.0)));
}

fn records(benched: &Benched, object: &Object, report: &mut Report) {
    let (typed_sum, raw_sum, mut aya_sum) = (Cell::new(0), Cell::new(0), 0);
    let add = |sum: &Cell<u64>, number| sum.set(sum.get() + number);
    // A ring buffer has one consumer of this crate.
    let rings = [(); CONSUMERS].map(|()| load(1));
    let typed = rings.each_ref().map(|(object, benched)| {
        let mut builder = RingBufferBuilder::new();
        let ring = &benched.maps.events;
        let added = ring.add_records_to(&mut builder, |event: &event| {
            add(&typed_sum, event.stamp);
            0
        });
        added.expect("a ring buffer");
        (object, builder.build().expect("a ring buffer"))
    });
    let raw = rings.each_ref().map(|(object, benched)| {
        let mut builder = RingBufferBuilder::new();
        let added = builder.add(benched.maps.events.handle(), |record| {
            add(&raw_sum, packets(record));
            0
        });
        added.expect("a ring buffer");
        (object, builder.build().expect("a ring buffer"))
    });
    let (mut next_typed, mut next_raw) = (typed.iter().cycle(), raw.iter().cycle());
    let mut aya: RingBuf<MapData> = Map::RingBuf(of_aya(benched.maps.events_of_aya.handle()))
        .try_into()
        .expect("a ring buffer");

    let submit = |object: &Object, name: &str| {
        let mut programs = object.progs_mut();
        let program = programs
            .find(|program| program.name() == name)
            .expect("it is there");
        for _ in 0..SUBMISSIONS {
            let ran = program.test_run(ProgramInput::default()).expect("it runs");
            assert_eq!(ran.return_value, 0);
        }
    };
    let mut consume_typed = || {
        let (object, typed) = next_typed.next().expect("a cycle");
        submit(object, "submit");
        time(|| typed.consume().expect("a ring buffer"))
    };
    let mut consume_raw = || {
        let (object, raw) = next_raw.next().expect("a cycle");
        submit(object, "submit");
        time(|| raw.consume().expect("a ring buffer"))
    };
    let mut consume_aya = || {
        submit(object, "submit_for_aya");
        time(|| {
            while let Some(record) = aya.next() {
                aya_sum += packets(&record);
            }
        })
    };
    // Not all three in turns: one would run more often than the other after aya, whose buffer is another's memory.
    let records = SUBMITTED * SUBMISSIONS;
    let [here, raw_consumed] =
        compare(MANY_ROUNDS, records, [&mut consume_typed, &mut consume_raw]);
    let [beside_aya, aya_consumed] =
        compare(ROUNDS, records, [&mut consume_typed, &mut consume_aya]);
    drop((typed, raw));
    // Each ran two rounds more than are counted.
    let (typed_sum, raw_sum) = (typed_sum.get(), raw_sum.get());
    let rounds = [(raw_sum, MANY_ROUNDS), (aya_sum, ROUNDS)];
    let [of_raw, of_aya] = rounds.map(|(sum, rounds)| sum / (rounds as u64 + 2));
    assert!(of_raw > 0 && of_raw == of_aya && typed_sum == raw_sum + aya_sum);
    let row = Row::new("record of a ring buffer", here.amount())
        .against(
            here.beside("libbpf-rs, as bytes", &raw_consumed)
                .at_most(1.02),
        )
        .against(beside_aya.beside("aya, as bytes", &aya_consumed));
    report.add(row.in_readme());
}

fn key(i: u64) -> u64 {
    // Odd, so that no two are one.
    i.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// One packet, so that the packets of all entries are as many as they.
fn value(i: u64) -> flow {
    let mut value = flow::default();
    (value.packets, value.bytes) = (1, i);
    value
}

/// The first number in the bytes of a flow, or of an event.
fn packets(bytes: &[u8]) -> u64 {
    u64::from_ne_bytes(bytes[..8].try_into().expect("there are eight"))
}
