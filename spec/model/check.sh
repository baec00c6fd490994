#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks spec/model/lease.pml with SPIN: that its rules hold in every run, and that without each of them some run breaks
# them. Prints TAP.
#
#   spec/model/check.sh          the small form: ten seconds of processor time, 100 MB
#   spec/model/check.sh large    beside it three and four epochs: half a minute, 500 MB
#
# The explorer is compiled once: what a run is about it takes from its environment. The search goes by depth: unlike one
# by breadth, it stores no state within an atomic step, and has 14 times fewer to store. What it finds is not the
# shortest run; docs/internals/testing.md says how to see that one.
set -u
model=$(cd "$(dirname "$0")" && pwd)/lease.pml
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
number=0
failures=0
HOLDS=0
BREAKS=1
DEEPEST=100000 # steps of a run: a longer one would be an error
RULES='ABSENCE LAST OWN_LEASE KEPT HEARD SENT MARGIN FENCE FLOOR NOTICE GRACE ORDER OVER WARM FRESH TOLD'

build() {
	cd "$folder" || return 1
	# No partial order: each step is one of what is shared.
	if spin -a "$model" >told 2>&1 && ${CC:-cc} -w -O1 -DSAFETY -DNOREDUCE -o explorer pan.c >>told 2>&1; then return; fi
	sed 's/^/# /' told
	echo 'Bail out! no explorer'
	exit 1
}

# explore NAME=VALUE...: true if no run ends in an assertion, 1 if one does; 2 if that is not known.
explore() {
	cd "$folder" && env "$@" ./explorer -n -b "-m$DEEPEST" "-w$width" >told 2>&1 || return 2
	grep -q 'assertion violated' told && return 1
	grep -q 'Search not completed' told && return 2
	grep -q 'errors: 0' told || return 2
}

# expect RESULT NAME [NAME=VALUE...]
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

# The number by which the explorer knows a rule.
rule() { sed -n "s/^#define $1 \([0-9][0-9]*\)\$/\1/p" "$model"; }

width=20
build
expect $BREAKS "lease: the other node takes the project over, in some run" REACH=2
expect $HOLDS "lease: the rules hold while clocks differ" DRIFT=2
expect $HOLDS "lease: the rules hold while deadlines outlast the grace" DRIFT=1
expect $HOLDS "lease: the rules hold where both nodes may lose what they have" WHOLE=1 LEASES=1 TTL=2 DRIFT=1
for name in $RULES; do
	# The grace hides a difference of clocks that is not longer.
	[ "$name" = MARGIN ] && drift=2 || drift=1
	expect $BREAKS "lease: rule $name is needed" "BROKEN=$(rule "$name")" DRIFT=$drift
done
if [ "${1:-}" = large ]; then
	width=23
	expect $HOLDS "lease: the rules hold for three epochs" WHOLE=1 EPOCHS=3 LEASES=1 TTL=2 DRIFT=1
	expect $HOLDS "lease: the rules hold for four epochs" WHOLE=1 EPOCHS=4 LEASES=1 TTL=2 DRIFT=1
fi
echo "1..$number"
[ $failures = 0 ]
