-- SPDX-License-Identifier: MIT
-- What viewers are compared with follows the input on the air: a switch to a backup that shows a slide leaves nobody
-- frozen, though main goes on moving.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local cme = require "cme"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"

local FILM, SEED = 60, 9
local PATIENCE = 120 -- seconds for what takes thirty on an idle machine

describe("cme serve compares viewers with the input on the air", function()
  local platform, own, client, hook

  setup(function()
    local folder = proc.folder()
    platform = nginx.start { apps = { "src", "a" } }
    hook = receiver.start()
    own = service.start { args = { "--webhook", hook.url } }
    client = assert(cme.client(own:client_options()))
    for name, kind in pairs { main = broadcasts.GOOD.film, backup = broadcasts.GOOD.slide } do
      local film = broadcasts.make(("%s/%s.flv"):format(folder, name), kind, FILM, SEED)
      broadcasts.publish(platform:url("src", name), film)
    end
    platform:expect_publish("src", 2)
  end)

  teardown(function()
    if own then own:stop() end
    if hook then hook:down() end
    proc.stop_all()
    assert.are.same({}, proc.cleanup())
  end)

  -- States that were told of what viewers of A see.
  local function told()
    local list = {}
    for _, post in ipairs(hook.got) do
      local content = cjson.decode(post.body).ServiceLookChangedEvent
      if content and content.Name == "A" then list[#list + 1] = content.Status end
    end
    return list
  end

  it("after a switch, too", function()
    local show = client:project { name = "switched", owner = "o", input = platform:url("src", "main"),
      backup = platform:url("src", "backup"),
      outputs = { { name = "A", url = platform:url("a", "out"), watch = platform:url("a", "out") } } }
    assert(show:start())
    local look
    local function expect(what, check)
      proc.eventually(function() return what .. ": " .. cjson.encode(look or {}) end, PATIENCE, function()
        look = assert(show:health()).outputs[1].look
        return look and check()
      end)
    end
    expect("viewers beside main", function() return look.state == "ok" and look.delay end)
    assert(show:switch "backup")
    expect("viewers to see a slide", function() return look.state == "still" end)
    assert.same({}, told())
    assert(show:stop())
  end)
end)
