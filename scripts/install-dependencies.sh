#!/bin/sh
# Installs what building and playing needs from Debian, if it is missing. Asks for root only when there is something to do.
set -eu

missing=""
need() { # a command or file that tells whether it is there, and the package that brings it
  if [ -e "$1" ] || command -v "$1" >/dev/null 2>&1; then return; fi
  missing="$missing $2"
}

need /usr/include/zstd.h libzstd-dev
need /usr/include/nghttp2/nghttp2.h libnghttp2-dev
need /usr/include/zlib.h zlib1g-dev
need python3 python3
need bwrap bubblewrap
need prlimit util-linux
need pkg-config pkg-config
if [ "${1:-}" = --tests ]; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
  need strace strace
  need chromium chromium
  need /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
  need zip zip
  need 7z p7zip-full
  need openssl openssl
fi
if [ "${1:-}" = --bench ]; then
  need h2load nghttp2-client
fi

[ -n "$missing" ] || exit 0
echo "installing:$missing"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
as_root apt-get update -qq
# shellcheck disable=SC2086 # one word per package
DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends $missing
