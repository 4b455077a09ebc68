//! What a bind costs, against `bpf_object__open_subskeleton` on the same loaded object, and against that and one
//! `mmap` of the section: the least that handles cost which own their memory.
//!
//! The objects have 10 to 10,000 variables in one section: integers of all sizes, arrays, structs,
//! arrays of structs (see `many` in `build.rs`). Both sides find all of them. `bind` also compares every
//! type, size, place and alignment, and maps the section; libbpf's only compares names.

mod rounds;

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{CString, c_void};
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bpf_subskeleton::{BindError, Write, describe, private, subskeleton};
use bpf_subskeleton_tests::objects::{compile_c, link};
use bpf_subskeleton_tests::report::{Amount, Other, Report, Row};
use libbpf_rs::libbpf_sys::{
    bpf_map, bpf_map__fd, bpf_map__value_size, bpf_map_skeleton, bpf_object,
    bpf_object__open_subskeleton, bpf_object_subskeleton, bpf_var_skeleton,
};
use libbpf_rs::{AsRawLibbpf as _, Object, ObjectBuilder};
use memmap2::{MmapOptions, MmapRaw};

use crate::rounds::{compare, time};

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
    let mut report = Report::new(
        "bind",
        "all variables of one section, beside bpf_object__open_subskeleton on the same object, which only compares names, \
         and beside that and an mmap of the section, the least that handles cost which own their memory",
    );
    macro_rules! measure {
        ($($module:ident, $rounds:expr, $calls:expr;)*) => {$(
            let first = |many: &$module::Many| many.bss.v00000.set(MARK);
            measure(&mut report, $module::Many::bind, first, $module::Many::VARIABLES, $rounds, $calls);
        )*};
    }
    measure! {
        many_10, 100, 1000;
        many_100, 100, 100;
        many_1000, 50, 10;
    }
    #[cfg(not(clippy))]
    measure! { many_10000, 16, 1; }
    beside_programs(&mut report);
    counters_beside_programs(&mut report);
    again(&mut report);
    ten_libraries(&mut report);
    memory(&mut report);
    report.finish();
}

/// What `bind` costs beside programs, in whose instructions it looks for what they use.
fn beside_programs(report: &mut Report) {
    let many = PathBuf::from(format!("{}/many_100.bpf.o", env!("OUT_DIR")));
    let alone = load(100);
    for programs in [1, 10, 100] {
        let path = link("beside", &[&many, &compile_c("beside", &users(programs))]);
        let object = open(&path);
        let instructions: usize = object.progs().map(|program| program.insn_cnt()).sum();
        let bind = |object| many_100::Many::bind(black_box(object)).expect("it is linked in");
        let [beside, alone] = compare(
            50,
            20,
            [
                &mut || (0..20).map(|_| time(|| bind(&object))).sum(),
                &mut || (0..20).map(|_| time(|| bind(&alone))).sum(),
            ],
        );
        let what = format!("bind beside programs of {instructions} instructions");
        let row = Row::new(what, beside.amount()).variables(100);
        report.add(row.against(beside.beside("without programs", &alone)));
        if programs == 100 {
            let each = (beside.min() - alone.min()).max(0.0) / instructions as f64;
            report.add(Row::new(
                "of that, an instruction",
                Amount::Nanoseconds(each),
            ));
        }
    }
}

/// The same for a library whose variables are all larger than what aligns others: `bind` looks at no program.
fn counters_beside_programs(report: &mut Report) {
    let library = counters(0);
    let alone = compile_c("counters", &declarations([0]));
    let beside = link(
        "counters_beside",
        &[&alone, &compile_c("beside", &users(100))],
    );
    let (alone, beside) = (open(&alone), open(&beside));
    let bind = |object| private::bind(black_box(object), library).expect("linked");
    let [beside, alone] = compare(
        50,
        20,
        [
            &mut || (0..20).map(|_| time(|| bind(&beside))).sum(),
            &mut || (0..20).map(|_| time(|| bind(&alone))).sum(),
        ],
    );
    let what = "bind of 10 variables of 8 bytes beside these programs";
    let row = Row::new(what, beside.amount());
    report.add(row.against(beside.beside("without programs", &alone)));
}

