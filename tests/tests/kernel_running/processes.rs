//! Objects that a C program loaded with libbpf, in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use bpf_subskeleton::describe::{Library, Variable};
use bpf_subskeleton::private::{U64, bind};
use bpf_subskeleton::{Running, Var, Write};
use bpf_subskeleton_tests::loader;

use super::{Sampling, bpf_file_system, compile_c, object};

/// A loader that holds its object until it is killed, by dropping this at the latest.
struct Loader {
    process: Child,
    output: BufReader<ChildStdout>,
    program: u32,
}

impl Loader {
    fn new(object: &Path) -> Self {
        bpf_subskeleton_tests::require_bpf();
        let mut process = Command::new(loader::path())
            .arg(object)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let program = line.trim().parse().expect("the loader loads it");
        Self {
            process,
            output,
            program,
        }
    }

    /// Has the process run a program, unless it ended.
    fn run(&mut self, program: &str, count: u32) -> Option<()> {
        let input = self.process.stdin.as_mut()?;
        writeln!(input, "run {program} {count}").ok()?;
        let mut line = String::new();
        self.output.read_line(&mut line).ok()?;
        (line == "done\n").then_some(())
    }

    fn running(&self) -> Running {
        Running::from_program_id(self.program).unwrap()
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_loader_is_killed_while_its_object_is_watched() {
    let loader = Loader::new(&object("selection"));
    let running = loader.running();
    assert_eq!(running.holders(), [loader.process.id()]);
    let sampling = Sampling::bind(&running).unwrap();
    sampling.bss.samples.set(1);
    let mut loader = Some(loader);
    let start = Instant::now();
    let mut looks = 0;
    while running.is_current() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it is current without its loader"
        );
        assert_eq!(sampling.bss.samples.get(), 1);
        looks += 1;
        if looks == 3 {
            loader = None;
        }
    }
    assert!(loader.is_none() && looks >= 3);
    // The memory and the maps are still there, for those who have them.
    sampling.bss.samples.set(2);
    assert_eq!(sampling.bss.samples.get(), 2);
    let slot = super::sampling::slot { count: 3, sum: 4 };
    sampling.maps.by_pid.insert(&7, &slot).unwrap();
    assert_eq!(sampling.maps.by_pid.lookup(&7).unwrap().unwrap().sum, 4);
    assert!(running.holders().iter().all(|&pid| pid == process::id()));
}

#[test]
fn each_of_two_copies_has_its_own_variables() {
    let loaders = [(); 2].map(|()| Loader::new(&object("selection")));
    let [first, second] =
        [&loaders[0], &loaders[1]].map(|loader| Sampling::bind(&loader.running()).unwrap());
    first.bss.samples.set(10);
    second.bss.samples.set(20);
    let slot = super::sampling::slot { count: 1, sum: 1 };
    first.maps.by_pid.insert(&7, &slot).unwrap();
    assert!(second.maps.by_pid.lookup(&7).unwrap().is_none());
    // Whoever binds again finds the same.
    let again = loaders
        .each_ref()
        .map(|loader| Sampling::bind(&loader.running()).unwrap());
    assert_eq!(again.map(|sampling| sampling.bss.samples.get()), [10, 20]);
    let ids = loaders.each_ref().map(|loader| loader.running().btf_id());
    let all = Running::all().unwrap();
    assert!(
        ids.iter()
            .all(|id| all.iter().filter(|running| running.btf_id() == *id).count() == 1)
    );
}

#[test]
fn a_pinned_object_needs_no_loader() {
    bpf_file_system();
    let folder = PathBuf::from(format!(
        "/sys/fs/bpf/bpf-subskeleton-{}-loader",
        process::id()
    ));
    let loader = Command::new(loader::path())
        .arg(object("selection"))
        .arg(&folder)
        .status();
    assert!(loader.unwrap().success());
    let running = Running::from_pinned(folder.join("on_enter")).unwrap();
    assert_eq!(running.holders(), [0; 0]);
    let sampling = Sampling::bind(&running).unwrap();
    assert_eq!(
        (sampling.data.weights.get(), running.is_current()),
        ([1, 2, 3, 4], true)
    );
    fs::remove_dir_all(&folder).unwrap();
}

/// Writes to other variables of the section, next to it even, never undo what a program adds meanwhile.
#[test]
fn a_million_increments_are_not_lost() {
    const SOURCE: &str = "
        unsigned long long before, count, after;
        __attribute__((section(\"syscall\"), used)) int increment(void *ctx) {
            for (int i = 0; i < 1000; i++) __sync_fetch_and_add(&count, 1);
            return 0;
        }
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    const fn variable(name: &'static str) -> Variable {
        Variable::new::<u64, Write>(name, ".bss", "", &U64)
    }
    static LIBRARY: Library = Library {
        name: "Counters",
        variables: &[variable("before"), variable("count"), variable("after")],
        maps: &[],
        programs: &[],
        struct_ops: &[],
    };
    let mut loader = Loader::new(&compile_c("running_increments", SOURCE));
    let mut bound = bind(&loader.running(), &LIBRARY).unwrap();
    let [before, count, after]: [Var<u64>; 3] = std::array::from_fn(|_| bound.variable());
    let (writes, done) = (AtomicU64::new(0), AtomicBool::new(false));
    // Nothing in here panics: the other thread would go on forever.
    let rounds = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while !done.load(Relaxed) {
                let write = writes.load(Relaxed) + 1;
                before.set(write);
                after.set(write);
                if before.get() != write || after.get() != write {
                    break;
                }
                writes.store(write, Relaxed);
            }
        });
        let mut rounds = Vec::new();
        // However busy the machine is, each of 100 rounds has writes before it, and most have them all along.
        for _ in 0..100 {
            let seen = writes.load(Relaxed);
            while writes.load(Relaxed) < seen + 10 && !writer.is_finished() {
                std::thread::yield_now();
            }
            rounds.push(loader.run("increment", 10).map(|()| count.get()));
        }
        done.store(true, Relaxed);
        rounds
    });
    let expected = (1..=100).map(|round| Some(round * 10_000));
    assert_eq!(rounds, Vec::from_iter(expected));
    assert_eq!(count.get(), 1_000_000);
}
