#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks spec/model/lease.pml with SPIN, and that the breach of each rule is found. Prints TAP.
#
#   spec/model/check.sh          in small: one minute, some hundred MB
#   spec/model/check.sh large    three epochs and slack in all that is bounded: many minutes, some GB
set -u
model=$(cd "$(dirname "$0")" && pwd)/lease.pml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
number=0
failures=0

# explore MACRO...: true if no run ends in an assertion, 1 if one does; 2 if that is not known.
explore() {
	cd "$folder" && rm -f ./*
	spin -a "$@" "$model" >told 2>&1 || return 2
	${CC:-cc} -w -O2 -DSAFETY -DBFS -DCOLLAPSE -o explorer pan.c >>told 2>&1 || return 2
	./explorer -n >>told 2>&1 || return 2
	grep -q 'Search not completed' told && ! grep -q 'assertion violated' told && return 2
	grep -q 'errors: 0' told && return 0
	grep -q 'assertion violated' told && return 1
	return 2
}

# expect RESULT NAME MACRO...
expect() {
	wanted=$1
	name=$2
	shift 2
	explore "$@"
	got=$?
	number=$((number + 1))
	if [ "$got" = "$wanted" ]; then
		echo "ok $number - $name ($(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$folder/told") states)"
	else
		failures=$((failures + 1))
		echo "not ok $number - $name"
		sed 's/^/# /' "$folder/told"
	fi
}

HOLDS=0
BREAKS=1

expect $BREAKS "lease: the other node takes the project over, in some run" -DREACH=2
if [ "${1:-}" = large ]; then
	expect $HOLDS "lease: the rules hold, with more of everything" -DEPOCHS=3 -DDRIFT=1
else
	expect $HOLDS "lease: the rules hold while clocks differ" -DDRIFT=2 -DLEASES=2
	expect $HOLDS "lease: the rules hold while deadlines outlast the grace" -DDRIFT=1 -DLEASES=1
fi
for rule in ABSENCE OWN_LEASE SENT MARGIN FENCE GRACE; do
	expect $BREAKS "lease: rule $rule is needed" -DBREAK_$rule
done
# These show only where a deadline outlasts the grace.
for rule in FLOOR NOTICE ORDER TOLD; do
	expect $BREAKS "lease: rule $rule is needed" -DBREAK_$rule -DDRIFT=1 -DLEASES=1
done
echo "1..$number"
[ $failures = 0 ]
