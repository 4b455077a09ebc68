//! Arrays whose length is set before the object is loaded.

use std::error::Error;

use bpf_subskeleton::libbpf_rs::{self, Object, OpenObject};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::{load, open};
use bpf_subskeleton_tests::objects::{compile_c, link, object};
use bpf_subskeleton_tests::require_bpf;

/// Arrays of length 1, alone in sections of their own, are resizable.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"))]
pub struct Tables;

/// Any array can be, if its field says so.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"))]
pub struct Tail {
    #[bpf(name = "shared_tail")]
    pub tail: Var<[u32]>,
    pub fixed: Option<Var<[Word]>>,
    pub limits: Const<[u64; 1]>,
    pub table: Var<_>,
}

type Word = u32;

/// Two in one section: resizing either would move the other.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"))]
pub struct Both {
    pub shared_front: Var<u32>,
    pub shared_tail: Var<[u32]>,
}

fn put(object: &Object, index: u32, value: u32) -> i32 {
    let programs = Tables::programs(object).unwrap();
    let mut args = tables::put { index, value };
    programs.put.run(&mut args).unwrap()
}

fn refusal<T>(result: libbpf_rs::Result<T>) -> String {
    match result {
        Ok(_) => panic!("it is resized"),
        Err(error) => error.to_string(),
    }
}

/// Sets the table's length.
fn prepare(open: &mut OpenObject, len: usize) -> Result<(), Box<dyn Error>> {
    let mut config = Tables::configure(open)?;
    config.data_table.table.set_len(len)?;
    *config.rodata.table_len = u32::try_from(len)?;
    Ok(())
}

/// A static of the same name at the end of the section is not the library's.
#[test]
fn a_static_of_the_same_name_is_not_resized() {
    require_bpf();
    let application = r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct cell { __u32 value; __u8 tag; };
        static volatile struct cell table[1] SEC(".data.table");
        SEC("syscall") int own(void *ctx) { return table[0].value++; }
    "#;
    let own = compile_c("resizable-static", application);
    let mut open = open(&link("resizable-static", &[&object("resizable"), &own]));
    let mut config = Tables::configure(&mut open).unwrap();
    let table = &mut config.data_table.table;
    assert_eq!(table[0].value, 3);
    let refused = refusal(table.set_len(4));
    assert_eq!(
        refused,
        "`table` can't be resized: it is not the last variable of its section"
    );
    assert_eq!(table.len(), 1);
}

#[test]
fn programs_see_the_length_that_was_set() {
    require_bpf();
    // More than a page, so that the memory moves.
    let len = 5000;
    let mut open = open(&link(
        "resizable",
        &[&object("prog_lib"), &object("resizable")],
    ));
    prepare(&mut open, len).unwrap();
    let mut config = Tables::configure(&mut open).unwrap();
    let table = &mut config.data_table.table;
    assert_eq!(table.len(), len);
    assert_eq!(
        (table[0].value, table[0].tag),
        (3, 4),
        "the first one stays"
    );
    assert!(
        table[1..]
            .iter()
            .all(|cell| (cell.value, cell.tag) == (0, 0))
    );
    table[len - 1].value = 17;
    let limits = &mut config.rodata_limits.limits;
    limits.set_len(len).unwrap();
    limits.fill(1000);
    config.bss_pool.pool.set_len(len).unwrap();

    let object = load(open);
    let tables = Tables::bind(&object).unwrap();
    let (table, pool) = (&tables.data_table.table, &tables.bss_pool.pool);
    assert_eq!(
        [table.len(), pool.len(), tables.rodata_limits.limits.len()],
        [len; 3]
    );
    assert_eq!(table[0].value.get(), 3);
    assert_eq!(table[len - 1].value.get(), 17);
    assert_eq!(put(&object, len as u32 - 2, 99), 0);
    assert_eq!(put(&object, len as u32 - 2, 1001), 1);
    assert_eq!(put(&object, len as u32, 1), -1);
    assert_eq!(table[len - 2].value.get(), 99);
    assert_eq!(pool[len - 2].get(), 99);
    assert_eq!(pool.iter().filter(|cell| cell.get() != 0).count(), 1);
    assert_eq!(tables.rodata_limits.limits[len - 1].get(), 1000);
}

#[test]
fn what_is_not_resized_stays_as_it_is() {
    require_bpf();
    let object = load(open(&object("resizable")));
    let tables = Tables::bind(&object).unwrap();
    assert_eq!(tables.data_table.table.len(), 1);
    assert_eq!(tables.data_table.table[0].tag.get(), 4);
    assert_eq!(put(&object, 0, 9), 0);
    assert_eq!(tables.bss_pool.pool[0].get(), 9);
    assert_eq!(tables.data_fixed.fixed.get()[0], 9);
}

