-- SPDX-License-Identifier: MIT
-- LuaRocks as specs run it: a tree of its own, no rocks server, and nothing of the checkout's build in its environment.

local proc = require "spec.support.proc"
local uv = require "luv"

local luarocks = {}

-- What Debian packages provide, so that no rocks server is asked; compiled fast, not well.
local CONFIG = [[
lua_version = "5.4"
rocks_trees = { { name = "spec", root = %q } }
rocks_provided = { ["lua-cjson"] = "2.1.0-1", ["argparse"] = "0.7.1-1", ["luv"] = "1.44.2-1",
  ["luasql-sqlite3"] = "2.6.0-1" }
rocks_servers = {}
variables = { CFLAGS = "-O0 -U_FORTIFY_SOURCE" }
]]

local LIMIT = 300 -- seconds

---@class spec.luarocks
---@field dir string  where its configuration is, and its home
---@field tree string what it installs into
local LuaRocks = {}
LuaRocks.__index = LuaRocks

---@param dir string an empty folder
---@return spec.luarocks
function luarocks.new(dir)
  local self = setmetatable({ dir = dir, tree = dir .. "/tree" }, LuaRocks)
  local file = assert(io.open(dir .. "/config.lua", "w"))
  file:write(CONFIG:format(self.tree))
  file:close()
  return self
end

--- Runs it in a folder, to its end; fails if it fails.
---@param folder string
---@param ... string its arguments
function LuaRocks:run(folder, ...)
  local code, out, err = proc.run({ "luarocks", "--lua-version", "5.4", "--tree", self.tree, ... },
    { cwd = folder, timeout = LIMIT, env = { LUAROCKS_CONFIG = self.dir .. "/config.lua", HOME = self.dir,
      LD_PRELOAD = false, CI = false, MAKEFLAGS = "-j" .. uv.available_parallelism() } })
  if code ~= 0 then error(("luarocks %s: %s%s"):format(table.concat({ ... }, " "), out, err), 2) end
end

return luarocks
