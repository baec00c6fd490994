#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- The rules that are the project's own, each a file of tools/lint with `check(tree)`, over all files that git does not
-- ignore. Prints what is wrong, one line a fault, and fails if anything is.
--
--   lua5.4 tools/lint.lua [CHECK...]     (from the repository's root; all checks without a name)

package.path = "./?.lua;" .. package.path

local tree = require "tools.lint.tree"

local CHECKS = { "rooms", "dialect", "functions", "classes", "links", "places", "wings", "private", "prose" }

local function main(names)
  local files, bad = tree.checkout(), false
  for _, name in ipairs(#names > 0 and names or CHECKS) do
    for _, fault in ipairs(require("tools.lint." .. name).check(files)) do
      print(fault)
      bad = true
    end
  end
  os.exit(bad and 1 or 0)
end

main(arg)
