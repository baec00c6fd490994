#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/npm.sh NAME VERSION [PACKAGE]: has the npm package in build/node, at this version; prints its folder. PACKAGE, if
# it stands there under another name, as a second version of one has to. Two at a time, as when specs run side by side,
# wait for each other.
set -eu

cd "$(dirname "$0")/.."
folder=$PWD/build/node/node_modules/$1
mkdir -p build/node
exec 9>build/node/.lock
flock 9
if ! grep -qs "\"version\": \"$2\"" "$folder/package.json"; then
	command -v npm >/dev/null || { echo "npm is not installed" >&2 && exit 1; }
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/node "$1@${3:+npm:$3@}$2" >&2
fi
echo "$folder"
