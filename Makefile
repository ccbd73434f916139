# A thin door over CMake: each target is one or two commands that you could type yourself (CMakePresets.json).
.DEFAULT_GOAL := help
.PHONY: help deps demo test build install format tidy check bench asan tsan clean
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
SOURCES = $(wildcard $(shell git ls-files --cached --others --exclude-standard '*.cpp' '*.h'))

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: ## install, build, get the default encoder, index the sample corpus and ask it three questions
	@tools/demo

test: ## build and run the fast tests
	@tools/test release

build: build/release/build.ninja ## build the program and the library: build/release
	cmake --build --preset release --parallel $(JOBS)

deps: ## install what Debian 12 needs, and llama.cpp
	tools/install-deps

install: ## install into PREFIX (/usr/local)
	cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build --preset release --parallel $(JOBS)
	cmake --install build/release

asan: ## the fast tests under the address and undefined-behaviour sanitizers
	@tools/test asan

tsan: ## the fast tests under the thread sanitizer
	@tools/test tsan

bench: build/bench/build.ninja ## the microbenchmarks
	cmake --build --preset bench --parallel $(JOBS)

format: ## bring all sources into the project's format
	@clang-format -i $(SOURCES)

check: ## format and the order of the rooms, as CI checks them
	@clang-format --dry-run -Werror $(SOURCES)
	tools/check-rooms

tidy: build/release/build.ninja ## clang-tidy over src/ and cli/ (minutes)
	run-clang-tidy -quiet -j $(JOBS) -p build/release "$(CURDIR)/(src|cli)/.*"

clean: ## remove build/ (models and llama.cpp stay in their caches)
	rm -rf build

build/%/build.ninja:
	cmake --preset $*
