-- SPDX-License-Identifier: MIT
-- The service looks at what viewers of its projects see, and at what the inputs show: main turns black, the broadcast
-- is taken to its backup and stays there, and it is told with a picture.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local cme = require "cme"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"

local FILM, TURNS = 60, 26 -- seconds of a film, and when it turns black
local SEED = 7
local PATIENCE = 120 -- seconds for what takes thirty on an idle machine
local BLACK = { picture = ("drawbox=c=black:t=fill:enable='gte(t,%d)'"):format(TURNS), state = "black" }

describe("cme serve looks at what viewers see", function()
  local platform, own, client, hook
  local sources = {}

  setup(function()
    local folder = proc.folder()
    platform = nginx.start { apps = { "src", "a" } }
    hook = receiver.start()
    own = service.start { args = { "--webhook", hook.url, "--failback", "1s" } }
    client = assert(cme.client(own:client_options()))
    local main = broadcasts.make(folder .. "/main.flv", BLACK, FILM, SEED)
    local backup = broadcasts.make(folder .. "/backup.flv", broadcasts.GOOD.film, FILM, SEED)
    sources[1] = broadcasts.publish(platform:url("src", "main"), main)
    sources[2] = broadcasts.publish(platform:url("src", "backup"), backup)
    platform:expect_publish("src", 2)
  end)

  teardown(function()
    if own then own:stop() end
    if hook then hook:down() end
    for _, each in ipairs(sources) do each:stop() end
    if platform then platform:stop() end
    assert.are.same({}, proc.cleanup())
  end)

  -- What was told of looks so far, by "WHERE STATUS".
  local function told()
    local found = {}
    for _, post in ipairs(hook.got) do
      local content = (cjson.decode(post.body)).ServiceLookChangedEvent
      if content then found[(content.EndPoint or content.Name) .. " " .. content.Status] = content end
    end
    return found
  end

  local function fetch(url)
    local code, out = proc.run({ "curl", "-s", "-o", "-", "-w", "%{http_code} %{content_type}", url }, { timeout = 20 })
    assert.equal(0, code)
    return out
  end

  it("leaves main that turns black, stays away from it, and tells it with a picture", function()
    local show = client:project { name = "looked", owner = "o", input = platform:url("src", "main"),
      backup = platform:url("src", "backup"), look_inputs = true, failover_on = { "black" }, failover_on_after = 1,
      outputs = { { name = "A", url = platform:url("a", "out"), watch = platform:url("a", "out") } } }
    assert(show:start())
    local seen = {}
    proc.eventually(function() return "the backup on the air: " .. cjson.encode(seen) end, PATIENCE, function()
      seen = assert(show:health())
      return seen.active == "backup" and told()["Main Black"]
    end)
    assert.equal("black", seen.inputs.main.look.state)
    assert.equal("look.black", seen.inputs.main.look.error.code)
    local content = told()["Main Black"]
    assert.same({ "look.black", "viewers see a black picture", show.id },
      { content.Code, content.Reason, content.ProjectId })
    assert.matches("^\xff\xd8.*200 image/jpeg$", fetch(content.Picture))
    assert.matches("404 text/plain$", fetch((content.Picture:gsub("%x%x%x%x%.jpg", "0000.jpg"))))

    -- Packets of main come all the while, and the engine would go back to it after a second.
    proc.eventually(function() return "viewers to see the backup: " .. cjson.encode(seen) end, PATIENCE, function()
      seen = assert(show:health())
      local look = seen.outputs[1].look
      return look and look.good and look.picture
    end)
    assert.same({ "backup", "live", "black" }, { seen.active, seen.inputs.main.state, seen.inputs.main.look.state })
    assert.matches("^\xff\xd8.*200 image/jpeg$", fetch(seen.outputs[1].look.picture))
    local code, out = proc.run({ "bin/cme", "status", show.id }, { env = own:environment(), timeout = 30 })
    assert.equal(0, code)
    assert.matches("VIEWERS", out)
    assert.matches("A +1 +live +fine", out)

    assert(show:switch "main")
    local looks, last = 0, seen.inputs.main.look.time
    proc.eventually(function() return "three looks at main: " .. cjson.encode(seen) end, PATIENCE, function()
      seen = assert(show:health())
      assert.equal("main", seen.active) -- whoever chose it may have it black
      local look = seen.inputs.main.look
      if look and look.time ~= last then looks, last = looks + 1, look.time end
      return looks == 3
    end)
    assert(show:stop())
  end)
end)
