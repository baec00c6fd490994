#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh client|server|resty|room: copies one package of the build to where it lives. What is in it: tools/packages.
# The environment says where: BINDIR, LUADIR, LIBDIR, MANDIR, DATADIR (each below DESTDIR), the build's folder BUILD, and
# the Lua that the modules in C are for, LUA_ABI.
set -eu
package=$1
to=${DESTDIR:-}
build=${BUILD:-build}

tab=$(printf '\t')

# Copies the files of a folder that are named on stdin to the same places below another, a folder's at a time.
install_all() { # from, to
	awk -v from="$1" '{ folder = /\// ? $0 : "./"; sub("/[^/]*$", "", folder); files[folder] = files[folder] "\t" from "/" $0 }
		END { for (folder in files) print folder files[folder] }' |
		while IFS=$tab read -r folder files; do
			# shellcheck disable=SC2086 # split at tabs
			(IFS=$tab && install -D -m 644 -t "$2/$folder" $files)
		done
}

# The files of lua/ whose first fitting pattern has this package.
modules() {
	patterns=$(sed -n 's/^lua  *//p' tools/packages)
	(cd lua && find cme -name '*.lua') | while read -r file; do
		while read -r packages pattern; do
			# shellcheck disable=SC2254 # it is a pattern
			case $file in $pattern) break ;; esac
		done <<-EOT
			$patterns
		EOT
		case ,$packages, in *,"$package",*) echo "$file" ;; esac
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
		(cd "$from" && find . -type f) | install_all "$from" "$to$DATADIR/cme-room/$(basename "$2")"
		;;
	esac
}

modules | install_all lua "$to$LUADIR"
grep -v -e '^#' -e '^lua ' -e '^$' tools/packages | while read -r kind packages what; do
	case ,$packages, in *,"$package",*) install_one "$kind" "$what" ;; esac
done
