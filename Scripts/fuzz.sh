#!/bin/sh
# Fuzzes the decoders of the block library, and what reads the answers of stores and caches.
#
#   TIME    seconds for each target, 60 unless given
#   TARGET  one target, all of them unless given
#   FILE    an input to run once instead, such as a finding
#
# Inputs that reach new code are kept in Fuzz/.corpus, findings in Fuzz/.findings.
set -eu
cd "$(dirname "$0")/.."

time=${TIME:-60}
file=${FILE:-}
targets=${TARGET:-index series postings segment tombstones meta scan xor xor2 histogram \
  floathistogram histogramST floathistogramST aggregate regex selector \
  s3 memcached redis servicerecords diskcache postingscache}
if [ -n "$file" ] && [ -z "${TARGET:-}" ]; then
  echo 'fuzz: FILE needs a TARGET, the one that found it' >&2
  exit 2
fi

# With the backtracer on, a process may hang or die before it has saved its input.
export SWIFT_BACKTRACE=enable=no
Scripts/install-packages.sh
echo 'fuzz: building with sanitizers, about 15 minutes the first time'
# Of several flags for sanitizers the compiler heeds the last: with one for each, code in Swift would
# be fuzzed without a look at what an input reaches.
build() {
  swift build -c release --package-path Fuzz --sanitize fuzzer --sanitize address \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing --product block-fuzz "$@"
}
build
program=$(build --show-bin-path)/block-fuzz

if [ -n "$file" ]; then
  FUZZ_TARGET=$TARGET exec "$program" -timeout=10 -rss_limit_mb=2048 "$file"
fi
findings=0
for target in $targets; do
  mkdir -p "Fuzz/.corpus/$target" "Fuzz/.findings/$target"
  echo "fuzz: $target, $time seconds"
  log=Fuzz/.findings/$target/log
  if FUZZ_TARGET=$target "$program" -max_total_time="$time" -max_len=8192 -timeout=10 \
    -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 \
    -artifact_prefix="Fuzz/.findings/$target/" \
    "Fuzz/.corpus/$target" "Fuzz/Seeds/$target" > "$log" 2>&1; then
    grep -E '^Done ' "$log"
  else
    findings=$((findings + 1))
    grep -E 'broken promise|ERROR|Test unit written' "$log" || tail -5 "$log"
  fi
done
if [ $findings -gt 0 ]; then
  echo "fuzz: findings in $findings targets; again with: make fuzz TARGET=… FILE=Fuzz/.findings/…"
  exit 1
fi