/// What the first bind to an object costs, and the next one of the same library.
fn again(report: &mut Report) {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..30 {
        let object = load(100);
        // None is dropped before the last is there.
        let mut bound = Vec::new();
        for times in &mut times {
            let start = Instant::now();
            let many = many_100::Many::bind(black_box(&object)).expect("it is the object's");
            times.push(start.elapsed().as_secs_f64() * 1e9);
            bound.push(many);
        }
    }
    let medians = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    let [first, second] = medians;
    let other = Other::new("the first bind", Amount::Nanoseconds(first), second / first);
    let row = Row::new("second bind to an object", Amount::Nanoseconds(second));
    report.add(row.variables(100).against(other));
}

/// What ten libraries of ten variables each cost, beside one that is alone in its object. No byte of
/// their section is without a variable, so that `bind` looks at no program.
fn ten_libraries(report: &mut Report) {
    let object_of = |count| {
        let source = declarations(0..count);
        open(&compile_c(&format!("libraries_{count}"), &source))
    };
    let libraries: Vec<&'static describe::Library> = (0..10).map(counters).collect();
    let (alone, together) = (object_of(1), object_of(10));
    let bind = |object, libraries: &[&'static describe::Library]| {
        let bind =
            |library: &&'static _| private::bind(black_box(object), library).expect("linked");
        libraries.iter().map(bind).collect::<Vec<_>>()
    };
    let [one, ten] = compare(
        50,
        100,
        [
            &mut || {
                (0..100)
                    .map(|_| time(|| bind(&alone, &libraries[..1])))
                    .sum()
            },
            &mut || (0..100).map(|_| time(|| bind(&together, &libraries))).sum(),
        ],
    );
    let row = Row::new("bind of ten libraries with 10 variables each", ten.amount());
    report.add(row.against(ten.beside("one of them alone", &one)));
}

fn names(library: usize) -> impl Iterator<Item = String> {
    (0..10).map(move |variable| format!("of_{library}_{variable}"))
}

/// C of the variables of some of these libraries.
fn declarations(libraries: impl IntoIterator<Item = usize>) -> String {
    let names = libraries.into_iter().flat_map(names);
    names
        .map(|name| format!("unsigned long long {name};\n"))
        .collect()
}

/// A library of ten variables.
fn counters(library: usize) -> &'static describe::Library {
    let variables = names(library).map(|name| {
        let name: &'static str = name.leak();
        describe::Variable::new::<u64, Write>(name, ".bss", name, &private::U64)
    });
    let library = describe::Library {
        name: "Counters",
        variables: variables.collect::<Vec<_>>().leak(),
        maps: &[],
        programs: &[],
        struct_ops: &[],
    };
    Box::leak(Box::new(library))
}

/// What a bound library occupies. C shares libbpf's mapping of the section, which goes when the object does.
fn memory(report: &mut Report) {
    macro_rules! occupied {
        ($($module:ident;)*) => {$(
            let variables = $module::Many::VARIABLES.len();
            let object = load(variables);
            let before = (LIVE.load(Relaxed), mapped(), descriptors());
            let many = $module::Many::bind(&object).expect("it is the object's");
            let heap = LIVE.load(Relaxed) - before.0;
            let (maps, files) = (mapped() - before.1, descriptors() - before.2);
            // As `bpftool gen subskeleton` allocates them: its own struct has a pointer for each variable.
            let in_c = size_of::<bpf_object_subskeleton>()
                + size_of::<bpf_map_skeleton>()
                + variables * (size_of::<bpf_var_skeleton>() + size_of::<*const u64>())
                + 2 * size_of::<*const bpf_map>();
            assert_eq!(files, 0, "a library that is bound keeps no descriptor");
            let here = size_of_val(&many) + heap;
            let other = Other::new("structs in C", bytes(in_c), here as f64 / in_c as f64);
            let row = Row::new("memory of a bound library", bytes(here)).against(other.at_most(1.0));
            report.add(row.variables(variables));
            report.add(Row::new("mapping of its section", bytes(maps)).variables(variables));
        )*};
    }
    occupied! {
        many_10;
        many_100;
        many_1000;
    }
}

