# SPDX-License-Identifier: MIT
# A thin front: meson builds, tests and installs; this file only remembers the words.

BUILD ?= build/release

.PHONY: all demo test test-long test-parts test-fresh bench bench-kernel install install-dkms lint format clean
all: ; @scripts/build $(BUILD)
demo: ; @scripts/demo
test: ; @scripts/test
test-long: ; @scripts/test --long $(PART)
test-parts: ; @scripts/test --parts
test-fresh: ; @scripts/test --long fresh
bench: ; @scripts/bench
bench-kernel: ; @bench/kernel
lint: ; @scripts/test --lint
format: ; @scripts/format
install: all ; @scripts/install $(BUILD)
install-dkms: ; @scripts/install-dkms
clean: ; rm -rf build
