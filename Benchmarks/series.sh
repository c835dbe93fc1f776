#!/bin/bash
# Series calls inside the process, then over loopback gRPC, against the blocks that blockhouse-bench
# makes: 100,000 series in 4 blocks of 2 hours, then a million series in one. Needs what `make demo`
# installs.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=${BLOCKHOUSE_BENCH_DIR:-/tmp/blockhouse-bench}
swift run -c release --package-path Benchmarks blockhouse-bench blocks
swift build -c release --package-path Benchmarks --product series-bench
bench=$(swift build -c release --package-path Benchmarks --show-bin-path)/series-bench
swift build -c release --product store-gateway
program=$(swift build -c release --show-bin-path)/store-gateway
buckets=$(mktemp -d "$directory-series.XXXX")
gateway=
trap 'kill $gateway 2> /dev/null || true; rm -rf "$buckets"' EXIT

# Hard links: a bucket names its blocks by their identity, and takes no time to make.
id() { sed -n 's/.*"ulid": *"\([0-9A-Z]*\)".*/\1/p' "$1/meta.json"; }
mkdir "$buckets/four" "$buckets/million"
for block in "$directory"/01*; do
  # One of the five is a replica of the first.
  grep -q '"minTime": 1699920000000' "$block/meta.json" && [ -e "$buckets/has-first" ] && continue
  grep -q '"minTime": 1699920000000' "$block/meta.json" && touch "$buckets/has-first"
  cp -al "$block" "$buckets/four/"
done
cp -al "$directory/million" "$buckets/million/$(id "$directory/million")"

for bucket in four million; do
  echo "$bucket, in process"
  "$bench" "$buckets/$bucket"
  "$program" --log.level=warn --grpc-address=127.0.0.1:10915 --http-address=127.0.0.1:10916 \
    --objstore.config="{type: FILESYSTEM, config: {directory: $buckets/$bucket}}" &
  gateway=$!
  until curl --silent --fail --output /dev/null http://127.0.0.1:10916/-/ready; do sleep 0.2; done
  echo "$bucket, over gRPC"
  /usr/bin/python3 Benchmarks/series.py 127.0.0.1:10915 "$gateway"
  kill "$gateway"
  wait "$gateway" || true
done
