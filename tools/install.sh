#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh client|server|resty|room: copies one package of the build to where it lives. What is in it: tools/packages.
# The environment says where: BINDIR, LUADIR, LIBDIR, MANDIR, DATADIR (each below DESTDIR), the build's folder BUILD, and
# the Lua that the modules in C are for, LUA_ABI.
set -eu
package=$1
to=${DESTDIR:-}
build=${BUILD:-build}

install_lua() { # file of lua/
	install -D -m 644 "lua/$1" "$to$LUADIR/$1"
}

# Every file of lua/ whose first fitting pattern has this package.
install_modules() {
	patterns=$(sed -n 's/^lua  *//p' tools/packages)
	(cd lua && find cme -name '*.lua') | while read -r file; do
		while read -r packages pattern; do
			# shellcheck disable=SC2254 # it is a pattern
			case $file in $pattern) break ;; esac
		done <<-EOT
			$patterns
		EOT
		case ,$packages, in *,"$package",*) install_lua "$file" ;; esac
	done
}

# A path of the list as it is in this build.
built() {
	case $1 in build/player) tools/player.sh ;; build/*) echo "$build/${1#build/}" ;; *) echo "$1" ;; esac
}

install_one() { # kind, what
	case $1 in
	so) install -D -m 755 -t "$to$LIBDIR/cme" "$build/lib/lua/$LUA_ABI/cme/$2.so" ;;
	bin) install -D -m 755 -t "$to$BINDIR" "$(built "$2")" ;;
	man) install -D -m 644 -t "$to$MANDIR/man1" "$2" ;;
	folder)
		from=$(built "$2")
		(cd "$from" && find . -type f) | while read -r file; do
			install -D -m 644 "$from/$file" "$to$DATADIR/cme-room/$(basename "$2")/$file"
		done
		;;
	esac
}

install_modules
grep -v -e '^#' -e '^lua ' -e '^$' tools/packages | while read -r kind packages what; do
	case ,$packages, in *,"$package",*) install_one "$kind" "$what" ;; esac
done
