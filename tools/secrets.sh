#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/secrets.sh FOLDER: searches what the suites have heard (spec/support/heard.lua) for secrets and stream keys.
# Specs mark theirs with `hush` or `sekret`; FOLDER/secrets lists those made meanwhile; a signature and a txSecret are
# known by their form. Ends with one TAP line; what was found is named by file and line, not shown.
set -u

folder=$1
forms='hush|sekret|Signature=[0-9a-f]{64}|tx[Ss]ecret=[0-9A-Fa-f]{32}'
found=$(
	cd "$folder" || exit
	grep -anE "$forms" -- [!s]* /dev/null
	[ ! -s secrets ] || grep -anFf secrets -- [!s]* /dev/null
)
if [ ! -d "$folder" ] || [ -n "$found" ]; then
	echo "not ok - nothing of what was heard has a secret or stream key in it"
	echo "$found" | cut -d: -f1,2 | sort -u | sed "s|^|# one is in $folder/|"
	exit 1
fi
echo "ok - nothing of what was heard has a secret or stream key in it"
