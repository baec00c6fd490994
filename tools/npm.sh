#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/npm.sh NAME VERSION [PACKAGE]: has the npm package in build/node, at this version; prints its folder. PACKAGE, if
# it stands there under another name, as a second version of one has to. Two at a time, as when specs run side by side,
# wait for each other.
# tools/npm.sh --alone NAME VERSION: the package without those that it depends on, if it has a bundle of all of them:
# mpegts.js names one that is in no registry.
set -eu

cd "$(dirname "$0")/.."
where=node_modules
[ "$1" != --alone ] || { where=alone && shift; }
folder=$PWD/build/node/$where/$1

install() {
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/node "$1" >&2
}

unpack() {
	mkdir -p "$folder"
	(cd "$folder" && packed=$(npm pack --silent "$1") && tar xzf "$packed" --strip-components=1 && rm "$packed")
}

mkdir -p build/node
exec 9>build/node/.lock
flock 9
if ! grep -qs "\"version\": \"$2\"" "$folder/package.json"; then
	command -v npm >/dev/null || { echo "npm is not installed" >&2 && exit 1; }
	if [ $where = alone ]; then unpack "$1@$2"; else install "$1@${3:+npm:$3@}$2"; fi
fi
echo "$folder"
