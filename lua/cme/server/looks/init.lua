-- SPDX-License-Identifier: MIT
-- What viewers of the outputs see, and what the inputs show, of each project that is on the air: one cme-look for a
-- project's outputs, and one for each of its inputs where that is wished. What they say is kept for
-- DescribeProjectHealth and the metrics, told as events, and may take a broadcast to its backup. Nothing here waits; a
-- cme-look that cannot work is a line in the log, and nothing else.
--
--   settle(id) --> targets.plan --> watchers --> seen --> told: events
--                                                     +-> failover: switch, and whether engines may go back to main

local album = require "cme.look.album"
local files = require "cme.system.files"
local failover = require "cme.server.looks.failover"
local luv = require "cme.net.loop.luv"
local sign = require "cme.sign"
local told = require "cme.server.looks.told"
local watcher = require "cme.look.watcher"

local looks = {}

local EVERY = 10 -- seconds between two looks at an output
local TELL_INPUTS = 2 -- between two lines about an input, which a failover waits for

---@class cme.server.looks.options
---@field program string|nil path of cme-look; nil: there is none
---@field folder string for pictures
---@field base fun(): string what addresses of pictures begin with
---@field wanted fun(id: string): cme.server.looks.plan|nil, cme.server.looks.failover|nil what of a project is looked
---  at; nil: nothing
---@field active fun(id: string): "main"|"backup"|nil
---@field switch fun(id: string, state: cme.look.state) takes a project to its backup; may wait
---@field update fun(id: string) tells an engine its spec again; may wait
---@field told fun(id: string, key: string, state: cme.look.state, view: cme.look.view) a state that is news
---@field clock cme.system.clock
---@field log cme.server.log

---@class cme.server.looks.project
---@field watchers table<"outputs"|"main"|"backup", cme.look.watcher>
---@field last table<string, string> what was told last
---@field failover cme.server.looks.failover|nil
---@field memory cme.server.looks.failover_memory
---@field right boolean|nil main looks right; nil: it was never known
---@field switching boolean|nil
---@field tokens table<string, string> names of the pictures of now, by target

---@class cme.server.looks
---@field private _options cme.server.looks.options
---@field private _projects table<string, cme.server.looks.project>
---@field private _now table<string, { id: string, key: string }> targets by the names of their pictures
local Looks = {}
Looks.__index = Looks
Looks.__name = "cme.server.looks"

---@param options cme.server.looks.options
---@return cme.server.looks
function looks.new(options)
  return setmetatable({ _options = options, _projects = {}, _now = {} }, Looks)
end

-- ---- what is seen

local function view_of(project, key)
  local of = project.watchers[key:match "^input (%a+)$" or "outputs"]
  return of and of:get(key)
end

function Looks:_switch(id, project, state)
  if project.switching then return end
  project.switching = true
  luv.detach(function()
    self._options.switch(id, state)
    project.switching = nil
  end)
end

function Looks:_judge_inputs(id, project)
  local wanted = project.failover
  if not wanted then return end
  local main, backup = view_of(project, "input main"), view_of(project, "input backup")
  local state = failover.step(project.memory, wanted, main, backup,
    { active = self._options.active(id) or "main", now = self._options.clock.monotonic() })
  local wrong = failover.is_wrong(main, wanted)
  if wrong ~= nil and project.right ~= not wrong then
    project.right = not wrong
    luv.detach(self._options.update, id)
  end
  if state then self:_switch(id, project, state) end
end

function Looks:_seen(id, project, key, view)
  local state = told.step(project.last, key, view)
  if state then self._options.told(id, key, state, view) end
  if key:find "^input " then self:_judge_inputs(id, project) end
end

-- ---- what is looked at

-- Each cme-look has a folder to write into: all name their pictures alike.
function Looks:_album(id, name)
  local pictures, message = album.open(self._options.folder, true, ("now-%s-%s"):format(id, name))
  if not pictures then self._options.log:warn("no pictures of what viewers see", { project = id, error = message }) end
  return pictures
end

function Looks:_watcher(id, project, name)
  local found = project.watchers[name]
  if found then return found end
  found = watcher.new { program = self._options.program, every = EVERY, album = self:_album(id, name),
    tell = name ~= "outputs" and TELL_INPUTS or nil, peer = name ~= "outputs",
    warn = function(message)
      self._options.log:warn("what viewers see is not known", { project = id, error = message })
    end,
    seen = function(key, view) self:_seen(id, project, key, view) end }
  project.watchers[name] = found
  return found
