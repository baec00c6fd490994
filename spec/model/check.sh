#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks spec/model/lease.pml with SPIN: that its rules hold in every run, and that without each of them some run breaks
# them. Prints TAP.
#
#   spec/model/check.sh          the small form: half a minute of processor time, 300 MB
#   spec/model/check.sh large    more epochs and a longer lease: two and a half minutes, 2 GB
#
# The search goes by depth: unlike one by breadth, it stores no state within an atomic step, and has 14 times fewer to
# store. What it finds is not the shortest run; docs/internals/testing.md says how to see that one.
set -u
model=$(cd "$(dirname "$0")" && pwd)/lease.pml
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
number=0
failures=0
HOLDS=0
BREAKS=1

# How explore goes about it: for a search through all states, and for one that soon finds what it looks for, where a
# compiler that optimizes and memory for all states would take longer than the search. Steps of a run: a longer one would
# be an error.
for_all() { level=-O1 deepest=1000000 slots=24; }
for_one() { level=-O0 deepest=100000 slots=20; }

# explore MACRO...: true if no run ends in an assertion, 1 if one does; 2 if that is not known.
explore() {
	cd "$folder" && rm -f ./*
	spin -a "$@" "$model" >told 2>&1 || return 2
	${CC:-cc} -w $level -DSAFETY -o explorer pan.c >>told 2>&1 || return 2
	./explorer -n -b "-m$deepest" "-w$slots" >>told 2>&1 || return 2
	grep -q 'assertion violated' told && return 1
	grep -q 'Search not completed' told && return 2
	grep -q 'errors: 0' told || return 2
}

# expect RESULT NAME MACRO...
expect() {
	wanted=$1
	name=$2
	shift 2
	if [ "$wanted" = $HOLDS ]; then for_all; else for_one; fi
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

expect $BREAKS "lease: the other node takes the project over, in some run" -DREACH=2
if [ "${1:-}" = large ]; then
	expect $HOLDS "lease: the rules hold while clocks differ, for three epochs" -DEPOCHS=3 -DDRIFT=2
	expect $HOLDS "lease: the rules hold for four epochs and a longer lease" -DEPOCHS=4 -DDRIFT=1 -DTTL=4
else
	expect $HOLDS "lease: the rules hold while clocks differ" -DDRIFT=2 -DLEASES=2
	expect $HOLDS "lease: the rules hold while deadlines outlast the grace" -DDRIFT=1 -DLEASES=1
fi
for rule in ABSENCE OWN_LEASE SENT MARGIN FENCE GRACE WARM; do
	expect $BREAKS "lease: rule $rule is needed" -DBREAK_$rule
done
# These show only where a deadline outlasts the grace.
for rule in FLOOR NOTICE ORDER TOLD FRESH; do
	expect $BREAKS "lease: rule $rule is needed" -DBREAK_$rule -DDRIFT=1 -DLEASES=1
done
echo "1..$number"
[ $failures = 0 ]
