#!/bin/bash
# Series calls over loopback gRPC against the blocks that blockhouse-bench makes (4 blocks of 2
# hours, 100,000 series). Needs what `make demo` installs.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=${BLOCKHOUSE_BENCH_DIR:-/tmp/blockhouse-bench}
swift run -c release --package-path Benchmarks blockhouse-bench index
swift build -c release --product store-gateway
"$(swift build -c release --show-bin-path)/store-gateway" --log.level=warn \
  --objstore.config="{type: FILESYSTEM, config: {directory: $directory}}" \
  --grpc-address=127.0.0.1:10915 --http-address=127.0.0.1:10916 &
gateway=$!
trap 'kill "$gateway" 2> /dev/null || true' EXIT
until curl --silent --fail --output /dev/null http://127.0.0.1:10916/-/ready; do sleep 0.2; done
/usr/bin/python3 Benchmarks/series.py 127.0.0.1:10915 "$gateway"
