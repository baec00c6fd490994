-- SPDX-License-Identifier: MIT
-- Going through the service's projects, and finding one by its name.

local model = require "spec.support.fakes.model"
local subject = require "spec.support.fakes.subject"

local refused, raised = subject.refused, subject.raised

local function make(service, name, more)
  local spec = { name = name, owner = "o", input = "https://h/1.flv", outputs = { "rtmp://h/a/hush" } }
  for key, value in pairs(more or {}) do spec[key] = value or nil end
  service.clock = service.clock + 1
  return assert(service:project(spec):create())
end

local function cast(service, name)
  return make(service, name, { category = "MEDIA_CAST", input = false, sources = { "https://h/1.mp4" } })
end

local function names(service, filter)
  local found = {}
  for show, info in service:list(filter) do
    assert.are.equal(assert(show, info).id, info.id)
    found[#found + 1] = info.name
  end
  return table.concat(found, " ")
end

describe("client:projects", function()
  it("gives each project as what it is, newest first, with what the list tells", function()
    local service = model.new()
    make(service, "a")
    cast(service, "b")
    local classes = {}
    for show, info in service:list() do
      classes[#classes + 1] = getmetatable(show).__name .. " " .. show.name .. " " .. info.category
    end
    assert.are.same({ "cme.cast_project b MEDIA_CAST", "cme.relay_project a STREAM_CONNECT" }, classes)
  end)

  it("asks nothing more to act on one", function()
    local service = model.new()
    make(service, "a")
    service:clear()
    for show in service:list() do assert(show:start()) end
    assert.are.same({ "DescribeProjects", "Start" }, service.calls)
  end)

  it("takes those that fit", function()
    local service = model.new()
    make(service, "a")
    make(service, "b", { owner = "p" })
    cast(service, "c")
    assert(service:project(make(service, "d")):start())
    assert.are.equal("d c b a", names(service))
    assert.are.equal("d c a", names(service, { owner = "o" }))
    assert.are.equal("d b a", names(service, { category = "STREAM_CONNECT" }))
    assert.are.equal("d", names(service, { status = "working" }))
    assert.are.equal("b", names(service, { name = "b" }))
    assert.are.equal("", names(service, { name = "b", owner = "o" }))
  end)

  it("reads as many pages as it takes, and no page before it is needed", function()
    local service = model.new()
    service.endpoint = "https://cme.tencentcloudapi.com/"
    for i = 1, 45 do make(service, "n" .. i) end
    service:clear()
    local seen = 0
    for _ in service:list() do
      seen = seen + 1
      assert.are.equal(math.ceil(seen / 20), #service.calls)
    end
    assert.are.equal(45, seen)
  end)

  it("reads smaller pages where the service takes no large ones", function()
    local service = model.new()
    local call = service.call
    for i = 1, 25 do make(service, "n" .. i) end
    function service:call(action, params, given)
      if params.Limit and params.Limit > 20 then
        return nil, "no", { code = "api.InvalidParameterValue.Limit", retryable = false }
      end
      return call(self, action, params, given)
    end
    local seen = 0
    for _ in service:list() do seen = seen + 1 end
    assert.are.equal(25, seen)
  end)

  it("gives none twice when others are created meanwhile", function()
    local service = model.new()
    service.endpoint = "https://cme.tencentcloudapi.com/"
    for i = 1, 25 do make(service, "n" .. i) end
    local seen = {}
    for _, info in service:list() do
      assert.is_nil(seen[info.id])
      seen[info.id] = true
      if info.name == "n15" then make(service, "new") end
    end
  end)

  it("says when the list breaks off: a for loop does not take it for the end", function()
    local service = model.new()
    service.endpoint = "https://cme.tencentcloudapi.com/"
    for i = 1, 25 do make(service, "n" .. i) end
    local seen, why, about = 0, nil, nil
    for show, info, detail in service:list() do
      if show then
        seen = seen + 1
        if seen == 20 then service.refuse.DescribeProjects = "InternalError" end
      else
        assert.is_nil(why)
        why, about = info, detail
      end
    end
    assert.are.same({ 20, "api.InternalError" }, { seen, about.code })
    assert.truthy(why:find("^DescribeProjects: "), why)
  end)

  it("raises for what is no filter", function()
    local service = model.new()
    for _, case in ipairs { { { ownr = "o" }, "did you mean 'owner'?" }, { { status = "on" }, "'idle' or 'working'" },
      { { category = "VIDEO_EDIT" }, "is no category" }, { { timeout = 0 }, "option 'timeout'" } } do
      assert.truthy(raised(service.list, service, case[1]):find(case[2], 1, true))
    end
  end)
end)

describe("client:find", function()
  it("gives the one project of a name, and of an owner", function()
    local service = model.new()
    local id = make(service, "a")
    make(service, "a", { owner = "p" })
    make(service, "b")
    local show, info = service:find { name = "a", owner = "o" }
    assert.are.same({ id, "a", "o" }, { show.id, show.name, info.owner })
    assert.is_true(show:start())
  end)

  it("says that there is none, or more than one", function()
    local service = model.new()
    make(service, "a")
    make(service, "a", { owner = "p" })
    local message = refused("invalid.not_found", service:find { name = "x" })
    assert.are.equal("project 'x': find: the service has no project of this name", message)
    message = refused("invalid.ambiguous", service:find { name = "a" })
    assert.truthy(message:find("the service has 2 projects of this name", 1, true), message)
    service.refuse.DescribeProjects = "InternalError"
    message = refused("api.InternalError", service:find { name = "a" })
    assert.truthy(message:find("project 'a': find: DescribeProjects: ", 1, true), message)
  end)

  it("needs a name", function()
    local service = model.new()
    assert.truthy(raised(service.find, service, {}):find("client:find: option 'name': missing", 1, true))
  end)
end)
