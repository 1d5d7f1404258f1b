#!/bin/sh
# The system parts the tests need. Installs what is missing from Debian when root, else names it.
set -eu
missing=""
need() { # need PROGRAM PACKAGE: the program on PATH, or the package
    command -v "$1" >/dev/null 2>&1 || [ -x "${3:-}" ] || missing="$missing $2"
}
need chromium chromium
need wrk wrk
need node nodejs
need npm npm
need redis-server redis-server
need initdb postgresql "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | head -n 1)"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fontconfig fonts-noto-cjk"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need these Debian packages:$missing. Install them: sudo apt-get install$missing" >&2
    exit 1
fi
