//! What the macro costs at compile time: reading the object and writing the code, without what the
//! compiler then makes of it.

mod rounds;

use std::hint::black_box;

use bpf_subskeleton_codegen::internals::Environment;
use bpf_subskeleton_codegen::internals::subskeleton_in;

use crate::rounds::{compare, readable, time};

fn main() {
    println!("expansion: all variables of one section");
    println!(
        "{:>9} {:>12} {:>12}",
        "variables", "expansion", "a variable"
    );
    for variables in [10, 100, 1_000, 10_000] {
        let object = format!("obj = {:?}", object(variables));
        let (args, item) = (object.parse().unwrap(), "pub struct Many;".parse().unwrap());
        let environment = Environment::cargo();
        let expand = || {
            subskeleton_in(
                black_box(&environment),
                Clone::clone(&args),
                Clone::clone(&item),
            )
        };
        let code = expand().to_string();
        assert!(!code.contains("compile_error ! { \""), "{code}");

        let calls = 10_000 / variables;
        let mut round = || (0..calls).map(|_| time(expand)).sum();
        let [took] = compare(15, calls, [&mut round]);
        println!(
            "{variables:>9} {:>12} {:>12}",
            readable(took.min()),
            readable(took.min() / f64::from(variables)),
        );
    }
}

fn object(variables: u32) -> String {
    format!("{}/many_{variables}.bpf.o", env!("OUT_DIR"))
}
