# What a person does with this repository. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs man protos bench fuzz sanitize

help:
	@echo 'make demo    build in release mode, make blocks, compact and serve them, ask over gRPC'
	@echo '             (about 10 minutes the first time; then it stays up until Ctrl-C,'
	@echo '             with ONCE=1 it stops after the answer)'
	@echo 'make test    install what the tests need, build and run all of them (about 15 minutes)'
	@echo 'make lint    check the format of all Swift files (seconds)'
	@echo 'make format  format all Swift files in place (seconds)'
	@echo 'make docs    make the documentation of the block library (2 minutes the first time)'
	@echo 'make man     make man pages and shell completions of the programs, in .build/man and'
	@echo '             .build/completions (a debug build first, 8 minutes the first time)'
	@echo 'make protos  make the StoreAPI code from its protos (15 minutes the first time)'
	@echo 'make bench   build and run the benchmarks (about 10 minutes)'
	@echo 'make fuzz    fuzz every decoder for TIME=60 seconds each; TARGET=xor for one, with'
	@echo '             FILE=crash-… to repeat a finding (building: 15 minutes the first time)'
	@echo 'make sanitize  run the tests of the block library under address and thread sanitizer'
	@echo '             (about 20 minutes the first time)'

demo:
	@Scripts/demo.sh

test:
	@Scripts/test.sh

lint:
	swift format lint --strict --recursive Sources Tests Fuzz/Sources Package.swift

format:
	swift format --in-place --recursive Sources Tests Fuzz/Sources Package.swift

docs:
	@Scripts/docs.sh

man:
	@Scripts/man.sh

protos:
	@echo 'protos: building the protoc plug-ins, 15 minutes the first time, seconds afterwards'
	@Scripts/install-packages.sh protobuf-compiler libprotobuf-dev
	@Scripts/generate-protos.sh

bench:
	@echo 'bench: building in release mode, about 5 minutes the first time; then 5 minutes of runs'
	@Scripts/install-packages.sh
	@swift run -c release --package-path Benchmarks

fuzz:
	@Scripts/fuzz.sh

sanitize:
	@Scripts/sanitize.sh
