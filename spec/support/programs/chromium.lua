-- SPDX-License-Identifier: MIT
-- Scripts for a headless Chromium: Debian's, driven by playwright-core from npm, at one version.

local proc = require "spec.support.proc"

local chromium = {}

local PACKAGE, VERSION = "playwright-core", "1.65.1"

--- Runs a script of node that finds playwright-core, and the browser's path in CHROMIUM. Raises what it says when it
--- does not end with 0.
---@param argv string[] the script and its arguments
---@param env table<string, string>|nil
---@return string stdout
function chromium.run(argv, env)
  local code, out, err = proc.run({ "tools/npm.sh", PACKAGE, VERSION }, { timeout = 120 })
  assert(code == 0, err)
  local environment = { NODE_PATH = (out:gsub("/[^/]+%s*$", "")), CHROMIUM = "/usr/bin/chromium" }
  for name, value in pairs(env or {}) do environment[name] = value end
  code, out, err = proc.run({ "node", table.unpack(argv) }, { timeout = 300, name = argv[1], env = environment })
  assert(code == 0, out .. err)
  return out
end

return chromium
