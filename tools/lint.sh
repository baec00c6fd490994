#!/bin/sh
# SPDX-License-Identifier: MIT
# Formatting, static analysis and the calls we do not make. Prints what is wrong and fails if anything is.
set -u
bad=0
check() {
	name=$1
	shift
	"$@" || { echo "lint: $name: failed" >&2 && bad=1; }
}

c_files=$(git ls-files 'src/*.[ch]' 'spec/*.[ch]')
lua_files=$(git ls-files '*.lua' bin/cme)
flags="-std=c11 -D_GNU_SOURCE -DCME_VERSION=\"0\" -Isrc $(pkg-config --cflags lua5.4 libcurl libmicrohttpd jansson libavformat)"

banned() { # what, where, pattern
	hits=$(git grep -nE "$3" -- $2) || return 0
	echo "$hits"
	echo "lint: $1" >&2
	bad=1
}

check clang-format clang-format --dry-run -Werror $c_files
check luacheck luacheck -q --no-color $lua_files
check clang-tidy sh -c 'printf "%s\n" "$@" | xargs -P 2 -n 4 sh -c '\''clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null'\'' sh' sh $(git ls-files 'src/*.c')
banned "unbounded or locale-bound C calls" 'src/*.[ch]' '\b(sprintf|strcpy|strcat|atoi|atol|atof|gets|gmtime|localtime|strtok)\('
banned "library code does not print" 'lua/cme/*.lua lua/cme/transport lua/cme/server' '(^|[^.[:alnum:]_"])print\('
banned "plain lua may be 5.1: name lua5.4" 'Makefile tools .ci' '(^|[ 	])lua '
exit $bad
