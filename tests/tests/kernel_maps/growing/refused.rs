//! What binds where values are longer, and what doesn't.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::{self, assert_refused, lines, problems};
use bpf_subskeleton_tests::objects::{compile_changed, object};
use libbpf_rs::OpenObject;

use super::Older;

/// The companion of the older version, on whose structs nobody asked that they may grow.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows_maps.bpf.o"))]
struct Strict {
    by_port: maps::Hash<_, _>,
    by_cpu_port: maps::PerCpuHash<_, _>,
    calls: maps::Array<_>,
}

#[test]
fn nobody_asked() {
    let open = kernel::open(&object("grown_maps"));
    let expected = "
        map `by_port.value`: built with struct totals of 12 bytes, the object has 20 bytes
        map `by_port.value.drops`: built with no such member, the object has u32 at offset 12
        map `by_port.value.errors`: built with no such member, the object has u32 at offset 16
        map `by_cpu_port.value`: built with struct stats of 16 bytes, the object has 24 bytes
        map `by_cpu_port.value.drops`: built with no such member, the object has u64 at offset 16
    ";
    assert_refused(
        open,
        |open| problems(Strict::configure(open)),
        |object| problems(Strict::bind(object)),
        expected,
    );

    let same = kernel::load(kernel::open(&object("grows_maps")));
    let strict = Strict::bind(&same).unwrap();
    assert_eq!(strict.by_port.keys().count(), 0);
    assert_eq!(strict.by_cpu_port.keys().count(), 0);
    assert_eq!(strict.calls.keys().count(), 100);
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grown_maps.bpf.o"))]
struct Two {
    #[bpf(grows)]
    by_port: maps::Hash<_, _>,
    #[bpf(grows)]
    by_cpu_port: maps::PerCpuHash<_, _>,
}

/// What a companion knows and an older object lacks can't be made up.
#[test]
fn the_other_way_round() {
    let older = kernel::load(kernel::open(&object("grows_maps")));
    let expected = "
        map `by_port.value`: built with struct totals of at least 20 bytes, the object has 12 bytes
        map `by_port.value.drops`: built with u32 at offset 12, the object has no such member
        map `by_port.value.errors`: built with u32 at offset 16, the object has no such member
        map `by_cpu_port.value`: built with struct stats of at least 24 bytes, the object has 16 bytes
        map `by_cpu_port.value.drops`: built with u64 at offset 16, the object has no such member
    ";
    assert_eq!(problems(Two::bind(&older)), lines(expected));
    let newer = kernel::load(kernel::open(&object("grown_maps")));
    let two = Two::bind(&newer).unwrap();
    two.by_port.insert(&1, &two::totals::default()).unwrap();
    assert_eq!(
        two.by_port.keys().count() + two.by_cpu_port.keys().count(),
        1
    );
}

/// The problems that all ways to bind have with a version that differs from the newer one in a few places.
#[track_caller]
fn assert_problems(name: &str, changes: &[(&str, &str)], expected: &str) {
    let source = concat!(
        "#define NEWER\n",
        include_str!("../../../../bpf-src/grows_maps.bpf.c")
    );
    let name = format!("grows_maps-{name}");
    let open = kernel::open(&compile_changed(&name, source, changes));
    assert_refused_by_older(open, expected);
}

#[track_caller]
fn assert_refused_by_older(open: OpenObject, expected: &str) {
    assert_refused(
        open,
        |open| problems(Older::configure(open)),
        |object| problems(Older::bind(object)),
        expected,
    );
}

#[test]
fn a_known_member_that_differs() {
    assert_problems(
        "type",
        &[("\t__u64 bytes;\n", "\t__s64 bytes;\n")],
        "map `mapped.value.bytes`: built with u64 at offset 8, the object has s64 at offset 8
         map `by_cpu_port.value.bytes`: built with u64 at offset 8, the object has s64 at offset 8
         map `recent.value.bytes`: built with u64 at offset 8, the object has s64 at offset 8",
    );
}

/// Without a type it is unknown whether the value begins as it did.
#[test]
fn values_without_a_type() {
    assert_problems(
        "untyped",
        &[(
            "\t__type(value, struct totals);\n} waiting",
            "\t__uint(value_size, 20);\n} waiting",
        )],
        "map `waiting.value`: built with 12 bytes, the object has 20 bytes, and no type to compare",
    );
}

/// The application made values of another size than the library's type has.
#[test]
fn values_that_the_application_resized() {
    let mut open = kernel::open(&object("grown_maps"));
    let mut recent = open.maps_mut().find(|map| map.name() == "recent").unwrap();
    recent.set_value_size(32).unwrap();
    let expected = "map `recent.value`: has 32 bytes, and its type 24 bytes";
    assert_refused_by_older(open, expected);
}
