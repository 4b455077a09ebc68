# make test     everything continuous integration checks; needs root, for it loads BPF
# make demo     a library's histogram, drawn live on the running kernel; needs root
# make bench    what a read, a write and a bind cost
# make fuzz     fuzz the macro's reader and generator for FUZZ_SECONDS, 60 if not set
# make sanitize the runtime's memory code, under valgrind; needs root
# make bless    rewrite the golden files after a wanted change
# make fmt      format
# make setup    only install what is missing
#
# Each target installs what it lacks through .ci/setup, and says so. A bare Debian has no
# make: there, run `.ci/setup` or `.ci/run` first.

CARGO ?= cargo
DEMO := syscall-latency
TESTS := bpf-subskeleton-tests

# Where rustup puts cargo and Debian puts bpftool, behind what the caller has.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:/usr/sbin:/sbin

.DEFAULT_GOAL := test
.PHONY: setup setup-test test demo bench fuzz sanitize bless fmt

setup:
	@.ci/setup

setup-test:
	@.ci/setup test

# The fuzzer is no member of the workspace. Told of a libFuzzer, which linking alone would look for, it does
# not compile that from C++.
test: setup-test
	$(CARGO) fmt --all --check
	$(CARGO) fmt --check --manifest-path tests/fuzz/Cargo.toml
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	CUSTOM_LIBFUZZER_PATH=/libfuzzer.a $(CARGO) clippy --manifest-path tests/fuzz/Cargo.toml \
		--target-dir $(or $(CARGO_TARGET_DIR),target)/fuzz-check -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	$(CARGO) test --workspace

demo: setup
	@$(CARGO) run --quiet --release -p $(DEMO)

bench: setup
	$(CARGO) bench -p $(TESTS)

fuzz:
	@.ci/setup fuzz
	@tests/fuzz/run

# Each access to memory is looked at: the runtime's own tests, in plain memory, and tests on the
# kernel's maps. valgrind warns of commands of bpf(2) that are newer than itself, such as
# BPF_PROG_BIND_MAP and those of batches: it does not look at what these read. What it says wrongly is in
# tests/valgrind.supp; one test needs a system call that it does not know, pidfd_open(2).
SANITIZED := bind damaged leak lifetime maps padding places resizable struct_ops subskeleton test_run types writes
VALGRIND := valgrind --quiet --error-exitcode=1 --fair-sched=yes --leak-check=full \
	--show-leak-kinds=definite --errors-for-leak-kinds=definite \
	--suppressions=$(CURDIR)/tests/valgrind.supp
RUNNER := CARGO_TARGET_$(shell uname -m | tr a-z A-Z)_UNKNOWN_LINUX_GNU_RUNNER

sanitize:
	@.ci/setup sanitize
	$(RUNNER)="$(VALGRIND)" $(CARGO) test -p bpf-subskeleton -p $(TESTS) --lib $(SANITIZED:%=--test %) \
		-- --skip storage::of_a_task

bless: setup-test
	BLESS=1 TRYBUILD=overwrite $(CARGO) test --workspace

fmt: setup-test
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml
