-- SPDX-License-Identifier: MIT
-- What a page may have done: for each action which members its body has, and the calls that do it. Nothing here knows
-- nginx; the client and what the body says are arguments.

local codes = require "cme.codes"
local platforms = require "cme.platforms"
local views = require "room.views"

local actions = {}

local OWNER = "control room"
local MOST_OUTPUTS = 50
local LONGEST_EXTENSION = 4 * 3600 -- seconds

---@class room.action
---@field fields table<string, { [1]: string, required: boolean|nil, longest: integer|nil }>
---@field run fun(target: cme.project|cme.client, given: table): any, string|nil, cme.detail|nil

local TEXT = { "string", required = true, longest = 120 }
local URL = { "string", required = true, longest = 2048 }
local TIME = { "string", longest = 40 }

local function check_field(name, value, field)
  if value == nil or value == "" then
    return field.required and ("'%s' is missing"):format(name) or nil
  elseif type(value) ~= field[1] then
    return ("'%s': a %s is needed"):format(name, field[1])
  elseif field[1] == "string" and (#value > field.longest or value:find "%c") then
    return ("'%s' is longer than %d bytes, or has control characters"):format(name, field.longest)
  end
end

-- The members that are asked for, checked; nil and the fact. What is empty is absent.
local function take(fields, body)
  if type(body) ~= "table" then return nil, "a JSON object is needed" end
  local taken = {}
  for name, field in pairs(fields) do
    local fact = check_field(name, body[name], field)
    if fact then return nil, fact end
    if body[name] ~= "" then taken[name] = body[name] end
  end
  return taken
end

local PART = { "string", longest = 2048 }
local PLACE = { url = PART, platform = PART, server = PART, key = PART } -- see cme.platforms.place

-- The fields of an output: these, and where it goes.
local function output_fields(own)
  for name, field in pairs(PLACE) do own[name] = field end
  return own
end

local OUTPUT = output_fields { name = TEXT }
local CHANGED_OUTPUT = output_fields { id = TEXT, name = TEXT }

local function has_place(given)
  for name in pairs(PLACE) do
    if given[name] then return true end
  end
  return false
end

local function invalid(fact)
  return nil, fact, { code = "invalid.request" }
end

-- The URL of an output: what was given, or what its parts join into.
local function locate(given)
  if not has_place(given) then return codes.refuse "invalid.url:or_key" end
  local place, message, detail = platforms.locate(given)
  if not place then return nil, message, detail end
  return place.url
end

local function take_outputs(list)
  local outputs = {}
  if #list > MOST_OUTPUTS then return invalid(("more than %d outputs"):format(MOST_OUTPUTS)) end
  for i, one in ipairs(list) do
    local output, fact = take(OUTPUT, one)
    if not output then return invalid("outputs: " .. fact) end
    local url, message, detail = locate(output)
    if not url then return codes.within("in.output", { id = output.name }, message, detail) end
    outputs[i] = { name = output.name, url = url }
  end
  return outputs
end

local function add_output(project, given)
  local url, message, detail = locate(given)
  if not url then return nil, message, detail end
  return project:add_output { name = given.name, url = url }
end

-- Without a place, only the name is changed.
local function set_output(project, given)
  local url, message, detail
  if has_place(given) then
    url, message, detail = locate(given)
    if not url then return nil, message, detail end
  end
  return project:set_output { id = given.id, name = given.name, url = url }
end

local function extend(project, seconds)
  if not (seconds >= 60 and seconds <= LONGEST_EXTENSION) then
    return invalid(("'seconds': 60 to %d are possible"):format(LONGEST_EXTENSION))
  end
  return project:extend(seconds)
end

local ENDPOINTS = { main = true, backup = true }

-- To another input, or of a cast to another source; the first call tells which it is.
local function switch(project, to)
  if not project.category then
    local status, message, detail = project:status()
    if not status then return nil, message, detail end
  end
  if project.category == "MEDIA_CAST" then return project:switch_source(to) end
  if not ENDPOINTS[to] then return invalid "'to': main or backup is needed" end
  return project:switch(to)
end

---@type room.action
actions.create = {
  fields = { name = TEXT, input = URL, backup = { "string", longest = 2048 }, outputs = { "table", required = true } },
  run = function(client, given)
    local outputs, message, detail = take_outputs(given.outputs)
    if not outputs then return nil, message, detail end
    local project = client:project { name = given.name, owner = OWNER, input = given.input, backup = given.backup,
      outputs = outputs }
    local id
    id, message, detail = project:create()
    if not id then return nil, message, detail end
    return { id = id }
  end,
}

---@type table<string, room.action>
actions.of_project = {
  start = {
    fields = { stop_at = TIME },
    run = function(project, given) return project:start { stop_at = given.stop_at } end,
  },
  stop = { fields = {}, run = function(project) return project:stop() end },
  delete = { fields = {}, run = function(project) return project:delete() end },
  switch = {
    fields = { to = { "string", required = true, longest = 120 } },
    run = function(project, given) return switch(project, given.to) end,
  },
  stop_at = {
    fields = { stop_at = { "string", required = true, longest = 40 } },
    run = function(project, given) return project:set_stop_at(given.stop_at) end,
  },
  add_output = { fields = OUTPUT, run = add_output },
  extend = {
    fields = { seconds = { "number", required = true } },
    run = function(project, given) return extend(project, given.seconds) end,
  },
  set_output = { fields = CHANGED_OUTPUT, run = set_output },
  enable_output = {
    fields = { id = TEXT },
    run = function(project, given) return project:enable_output(given.id) end,
  },
  disable_output = {
    fields = { id = TEXT },
    run = function(project, given) return project:disable_output(given.id) end,
  },
  remove_output = {
    fields = { id = TEXT },
    run = function(project, given) return project:remove_output(given.id) end,
  },
}

local function status_of(code)
  if code:find "^invalid%." then return 400 end
  return code:find "^api%." and 409 or 502
end

--- Does one.
---@param action room.action
---@param target cme.project|cme.client
---@param body any what was sent
---@param language "en"|"zh" of the reader
---@return integer status of HTTP
---@return table answer
function actions.perform(action, target, body, language)
  local given, fact = take(action.fields, body)
  if not given then return 400, { error = fact, code = "invalid.request" } end
  local value, message, detail = action.run(target, given)
  local said = detail and detail.sentence and codes.say(detail, language) or message
  local shown = said and views.message(said)
  if value == nil then return status_of(detail.code or ""), { error = shown, code = detail.code } end
  local answer = type(value) == "table" and value or { ok = true }
  answer.warning = shown -- of a start that works in part: it is on the air
  return 200, answer
end

return actions
