# make test     everything continuous integration checks; needs root, for it loads BPF
# make demo     a library's histogram, drawn live on the running kernel; needs root
# make bench    what a read, a write and a bind cost
# make fuzz     fuzz the macro's reader and generator for FUZZ_SECONDS, 60 if not set
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
.PHONY: setup setup-test test demo bench fuzz bless fmt

setup:
	@.ci/setup

setup-test:
	@.ci/setup test

test: setup-test
	$(CARGO) fmt --all --check
	$(CARGO) fmt --check --manifest-path tests/fuzz/Cargo.toml
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	$(CARGO) test --workspace

demo: setup
	@$(CARGO) run --quiet --release -p $(DEMO)

bench: setup
	$(CARGO) bench -p $(TESTS)

fuzz:
	@.ci/setup fuzz
	@tests/fuzz/run

bless: setup-test
	BLESS=1 TRYBUILD=overwrite $(CARGO) test --workspace

fmt: setup-test
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml
