-- SPDX-License-Identifier: MIT
-- Makes docs/conformance.md: what the cloud documents of the relay actions beside what this service answers. The
-- latter is measured: every request is made of the service's API with its real actions and store; engines and playouts
-- are stand-ins that do as they are told (spec/support/fakes/front.lua). `lua5.4 tools/gen_conformance.lua` writes the
-- page; a spec compares.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"

local conformance = require "spec.support.proofs.conformance"
local front = require "spec.support.fakes.front"
local json = require "cme.json"
local limiter = require "cme.server.http.limiter"
local schema = require "cme.schema"
local sign = require "cme.sign"

local generator = {}

local HEAD = [[
# Conformance

This page compares what Tencent's documentation says about the relay actions of CME with what `cme serve` does. It
is made by `lua5.4 tools/gen_conformance.lua`, which sends every request to the service's own API, without engines;
a spec compares the result. `done` means that the request was carried out; otherwise the table shows the error code.
**ours** marks what the cloud does not document, **differs** what deviates from its documentation. For the cloud, an
operation counts as `refused` in a state if its page names only the other state. The official Node SDK provokes the
error codes on a real service (`spec/integration/sdk_node_spec.lua`). How the SDKs for Go, Python, Java and C++ and
tccli sign is tested in `spec/integration/sdk_forms_spec.lua`, row by row. [service.md](service.md) explains what is
ours.
]]

-- ---- a service without engines

local function new_world()
  local service = front.new()
  service.clock = os.time()
  local serial = 0
  local world = conformance.world(function(action, params)
    local response = service:send(action, assert(json.encode(params)))
    assert(not response.Error, response.Error and response.Error.Message)
    return response
  end, {
    source = function() return "rtmp://source.example/live/hush" end,
    destination = function()
      serial = serial + 1
      return "rtmp://platform.example/live/hush" .. serial
    end,
    partly = function() service.relays.verdict, service.relays.faults = "partly", {} end,
    playing = function(id) service.playouts.answer = { source_id = id } end,
  })
  service.relays.answer, service.playouts.answer = { inputs = {}, outputs = {} }, {}
  return world, service
end

local function code_of(response)
  return response.Error and response.Error.Code or "done"
end

local function ask(service, action, params)
  return code_of(service:send(action, assert(json.encode(params))))
end

-- ---- actions

-- How those are asked that the cloud has not; a new one needs a row.
local OWN = {
  DescribeProjectHealth = {},
  DescribeProjectHistory = {},
  DescribeProjectPlayback = { note = ": without an edge" },
  DescribeProjectsHealth = { of_many = true },
  ModifyProjectLooks = { params = { Inputs = true } },
  ModifyProjectMerge = { params = { Merge = true } },
  ModifyProjectRecording = {},
  ModifyProjectSlate = {},
  ModifyProjectStandby = { params = { Standby = false }, note = ": in a fleet" },
  SwitchProjectOutput = { params = { OutputId = "a", Switch = "Off" } },
}

local function own_rows(rows, world, service, offered)
  local names = {}
  for name in pairs(service.actions) do
    if not offered[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local own = OWN[name] or error(name .. " has no row in OWN")
    local params = { Platform = "test",
      ProjectId = not own.of_many and world:project("STREAM_CONNECT", "Idle").id or nil }
    for member, value in pairs(own.params or {}) do params[member] = value end
    rows[#rows + 1] = ("| %s | | %s | **ours**%s |"):format(name, ask(service, name, params), own.note or "")
  end
end

local function action_rows(rows)
  local world, service = new_world()
  local offered = { HandleStreamConnectProject = true, HandleMediaCastProject = true }
  for _, row in ipairs(conformance.actions) do
    offered[row[1]] = true
    rows[#rows + 1] = ("| %s | %s | %s |%s |"):format(row[1], row[2], ask(service, row[1], row[3](world)),
      row.note and " " .. row.note or "")
  end
  for _, name in ipairs { "HandleStreamConnectProject", "HandleMediaCastProject" } do
    rows[#rows + 1] = ("| %s | operations on a relay | see below | |"):format(name)
  end
  local others = 0
  for _, name in ipairs(schema.action_names) do
    if not offered[name] then
      assert(ask(service, name, {}) == "UnsupportedOperation", name)
      others = others + 1
    end
  end
  rows[#rows + 1] = ("| the other %d | editing, materials, teams, ... | UnsupportedOperation | **differs** |"):format(
    others)
  own_rows(rows, world, service, offered)
  service:close()
end

-- ---- operations

-- What an operation brings in a state, on a project of its own.
local function measure(category, status, row)
  local world, service = new_world()
  local project = world:fresh(category, status)
  if row[6] then row[6](world, project) end
  local code = ask(service, world.operation(project, row[1], row[5](world, project)))
  service:close()
  return code
end

local function mark(cloud, here)
  if cloud == conformance.SILENT then return "ours" end
  return (cloud == conformance.ALLOWED) ~= (here == "done") and "differs" or nil
end

local function operation_row(category, row)
  local idle, working = measure(category, "Idle", row), measure(category, "Working", row)
  local marks = { mark(row[3], idle), mark(row[4], working) }
  local worst = (marks[1] == "differs" or marks[2] == "differs") and "**differs**"
    or (marks[1] or marks[2]) and "**ours**" or ""
  return ("| %s%s | %s | %s | %s | %s | %s |"):format(row[1], row[2] ~= "" and ", " .. row[2] or "", row[3], idle,
    row[4], working, worst)
end

-- ---- codes

local function wrong(more)
  return function(service) return code_of(service:send("DescribeProjects", '{"Platform":"test"}', more)) end
end

local function refused_by_rate(service)
  service:serve { limiter = limiter.new(1, function() return 0 end) }
  ask(service, "DescribeProjects", { Platform = "test" })
  return ask(service, "DescribeProjects", { Platform = "test" })
end

local function of_a_broken_database(service)
  service:serve { actions = { DescribeProjects = function() error "broken" end } }
  return ask(service, "DescribeProjects", { Platform = "test" })
end

local function of_a_narrow_key(service)
  service:serve { platforms = { "other" } }
  return ask(service, "DescribeProjects", { Platform = "test" })
end

-- What is wrong with the request as such, and with the service: code, when, request.
local others = {
  { "AuthFailure.InvalidAuthorization", "it is missing, malformed or `SKIP`", wrong {
    headers = { authorization = "SKIP" } } },
  { "AuthFailure.SecretIdNotFound", "an unknown, revoked or disabled key", wrong { headers = {
    authorization = sign.new("other", "key"):tc3 { service = "cme", host = "h", timestamp = 1, payload = "" } } } },
  { "AuthFailure.TokenFailure", "a token is missing, wrong, expired, or sent with a key that has none", wrong {
    headers = { ["x-tc-token"] = "t" } } },
  { "AuthFailure.SignatureExpire", "the clocks differ by more than 300 s", wrong {
    headers = { ["x-tc-timestamp"] = "1000000000" } } },
  { "AuthFailure.SignatureFailure", "the signature does not match", wrong { secret = "wrong" } },
  { "RequestLimitExceeded", "more calls of an action and key in a second than `--rate-limit`", refused_by_rate },
  { "RequestSizeLimitExceeded", "a body of more than 1 MiB (the cloud: 10 MB of JSON), a query of more than 32 KiB",
    wrong { too_large = true } },
  { "InternalError", "the service failed; its log says why", of_a_broken_database },
  { "UnauthorizedOperation", "the key is for other platforms", of_a_narrow_key },
  { "NoSuchVersion", "a version other than 2019-10-29", wrong { version = "2017-03-12" } },
  { "UnsupportedProtocol", "a method other than GET and POST", wrong { method = "PUT" } },
  { "InvalidParameterValue.Name", "a name that is not UTF-8", function(service)
    return code_of(service:send("CreateProject", '{"Platform":"test","Name":"\255"}'))
  end },
  { "InvalidRequest", "a POST that is not JSON", wrong { content_type = "text/plain" } },
}

-- The cases that bring each code here, measured; raises when one brings another.
local function measured()
  local found = {}
  local function note(wanted, got, action, when)
    assert(wanted == got, ("%s: %s: %s"):format(wanted, when, got))
    found[got] = found[got] or {}
    table.insert(found[got], action and ("%s: %s"):format(action, when) or when)
  end
  for _, row in ipairs(others) do
    local world, service = new_world()
    note(row[1], row[3](service, world), nil, row[2])
    service:close()
  end
  for _, case in ipairs(conformance.refusals()) do
    local world, service = new_world()
    local action, params = case.request(world)
    note(case.code, ask(service, action, params), schema.actions[action] and action, case.when)
    service:close()
  end
  return found
end

local function code_rows(rows)
  local found = measured()
  for _, row in ipairs(conformance.codes) do
    local here = found[row[1]]
    assert((here ~= nil) ~= (row.absent ~= nil), row[1] .. ": it must be measured, or said why not")
    rows[#rows + 1] = ("| %s | %s | %s | %s |"):format(row[1], row[2], here and table.concat(here, "; ")
      or "never: " .. row.absent, row.differs and "**differs**: " .. row.differs or "")
    found[row[1]] = nil
  end
  assert(not next(found), "a code that the cloud's list does not have: " .. tostring(next(found)))
end

-- ---- the page

--- The text of docs/conformance.md.
---@return string
function generator.page()
  local rows = { HEAD, "## Actions", "", "| action | in the cloud | here | |", "|---|---|---|---|" }
  action_rows(rows)
  for _, category in ipairs { "STREAM_CONNECT", "MEDIA_CAST" } do
    rows[#rows + 1] = ("\n## Operations on %s projects\n\n| operation | cloud, Idle | here, Idle | cloud, Working | "
      .. "here, Working | |\n|---|---|---|---|---|---|"):format(category)
    for _, row in ipairs(conformance.operations[category]) do rows[#rows + 1] = operation_row(category, row) end
  end
  rows[#rows + 1] = "\n## Error codes\n\n| code | in the cloud | here | |\n|---|---|---|---|"
  code_rows(rows)
  return table.concat(rows, "\n") .. "\n"
end

if arg and arg[0] and arg[0]:match "gen_conformance%.lua$" then
  local page = generator.page() -- before the file is opened: a failure leaves it as it is
  local file = assert(io.open("docs/conformance.md", "w"))
  file:write(page)
  file:close()
end

return generator
