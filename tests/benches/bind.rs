//! What a bind costs, against `bpf_object__open_subskeleton` on the same loaded object.
//!
//! The objects have 10 to 10,000 variables in one section: integers of all sizes, arrays, structs,
//! arrays of structs (see `many` in `build.rs`). Both sides find all of them. `bind` also compares every
//! type, size, place and alignment, and maps the section; libbpf's only compares names.

mod rounds;

use std::ffi::{CString, c_void};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::time::Duration;

use bpf_subskeleton::{BindError, describe, subskeleton};
use bpf_subskeleton_tests::objects::{compile_c, link};
use libbpf_rs::libbpf_sys::{
    bpf_map, bpf_map_skeleton, bpf_object, bpf_object__open_subskeleton, bpf_object_subskeleton,
    bpf_var_skeleton,
};
use libbpf_rs::{AsRawLibbpf as _, Object, ObjectBuilder};

use crate::rounds::{compare, readable, time};

mod many_10 {
    /// 10 variables.
    #[super::subskeleton(obj = concat!(env!("OUT_DIR"), "/many_10.bpf.o"))]
    pub struct Many;
}

mod many_100 {
    /// 100 variables.
    #[super::subskeleton(obj = concat!(env!("OUT_DIR"), "/many_100.bpf.o"))]
    pub struct Many;
}

mod many_1000 {
    /// 1,000 variables.
    #[super::subskeleton(obj = concat!(env!("OUT_DIR"), "/many_1000.bpf.o"))]
    pub struct Many;
}

/// Clippy takes long over 10,000 variables, and finds nothing that it does not find in 1,000.
#[cfg(not(clippy))]
mod many_10000 {
    /// 10,000 variables.
    #[super::subskeleton(obj = concat!(env!("OUT_DIR"), "/many_10000.bpf.o"))]
    pub struct Many;
}

fn main() {
    bpf_subskeleton_tests::require_bpf();
    println!("bind: all variables of one section; times are of the best rounds");
    println!(
        "{:>9} {:>10} {:>10} {:>13} {:>12}   C / bind (median)",
        "variables", "bind", "a variable", "bind and drop", "libbpf in C"
    );
    macro_rules! measure {
        ($($module:ident, $rounds:expr, $calls:expr;)*) => {$(
            let first = |many: &$module::Many| many.bss.v00000.set(MARK);
            measure($module::Many::bind, first, $module::Many::VARIABLES, $rounds, $calls);
        )*};
    }
    measure! {
        many_10, 101, 1000;
        many_100, 101, 100;
        many_1000, 51, 10;
    }
    #[cfg(not(clippy))]
    measure! { many_10000, 15, 1; }
    beside_programs();
}

/// Prints what `bind` costs beside programs, in whose instructions it looks for what they use.
fn beside_programs() {
    println!("\nbind: 100 variables, beside programs that use others");
    println!("{:>12} {:>10} {:>10}", "instructions", "bind", "of that");
    let many = PathBuf::from(format!("{}/many_100.bpf.o", env!("OUT_DIR")));
    let alone = load(100);
    for programs in [1, 10, 100] {
        let path = link("beside", &[&many, &compile_c("beside", &users(programs))]);
        let object = open(&path);
        let instructions: usize = object.progs().map(|program| program.insn_cnt()).sum();
        let bind = |object| many_100::Many::bind(black_box(object)).expect("it is linked in");
        let [beside, alone] = compare(
            51,
            20,
            [
                &mut || (0..20).map(|_| time(|| bind(&object))).sum(),
                &mut || (0..20).map(|_| time(|| bind(&alone))).sum(),
            ],
        );
        println!(
            "{instructions:>12} {:>10} {:>10}",
            readable(beside.min()),
            readable(beside.min() - alone.min()),
        );
    }
}

/// So many programs of a thousand instructions or so, of which every few load an address.
fn users(programs: usize) -> String {
    let mut source = String::from("#define SEC(name) __attribute__((section(name), used))\n");
    for i in 0..64 {
        source += &format!("volatile unsigned long long own_{i};\n");
    }
    for program in 0..programs {
        source += &format!("SEC(\"syscall\") int program_{program}(void *context) {{\n");
        for i in 0..200 {
            let (to, from) = ((i * 7 + program) % 64, (i * 11 + program) % 64);
            source += &format!("own_{to} += own_{from};\n");
        }
        source += "return 0; }\n";
    }
    source + "char LICENSE[] SEC(\"license\") = \"GPL\";\n"
}

