#!/bin/sh
# SPDX-License-Identifier: MIT
# The HLS player of the control room (hls.js, Apache 2.0): from npm, at one version and no other bytes than these, into
# build/player. Prints that folder.
set -eu

cd "$(dirname "$0")/.."
player=$PWD/build/player
good() {
	(cd "$1" 2>/dev/null && sha256sum --check --status 2>/dev/null) <<-SUMS
		482cccb3a224554f64d8c2cf0d335dba4a3819bdb726afbfddfe15de4c277d82  hls.light.min.js
		8553e459962fdbb5813fc2d2cb45d171c7f9e91cfb82a3e44789e438e61aa743  hls.worker.js
	SUMS
}
if ! good "$player"; then
	from=$(tools/npm.sh hls.js 1.7.4)/dist
	good "$from" || { echo "player: hls.js is not the one that is expected" >&2 && exit 1; }
	mkdir -p "$player"
	cp "$from/hls.light.min.js" "$from/hls.worker.js" "$player"
fi
echo "$player"
