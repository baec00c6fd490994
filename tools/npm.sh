#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/npm.sh NAME VERSION: has the npm package in build/node, at this version; prints its folder.
set -eu

cd "$(dirname "$0")/.."
folder=$PWD/build/node/node_modules/$1
if ! grep -qs "\"version\": \"$2\"" "$folder/package.json"; then
	command -v npm >/dev/null || { echo "npm is not installed" >&2 && exit 1; }
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/node "$1@$2" >&2
fi
echo "$folder"
