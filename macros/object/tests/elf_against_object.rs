//! Does the reader of ELF see what that of the `object` crate sees, in intact and in damaged objects?

mod clang;
#[allow(dead_code, reason = "some of it is for reads_elf.rs")]
mod elf_file;
mod elf_judge;

use clang::compile;
use elf_file::{File, Random};
use elf_judge::compare;

const SOURCES: [(&str, &str); 3] = [
    ("everything", include_str!("clang/everything.bpf.c")),
    ("maps", include_str!("clang/maps.bpf.c")),
    (
        "small",
        "int x; static int y = 1; int f(void) { return x + y; }",
    ),
];

/// For each object, of which there are twelve.
const CASES: usize = 10_000;

#[test]
fn a_hundred_thousand_damaged_objects() {
    let (mut random, mut accepted) = (Random(0x2545_f491_4f6c_dd1d), 0);
    for target in ["bpfel", "bpfeb"] {
        for (name, source) in SOURCES {
            let (_, bytes) = compile(&format!("{name}_{target}"), target, source);
            let file = File::new(&bytes);
            for file in [file.extended(), file] {
                assert!(compare(&file.bytes));
                for _ in 0..CASES {
                    accepted += usize::from(compare(&file.damaged(&mut random)));
                }
            }
        }
    }
    // If all failed early, this would test little.
    let all = 2 * 2 * SOURCES.len() * CASES;
    assert!(accepted > all / 4 && accepted < all * 3 / 4, "{accepted}");
}
