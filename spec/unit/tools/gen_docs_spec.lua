-- SPDX-License-Identifier: MIT
-- tools/gen_docs.lua: what it reads, and that what is committed is what it makes.

local generator = dofile "tools/gen_docs.lua"
local read = require "spec.support.files".read
local schema = require "cme.schema"

local SOURCE = [=[
-- SPDX-License-Identifier: MIT
-- Boats: what floats.
-- More of it.
--
--   local boats = require "boats"
--   boats.launch()

local boats = {}

---@class boats.boat: boats.thing a thing that floats
---@field name string|nil what it is called,
--- and where
---@field sink fun(self: boats.boat, at: number): boolean|nil, string|nil
---@field crew { name: string, age: integer }[] aboard
---@field _secret string
local Boat = {}

-- A helper.
---@param x number
local function helper(x) return x end

--- Launches a boat
--- at once.
---@param name "a"|"b c"|nil its name
---@param how (fun(): number)|table<string, boats.boat> in what way
---@return boats.boat|nil boat the one
---@return string? message, table? detail why not
---@usage local boat = boats.launch("a") --> boat
function boats.launch(name, how) end

--- Sinks it.
function Boat:sink(...) end

--- Not shown.
function Boat:_hide() end

function boats.undocumented() end
]=]

describe("tools/gen_docs.lua", function()
  local file = generator.read(SOURCE)

  it("reads the head: prose and code apart", function()
    assert.are.same({ { text = "Boats: what floats. More of it." },
      { code = { 'local boats = require "boats"', "boats.launch()" } } }, file.head)
  end)

  it("reads a class, its parent and its fields, whatever their types", function()
    local class = file.classes[1]
    assert.are.same({ "boats.boat", "boats.thing", "a thing that floats" }, { class.name, class.parent, class.text })
    assert.are.same({
      { name = "name", type = "string|nil", text = "what it is called, and where" },
      { name = "sink", type = "fun(self: boats.boat, at: number): boolean|nil, string|nil", text = "" },
      { name = "crew", type = "{ name: string, age: integer }[]", text = "aboard" },
      { name = "_secret", type = "string", text = "" },
    }, class.fields)
  end)

  it("reads documented functions, their parameters, results and use", function()
    assert.are.equal(2, #file.functions)
    local launch, sink = file.functions[1], file.functions[2]
    assert.are.same({ "boats", ".", "launch", "(name, how)", "Launches a boat at once." },
      { launch.owner, launch.separator, launch.name, launch.arguments, launch.text })
    assert.are.same({
      { name = "name", type = '"a"|"b c"|nil', text = "its name" },
      { name = "how", type = "(fun(): number)|table<string, boats.boat>", text = "in what way" },
    }, launch.params)
    assert.are.same({
      { name = "boat", type = "boats.boat|nil", text = "the one" },
      { name = "message", type = "string?", text = "" },
      { name = "detail", type = "table?", text = "why not" },
    }, launch.returns)
    assert.are.equal('local boat = boats.launch("a") --> boat', launch.usage)
    assert.are.same({ "boat", ":", "sink", "(...)" }, { sink.owner, sink.separator, sink.name, sink.arguments })
  end)

  describe("on the client's sources", function()
    local files = generator.sources()
    local page = generator.page(files, schema)

    it("makes docs/api.md as it is committed (else run lua5.4 tools/gen_docs.lua)", function()
      assert.is_true(page == read "docs/api.md", "docs/api.md is stale: run lua5.4 tools/gen_docs.lua")
    end)

    it("makes lua/cme/_meta/actions.lua as it is committed (else run lua5.4 tools/gen_docs.lua)", function()
      local actions = generator.actions(schema)
      assert.is_true(actions == read "lua/cme/_meta/actions.lua",
        "lua/cme/_meta/actions.lua is stale: run lua5.4 tools/gen_docs.lua")
    end)

    it("finds no class described twice", function()
      assert.are.same({}, select(2, generator.classes(files)))
    end)

    it("shows every action, and the calls that people make", function()
      for _, names in ipairs { schema.action_names, schema.local_action_names } do
        for _, name in ipairs(names) do assert.truthy(page:find("| `" .. name .. "` |", 1, true), name) end
      end
      for _, call in ipairs { "cme.client(given)", "client:call(name, params", "project:start(given)",
        "cme.credentials.assume_role(given)", "cme.event.receive(delivery)", "cme.live_url.push(given)",
        "client:projects(given)", "relay_project:switch(to, given)" } do
        assert.truthy(page:find("\n### " .. call, 1, true), call)
      end
      for _, type_name in ipairs { "cme.detail", "cme.client.options", "cme.event", "cme.credential" } do
        assert.truthy(page:find("\n### " .. type_name .. "\n", 1, true), type_name)
      end
    end)

    it("types every field of every action for editors", function()
      local actions = generator.actions(schema)
      for _, name in ipairs(schema.action_names) do
        local class = actions:match("%-%-%-@class cme%.api%." .. name .. "Request\n(.-)\n\n")
        for _, field in ipairs(schema.actions[name].request) do
          assert.truthy(class:find("---@field " .. field.name, 1, true), name .. "." .. field.name)
        end
      end
      for named in actions:gmatch "cme%.api%.[%w]+" do
        assert.truthy(actions:find("---@class " .. named .. "\n", 1, true), named)
      end
    end)

    it("finds every use to be Lua", function()
      local count = 0
      for path, source in pairs(files) do
        for _, fn in ipairs(source.functions) do
          if fn.usage then
            count = count + 1
            local ok, why = load(fn.usage)
            if not ok then ok, why = load("return " .. fn.usage) end
            assert.is_truthy(ok, ("%s: %s: %s"):format(path, fn.name, why))
          end
        end
      end
      assert.is_true(count > 5)
    end)
  end)
end)