#[test]
fn an_array_grows_and_shrinks() {
    require_bpf();
    let mut open = open(&object("resizable"));
    let mut config = Tables::configure(&mut open).unwrap();
    let pool = &mut config.bss_pool.pool;
    for len in [3, 10_000, 4, 9, 2_000, 1] {
        let before: Vec<u16> = pool.to_vec();
        pool.set_len(len).unwrap();
        let kept = len.min(before.len());
        assert_eq!(pool[..kept], before[..kept]);
        assert!(pool[kept..].iter().all(|cell| *cell == 0), "{len}");
        for (index, cell) in pool.iter_mut().enumerate() {
            *cell = index as u16 + 1;
        }
    }
    let object = load(open);
    let pool = Tables::bind(&object).unwrap().bss_pool.pool;
    assert_eq!((pool.len(), pool[0].get()), (1, 1));
}

#[test]
fn the_last_of_a_section_is_resized_where_it_was_chosen_alone() {
    require_bpf();
    let mut open = open(&object("resizable"));
    {
        let mut tail = Tail::configure(&mut open).unwrap();
        tail.tail.set_len(3000).unwrap();
        assert_eq!(tail.tail[..5], [1, 2, 3, 4, 0]);
        tail.tail[2999] = 8;
        tail.fixed.as_mut().unwrap().set_len(9).unwrap();
        assert_eq!(*tail.limits, [100]);
    }
    let object = load(open);
    let tail = Tail::bind(&object).unwrap();
    assert_eq!(tail.tail.len(), 3000);
    assert_eq!(tail.tail[2999].get(), 8);
    assert_eq!(tail.fixed.unwrap().len(), 9);
    assert_eq!(tail.limits.get(), [100]);
    assert_eq!(put(&object, 0, 1), 0);
    assert_eq!(tail.tail[0].get(), 5, "the front is where it was");
    // A binding with a fixed length refuses a different one.
    let problems = Tables::bind(&object).map(drop).unwrap_err().to_string();
    assert!(
        problems.contains("variable `shared_tail`: built with u32[4], the object has u32[3000]")
    );
    assert!(problems.contains("variable `fixed`: built with u32[8], the object has u32[9]"));
    assert!(!problems.contains("`table`"));
}

#[test]
fn what_would_move_other_variables_is_refused() {
    require_bpf();
    let mut open = open(&object("resizable"));
    let mut config = Both::configure(&mut open).unwrap();
    assert_eq!(
        refusal(config.shared_tail.set_len(5)),
        "`shared_tail` can't be resized: other variables of the library are in its section"
    );
    assert_eq!(
        (*config.shared_front, config.shared_tail.to_vec()),
        (5, vec![1, 2, 3, 4])
    );
}

#[test]
fn what_is_not_the_last_of_its_section_is_refused() {
    require_bpf();
    let behind = compile_c(
        "behind",
        r#"__attribute__((section(".data.table"))) unsigned long behind[4] = { 7 };"#,
    );
    let mut open = open(&link("behind", &[&object("resizable"), &behind]));
    let mut config = Tables::configure(&mut open).unwrap();
    let table = &mut config.data_table.table;
    assert_eq!(
        refusal(table.set_len(5)),
        "`table` can't be resized: it is not the last variable of its section"
    );
    assert_eq!((table.len(), table[0].value), (1, 3));
    let object = load(open);
    assert_eq!(Tables::bind(&object).unwrap().data_table.table.len(), 1);
}

#[test]
fn the_section_of_another_library_may_come_before() {
    require_bpf();
    let before = compile_c(
        "before",
        r#"__attribute__((section(".data.table"))) unsigned int before[3] = { 7, 7, 7 };"#,
    );
    let mut open = open(&link("before", &[&before, &object("resizable")]));
    let mut config = Tables::configure(&mut open).unwrap();
    let table = &mut config.data_table.table;
    table.set_len(2000).unwrap();
    assert_eq!(
        (table.len(), table[0].value, table[1999].value),
        (2000, 3, 0)
    );
    *config.rodata.table_len = 1;
    let object = load(open);
    assert_eq!(put(&object, 0, 50), 0);
    assert_eq!(
        Tables::bind(&object).unwrap().data_table.table[0]
            .value
            .get(),
        50
    );
}

#[test]
fn lengths_that_no_map_has_are_refused() {
    require_bpf();
    let mut open = open(&object("resizable"));
    let mut config = Tables::configure(&mut open).unwrap();
    let table = &mut config.data_table.table;
    for len in [0, 1 << 28, usize::MAX] {
        assert_eq!(
            refusal(table.set_len(len)),
            "`table` can't be resized: its map's value would be empty or larger than 2 GiB"
        );
        assert_eq!((table.len(), table[0].value), (1, 3));
    }
}
