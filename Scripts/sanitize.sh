#!/bin/sh
# Runs the tests of the block library under the address sanitizer, then under the thread sanitizer.
#
# Each has a build folder of its own, so that neither disturbs the everyday build.
set -eu
cd "$(dirname "$0")/.."

# With the backtracer on, a process may hang instead of reporting.
export SWIFT_BACKTRACE=enable=no
export LSAN_OPTIONS="suppressions=$PWD/Scripts/sanitize-leaks.txt:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$PWD/Scripts/sanitize-races.txt"
Scripts/install-packages.sh
for sanitizer in address thread; do
  echo "sanitize: building for the $sanitizer sanitizer, about 8 minutes the first time"
  scratch=.build-$sanitizer
  swift build --build-tests --sanitize "$sanitizer" --scratch-path "$scratch"
  swift test --disable-xctest --skip-build --sanitize "$sanitizer" --scratch-path "$scratch" \
    --filter TSDBBlockTests
done
