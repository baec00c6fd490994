#!/bin/sh
# SPDX-License-Identifier: MIT
# dist.sh FOLDER VERSION [URL]: writes what a release consists of into FOLDER: cme-VERSION.tar.gz with every tracked
# file, and the rockspecs cme-VERSION-1 and cme-server-VERSION-1 that build from it. URL is where the archive will be
# downloaded from; without it the rockspecs name the archive in FOLDER, for `luarocks pack` on this machine.
set -eu
folder=$1 version=$2 url=${3:-}
name=cme-$version
archive=$name.tar.gz

mkdir -p "$folder"
url=${url:-file://$(cd "$folder" && pwd)/$archive}
# The same tree gives the same bytes: order, owner and time are fixed.
git ls-files -z | tar --null --verbatim-files-from --files-from=- --sort=name --owner=0 --group=0 --numeric-owner \
	--mtime="@$(git log -1 --format=%ct)" --transform="s,^,$name/," --format=gnu --create |
	gzip -9n >"$folder/$archive"

for rock in cme cme-server; do
	sed -e '/^--/d' -e "s|^version = .*|version = \"$version-1\"|" \
		-e "s|^source = .*|source = { url = \"$url\", dir = \"$name\" }|" \
		"$rock-dev-1.rockspec" >"$folder/$rock-$version-1.rockspec"
	echo "$folder/$rock-$version-1.rockspec"
done
echo "$folder/$archive"
