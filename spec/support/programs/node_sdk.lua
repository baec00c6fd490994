-- SPDX-License-Identifier: MIT
-- The official Node SDK: installed from npm into build/ at one version, and run as a child that specs tell
-- what to call.

local cjson = require "cjson"
local proc = require "spec.support.proc"
local uv = require "luv"

local node_sdk = { folder = "build/node", package = "tencentcloud-sdk-nodejs", version = "4.1.313" }

--- Its modules, for NODE_PATH.
node_sdk.modules = node_sdk.folder .. "/node_modules"

local function installed()
  local file = io.open(("%s/%s/package.json"):format(node_sdk.modules, node_sdk.package))
  local text = file and file:read "a" or ""
  if file then file:close() end
  return text:find(('"version": "%s"'):format(node_sdk.version), 1, true) ~= nil
end

--- Installs it unless it is there.
---@return true|nil, string|nil message
function node_sdk.install()
  if installed() then return true end
  local code, _, err = proc.run({ "npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
    "--prefix", node_sdk.folder, node_sdk.package .. "@" .. node_sdk.version }, { timeout = 300 })
  return code == 0 or nil, err
end

---@class spec.node_sdk
local Sdk = {}
Sdk.__index = Sdk

--- Starts the SDK with the key of a service.
---@param options { secret_id: string, secret_key: string, ca_file: string|nil }
---@return spec.node_sdk
function node_sdk.start(options)
  assert(node_sdk.install())
  local self = setmetatable({ pipe = uv.new_pipe(false), answers = {}, count = 0, rest = "" }, Sdk)
  local path = proc.folder() .. "/sdk.sock"
  self.proc = proc.spawn({ "node", "spec/support/programs/node_sdk.js", path }, { env = { NODE_PATH = node_sdk.modules,
    NODE_EXTRA_CA_CERTS = options.ca_file, SDK_SECRET_ID = options.secret_id, SDK_SECRET_KEY = options.secret_key } })
  self.proc:expect("(listening)\n", 30)
  local connected
  self.pipe:connect(path, function(err) connected = err or true end)
  proc.eventually("a connection to the SDK", 10, function() return connected end)
  assert(connected == true, connected)
  self.pipe:read_start(function(_, chunk) self:_read(chunk or "") end)
  return self
end

function Sdk:_read(chunk)
  local lines = self.rest .. chunk
  for line in lines:gmatch "([^\n]*)\n" do
    local answer = cjson.decode(line)
    self.answers[answer.id] = answer
  end
  self.rest = lines:match "[^\n]*$"
end

--- Calls an action; returns the response, or nil and the exception: { code, message, requestId, traceId, own }, `own`
--- when it is the SDK's.
---@param action string
---@param params table
---@param options table profile, credential, headers ... as node_sdk.js has them
---@return table|nil response, table|nil exception
function Sdk:call(action, params, options)
  self.count = self.count + 1
  local call = { id = self.count, action = action, params = params }
  for name, value in pairs(options) do call[name] = value end
  self.pipe:write(cjson.encode(call) .. "\n")
  local answer = proc.eventually(("the SDK's %s; it said:\n%s"):format(action, self.proc:output()), 40, function()
    assert(not self.proc.code, self.proc:output())
    return self.answers[call.id]
  end)
  self.answers[call.id] = nil
  return answer.response, answer.error
end

function Sdk:stop()
  if not self.pipe:is_closing() then self.pipe:close() end
  self.proc:stop()
end

return node_sdk