fn bytes(bytes: usize) -> Amount {
    Amount::Bytes(bytes as u64)
}

/// How many bytes of maps are mapped.
fn mapped() -> usize {
    let maps = fs::read_to_string("/proc/self/maps").expect("/proc");
    let of_maps = maps.lines().filter(|line| line.ends_with("bpf-map"));
    let sizes = of_maps.map(|line| {
        let range = line
            .split(' ')
            .next()
            .and_then(|range| range.split_once('-'));
        let (start, end) = range.expect("a range comes first");
        let address = |text| usize::from_str_radix(text, 16).expect("a number");
        address(end) - address(start)
    });
    sizes.sum()
}

/// How many file descriptors are open.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// Counts the bytes that are allocated. Only one thread allocates while that matters.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: `System` does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Cheaper than `fetch_add`, for what is measured beside.
        LIVE.store(LIVE.load(Relaxed).wrapping_add(layout.size()), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.store(LIVE.load(Relaxed).wrapping_sub(layout.size()), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// So many programs of a thousand instructions or so, of which every few load an address; and a variable that the next
/// one is not aligned behind, as there are in every larger object.
fn users(programs: usize) -> String {
    let mut source = String::from("#define SEC(name) __attribute__((section(name), used))\n");
    source += "volatile unsigned char small;\n";
    for i in 0..64 {
        source += &format!("volatile unsigned long long own_{i};\n");
    }
    for program in 0..programs {
        source +=
            &format!("SEC(\"syscall\") int program_{program}(void *context) {{ small += 1;\n");
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

/// Measures one object. `set_first` writes [`MARK`] to the first variable.
fn measure<T>(
    report: &mut Report,
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
    let mut mapping = Subskeleton::new(object.as_libbpf_object(), variables);

    let repeat = |work: &mut dyn FnMut() -> Duration| (0..calls).map(|_| work()).sum();
    let bound = || bind(black_box(&object)).expect("it has just been bound");
    let [ours, with_drop, theirs, floor] = compare(
        rounds,
        calls,
        [
            &mut || repeat(&mut || time(bound)),
            &mut || repeat(&mut || time(|| drop(bind(black_box(&object))))),
            &mut || repeat(&mut || time(|| c.open())),
            &mut || repeat(&mut || time(|| mapping.open_and_map())),
        ],
    );
    let row = Row::new("bind", ours.amount())
        .against(ours.beside("libbpf in C", &theirs))
        .against(ours.beside("libbpf in C, and mmap", &floor).at_most(1.5));
    report.add(row.variables(variables.len()).in_readme());
    report.add(Row::new("bind and drop", with_drop.amount()).variables(variables.len()));
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

    /// Opens it, and maps the section, as a handle that outlives the object has to.
    fn open_and_map(&mut self) -> MmapRaw {
        self.open();
        // SAFETY: `open` found the map of the object, which outlives this; the calls only read.
        let (fd, size) = unsafe { (bpf_map__fd(*self.map), bpf_map__value_size(*self.map)) };
        let mapped = MmapOptions::new().len(size as usize).map_raw(fd);
        mapped.expect("libbpf has mapped it too")
    }

    /// The value of the first variable.
    fn first(&self) -> u64 {
        let place = self.addresses[0].cast::<u64>();
        assert!(!place.is_null());
        // SAFETY: libbpf has found it in the section that it has mapped.
        unsafe { place.read_volatile() }
    }
}
