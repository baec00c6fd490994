-- SPDX-License-Identifier: MIT
require "spec.support.room"
local actions = require "room.actions"

describe("room.actions", function()
  -- A project or client whose methods note what they are given and return what the spec says.
  local function target(...)
    local returned, calls = table.pack(...), {}
    return setmetatable({}, { __index = function(self, name)
      return function(_, given)
        calls[#calls + 1] = { name, given }
        if name == "project" then return self end
        return table.unpack(returned, 1, returned.n)
      end
    end }), calls
  end

  it("creates a project from what the form has", function()
    local client, calls = target "id-1"
    local status, answer = actions.perform(actions.create, client, { name = "gala", input = "https://h/a.flv",
      backup = "", outputs = { { name = "A", url = "rtmp://a/live/k", more = 1 } } })
    assert.are.same({ 200, { id = "id-1" } }, { status, answer })
    assert.are.same({ "project", { name = "gala", owner = "control room", input = "https://h/a.flv",
      outputs = { { name = "A", url = "rtmp://a/live/k" } } } }, calls[1])
  end)

  it("does to a project what was asked for", function()
    for name, case in pairs {
      start = { { stop_at = "2026-11-22T22:00:00Z" }, { "start", { stop_at = "2026-11-22T22:00:00Z" } } },
      stop = { {}, { "stop" } }, delete = { {}, { "delete" } },
      switch = { { to = "backup" }, { "switch", "backup" } },
      stop_at = { { stop_at = "2026-11-22T22:00:00Z" }, { "set_stop_at", "2026-11-22T22:00:00Z" } },
      add_output = { { name = "B", url = "rtmp://b/k" }, { "add_output", { name = "B", url = "rtmp://b/k" } } },
      remove_output = { { id = "7" }, { "remove_output", "7" } },
      enable_output = { { id = "7" }, { "enable_output", "7" } },
      disable_output = { { id = "7" }, { "disable_output", "7" } },
      set_output = { { id = "7", name = "C", url = "" }, { "set_output", { id = "7", name = "C" } } },
    } do
      local project, calls = target(true)
      local status, answer = actions.perform(actions.of_project[name], project, case[1])
      assert.are.same({ 200, { ok = true } }, { status, answer })
      assert.are.same({ case[2] }, calls)
    end
  end)

  it("takes where an output goes by its parts, too", function()
    local url = "rtmps://a.rtmps.youtube.com:443/live2/sekret"
    local project, calls = target(true)
    actions.perform(actions.of_project.add_output, project, { name = "A", platform = "youtube", key = "sekret" })
    actions.perform(actions.of_project.set_output, project, { id = "7", name = "A", platform = "youtube",
      server = "", key = "sekret" })
    local client, created = target "id-1"
    actions.perform(actions.create, client, { name = "gala", input = "https://h/a.flv",
      outputs = { { name = "A", server = "rtmp://h/live", key = "sekret" } } })
    assert.are.same({ { "add_output", { name = "A", url = url } },
      { "set_output", { id = "7", name = "A", url = url } } }, calls)
    assert.are.same({ { name = "A", url = "rtmp://h/live/sekret" } }, created[1][2].outputs)
  end)

  it("says in the reader's language what is wrong with the parts, and never the key", function()
    local project, calls = target(true)
    for _, action in ipairs { "add_output", "set_output" } do
      for language, want in pairs { en = "server: missing (give the one that the platform shows beside the key)",
        zh = "server：缺失（请写上平台与推流码一起显示的服务器）" } do
        local status, answer = actions.perform(actions.of_project[action], project, { id = "7", name = "A",
          platform = "kick", key = "sekret" }, language)
        assert.are.same({ 400, { error = want, code = "invalid.server" } }, { status, answer })
      end
    end
    local _, answer = actions.perform(actions.create, project, { name = "gala", input = "https://h/a.flv",
      outputs = { { name = "A", platform = "sekret", key = "sekret" } } }, "zh")
    assert.matches("^推流目标“A”：未知的平台", answer.error)
    assert.is_nil(answer.error:find "sekret")
    assert.are.same({}, calls)
  end)

  it("sends nothing of what is missing, of another type, too long or broken", function()
    local add = actions.of_project.add_output
    for _, body in ipairs { {}, { url = "rtmp://a/k" }, { name = "A", key = {} }, { name = "A", url = 7 },
      { name = "A", url = { "x" } }, { name = "A\n", url = "rtmp://a/k" },
      { name = ("A"):rep(121), url = "rtmp://a/k" } } do
      local project, calls = target(true)
      local status, answer = actions.perform(add, project, body)
      assert.are.same({ 400, "invalid.request" }, { status, answer.code })
      assert.are.same({}, calls)
    end
    assert.are.equal(400, (actions.perform(add, {}, nil)))
    assert.are.equal(400, (actions.perform(add, {}, { name = "A" }, "en")))
    assert.are.equal(400, (actions.perform(actions.create, {}, { name = "n", input = "i", outputs = { "x" } })))
  end)

  it("switches a cast to another of its sources, and no relay to what is no input", function()
    local project, calls = target(true)
    project.category = "MEDIA_CAST"
    assert.are.equal(200, (actions.perform(actions.of_project.switch, project, { to = "s2" })))
    project.category = "STREAM_CONNECT"
    assert.are.equal(400, (actions.perform(actions.of_project.switch, project, { to = "s2" })))
    assert.are.same({ { "switch_source", "s2" } }, calls)
  end)

  it("puts the stop off within bounds", function()
    local project, calls = target(1900)
    local extend = actions.of_project.extend
    assert.are.equal(200, (actions.perform(extend, project, { seconds = 900 })))
    for _, seconds in ipairs { 0, -900, 1 / 0, 0 / 0, 86400 } do
      assert.are.equal(400, (actions.perform(extend, project, { seconds = seconds })))
    end
    assert.are.same({ { "extend", 900 } }, calls)
  end)

  it("tells why not, and by whom, without keys", function()
    for code, expected in pairs { ["invalid.url"] = 400, ["api.FailedOperation"] = 409, ["network.timeout"] = 502 } do
      local project = target(nil, "open 'rtmp://a/live/sekret': no", { code = code })
      local status, answer = actions.perform(actions.of_project.stop, project, {})
      assert.are.same({ expected, { error = "open 'rtmp://a/live/***': no", code = code } }, { status, answer })
    end
  end)

  it("takes a start that is partly done for done, with a warning", function()
    local project = target(true, "started, but: output 'A': refused", { code = "api.x", pending = {} })
    local status, answer = actions.perform(actions.of_project.start, project, {})
    assert.are.same({ 200, { ok = true, warning = "started, but: output 'A': refused" } }, { status, answer })
  end)
end)
