#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh client|server|resty BINDIR LUADIR LIBDIR BUILD: copies one part of the build to where it lives.
# The client is everything under lua/cme but server/, with sign and http; the server is the rest; resty is the
# client as LuaJIT in nginx needs it: no command, no libcurl.
set -eu
part=$1 bindir=$2 luadir=$3 libdir=$4 build=$5

modules() { # find expressions...
	(cd lua && find cme -name '*.lua' ! -path 'cme/_meta/*' "$@") | while read -r file; do
		install -D -m 644 "lua/$file" "$luadir/$file"
	done
}

case $part in
client)
	modules ! -path 'cme/server/*' ! -path 'cme/playout/*' ! -path 'cme/cli/serve/*' \
		! -path 'cme/cli/commands/serve.lua' ! -path 'cme/cli/commands/relay.lua'
	install -D -m 755 -t "$libdir/cme" "$build/lib/lua/5.4/cme/sign.so" "$build/lib/lua/5.4/cme/http.so" \
		"$build/lib/lua/5.4/cme/json_core.so"
	install -D -m 755 -t "$bindir" bin/cme
	;;
resty)
	modules ! -path 'cme/server/*' ! -path 'cme/cli/*' ! -path 'cme/system/*' ! -path 'cme/net/transport/curl.lua'
	install -D -m 755 -t "$libdir/cme" "$build/lib/lua/5.1/cme/sign.so" "$build/lib/lua/5.1/cme/json_core.so"
	;;
server)
	modules \( -path 'cme/server/*' -o -path 'cme/playout/*' -o -path 'cme/cli/serve/*' \
		-o -path 'cme/cli/commands/serve.lua' -o -path 'cme/cli/commands/relay.lua' \)
	install -D -m 755 -t "$libdir/cme" "$build/lib/lua/5.4/cme/httpd.so" "$build/lib/lua/5.4/cme/secret_argument.so"
	install -D -m 755 -t "$bindir" "$build/bin/cme-relay"
	;;
esac
