#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing of the Debian packages that cme needs: `tools/deps.sh run` for building and
# running, `demo` for make demo, `room` for the control room too, `bench` for the comparisons too, without an argument for the
# tests and linters too.
# Where it may not install, it prints the line that would and fails.
set -eu

build="gcc libc6-dev make pkg-config lua5.4 liblua5.4-dev libluajit2-5.1-dev libssl-dev libcurl4-openssl-dev
  libmicrohttpd-dev libgnutls28-dev libjansson-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev
  libswresample-dev libebur128-dev libsrt-openssl-dev libseccomp-dev"
run="lua-cjson lua-luv lua-sql-sqlite3 lua-argparse ffmpeg ca-certificates util-linux tzdata"
# A platform that nobody here wrote, for the demo, the benches and the tests.
platform="nginx libnginx-mod-rtmp"
room="nginx libnginx-mod-http-lua lua-resty-core"
test="$platform $room lua-busted luarocks unzip libcmocka-dev lua-check clang-format clang-tidy openssl curl groff-base
  luajit2 tinyproxy-bin valgrind chromium fonts-noto-cjk tmux libnginx-mod-http-echo spin iproute2
  etcd-server nftables faketime
  srt-tools gstreamer1.0-tools python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
  obs-studio xvfb rtmpdump"

# The echo module is the test server's; the rest is what others build clients of.
bench="$platform libnginx-mod-http-echo openssl valgrind lua-socket lua-sec lua-luaossl lua-curl lua5.1"

case ${1:-} in
run) wanted="$build $run" ;;
demo) wanted="$build $run $platform" ;;
room) wanted="$build $run $platform $room" ;;
bench) wanted="$build $run $bench" ;;
*) wanted="$build $run $test" ;;
esac

# The official Node SDK is a client in the specs and benches, a browser is driven by node, and the control room's player
# comes by npm; whose node and npm run does not matter.
node=
command -v node >/dev/null && command -v npm >/dev/null || node="nodejs npm"
[ "${1:-}" = run ] || [ "${1:-}" = demo ] || wanted="$wanted $node"

missing=
for package in $wanted; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo="sudo -n"
	sudo -n true 2>/dev/null || sudo=none
fi
if [ "$sudo" = none ] || ! command -v apt-get >/dev/null; then
	echo "deps: not installed:$missing" >&2
	echo "deps: run this as root, then try again:" >&2
	echo "    apt-get update && $line" >&2
	exit 1
fi

echo "deps: installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive $line; } >"$log" 2>&1; then
	cat "$log" >&2
	echo "deps: could not be installed; the line was: $line" >&2
	exit 1
fi
