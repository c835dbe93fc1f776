#!/bin/sh
# Makes Sources/StoreAPI/Generated and the descriptor set that reflection serves from
# Sources/StoreAPI/Protos. Needs protoc (apt-get install protobuf-compiler); builds the plug-ins
# itself, which takes some minutes the first time.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
api="$root/Sources/StoreAPI"
tools="$root/Tools/ProtoGenerators"

if ! command -v protoc > /dev/null; then
  echo "generate-protos: protoc is missing; run: apt-get install protobuf-compiler" >&2
  exit 1
fi
plugins=${PROTO_PLUGINS:-}
if [ -z "$plugins" ]; then
  swift build --package-path "$tools" --product protoc-gen-swift
  swift build --package-path "$tools" --product protoc-gen-grpc-swift-2
  plugins=$(swift build --package-path "$tools" --show-bin-path)
fi

rm -rf "$api/Generated"
mkdir -p "$api/Generated" "$api/Resources"
cd "$api/Protos"
# Version 1alpha of reflection is wire-identical to version 1: it is described but not generated.
messages=$(find . -name '*.proto' ! -name '*v1alpha*' | sed 's|^\./||' | sort)
services=$(echo "$messages" | xargs grep -l '^service ')
described=$(find . -name '*.proto' | sed 's|^\./||' | sort)
options=Visibility=Public,UseAccessLevelOnImports=true,FileNaming=PathToUnderscores
# shellcheck disable=SC2086 # one word per file is meant, here and below
protoc --proto_path=. $messages \
  --plugin="$plugins/protoc-gen-swift" --swift_out="$api/Generated" --swift_opt=$options
# shellcheck disable=SC2086
protoc --proto_path=. $services \
  --plugin="$plugins/protoc-gen-grpc-swift-2" --grpc-swift-2_out="$api/Generated" \
  --grpc-swift-2_opt=$options
# shellcheck disable=SC2086
protoc --proto_path=. $described \
  --include_imports --descriptor_set_out="$api/Resources/descriptors.binpb"

# The generator does not mark its one unsafe construct, a shared instance that is never changed.
sed -i 's/= _StorageClass\.defaultInstance$/= unsafe _StorageClass.defaultInstance/' \
  "$api"/Generated/*.pb.swift
