-- SPDX-License-Identifier: MIT
local file = require "cme.show.file"

local system = {
  getenv = function(name) return name == "KEY" and "rtmp://h.example/live/k" or nil end,
  open = io.open,
}

local function parse(text)
  return file.parse(text, "tonight.lua", system)
end

local function refused(text, pattern)
  local show, message, detail = parse(text)
  assert.is_nil(show)
  assert.equal("invalid.show", detail.code)
  assert.matches("^show 'tonight.lua': ", message)
  assert.matches(pattern, message)
end

describe("cme.show.file", function()
  it("reads a plan and fills in what it leaves out", function()
    local show = assert(parse [[return {
      project = { name = "n", owner = "o", outputs = { env "KEY" } },
      start_at = "2026-11-22T20:00:00+08:00",
      stop_at = { date = "2026-11-22", time = "22:00", zone = "Asia/Shanghai" },
      failover = { after = 3 },
    }]])
    assert.equal("rtmp://h.example/live/k", show.project.outputs[1])
    assert.equal(7200, show.stop_at - show.start_at)
    assert.same({ after = 3, failback_after = false }, show.failover)
    assert.same({ after = 10 }, show.alerts)
    assert.same({ ahead = 600 }, show.checks)
    assert.equal("leave", show.on_sigterm)
    assert.equal("alert", show.if_stopped)
    assert.equal("tonight.lua", show.path)
  end)

  it("takes how to look at what viewers see", function()
    local show = assert(parse [[return { project = {}, stop_at = 1, look_source = false,
      on_look = { gone = "kick" } }]])
    assert.same({ 10, false, { gone = "kick" } }, { show.look_every, show.look_source, show.on_look })
    refused("return { project = {}, stop_at = 1, on_look = { blak = 'kick' } }", "did you mean 'black'")
    refused("return { project = {}, stop_at = 1, on_look = { gone = 'restart' } }", "gone: must be kick")
    refused("return { project = {}, stop_at = 1, look_every = 0 }", "1 to 3600")
    refused("return { project = {}, stop_at = 1, look_source = 'gopher://h/x' }", "scheme")
  end)

  it("takes failover = false", function()
    assert.is_false(assert(parse "return { project = {}, stop_at = 1, failover = false }").failover)
  end)

  it("has no globals that reach out of it", function()
    for _, name in ipairs { "os", "io", "require", "package", "debug", "load", "loadstring", "dofile", "loadfile",
      "print", "_G", "getmetatable", "setmetatable", "rawset", "collectgarbage", "coroutine", "pcall" } do
      local show, message = parse(("assert(%s == nil) return { project = {}, stop_at = 1 }"):format(name))
      assert.are.equal(_G[name] == nil, show ~= nil, name)
      assert(show or message:find("a show file has no '" .. name .. "'", 1, true), message)
    end
    refused("return string.dump(function() end)", "dump")
    refused("\27Lua", "line")
  end)

  it("does not let a file change the libraries of others", function()
    assert(parse "string.format = nil table.concat = nil return { project = {}, stop_at = 1 }")
    assert.is_function(string.format)
    assert.is_function(table.concat)
  end)

  it("stops a file that does not come to an end", function()
    refused("while true do end", "does not come to an end")
  end)

  it("stops a function of it that does not come to an end, each call for itself", function()
    local show = assert(parse [[return { project = {}, stop_at = 1,
      hooks = { started = function(event) while event.turn do end end },
      alerts = { call = function() error "mine" end } }]])
    show.hooks.started {}
    assert.has_error(function() show.hooks.started { turn = true } end, "it does not come to an end")
    show.hooks.started {}
    assert.has_error(function() show.alerts.call {} end, "mine")
  end)

  it("names what is wrong, and where", function()
    refused("return {\n  project = ,\n}", "line 2:")
    refused("local x = nil\nreturn { project = x.y }", "2:")
    refused("return 5", "must return a table")
    refused("return { stop_at = 1 }", "option 'project': missing")
    refused("return { project = {} }", "option 'stop_at': missing")
    refused("return { project = {}, stop_at = 1, start_a = 2 }",
      "option 'start_a': unknown %(did you mean 'start_at'%?%)")
    refused("return { project = {}, stop_at = 1, failover = true }", "false or a table")
    refused("return { project = {}, stop_at = 1, failover = { after = 0 } }", "failover: option 'after'")
    refused("return { project = {}, stop_at = 1, on_sigterm = 'no' }", "leave, stop")
    refused("return { project = {}, stop_at = 1, alerts = { command = {} } }", "a program and its arguments")
    refused("return { project = {}, stop_at = 1, alerts = { webhook = 'ftp://h' } }", "an http or https URL is needed")
    refused("return { project = {}, stop_at = '22:00' }", "stop_at: time '22:00'")
    refused("return { project = {}, stop_at = 5, start_at = 5 }", "is not after start_at")
    refused("return { project = {}, stop_at = { date = '2026-11-22', time = '22:00', zone = 'Asia/Peking' } }",
      "zone 'Asia/Peking': this machine does not know it")
    refused("return { project = {}, stop_at = { date = '2026-11-22', hour = 1, zone = 'Asia/Shanghai' } }",
      "stop_at: option 'hour': unknown")
    refused("return { project = { outputs = { env 'NOT_SET' } }, stop_at = 1 }",
      "1: the environment variable NOT_SET is not set")
  end)

  it("keeps stream keys out of what a file raises", function()
    refused('error("not " .. env "KEY" .. "hush")', "not rtmp://h.example/live/%*%*%*$")
  end)

  it("says that a file is not there", function()
    local _, message, detail = file.load("/nonexistent/tonight.lua", system)
    assert.equal("show '/nonexistent/tonight.lua': No such file or directory", message)
    assert.equal("invalid.not_found", detail.code)
  end)
end)
