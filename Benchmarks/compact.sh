#!/bin/bash
# Compactions by the program, all of it: planning, merging, reading back, publishing. On the blocks
# that blockhouse-bench makes, with hard links to them. Needs what `make demo` installs.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=${BLOCKHOUSE_BENCH_DIR:-/tmp/blockhouse-bench}
swift run -c release --package-path Benchmarks blockhouse-bench blocks
swift build -c release --product compact
/usr/bin/python3 Benchmarks/compact.py \
  "$(swift build -c release --show-bin-path)/compact" "$directory" "$directory-compact"
