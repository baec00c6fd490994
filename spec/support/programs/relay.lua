-- SPDX-License-Identifier: MIT
-- The engine for specs: started by hand or under control, and a client of its control socket.

local cjson = require "cjson"
local uv = require "luv"

local proc = require "spec.support.proc"

local relay = { program = (os.getenv "CME_BUILD" or "build") .. "/bin/cme-relay" }

--- Starts an engine with these arguments.
---@param ... string
---@return spec.proc
function relay.start(...)
  return proc.spawn({ relay.program, ... }, { name = "cme-relay" })
end

---@class spec.control
---@field events table[]   every event so far
local Control = {}
Control.__index = Control

local function read_line(self, line)
  local message = cjson.decode(line)
  if message.event then
    self.events[#self.events + 1] = message
  else
    self.answers[#self.answers + 1] = message
  end
end

--- Connects to a control socket.
---@return spec.control
function relay.connect(path)
  local self = setmetatable({ pipe = uv.new_pipe(false), events = {}, answers = {}, count = 0, rest = "" }, Control)
  local connected
  self.pipe:connect(path, function(err) connected = err or true end)
  proc.eventually("a connection to " .. path, 5, function() return connected end)
  assert(connected == true, connected)
  self.pipe:read_start(function(_, chunk)
    if not chunk then
      self.closed = true
      return
    end
    local searched, from = #self.rest + 1, 1 -- a pattern would go over a long unfinished line again and again
    self.rest = self.rest .. chunk
    local stop = self.rest:find("\n", searched, true)
    while stop do
      read_line(self, self.rest:sub(from, stop - 1))
      from = stop + 1
      stop = self.rest:find("\n", from, true)
    end
    self.rest = self.rest:sub(from)
  end)
  return self
end

--- Sends a line as it is and returns the next answer.
function Control:say(line)
  local before = #self.answers
  self.pipe:write(line .. "\n")
  return proc.eventually("an answer to " .. line:sub(1, 60), 20, function() return self.answers[before + 1] end)
end

--- Sends a request and returns its `ok`, or nil and its `error`.
function Control:request(op, fields)
  fields = fields or {}
  self.count = self.count + 1
  fields.id, fields.op = self.count, op
  local answer = self:say(cjson.encode(fields))
  assert(answer.id == self.count, "the answer of another request")
  return answer.ok, answer.error
end

--- Waits for an event whose members include all of `members`.
function Control:expect(members, timeout)
  return proc.eventually("the event " .. cjson.encode(members), timeout or 20, function()
    for _, event in ipairs(self.events) do
      local same = true
      for key, value in pairs(members) do same = same and event[key] == value end
      if same then return event end
    end
  end)
end

--- The entry of one output in `stat`.
function Control:output(id)
  for _, output in ipairs(self:request("stat").outputs) do
    if output.id == id then return output end
  end
end

--- Waits until an output is in a state; returns its entry.
function Control:until_output(id, state, timeout)
  return proc.eventually(("output %s to be %s"):format(id, state), timeout or 20, function()
    local output = self:output(id)
    return output and output.state == state and output
  end)
end

function Control:close()
  if not self.pipe:is_closing() then self.pipe:close() end
  uv.run "nowait"
end

--- An engine under control with one connection; with more arguments.
---@param ... string
---@return spec.proc engine, spec.control control, string path
function relay.control(...)
  local path = proc.folder() .. "/engine.sock"
  local engine = relay.start("--control", path, ...)
  engine:expect "listening on %S+\n"
  return engine, relay.connect(path), path
end

return relay
