-- SPDX-License-Identifier: MIT
-- Runs `cme` command lines inside the spec, with a system of the spec's own: nothing of the machine is touched.

local cjson = require "cjson"
local fake = require "spec.support.fakes.fake"

local cli = {}

---@class spec.cli
---@field code integer
---@field out string
---@field err string
---@field asked table[] the requests that were sent

--- Runs a command line.
---@param args string[]
---@param options { answers: table[]|nil, env: table|nil, files: table|nil, stdin: string|nil, terminal: boolean|nil,
--- now: number|nil }|nil answers: of the service, in order
---@return spec.cli
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

cli.ID = "5fae2b35d84b53000142d8a3"

local SPEC = [[{"name":"show","owner":"me","input":"https://h/live/src.flv","outputs":["rtmp://h/live/sekret"]}]]
local SHOW = [[return { stop_at = "2019-02-25T18:00:00Z", project = { name = "show", owner = "me",
  input = "https://h/live/src.flv", outputs = { "rtmp://h/live/" .. env "KEY" } } }]]
--- Files with specs, right and wrong ones.
cli.FILES = { ["a.json"] = SPEC, ["show.lua"] = SHOW, ["broken.lua"] = "return {",
  ["misspelt.lua"] = SHOW:gsub("owner =", "slat_after = 3, owner ="),
  ["broken.json"] = "{", ["odd.json"] = '{"name":"x","owner":"y","inptu":"z"}' }

--- An answer of CreateProject.
cli.CREATED = fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]'

--- Runs a command line with cli.FILES there.
function cli.with_files(args, answers, more)
  local options = more or {}
  options.answers, options.files = answers, cli.FILES
  return cli.run(args, options)
end

--- An answer of DescribeProjects with one STREAM_CONNECT project.
---@param members string|nil JSON members of its StreamConnectProjectInfo
---@param name string|nil
function cli.described(members, name)
  return fake.ok(([["TotalCount":1,"ProjectInfoSet":[{"ProjectId":"%s","Name":"%s","Category":"STREAM_CONNECT",
    "Owner":{"Type":"PERSON","Id":"me"},"StreamConnectProjectInfo":{%s}}] ]]):format(cli.ID, name or "show",
    members or '"Status":"Idle"'))
end

--- The same with a MEDIA_CAST project.
function cli.described_cast(members)
  return fake.ok(([["TotalCount":1,"ProjectInfoSet":[{"ProjectId":"%s","Name":"cast","Category":"MEDIA_CAST",
    "Owner":{"Type":"PERSON","Id":"me"},"MediaCastProjectInfo":{%s}}] ]]):format(cli.ID,
    members or '"Status":"Idle"'))
end

--- An answer of DescribeProjects with nothing in it.
function cli.none()
  return fake.ok '"TotalCount":0,"ProjectInfoSet":[]'
end

--- A transport's failure.
function cli.unreachable()
  return nil, "could not connect", { code = "network.connect", sent = false }
end

--- What was asked, as a list of "Action" or "Action Operation".
---@param ran spec.cli
function cli.actions(ran)
  local list = {}
  for i, request in ipairs(ran.asked) do
    local action = table.concat(request.headers, "\n"):match "X%-TC%-Action: (%w+)"
    local operation = fake.sent(request).Operation
    list[i] = operation and action .. " " .. operation or action
  end
  return list
end

--- A command's success: what it says, what --json writes, which calls it makes.
function cli.succeeds(args, answers, said, json, actions)
  local assert = require "luassert"
  local ran = cli.run(args, { answers = { table.unpack(answers) } })
  assert.are.same({ 0, said .. "\n", "" }, { ran.code, ran.out, ran.err })
  assert.are.same(actions, cli.actions(ran))
  local line = { table.unpack(args) }
  line[#line + 1] = "--json"
  ran = cli.run(line, { answers = { table.unpack(answers) } })
  assert.are.equal(0, ran.code, ran.err)
  assert.are.same(json, cjson.decode(ran.out))
end

--- What every command that changes a project shares: the codes of its failures, JSON, and --dry-run.
---@param args string[] a command line about cli.ID
---@param before table[] answers of the reads before the change
---@param change string the action, or "Action Operation", that --dry-run must not send
function cli.shared_cases(args, before, change)
  local assert = require "luassert"
  local function with(more, ...)
    local line, answers = { table.unpack(args) }, { table.unpack(before) }
    table.move(more, 1, #more, #line + 1, line)
    for _, answer in ipairs { ... } do answers[#answers + 1] = answer end
    return cli.run(line, { answers = answers })
  end
  for code, answer in pairs { [3] = fake.refused("UnauthorizedOperation", "no"), [4] = cli.unreachable,
    [5] = fake.refused("InvalidParameterValue.ProjectId", "none") } do
    local ran = with({ "--retries", "0" }, answer)
    assert.are.same({ code, "" }, { ran.code, ran.out }, ran.err)
    assert.matches("^cme [%l -]+: project '[^']+': [^\n]+\n$", ran.err)
  end
  local ran = cli.run({ table.unpack(args) }, { answers = { cli.none(), cli.none() } })
  if before[1] then assert.are.equal(5, ran.code, ran.err) end
  assert.are.equal(2, with({ "--nonsense" }).code)
  ran = with { "--dry-run" }
  assert.are.same({ 0, "" }, { ran.code, ran.err })
  assert.are.equal(#before, #ran.asked)
  local action, operation = change:match "^(%w+) ?(%w*)$"
  assert.matches("^" .. action .. " {", ran.out)
  assert.truthy(ran.out:find('"Operation":"' .. operation .. '"', 1, true) or operation == "")
  ran = with { "--dry-run", "--json" }
  local shown = cjson.decode(ran.out)
  assert.are.same({ true, action }, { shown.dry_run, shown.calls[#shown.calls].action })
end

return cli
