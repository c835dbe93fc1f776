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
if ! swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 6 "$@" |
  tee "$log"; then
  # What failed stands thousands of lines above the end, which is all that some logs keep.
  echo 'test: not all is well:'
  grep -a -A 4 'recorded an issue' "$log" | grep -av '^. \(Test\|Suite\).*\(started\|passed\)' | tail -n 60 ||
    tail -n 20 "$log"
  exit 1
fi
