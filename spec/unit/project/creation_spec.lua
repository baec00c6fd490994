-- SPDX-License-Identifier: MIT
-- A CreateProject whose answer got lost. The other calls' settling is in the specs of the categories.

local model = require "spec.support.fakes.model"
local time = require "cme.time"

local function show_of(service, more)
  local spec = { name = "n", owner = "o", input = { push = 60 }, outputs = { "rtmp://h/a/hush" } }
  for name, value in pairs(more or {}) do spec[name] = value end
  return service:project(spec)
end

local function count(service)
  local n = 0
  for _ in pairs(service.projects) do n = n + 1 end
  return n
end

-- A project that another has made, `age` seconds ago.
local function foreign(service, age, more)
  local show = show_of(model.new(), more)
  show.client = service
  assert(show:create())
  local entry = service.projects[show.id]
  -- Made through another client: this one does not know it.
  entry.ProjectId = "foreign" .. age
  service.projects[show.id], service.projects[entry.ProjectId] = nil, entry
  entry.CreateTime = time.format(service.clock - age)
  service:clear()
  return entry
end

describe("cme.project.creation", function()
  describe("create, its answer lost", function()
    it("after the project was made: finds it, with its push address", function()
      local service = model.new()
      service.lose.CreateProject = "after"
      local show = show_of(service)
      local id = assert(show:create())
      assert.are.equal(1, count(service))
      assert.are.equal(service:state(id).MainInput.RtmpPushInputInfo.PushUrl, show:push_urls().main)
      assert.are.same({ "CreateProject", "DescribeProjects", "DescribeProjects" }, service.calls)
    end)

    it("before: looks twice, and makes it once", function()
      local service = model.new()
      service.lose.CreateProject = "before"
      assert(show_of(service):create())
      assert.are.equal(1, count(service))
      assert.are.same({ "CreateProject", "DescribeProjects", "DescribeProjects", "CreateProject" }, service.calls)
    end)

    it("is not taken in by the owner's other projects", function()
      for _, more in ipairs { { name = "m" }, { owner = "p" }, { category = "MEDIA_CAST" } } do
        local service = model.new()
        if more.category then
          local entry = foreign(service, 0)
          entry.Category = "MEDIA_CAST"
        else
          foreign(service, 0, more)
        end
        service.lose.CreateProject = "before"
        assert.are_not.equal("foreign0", assert(show_of(service):create()))
      end
    end)

    it("is not taken in by an older one of the same name", function()
      local service = model.new()
      foreign(service, 301)
      service.lose.CreateProject = "after"
      assert.are_not.equal("foreign301", assert(show_of(service):create()))
      assert.are.equal(2, count(service))
    end)

    it("is not taken in by one that this client made before", function()
      local service = model.new()
      local first = assert(show_of(service):create())
      service.lose.CreateProject = "before"
      local second = assert(show_of(service):create())
      assert.are_not.equal(first, second)
      assert.are.equal(2, count(service))
    end)

    it("after the project was made: finds it by the service's clock, however far off this machine's is", function()
      for _, ahead in ipairs { -3600, -5, 5, 3600 } do
        local service = model.new()
        service.service_ahead = ahead
        service.lose.CreateProject = "after"
        assert(show_of(service):create())
        assert.are.equal(1, count(service))
      end
    end)

    it("is left open when there is one from just before the call, that may or may not be it", function()
      local service = model.new()
      foreign(service, 5)
      service.lose.CreateProject = "before"
      local show = show_of(service)
      local ok, message, detail = show:create()
      assert.is_nil(ok)
      assert.are.equal("network.reset", detail.code)
      assert.is_true(detail.unknown_outcome)
      assert.are.equal("project 'n': create: CreateProject: connection reset", message)
      assert.is_nil(show.id)
      assert.are.equal(1, count(service))
    end)

    it("is left open when there are two candidates", function()
      local service = model.new()
      foreign(service, 0)
      service.lose.CreateProject = "after"
      assert.is_nil((show_of(service):create()))
      assert.are.equal(2, count(service))
    end)

    it("is left open when the service cannot be asked", function()
      local service = model.new()
      service.lose.CreateProject, service.refuse.DescribeProjects = "after", "InternalError"
      local _, _, detail = show_of(service):create()
      assert.are.equal("network.reset", detail.code)
    end)
  end)

  it("keeps where viewers watch from the cloud, and knows it all the same", function()
    local service = model.new()
    local outputs = { { name = "a", url = "rtmp://h/a/hush", watch = "https://h/a.flv" }, "rtmp://h/b/hush" }
    local show = show_of(service, { outputs = outputs })
    service.endpoint = "https://cme.tencentcloudapi.com/"
    function service.on_call(_, params)
      for _, output in ipairs((params.StreamConnectProjectInput or {}).Outputs or {}) do assert.is_nil(output.Watch) end
    end
    assert(show:create())
    local info = assert(show:info())
    assert.are.same({ "https://h/a.flv" }, { info.outputs[1].watch, info.outputs[2].watch })
    assert.are.same({}, show:ensure())
  end)

  it("refuses codecs of outputs on the cloud, before anything is sent", function()
    local service = model.new()
    local show = show_of(service, { outputs = { { url = "rtmp://h/a/hush", codecs = "id12" } } })
    service.endpoint = "https://cme.tencentcloudapi.com/"
    local id, message, detail = show:create()
    assert.is_nil(id)
    assert.are.equal("invalid.unsupported", detail.code)
    assert.matches("the cloud does not take the codecs of an output", message)
    assert.are.same({}, service.calls)
    service.endpoint = "http://127.0.0.1:8156/"
    assert(show:create())
  end)

  local REFUSED = { slate = true, merge = true, standby = true, record = { name = "gala" } }

  for option, value in pairs(REFUSED) do
    it("leaves no project behind where the service has no " .. option, function()
      local service = model.new()
      local show = show_of(service, { [option] = value, backup = { push = 60 } })
      for _, create in ipairs { show.create, show.create, show.start, show.ensure } do
        local ok, message, detail = create(show)
        assert.is_nil(ok)
        assert.are.equal("invalid.unsupported", detail.code, message)
        assert.is_nil(show.id)
        assert.are.equal(0, count(service))
      end
    end)
  end

  it("keeps the id of a project that it cannot delete again", function()
    local service = model.new()
    service.refuse.DeleteProject = "InternalError"
    local show = show_of(service, { slate = true })
    local ok, _, detail = show:create()
    assert.is_nil(ok)
    assert.are.equal("invalid.unsupported", detail.code)
    assert.are.equal(1, count(service))
    assert.is_truthy(service.projects[show.id])
  end)
end)
