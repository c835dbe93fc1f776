#!/bin/bash
# Real blocks, the whole way: text → blocks → compaction → StoreAPI. See `make help`.
#
# ONCE=1 stops after the answer. GRPC_PORT and HTTP_PORT choose other ports than 10905 and 10906,
# CONFIGURATION=debug another build than release.
set -euo pipefail
cd "$(dirname "$0")/.."

grpc_port=${GRPC_PORT:-10905}
http_port=${HTTP_PORT:-10906}
configuration=${CONFIGURATION:-release}
demo=$PWD/.demo
bucket=$demo/bucket

say() { printf '\n\033[1mdemo: %s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\ndemo: %s\n' "$*"; }

say 'installing Debian packages that are missing'
Scripts/install-packages.sh prometheus python3-grpcio python3-protobuf \
  protobuf-compiler libprotobuf-dev curl

say "building three programs ($configuration): about 8 minutes the first time, then seconds"
for program in store-gateway compact blocktool; do
  swift build -c "$configuration" --product "$program"
done
PATH=$(swift build -c "$configuration" --show-bin-path):$PATH

say 'making 12 hours of samples as OpenMetrics text, and 2-hour blocks of them'
rm -rf "$demo"
mkdir -p "$bucket"
# From a whole multiple of 8 hours, so that four of the six blocks make one of 8 hours.
start=$((($(date +%s) / 28800 - 3) * 28800))
awk -v start="$start" -f Scripts/openmetrics.awk > "$demo/samples.txt"
if command -v promtool > /dev/null; then
  promtool tsdb create-blocks-from openmetrics "$demo/samples.txt" "$bucket" > "$demo/promtool.log"
else
  blocktool create "$demo/samples.txt" -o "$bucket"
fi
/usr/bin/python3 Scripts/add-thanos-section.py "$bucket" cluster=demo replica=a
cat > "$demo/bucket.yaml" << YAML
type: FILESYSTEM
config:
  directory: $bucket
YAML
blocktool ls "$bucket"

say 'compacting them'
compact --data-dir="$demo/compact" --objstore.config-file="$demo/bucket.yaml" \
  --http-address=127.0.0.1:0 --consistency-delay=0s --delete-delay=0s
blocktool ls "$bucket"

say "serving them: gRPC on $grpc_port, HTTP on $http_port"
store-gateway --data-dir="$demo/store" --objstore.config-file="$demo/bucket.yaml" \
  --grpc-address="0.0.0.0:$grpc_port" --http-address="0.0.0.0:$http_port" &
gateway=$!
trap 'kill "$gateway" 2> /dev/null || true; wait "$gateway" || true' EXIT
until curl --silent --fail --output /dev/null "http://127.0.0.1:$http_port/-/ready"; do
  kill -0 "$gateway" 2> /dev/null || { trap - EXIT; echo 'demo: store-gateway ended' >&2; exit 1; }
  sleep 0.2
done

say 'asking over gRPC for demo_requests_total of web-1 and web-3'
/usr/bin/python3 Scripts/storeapi_client.py --address "127.0.0.1:$grpc_port" series \
  --match '__name__=demo_requests_total' --match 'pod=~web-[13]'

if [ -n "${ONCE:-}" ]; then
  say 'done'
  exit 0
fi
say "serving until Ctrl-C; metrics on http://127.0.0.1:$http_port/metrics"
trap 'exit 0' INT TERM
wait "$gateway"