/// A value to recognise the first variable by.
const MARK: u64 = 0x5eed;

/// Measures one object and prints a line. `set_first` writes [`MARK`] to the first variable.
fn measure<T>(
    bind: impl Fn(&Object) -> Result<T, BindError>,
    set_first: impl Fn(&T),
    variables: &[describe::Variable],
    rounds: usize,
    calls: u32,
) {
    let object = load(variables.len());
    let mut c = Subskeleton::new(object.as_libbpf_object(), variables);

    // Both see the same memory.
    c.open();
    set_first(&bind(&object).expect("the object that the code was generated from"));
    assert_eq!(c.first(), MARK);

    let repeat = |work: &mut dyn FnMut() -> Duration| (0..calls).map(|_| work()).sum();
    let bound = || bind(black_box(&object)).expect("it has just been bound");
    let [ours, with_drop, theirs] = compare(
        rounds,
        calls,
        [
            &mut || repeat(&mut || time(bound)),
            &mut || repeat(&mut || time(|| drop(bind(black_box(&object))))),
            &mut || repeat(&mut || time(|| c.open())),
        ],
    );
    let times = theirs.ratio(&ours);
    println!(
        "{:>9} {:>10} {:>10} {:>13} {:>12}   {:.1} ({:.1})",
        variables.len(),
        readable(ours.min()),
        readable(ours.min() / variables.len() as f64),
        readable(with_drop.min()),
        readable(theirs.min()),
        times.min,
        times.median,
    );
}

fn load(variables: usize) -> Object {
    open(format!("{}/many_{variables}.bpf.o", env!("OUT_DIR")).as_ref())
}

fn open(path: &Path) -> Object {
    ObjectBuilder::default()
        .open_file(path)
        .and_then(libbpf_rs::OpenObject::load)
        .unwrap_or_else(|e| panic!("{}: {e:#}", path.display()))
}

/// What the code that `bpftool gen subskeleton` writes fills in before it calls libbpf.
struct Subskeleton {
    // What `raw` points to, and what that points to.
    names: Vec<CString>,
    addresses: Vec<*mut c_void>,
    map: Box<*mut bpf_map>,
    maps: Vec<bpf_map_skeleton>,
    variables: Vec<bpf_var_skeleton>,
    raw: bpf_object_subskeleton,
}

impl Subskeleton {
    fn new(object: NonNull<bpf_object>, variables: &[describe::Variable]) -> Self {
        let names = variables.iter().map(|variable| variable.name());
        let mut this = Self {
            names: names.map(|name| CString::new(name).unwrap()).collect(),
            addresses: vec![ptr::null_mut(); variables.len()],
            map: Box::new(ptr::null_mut()),
            maps: Vec::new(),
            variables: Vec::new(),
            raw: bpf_object_subskeleton::default(),
        };
        this.maps.push(bpf_map_skeleton {
            name: c".bss".as_ptr(),
            map: &raw mut *this.map,
            ..Default::default()
        });
        let places = this.names.iter().zip(&mut this.addresses);
        this.variables = places
            .map(|(name, address)| bpf_var_skeleton {
                name: name.as_ptr(),
                map: &raw mut *this.map,
                addr: address,
            })
            .collect();
        this.raw = bpf_object_subskeleton {
            sz: size_of::<bpf_object_subskeleton>() as _,
            obj: object.as_ptr(),
            map_cnt: 1,
            map_skel_sz: size_of::<bpf_map_skeleton>() as _,
            maps: this.maps.as_mut_ptr(),
            var_cnt: this.variables.len() as _,
            var_skel_sz: size_of::<bpf_var_skeleton>() as _,
            vars: this.variables.as_mut_ptr(),
            ..Default::default()
        };
        this
    }

    fn open(&mut self) {
        // SAFETY: all that `raw` points to is owned by `self` and stays where it is; the object is
        // loaded and outlives this.
        let result = unsafe { bpf_object__open_subskeleton(black_box(&raw mut self.raw)) };
        assert_eq!(result, 0);
    }

    /// The value of the first variable.
    fn first(&self) -> u64 {
        let place = self.addresses[0].cast::<u64>();
        assert!(!place.is_null());
        // SAFETY: libbpf has found it in the section that it has mapped.
        unsafe { place.read_volatile() }
    }
}
