//! Every form that Rust has for a type, and lengths that are any expression.
#![allow(dead_code, unused_braces, unused_parens)]

use bpf_subskeleton::subskeleton;

const N: usize = 2;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const FOUR: (usize,) = (4,);

type Weights<const LEN: usize> = [u32; LEN];
type Pair<A, B> = <(A, B) as First>::Type;

trait First {
    type Type;
}

impl<A, B> First for (A, B) {
    type Type = A;
}

struct Own;

impl First for Own {
    type Type = u64;
}

const fn four() -> usize {
    4
}

macro_rules! weights {
    ($len:expr) => { [u32; $len] };
}

/// Lengths.
mod lengths {
    use super::*;

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Block {
        weights: Var<[u32; { N * 2 }]>,
        slots: Var<[block::slot; 1 << 6]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct MethodCall {
        weights: Var<[u32; NAMES.len()]>,
        slots: Var<[method_call::slot; NAMES.len().pow(3)]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Condition {
        weights: Option<Var<[u32; if N > 1 { 4 } else { 1 }]>>,
        slots: Var<[condition::slot; match N { 2 => 64, _ => 0 }]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Loop {
        weights: Var<[u32; { let mut n = 0; while n < 4 { n += 1; } n }]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Call {
        weights: Var<[u32; four()]>,
        slots: Var<[call::slot; const { four() * 16 }]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Member {
        weights: Var<[u32; FOUR.0]>,
        slots: Var<[member::slot; [1, 64, 3][1]]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Cast {
        weights: Var<[u32; 'd' as usize - 'a' as usize + 1]>,
        slots: Var<[cast::slot; 0x4_0usize]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Turbofish {
        weights: Var<[u32; size_of::<[u8; 4]>()]>,
        slots: Var<[turbofish::slot; unsafe { core::mem::transmute::<u64, usize>(64) }]>,
    }

    #[subskeleton(obj = "selection.bpf.o", snapshot)]
    struct Macro {
        weights: Var<[u32; concat!("a", "bcd").len()]>,
        slots: Var<[r#macro::slot; { (|| ()) as fn(); 64 }]>,
    }
}

/// Types.
mod types {
    use super::*;

    #[subskeleton(obj = "selection.bpf.o")]
    struct ConstGenerics {
        weights: Var<Weights<{ N * 2 }>>,
    }

    #[subskeleton(obj = "selection.bpf.o")]
    struct Literal {
        weights: ::bpf_subskeleton::Var<self::super::Weights::<4>,>,
        samples: bpf_subskeleton::Var::<u64>,
    }

    #[subskeleton(obj = "selection.bpf.o")]
    struct Qualified {
        samples: Var<<Own as First>::Type>,
        hist_last: Var<Pair<u64, fn(&str) -> Vec<u8>>>,
        custom: Var<<super::Own as super::First>::Type>,
    }

    #[subskeleton(obj = "selection.bpf.o")]
    struct Macro {
        weights: Var<weights![NAMES.len()]>,
    }

    #[subskeleton(obj = "selection.bpf.o")]
    struct Parenthesised {
        weights: (Var<([(u32); (4)])>),
        samples: Option<(Var<(u64)>)>,
    }
}

fn main() {}
