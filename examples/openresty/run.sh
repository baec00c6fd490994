#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the control room until Ctrl-C:  ROOM_PASSWORD=... examples/openresty/run.sh
#
#   ROOM_LISTEN   HOST:PORT of the page, 127.0.0.1:8158
#   ROOM_STATE    its folder: nginx's files, and those of a service that it starts; build/room
#   ROOM_SERVICE  own: a service of the room's own, whatever else runs
# and what lua/room/config.lua reads. Which service: CME_ENDPOINT and a key, as everywhere; without them the one on
# 127.0.0.1:8156, when its key is in its usual place; else it starts `cme serve` with its edge, and ends it with itself:
# what is on the air goes on.
# CME_BUILD names the build (build), CME_NGINX and CME_LUA the commands that are nginx and lua5.4.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${CME_BUILD:-build}
listen=${ROOM_LISTEN:-127.0.0.1:8158}
state=${ROOM_STATE:-$root/build/room}
modules=/usr/lib/nginx/modules

fail() {
	echo "control room: $*" >&2
	exit 1
}

[ -n "${ROOM_PASSWORD:-}" ] || fail "set ROOM_PASSWORD to the password of the page (at least 10 characters)"
[ -e "$modules/ngx_http_lua_module.so" ] || fail "nginx's Lua module is not installed: make room, or tools/deps.sh room"
[ -e "$root/$build/lib/lua/5.1/cme/sign.so" ] || fail "not built: make build"

# Whether all is well, and which service; says itself what is not.
prepared=$(LUA_PATH="$root/examples/openresty/lua/?.lua;$root/lua/?.lua;$root/lua/?/init.lua;;" \
	LUA_CPATH="$root/$build/lib/lua/5.4/?.so;;" ${CME_LUA:-lua5.4} -e \
	'os.exit(require "room.prepare".main(arg[1], os.getenv "ROOM_SERVICE"))' /dev/null "$listen") || exit 1
IFS='	' read -r kind endpoint credentials <<EOT
$prepared
EOT

mkdir -p "$state/tmp"
state=$(cd "$state" && pwd)
chmod 700 "$state"
player=$("$root/tools/player.sh") || fail "the player could not be installed"
if [ -z "${ROOM_DEVICE_KEY_FILE:-}" ]; then
	ROOM_DEVICE_KEY_FILE=$state/device_key
	[ -s "$ROOM_DEVICE_KEY_FILE" ] || (umask 077; od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' >"$ROOM_DEVICE_KEY_FILE")
	export ROOM_DEVICE_KEY_FILE
fi

# A service of our own.
serve=
case $kind in
given) service="$endpoint (CME_ENDPOINT)" ;;
cloud) service="the cloud" ;;
found)
	service="$endpoint (found running)"
	export CME_ENDPOINT="$endpoint" CME_PLATFORM="${CME_PLATFORM:-test}" TENCENTCLOUD_CREDENTIALS_FILE="$credentials"
	;;
own)
	rm -f "$state/listening"
	mkfifo "$state/listening"
	"$root/bin/cme" serve --listen 127.0.0.1:0 --state "$state/service" --edge-rtmp 127.0.0.1:0 --edge-http 127.0.0.1:0 \
		--webhook "http://$listen/hook" >"$state/listening" 2>"$state/service.log" &
	serve=$!
	trap 'kill $serve 2>/dev/null || true' EXIT
	read -r line <"$state/listening" || fail "the service has ended: $(tail -n 1 "$state/service.log")"
	CME_ENDPOINT=${line#listening on }
	export CME_ENDPOINT CME_PLATFORM="${CME_PLATFORM:-test}"
	export TENCENTCLOUD_CREDENTIALS_FILE="$state/service/credentials"
	export ROOM_WEBHOOK_SECRET_FILE="$state/service/webhook_secret"
	service="$CME_ENDPOINT (of its own, in $state/service)"
	;;
esac

resolver=$(awk '$1 == "nameserver" && $2 ~ /^[0-9.]+$/ { print $2; exit }' /etc/resolv.conf 2>/dev/null || true)
user=
[ "$(id -u)" != 0 ] || user="user root;"
sed -e "s|{modules}|$modules|g; s|{root}|$root|g; s|{build}|$build|g; s|{state}|$state|g; s|{player}|$player|g" \
	-e "s|{listen}|$listen|g; s|{user}|$user|g; s|{resolver}|${resolver:-127.0.0.1}|g" \
	"$root/examples/openresty/conf/nginx.conf" >"$state/nginx.conf"

rm -f "$state/nginx.pid"
${CME_NGINX:-nginx} -p "$state" -c "$state/nginx.conf" -e "$state/error.log" &
room=$!
trap 'kill -TERM $room 2>/dev/null || true' INT TERM HUP
# It has its file when it listens.
while [ ! -s "$state/nginx.pid" ] && kill -0 $room 2>/dev/null; do sleep 0.1; done
if [ -s "$state/nginx.pid" ]; then
	echo "control room: service: $service"
	echo "control room at http://$listen"
fi
code=0
while kill -0 $room 2>/dev/null; do
	code=0
	wait $room || code=$?
done
if [ "$code" -ne 0 ]; then
	if grep -q "Address already in use" "$state/error.log"; then
		fail "$listen: the address is taken by another program (set ROOM_LISTEN to another HOST:PORT)"
	fi
	tail -n 3 "$state/error.log" >&2
fi
exit "$code"
