use bpf_subskeleton::subskeleton;

#[subskeleton(obj = if true { "a.bpf.o" } else { "b.bpf.o" })]
struct Condition;

#[subskeleton(obj = { "selection.bpf.o" })]
struct Block;

#[subskeleton(obj = |x| x)]
struct Closure;

#[subskeleton(obj = "selection" + ".bpf.o", module = sum)]
struct Sum;

#[subskeleton(obj = ("selection.bpf.o"))]
struct Parenthesised;

#[subskeleton(obj = &"selection.bpf.o")]
struct Reference;

#[subskeleton(obj = "selection.bpf.o"[..])]
struct Range;

#[subskeleton(obj = path::<u8, u16>("selection.bpf.o"), snapshot)]
struct Call;

#[subskeleton(obj = include_str!("selection.bpf.o"))]
struct OtherMacro;

#[subskeleton(obj = b"selection.bpf.o")]
struct Bytes;

#[subskeleton(obj = c"selection.bpf.o")]
struct CText;

#[subskeleton(obj = 1.5)]
struct Number;

#[subskeleton(obj = concat!("selection", true, ".bpf.o"))]
struct PartIsABool;

#[subskeleton(obj = concat!("selection", if true { ".bpf.o" } else { "" }))]
struct PartIsACondition;

#[subskeleton(obj = concat!("selection", -1, ".bpf.o"))]
struct PartIsNegative;

#[subskeleton(obj = concat!("selection" ".bpf.o"))]
struct WithoutComma;

#[subskeleton(obj = concat!("selection",, ".bpf.o"))]
struct WithTwoCommas;

#[subskeleton(obj = env!(OUT_DIR))]
struct VariableIsNoLiteral;

#[subskeleton(obj = env!())]
struct NoVariable;

#[subskeleton(obj = concat!(env!("CARGO_MANIFEST_DIR") + "/selection.bpf.o"))]
struct SumInConcat;

#[subskeleton(obj = "selection.bpf.o" "other.bpf.o")]
struct TwoLiterals;

#[subskeleton(obj = )]
struct Nothing;

#[subskeleton(obj = , snapshot)]
struct NothingBeforeComma;

#[subskeleton(obj)]
struct NoValue;

#[subskeleton(obj("selection.bpf.o"))]
struct InParentheses;

fn main() {}
