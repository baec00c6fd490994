#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh client|server BINDIR LUADIR LIBDIR BUILD: copies one part of the build to where it lives.
# The client is everything under lua/cme but server/, with sign and http; the server is the rest.
set -eu
part=$1 bindir=$2 luadir=$3 libdir=$4 build=$5

modules() { # find expressions...
	(cd lua && find cme -name '*.lua' ! -path 'cme/_meta/*' "$@") | while read -r file; do
		install -D -m 644 "lua/$file" "$luadir/$file"
	done
}

case $part in
client)
	modules ! -path 'cme/server/*' ! -path 'cme/cli/serve.lua'
	install -D -m 755 -t "$libdir/cme" "$build/lib/lua/5.4/cme/sign.so" "$build/lib/lua/5.4/cme/http.so"
	install -D -m 755 -t "$bindir" bin/cme
	;;
server)
	modules \( -path 'cme/server/*' -o -path 'cme/cli/serve.lua' \)
	install -D -m 755 -t "$libdir/cme" "$build/lib/lua/5.4/cme/httpd.so"
	install -D -m 755 -t "$bindir" "$build/bin/cme-relay"
	;;
esac
