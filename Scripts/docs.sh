#!/bin/sh
# Makes the documentation of the block library with the toolchain's own docc. A link that leads
# nowhere is an error.
#
# The result is a site of static files; serve the folder that is named at the end.
set -eu
cd "$(dirname "$0")/.."

docc=$(command -v docc || true)
if [ -z "$docc" ]; then
  echo 'docs: no docc beside swift; it is a part of the toolchains from swift.org' >&2
  exit 1
fi
Scripts/install-packages.sh
scratch=.build-docs
symbols=$scratch/symbols
archive=$scratch/TSDBBlock.doccarchive
rm -rf "$archive"
mkdir -p "$symbols"
# The symbols are written whenever the library is compiled, so they are as current as the build.
echo 'docs: compiling the library'
swift build --target TSDBBlock --scratch-path "$scratch" \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$symbols"
echo 'docs: making the pages'
"$docc" convert Sources/TSDBBlock/TSDBBlock.docc --additional-symbol-graph-dir "$symbols" \
  --output-dir "$archive" --fallback-display-name TSDBBlock \
  --fallback-bundle-identifier TSDBBlock --warnings-as-errors
echo "docs: made; see them with: python3 -m http.server --directory $archive"
echo 'docs: then open http://localhost:8000/documentation/tsdbblock/'
