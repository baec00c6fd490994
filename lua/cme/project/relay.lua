-- SPDX-License-Identifier: MIT
-- Projects of category STREAM_CONNECT: one stream (main, and a backup to switch to) to many outputs, passed on as it
-- comes. What all projects can do is base.lua's.

local base = require "cme.project.base"
local operations = require "cme.project.relay_operations"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local relay_options = require "cme.project.relay_options"

local take_endpoint = relay_options.take_endpoint
local PROTOCOLS = { rtmp = true, rtmps = true, srt = true }
local MERGE = { timeout = { "number", fact = options.timeout }, window = project_options.MERGE_WINDOW }
local PUSH = { timeout = MERGE.timeout, protocol = { "string", fact = function(value)
  return not PROTOCOLS[value] and "rtmp, rtmps or srt is needed" or nil
end } }

---@class cme.project.slate_options: cme.project.timeout
---@field slate_after number|nil seconds without a picture until it comes, 0.5 to 60; 3
---@field slate_format cme.project.slate_format|nil what a start without a live source begins with
---@field silence boolean|nil add a silent track to inputs without sound; as it is by default

---@class cme.relay_project: cme.project category STREAM_CONNECT
local Relay = base.class(operations, {
  sources = "info().inputs has its inputs",
  add_source = "use add_input",
  remove_source = "use remove_input",
  switch_source = "use switch",
  set_play = "set_stop_at ends it; loop is an option of a vod input",
  set_output_media = "it relays what it gets; MEDIA_CAST encodes anew",
})

--- Switches to another input; the outputs stay connected.
---@param to "main"|"backup"
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Relay:switch(to, given)
  return base.run(self, "switch", given, operations.switch, take_endpoint("switch", to))
end

local function take_input(method, input)
  return relay_options.take_input(method .. ": the input", input)
    or options.misuse(method .. ": an input is needed, as cme.project takes it")
end

--- Adds an input. If it is one to push to, push_urls returns its address.
---@param name "main"|"backup"
---@param input cme.project.input
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
---@usage assert(show:add_input("backup", "https://play.example.com/backup.flv"))
function Relay:add_input(name, input, given)
  take_endpoint("add_input", name)
  return base.run(self, "add_input", given, operations.add_input, name, take_input("add_input", input))
end

--- Changes an input that is not on the air.
---@param name "main"|"backup"
---@param input cme.project.input
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Relay:set_input(name, input, given)
  take_endpoint("set_input", name)
  return base.run(self, "set_input", given, operations.set_input, name, take_input("set_input", input))
end

--- Removes an input that is not on the air.
---@param name "main"|"backup"
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Relay:remove_input(name, given)
  return base.run(self, "remove_input", given, operations.remove_input, take_endpoint("remove_input", name))
end

--- Makes one programme of main and backup, which carry the packets of one encoder by two ways: each packet is taken
--- from whichever has it, and nothing is lost when either dies. `cme serve` only; health().merge tells how it goes.
---@param on boolean
---@param given { timeout: number|nil, window: number|nil }|nil window: seconds that one may come later, 0.1 to 10;
---  default 3
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service cannot
---@usage assert(show:set_merge(true))
function Relay:set_merge(on, given)
  if type(on) ~= "boolean" then options.misuse("set_merge: true or false is needed, got " .. type(on)) end
  local window = given and given.window
  if window ~= nil then given = options.check("set_merge", given, MERGE) end
  return base.run(self, "set_merge", given and { timeout = given.timeout }, operations.set_merge, on, window)
end

--- Has another node of a fleet read the inputs while the project is on the air, so that the broadcast goes on at once
--- when the node that runs it is lost. `cme serve` only; health().standby tells which node it is.
---@param on boolean
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service is no fleet
---@usage assert(show:set_standby(true))
function Relay:set_standby(on, given)
  if type(on) ~= "boolean" then options.misuse("set_standby: true or false is needed, got " .. type(on)) end
  return base.run(self, "set_standby", given, operations.set_standby, on)
end

--- Looks at what the inputs show while it is on the air, and takes the backup when main shows what it may not. `cme
--- serve` only; health().inputs tells what is seen.
---@param on boolean
---@param given { timeout: number|nil, failover_on: string[]|nil, failover_on_after: number|nil }|nil as cme.project has
--- them
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service cannot
---@usage assert(show:set_looks(true, { failover_on = { "black", "silent" } }))
function Relay:set_looks(on, given)
  if type(on) ~= "boolean" then options.misuse("set_looks: true or false is needed, got " .. type(on)) end
  local picked, timeout = { look_inputs = on }, nil
  for name, value in pairs(given or {}) do
    if name == "timeout" then timeout = value else picked[name] = value end
  end
  return base.run(self, "set_looks", { timeout = timeout }, operations.set_looks,
    relay_options.take_looks("set_looks", picked))
end

--- Sets what the destinations get when no input has a picture; on the air, too. `cme serve` only. info().on_slate and
--- health().slate tell how it goes.
---@param slate string|boolean a file of the service's media folder; true: black and silence; false: none
---@param given cme.project.slate_options|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service has none
---@usage assert(show:set_slate("be-right-back", { slate_after = 5 }))
function Relay:set_slate(slate, given)
  if type(slate) ~= "string" and type(slate) ~= "boolean" then
    options.misuse("set_slate: a file's name, true or false is needed, got " .. type(slate))
  end
  local picked, timeout = { slate = slate }, nil
  for name, value in pairs(given or {}) do
    if name == "timeout" then timeout = value else picked[name] = value end
  end
  return base.run(self, "set_slate", { timeout = timeout }, operations.set_slate,
    relay_options.take_slate("set_slate", picked))
end

--- Asks for the addresses to push to, of inputs made with { push = seconds }.
---@param given { timeout: number|nil, protocol: "rtmp"|"rtmps"|"srt"|nil }|nil protocol: default rtmp; the others on a
--- `cme serve` that offers them (--edge-rtmps, --edge-srt)
---@return { main: string|nil, backup: string|nil }|nil urls they contain keys: keep them out of logs
---@return string|nil message
---@return cme.detail|nil detail code invalid.no_push if the project has no such input, invalid.unsupported if the
--- service has no address of this protocol
---@usage local url = assert(show:push_urls()).main
function Relay:push_urls(given)
  local picked = options.check("push_urls", given, PUSH)
  return base.run(self, "push_urls", { timeout = picked.timeout }, operations.push_urls, picked.protocol or "rtmp")
end

--- Asks how far a vod input has been played.
---@param name "main"|"backup"|nil which input; default main
---@param given cme.project.timeout|nil
---@return { url: string, seconds: number }|nil position
---@return string|nil message
---@return cme.detail|nil detail code invalid.no_position if the input plays no file
function Relay:position(name, given)
  name = take_endpoint("position", name == nil and "main" or name)
  return base.run(self, "position", given, operations.position, name)
end

--- Records what of the project is on the air, into files of the service's machine; changes or ends it on the air, too.
--- On `cme serve --recordings DIR` only.
---@param recording cme.project.recording|nil nil: nothing is recorded any more
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported if the service does not record
---@usage assert(show:record { name = "gala", max_seconds = 3600 })
function Relay:record(recording, given)
  local wanted = relay_options.take_recording("record", recording)
  return base.run(self, "record", given, operations.record, wanted)
end

return { class = Relay, category = operations }
