//! Feeds the readers objects that are cut short or damaged at random.

mod clang;
mod dump;

use bpf_subskeleton_object::btf::{Btf, BtfError};
use bpf_subskeleton_object::complete_btf;
use bpf_subskeleton_object::elf::Elf;

use clang::compile;
use dump::dump;

const SMALL: &str = "
struct s { int a : 3; struct s *next; enum { X = 1 } e[2]; } v;
static volatile int k __attribute__((btf_decl_tag(\"t\"))) = 3;
int f(int a) { return k; }
";

fn parse(bytes: &[u8]) -> (Elf<'_>, Btf<'_>) {
    let elf = Elf::parse(bytes).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    (elf, btf)
}

#[test]
fn truncation_is_an_error() {
    for target in ["bpfel", "bpfeb"] {
        let (_, bytes) = compile(&format!("truncation_{target}"), target, SMALL);
        let (elf, _) = parse(&bytes);
        let section = elf.btf().unwrap();
        for len in 0..bytes.len() {
            // The section table is last, so every cut hits it.
            assert!(Elf::parse(&bytes[..len]).is_err(), "{len}");
        }
        for len in 0..section.len() {
            let error = Btf::parse(&section[..len], elf.endian).unwrap_err();
            assert!(
                matches!(error, BtfError::Truncated { .. }),
                "{len}: {error}"
            );
        }
    }
}

/// Uses everything that [`Btf::parse`] promises.
fn exercise(btf: &Btf<'_>) {
    for (id, ty) in btf.iter() {
        btf.size_of(id);
        btf.decl_tags(id, None).count();
        assert!(btf.ty(btf.resolve(id)).name().len() < 1 << 20);
        assert_eq!(btf.ty(id), ty);
    }
    dump(btf);
}

#[test]
fn mutations_do_not_panic() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    for target in ["bpfel", "bpfeb"] {
        let (_, bytes) = compile(&format!("mutations_{target}"), target, SMALL);
        let (elf, _) = parse(&bytes);
        let (section, endian) = (elf.btf().unwrap(), elf.endian);
        let mut accepted = [0; 2];
        for _ in 0..10_000 {
            let mut mutate = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                for _ in 0..=random(4) {
                    let at = random(bytes.len());
                    bytes[at] = match random(4) {
                        0 => 0,
                        1 => 0xff,
                        2 => bytes[at] ^ 1 << random(8),
                        _ => random(256) as u8,
                    };
                }
                bytes
            };
            let damaged = mutate(&bytes);
            // What is completed can be read, as it could before.
            if let (Ok(completed), Ok(elf)) = (complete_btf(&damaged), Elf::parse(&damaged)) {
                exercise(&Btf::parse(&completed, elf.endian).unwrap());
            }
            if let Ok(elf) = Elf::parse(&damaged) {
                accepted[0] += 1;
                if let Some(Ok(btf)) = elf.btf().map(|section| Btf::parse(section, elf.endian)) {
                    exercise(&btf);
                }
            }
            if let Ok(btf) = Btf::parse(&mutate(section), endian) {
                accepted[1] += 1;
                exercise(&btf);
            }
        }
        // If all failed early, this would test little.
        assert!(accepted.iter().all(|count| *count > 500), "{accepted:?}");
    }
}
