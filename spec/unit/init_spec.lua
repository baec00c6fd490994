-- SPDX-License-Identifier: MIT

local fake = require "spec.support.fakes.fake"

-- Loads the module anew with the host's functions replaced, and puts everything back.
local function with_fresh_module(host, body)
  local loaded, kept = {}, {}
  for name, module in pairs(package.loaded) do
    if name == "cme" or name:match "^cme%." then loaded[name] = module end
  end
  for name in pairs(loaded) do package.loaded[name] = nil end
  for library, functions in pairs(host) do
    kept[library] = {}
    for name, replacement in pairs(functions) do
      kept[library][name], library[name] = library[name], replacement
    end
  end
  local ok, message = pcall(body)
  for library, functions in pairs(kept) do
    for name, original in pairs(functions) do library[name] = original end
  end
  for name in pairs(package.loaded) do
    if name == "cme" or name:match "^cme%." then package.loaded[name] = nil end
  end
  for name, module in pairs(loaded) do package.loaded[name] = module end
  if not ok then error(message, 0) end
end

local function forbidden(name)
  return function() error("the module used " .. name, 0) end
end

local POISON = {
  [os] = { getenv = forbidden "os.getenv", time = forbidden "os.time", clock = forbidden "os.clock",
    execute = forbidden "os.execute", tmpname = forbidden "os.tmpname" },
  [io] = { open = forbidden "io.open", lines = forbidden "io.lines", popen = forbidden "io.popen",
    write = forbidden "io.write", read = forbidden "io.read" },
  [_G] = { print = forbidden "print", dofile = forbidden "dofile", loadfile = forbidden "loadfile" },
}

describe("cme", function()
  it("does nothing but load when it is required", function()
    with_fresh_module(POISON, function()
      local cme = require "cme"
      assert.are.equal(require "cme.version", cme.version)
      assert.is_nil(package.loaded["cme.http"])
      assert.is_nil(package.loaded["cme.sign"])
      assert.is_nil(package.loaded["cme.net.transport.curl"])
    end)
  end)

  it("loads tasks, projects and failures when they are asked for", function()
    with_fresh_module(POISON, function()
      local cme = require "cme"
      for _, name in ipairs { "cme.task", "cme.project", "cme.codes", "cme.redact" } do
        assert.is_nil(package.loaded[name], name)
      end
      assert.are.equal(require "cme.task".run, cme.run)
      for _, name in ipairs { "embed", "spawn", "parallel", "sleep", "sleep_until", "wait", "signal", "locks" } do
        assert.is_function(cme[name], name)
      end
      assert.is_nil(cme.runn)
    end)
  end)

  it("reads the environment at the first client", function()
    local asked = {}
    local environment = fake.system { CME_PLATFORM = "env", CME_ENDPOINT = "http://127.0.0.1:9",
      TENCENTCLOUD_SECRET_ID = fake.SECRET_ID, TENCENTCLOUD_SECRET_KEY = fake.SECRET_KEY }
    with_fresh_module({ [os] = { getenv = function(name)
      asked[name] = (asked[name] or 0) + 1
      return environment.getenv(name)
    end }, [io] = { open = forbidden "io.open" } }, function()
      local cme = require "cme"
      assert.is_nil(next(asked))
      local show = cme.project "p1"
      assert.are.equal("env", show.client.platform)
      assert.are.equal("http://127.0.0.1:9/", show.client.endpoint)
      assert.are.equal(show.client, cme.project("p2").client)
      assert.are.equal(1, asked.CME_PLATFORM)
      assert.is_nil(package.loaded["cme.http"])
    end)
  end)

  it("raises at the caller's line", function()
    local cme = require "cme"
    for _, call in ipairs {
      { function() return cme.client { timeot = 1 } end, "option 'timeot': unknown (did you mean 'timeout'?)" },
      { function() cme.sleep "1" end, "cme.sleep: a number of seconds is needed" },
      { function() cme.sleep(-1) end, "cme.sleep: a number of seconds is needed" },
      { function() cme.sleep(0 / 0) end, "cme.sleep: a number of seconds is needed" },
    } do
      local ok, message = pcall(function() local _ = call[1]() end)
      assert.is_false(ok)
      assert.truthy(message:find("init_spec.lua:%d+: "), message)
      assert.truthy(message:find(call[2], 1, true), message)
    end
  end)
end)