end

function Looks:_project(id)
  local project = self._projects[id]
  if project then return project end
  project = { watchers = {}, last = {}, memory = {}, tokens = {} }
  self._projects[id] = project
  return project
end

local function input_of(plan, endpoint)
  for _, target in ipairs(plan.inputs) do
    if target.key == "input " .. endpoint then return target end
  end
end

-- An input is compared with the other one, which may carry the same: frozen needs that.
function Looks:_look_at_input(id, project, plan, endpoint)
  local target, other = input_of(plan, endpoint), input_of(plan, endpoint == "main" and "backup" or "main")
  if not target and not project.watchers[endpoint] then return end
  local comparable = endpoint == "main" and other and target
  self:_watcher(id, project, endpoint):set(target and { target } or {}, comparable and other.url or nil,
    target and target.public, comparable and other.public)
end

--- Looks at what a project that is on the air wishes now, or at nothing any more. To be called when that may have
--- changed; does not wait.
---@param id string
function Looks:settle(id)
  local plan, wanted = self._options.wanted(id)
  if not plan or not (plan.outputs[1] or plan.inputs[1] or self._projects[id]) then return self:gone(id) end
  local project = self:_project(id)
  project.failover = wanted
  local public = plan.outputs[1] and plan.outputs[1].public
  if plan.outputs[1] or project.watchers.outputs then
    self:_watcher(id, project, "outputs"):set(plan.outputs, plan.source, public, plan.source_public)
  end
  self:_look_at_input(id, project, plan, "main")
  self:_look_at_input(id, project, plan, "backup")
end

--- An operator chooses an input of a project. To be called before the switch, and again, with nil, if that fails.
---@param id string
---@param to "main"|"backup"|nil
function Looks:choose(id, to)
  local project = self._projects[id]
  if project then failover.choose(project.memory, to) end
end

--- A project is off the air.
---@param id string
function Looks:gone(id)
  local project = self._projects[id]
  if not project then return end
  self._projects[id] = nil
  for _, each in pairs(project.watchers) do each:close() end
  for _, name in pairs(project.tokens) do self._now[name] = nil end
end

--- What is seen at a target of a project; nil: nothing is known.
---@param id string
---@param key string "output ID", "input main"
---@return cme.look.view|nil
function Looks:view(id, key)
  local project = self._projects[id]
  return project and view_of(project, key)
end

-- The address of what is seen now: one for each target, for as long as its project is on the air.
function Looks:_token(id, key)
  local tokens = self._projects[id].tokens
  if not tokens[key] then
    tokens[key] = sign.random_hex(16) .. ".jpg"
    self._now[tokens[key]] = { id = id, key = key }
  end
  return tokens[key]
end

--- Address of a picture of what is seen at a target. Whoever has it may see it: nobody can guess it.
---@param id string
---@param key string
---@param now boolean|nil of what is seen now; otherwise what was seen when its state was named, for a day
---@return string|nil url nil: there is none
function Looks:url(id, key, now)
  local view = self:view(id, key)
  local name
  if view and now then name = view.snapshot and self:_token(id, key) end
  if view and not now then name = view.picture and view.picture:match "([^/]*)$" end
  return name and self._options.base() .. name or nil
end

function Looks:_picture(name)
  local target = self._now[name]
  if not target then return album.find(self._options.folder, name) end
  local view = self:view(target.id, target.key)
  return view and view.snapshot
end

--- Reads a picture of an address.
---@param method string
---@param path string
---@return integer|nil status nil: it is no address of a picture
---@return table<string, string>|nil headers
---@return string|nil body
function Looks:serve(method, path)
  local name = path:match "^/pictures/([^/?]+)"
  if not name then return nil end
  local found = (method == "GET" or method == "HEAD") and self:_picture(name)
  local bytes = found and files.read(found)
  if not bytes then return 404, { ["Content-Type"] = "text/plain" }, "no such picture, any more\n" end
  return 200, { ["Content-Type"] = "image/jpeg", ["Cache-Control"] = "private, no-store",
    ["X-Content-Type-Options"] = "nosniff" }, bytes
end

--- Whether an engine may go back to main by itself. One that is to be left for what it shows is gone back to when it is
--- known to look right.
---@param id string
---@return boolean
function Looks:may_go_back(id)
  local project = self._projects[id]
  if not project or not project.failover or not self._options.program then return true end
  return project.right == true
end

--- Lets go of all.
function Looks:close()
  for id in pairs(self._projects) do self:gone(id) end
end

return looks
