#!/bin/sh
# SPDX-License-Identifier: MIT
# Formatting, static analysis and the calls we do not make: what is quick first. Prints what is wrong, names at the end
# what failed, and fails if anything did.
set -u
failed=

check() { # what, command...
	what=$1
	shift
	"$@" && return
	failed="$failed
lint: $what: failed"
}

banned() { # what, where, pattern
	git grep -nE "$3" -- $2 || return 0
	failed="$failed
lint: $1"
}

# One file a process: the analyzer's va_list check is wrong from the second file on. Flags: compile_flags.txt.
tidy() {
	git ls-files 'src/*.c' | xargs -P 2 -n 1 clang-tidy --quiet 2>/dev/null
}

banned "unbounded or locale-bound C calls" 'src/*.[ch]' '\b(sprintf|strcpy|strcat|atoi|atol|atof|gets|gmtime|localtime|strtok)\('
banned "library code does not print" 'lua/cme/*.lua :!lua/cme/cli' '(^|[^.[:alnum:]_"])print\('
banned "a category's name stands in its folder alone" 'lua/cme/server :!lua/cme/server/categories/*/*' 'MEDIA_CAST|STREAM_CONNECT'
banned "conflict markers" . '^(<{7} |>{7} |={7}$)'
banned "plain lua may be 5.1: name lua5.4" 'Makefile tools .ci :!tools/packages' '(^|[;&|(@]) *lua '
check rules lua5.4 tools/lint.lua
check clang-format clang-format --dry-run -Werror $(git ls-files 'src/*.[ch]' 'spec/*.[ch]' 'bench/*/*.[ch]' 'tools/*.c')
check luacheck luacheck -q --no-color $(git ls-files '*.lua' bin/cme)
check clang-tidy tidy
[ -z "$failed" ] && exit
echo "${failed#?}" >&2
exit 1
