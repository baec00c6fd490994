-- SPDX-License-Identifier: MIT
-- Runs `cme` command lines inside the spec, with a system of the spec's own: nothing of the machine is touched.

local fake = require "spec.support.fake"

local cli = {}

---@class spec.Cli
---@field code integer
---@field out string
---@field err string
---@field asked table[] the requests that were sent

--- Runs a command line.
---@param args string[]
---@param options { answers: table[]|nil, env: table|nil, files: table|nil, stdin: string|nil, terminal: boolean|nil,
--- now: number|nil }|nil answers: of the service, in order
---@return spec.Cli
function cli.run(args, options)
  options = options or {}
  local transport = fake.transport(table.unpack(options.answers or {}))
  local env = { TENCENTCLOUD_SECRET_ID = fake.SECRET_ID, TENCENTCLOUD_SECRET_KEY = fake.SECRET_KEY,
    CME_ENDPOINT = "http://127.0.0.1:8156", CME_PLATFORM = "test", CME_METADATA = "off" }
  for name, value in pairs(options.env or {}) do env[name] = value or nil end
  local ran = { out = "", err = "", asked = transport.asked }
  local files = fake.system(env, options.files)
  local line = { table.unpack(args) }
  ran.code = require "cme.cli".main(line, {
    getenv = files.getenv, open = files.open, transport = transport,
    now = function() return options.now or fake.NOW end,
    out = function(text) ran.out = ran.out .. text end,
    err = function(text) ran.err = ran.err .. text end,
    read = function() return options.stdin end,
    is_terminal = function() return options.terminal == true end,
  })
  return ran
end

return cli
