# make check    format, lints, documentation, packages, and the tests that need no privilege and a few minutes
# make test     `make check`, then the tests that have cargo build crates and those that load BPF; run it as root
# make test-kernels
#               run the tests that load BPF on Debian's kernels from 5.10 on, in virtual machines; run it as root.
#               KERNELS="5.10 6.1" chooses kernels, FILES="kernel_bind" files of tests; BLESS=1 updates the table
#               in README.md
# make demo     draw a histogram of how long system calls take on the running kernel; run it as root
# make test-compilers
#               try every BPF source here with every clang of Debian, or those that COMPILERS names; run it as root
# OBJECTS=dir make test-corpus
#               try your own BPF objects, all *.o below the folder; run it as root
# make test-ide try the attribute in rust-analyzer, as an editor does; needs rustup
# make oldest   check the published crates with the oldest Rust that Cargo.toml promises; needs rustup
# make bench    measure reads, writes, binding, maps, expansion and builds beside other ways to do the same, and write
#               tests/benches/results and the README's table from that; run it as root, on a quiet machine
# make fuzz     fuzz the reader and the generator for FUZZ_SECONDS (default: 60)
# make sanitize run the runtime's memory accesses under valgrind; run it as root
# make miri     run the tests of detached companions under Miri, which finds undefined behaviour; needs rustup
# make bless    update the golden files after an intended change; run it as root
# make fmt      format
# make setup    install what is missing, and nothing else
#
# Each target first installs what it needs through .ci/setup, and says what. Without make, run `.ci/setup`
# or `.ci/run`.

CARGO ?= cargo
DEMO := syscall-latency
TESTS := bpf-subskeleton-tests

# The packages for crates.io.
PUBLISHED := -p bpf-subskeleton -p bpf-subskeleton-core -p bpf-subskeleton-build -p bpf-subskeleton-cli -p bpf-subskeleton-macros -p bpf-subskeleton-codegen -p bpf-subskeleton-object

# Integration tests that load BPF are called kernel_*, and vm_* if they need a kernel that not everybody has; these are
# the others.
TEST_FILES := $(wildcard $(foreach folder,tests macros/codegen macros/object runtime runtime/cli,$(folder)/tests/*.rs $(folder)/tests/*/main.rs))
TEST_NAMES := $(sort $(notdir $(basename $(TEST_FILES:/main.rs=))))
QUICK := $(filter-out kernel_% vm_% cargo_%,$(TEST_NAMES))

# The oldest Rust.
OLDEST = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

# Where rustup puts cargo and Debian puts bpftool, after what the caller has.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:/usr/sbin:/sbin

.DEFAULT_GOAL := test
.PHONY: setup setup-test check test test-kernels test-compilers test-corpus test-ide oldest demo bench fuzz sanitize miri bless fmt

setup:
	@.ci/setup

setup-test:
	@.ci/setup test

# With other packages of the workspace, the macro has their features of syn; alone, those of a user's build.
# The fuzzer is not a member of the workspace. Checking it needs no libFuzzer; with a path to one, its crate
# doesn't compile it from C++.
check: setup-test
	$(CARGO) fmt --all --check
	$(CARGO) fmt --check --manifest-path tests/fuzz/Cargo.toml
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) check -p bpf-subskeleton-macros
	CUSTOM_LIBFUZZER_PATH=/libfuzzer.a $(CARGO) clippy --manifest-path tests/fuzz/Cargo.toml \
		--target-dir $(or $(CARGO_TARGET_DIR),target)/fuzz-check -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	$(CARGO) test --workspace --lib --bins $(QUICK:%=--test %)
	$(CARGO) test --workspace --doc
	$(CARGO) package $(PUBLISHED) --allow-dirty --no-verify

