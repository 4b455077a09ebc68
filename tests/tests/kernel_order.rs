//! Variables are found whatever their order in the final object, and whatever lies between them.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{ObjectBuilder, OpenObject};

/// `byte`, `half`, `word`, `count`, `stats`, `slots` and `block`, in this order.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/access.bpf.o"))]
pub struct Counters;

const SHUFFLED: &str = "
    #include <linux/types.h>
    struct stats { __u64 packets; __u64 bytes; __u32 errors; };
    struct block { __u64 words[512]; };
    int first = 1;
    struct block block = { .words[511] = 511 };
    __u64 slots[64] = { [3] = 3 };
    int second = 2;
    __u16 half = 16;
    __u32 word = 32;
    int third = 3;
    __u8 byte = 8;
    struct stats stats = { .errors = 5 };
    __u64 count = 64;
";

#[test]
fn another_order_binds_the_same() {
    require_bpf();
    let object = ObjectBuilder::default()
        .open_file(compile_c("order", SHUFFLED))
        .and_then(OpenObject::load)
        .unwrap();
    let bss = Counters::bind(&object).unwrap().bss;
    assert_eq!(bss.byte.get(), 8);
    assert_eq!(bss.half.get(), 16);
    assert_eq!(bss.word.get(), 32);
    assert_eq!(bss.count.get(), 64);
    assert_eq!(bss.stats.errors.get(), 5);
    assert_eq!(bss.slots[3].get(), 3);
    assert_eq!(bss.block.words[511].get(), 511);
}
