#!/bin/sh
# Installs what a build needs, and the Debian packages named as arguments: those that are missing,
# by apt-get, and nothing else.
set -eu

wanted="libsnappy-dev libcrypt-dev zlib1g-dev libre2-dev pkg-config $*"
missing=
for package in $wanted; do
  status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  root=
elif command -v sudo > /dev/null; then
  root=sudo
else
  echo "install-packages: run as root, or with sudo installed: apt-get install$missing" >&2
  exit 1
fi
echo "install-packages: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
# shellcheck disable=SC2086 # one word per package is meant
$root apt-get install -y -qq --no-install-recommends $missing > /dev/null
