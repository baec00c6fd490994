-- SPDX-License-Identifier: MIT
-- The service's API without sockets, engines and files: requests as texts, a store in memory, relays that are a table.
-- For unit specs. Every request is signed with its own key.

local actions = require "cme.server.actions"
local api = require "cme.server.http.api"
local categories = require "cme.server.categories"
local changes = require "cme.server.changes"
local json = require "cme.json"
local keys = require "cme.server.store.keys"
local log = require "cme.server.log"
local luv = require "cme.net.loop.luv"
local sign = require "cme.sign"
local store = require "cme.server.store.sqlite"
local task = require "cme.task"
local uv = require "luv"

local front = {}

---@class spec.front
---@field clock integer    unix seconds; a spec may move it
---@field db cme.server.store.sqlite
---@field relays table     what was asked of the relays, and how they answer: see new_relays
---@field playouts table   the same of the playouts of media casts
---@field services table<string, cme.server.category_service>
---@field library cme.server.library          of the media casts
---@field auto_start cme.server.categories.media_cast.auto_start   theirs, too
---@field locks cme.server.Locks
---@field changes cme.server.changes
---@field settings cme.server.Settings
---@field actions table<string, function>
---@field logged string[]
---@field logger cme.server.log
---@field api cme.server.http.api a spec may put another in its place
local Front = {}
Front.__index = Front

-- With `failure` set they refuse; `verdict` and `faults` are how a start goes, `current` is the input on air, `answer`
-- that of `stat`, `told` the project as the engine was last told it,
-- `on_stop` is called when somebody waits for an end.
local function new_relays(db)
  local relays = { verdict = "live", started = {}, stopped = {}, current = "main" }
  function relays:start(id)
    self.started[#self.started + 1] = id
    return not self.failure or nil, self.failure
  end
  function relays:keep(id)
    self.kept = id
  end
  function relays:wait_live()
    return self.verdict, self.faults
  end
  function relays:release(id)
    self.stopped[#self.stopped + 1] = id
    return function()
      if self.on_stop then
        self.on_stop()
      end
    end
  end
  function relays:forget(id)
    self.forgotten = id
  end
  function relays:active()
    return self.current
  end
  function relays:switch(_, to)
    if self.failure then return nil, self.failure end
    self.current = to
    return { active = to }
  end
  function relays:ask(_, request)
    self.asked = request
    return not self.failure and {} or nil, self.failure
  end
  function relays:stat()
    return self.answer, not self.answer and "its engine is not up" or nil
  end
  function relays:update(id)
    self.told = assert(db:get(id))
    return not self.failure or nil, self.failure
  end
  return relays
end

---@return spec.front
function front.new()
  local self = setmetatable({ clock = 1763848800, logged = {} }, Front)
  self.now = function()
    return self.clock
  end
  self.db = assert(store.open(":memory:", self.now))
  assert(self.db:add_platform "test")
  self.relays, self.playouts = new_relays(self.db), new_relays(self.db)
  self.logger = log.new("debug", function(line)
    self.logged[#self.logged + 1] = line
  end, self.now)
  self.settings = { change_active_input = false, failover = true }
  self.locks = task.locks()
  self.changes = changes.new { store = self.db, locks = self.locks, relays = self.relays, log = self.logger }
  self.services = assert(categories.open { store = self.db, locks = self.locks, changes = self.changes,
    relays = self.relays, playouts = self.playouts, settings = self.settings, folder = "/nonexistent",
    clock = { now = self.now }, log = self.logger })
  self.library, self.auto_start = self.services.MEDIA_CAST.library, self.services.MEDIA_CAST.auto_start
  self.actions = actions.new { store = self.db, services = self.services, changes = self.changes,
    relays = self.relays, now = self.now, log = self.logger }
  self:serve {}
  return self
end

--- Puts an API in place, with other actions, a limiter, or a key for some platforms only.
---@param options { actions: table|nil, limiter: cme.server.http.limiter|nil, platforms: string[]|nil }
function Front:serve(options)
  local ring = keys.new { id = "key" }
  ring:find "id".platforms = options.platforms
  self.api = api.new { keys = ring, now = self.now, log = self.logger,
    actions = options.actions or self.actions, limiter = options.limiter }
end

function Front:close()
  self.db:close()
  uv.run "nowait"
end

local function headers_of(self, action, body, more, method, content_type)
  local headers = {
    host = "h", ["content-type"] = content_type, ["x-tc-action"] = action,
    ["x-tc-version"] = more.version or "2019-10-29", ["x-tc-timestamp"] = tostring(self.clock),
    ["x-tc-traceid"] = more.trace,
    authorization = sign.new("id", more.secret or "key"):tc3 {
      service = "cme", host = "h", timestamp = self.clock, payload = method == "GET" and "" or body, method = method,
      query = more.query or "", content_type = content_type },
  }
  for name, value in pairs(more.headers or {}) do
    headers[name] = value or nil
  end
  return headers
end

--- Sends a body as it is; returns the Response and what came with it.
---@param action string|nil
---@param body string
---@param more { method: string|nil, query: string|nil, content_type: string|nil, version: string|nil, trace:
--- string|nil,
---  secret: string|nil, path: string|nil, too_large: boolean|nil, headers: table|nil }|nil
---@return table response, integer status, table headers, string text
function Front:send(action, body, more)
  more = more or {}
  local method = more.method or "POST"
  local content_type = more.content_type or method == "GET" and "application/x-www-form-urlencoded"
    or "application/json"
  local headers = headers_of(self, action, body, more, method, content_type)
  local status, sent, text
  luv.detach(function()
    status, sent, text = self.api:handle { method = method, path = more.path or "/", query = more.query or "",
      body = body, too_large = more.too_large or false, header = function(name)
        return headers[name:lower()]
      end }
  end)
  assert(status, "the answer waits for something")
  return assert(json.decode(text)).Response, status, sent, text
end

--- Calls an action, on platform test unless the parameters name another.
function Front:call(action, params)
  params.Platform = params.Platform or "test"
  return self:send(action, assert(json.encode(params)))
end

--- What CreateProject needs for a relay with a backup; json.null takes a member away.
---@param more table|nil
---@return table
function front.create_params(more)
  local params = { Name = "n", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "u" },
    StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a.example/x.flv" } },
      BackupInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://b.example/x.flv" } },
      Outputs = { { Name = "o", PushUrl = "rtmp://c.example/live/sekret" } } } }
  for name, value in pairs(more or {}) do
    params[name] = value ~= json.null and value or nil
  end
  return params
end

--- Creates a relay; returns its id.
function Front:create(more)
  return assert(self:call("CreateProject", front.create_params(more)).ProjectId)
end

--- Creates a media cast; returns its id.
---@param input table MediaCastProjectInput
function Front:create_cast(input)
  return assert(self:call("CreateProject", { Name = "n", Category = "MEDIA_CAST", Owner = { Type = "PERSON", Id = "u" },
    MediaCastProjectInput = input }).ProjectId)
end

--- Calls an operation of HandleMediaCastProject.
function Front:cast(id, operation, more)
  local params = { ProjectId = id, Operation = operation }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return self:call("HandleMediaCastProject", params)
end

--- Calls an operation of HandleStreamConnectProject.
function Front:handle(id, operation, more)
  local params = { ProjectId = id, Operation = operation }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return self:call("HandleStreamConnectProject", params)
end

--- A project's ProjectInfo.
function Front:describe(id)
  return self:call("DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
end

--- The error code of a response, or nil.
function front.code_of(response)
  return response.Error and response.Error.Code
end

return front
