#!/bin/bash
# Installs what the tests need, builds everything in debug mode and runs all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

echo 'test: installing what is missing, then a debug build of all (10 minutes the first time)'
Scripts/install-packages.sh prometheus python3-grpcio python3-protobuf python3-pip \
  protobuf-compiler libprotobuf-dev curl openssl python3-h2 python3-yaml systemd gcc libc6-dev \
  memcached redis-server redis-tools mandoc
Scripts/install-python.sh
swift build --build-tests
echo 'test: running all tests (about 8 minutes)'
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
  swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 6 "$@" |
    tee -a "$log"
}

status=0
if [ $# -gt 0 ]; then
  run "$@" || status=1
else
  # Those of the block library compute, and would keep tests waiting that programs, sockets and
  # clocks wait for.
  library='^TSDBBlockTests\.'
  run --filter "$library" || status=1
  run --skip "$library" || status=1
fi
if [ "$status" != 0 ]; then
  # What failed stands thousands of lines above the end, which is all that some logs keep.
  echo 'test: not all is well:'
  grep -a -A 4 'recorded an issue' "$log" |
    grep -av '^. \(Test\|Suite\).*\(started\|passed\)' | tail -n 60 || tail -n 20 "$log"
fi
exit "$status"
