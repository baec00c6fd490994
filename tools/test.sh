#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs suites, files or folders side by side (tools/test.lua says which there are); the last line is
# `N passed, N failed`.
exec "${LUA:-lua5.4}" "$(dirname "$0")/test.lua" "$@"