# To verify the packages, cargo makes a registry of them. What it unpacks and compiles from there it takes to be the
# same for ever, and so would miss a change under the same version.
test: check
	rm -rf $(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/-*/bpf-subskeleton*
	rm -rf $(or $(CARGO_TARGET_DIR),target)/debug/.fingerprint/bpf-subskeleton*
	$(CARGO) package $(PUBLISHED) --allow-dirty
	$(CARGO) test --workspace --test 'cargo_*' --test 'kernel_*' --test instruction_counts

test-kernels:
	@.ci/setup kernels
	$(CARGO) run --quiet -p test-kernels -- $(KERNELS) $(FILES)

test-compilers:
	@.ci/setup compilers
	$(CARGO) run --quiet -p $(TESTS) --bin compilers -- $(COMPILERS)

test-corpus:
	@.ci/setup corpus
	$(CARGO) run --quiet -p $(TESTS) --bin corpus -- "$(OBJECTS)"

test-ide:
	@.ci/setup ide
	$(CARGO) run --quiet -p $(TESTS) --bin ide

# What rustc says, which tests compare, differs between versions; so this checks only that the crates compile, with
# an expansion.
oldest: setup-test
	rustup toolchain install $(OLDEST) --profile minimal
	$(CARGO) +$(OLDEST) check $(PUBLISHED) -p histogram --target-dir $(or $(CARGO_TARGET_DIR),target)/oldest

demo: setup
	@$(CARGO) run --quiet --release -p $(DEMO)

# What is published was measured in one run, so nothing of another one's records may be left. Cargo builds the binaries
# with the benchmarks.
RECORDS = $(abspath $(or $(CARGO_TARGET_DIR),target)/bench-records)

bench:
	@.ci/setup bench
	rm -rf $(RECORDS)
	mkdir -p $(RECORDS)
	BENCH_RECORDS=$(RECORDS) $(CARGO) bench -p $(TESTS)
	$(or $(CARGO_TARGET_DIR),target)/release/report $(RECORDS)

fuzz:
	@.ci/setup fuzz
	@tests/fuzz/run

# Runs the runtime's unit tests, which use plain memory, and tests that use the kernel's maps. valgrind warns
# about commands of bpf(2) that are newer than itself, such as BPF_PROG_BIND_MAP and batches, and doesn't check
# what these read. tests/valgrind.supp lists its false positives. One of the skipped tests needs pidfd_open(2), which
# valgrind lacks; the other reads BTF that the kernel has, and valgrind does not see the kernel write it.
SANITIZED := bind forged leak lifetime maps out_of_memory padding places resizable selftest struct_ops test_run types writes
VALGRIND := valgrind --quiet --error-exitcode=1 --fair-sched=yes --leak-check=full \
	--show-leak-kinds=definite --errors-for-leak-kinds=definite \
	--suppressions=$(CURDIR)/tests/valgrind.supp
# Optimised, std's code branches on what is not there before it looks whether it is, which valgrind reports.
UNOPTIMISED := --config profile.dev.package.bpf-subskeleton-core.opt-level=0
RUNNER := CARGO_TARGET_$(shell uname -m | tr a-z A-Z)_UNKNOWN_LINUX_GNU_RUNNER

sanitize:
	@.ci/setup sanitize
	$(RUNNER)="$(VALGRIND)" $(CARGO) test $(UNOPTIMISED) -p bpf-subskeleton-core -p $(TESTS) --lib $(SANITIZED:%=--test kernel_%) \
		-- --skip storage::of_a_task --skip growing::a_running

miri: setup-test
	rustup toolchain install nightly --profile minimal --component miri,rust-src
	cargo +nightly miri test -p $(TESTS) --test detached
	cargo +nightly miri test -p histogram --lib

# Only the last line needs root.
bless: setup-test
	BLESS=1 TRYBUILD=overwrite $(CARGO) test --workspace --test golden --test public_api --test readme --test ui
	BLESS=1 $(CARGO) test --workspace --test kernel_drift --test instruction_counts

fmt: setup-test
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml
