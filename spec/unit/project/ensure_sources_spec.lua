-- SPDX-License-Identifier: MIT

local sources = require "cme.project.ensure_sources"

-- A playlist of one-letter sources, ids "a1", "b2", ... by place.
local function list(letters)
  local made = {}
  for letter in letters:gmatch "." do
    made[#made + 1] = { id = letter .. (#made + 1), url = letter }
  end
  return made
end

local function wanted(letters)
  local made = {}
  for letter in letters:gmatch "." do made[#made + 1] = { url = letter } end
  return made
end

-- The steps in short: +xy@2 adds x and y at place 2, -a1 removes, >x switches.
local function diff(want, there, active)
  local short, plan = {}, {}
  function plan.put(_, _, _, method, given, position)
    if method == "add_source" then
      local urls = {}
      for i, source in ipairs(given) do urls[i] = source.url end
      short[#short + 1] = "+" .. table.concat(urls) .. (position and "@" .. position or "")
    elseif method == "remove_source" then
      short[#short + 1] = "-" .. table.concat(given, "-")
    else
      short[#short + 1] = ">" .. given.url
    end
  end
  local described = { status = active and "working" or "idle", active = active,
    sources = type(there) == "table" and there or list(there) }
  local _, message, detail = sources.diff(plan, wanted(want), described)
  return table.concat(short, " "), message, detail
end

describe("cme.project.ensure_sources", function()
  it("keeps the longest common subsequence; each run of new ones is one insertion, all that go one removal", function()
    for _, case in ipairs {
      { "abc", "abc", "" }, { "abc", "", "+abc" }, { "", "abc", "-a1-b2-c3" }, { "abcd", "abc", "+d" },
      { "xabc", "abc", "+x@1" }, { "axybc", "abc", "+xy@2" }, { "ac", "abc", "-b2" }, { "axc", "abc", "+x@2 -b2" },
      { "cab", "abc", "+c@1 -c3" }, { "aab", "ab", "+a@2" }, { "xaybz", "ab", "+x@1 +y@3 +z" },
      { "xyz", "abc", "+xyz@1 -a1-b2-c3" },
    } do
      assert.are.equal(case[3], diff(case[1], case[2]), case[1] .. " from " .. case[2])
    end
  end)

  it("plays the next wanted one before the one that plays goes", function()
    assert.are.equal(">c -b2", (diff("ac", "abc", "b2")))
    assert.are.equal("-b2", (diff("ac", "abc", "a1")))
    assert.are.equal(">a -c3", (diff("ab", "abc", "c3")))
    assert.are.equal("+xy@1 >x -a1", (diff("xy", "a", "a1")))
    assert.are.equal("+y@2 >y -b2", (diff("ay", "ab", "b2")))
  end)

  it("refuses to leave a running project without sources", function()
    local _, message, detail = diff("", "ab", "a1")
    assert.are.equal("invalid.active_input", detail.code)
    assert.truthy(message:find("stop it first", 1, true))
  end)

  it("makes room first where the service's limit leaves none", function()
    local many = list(("a"):rep(99) .. "b")
    local short = diff(("a"):rep(99) .. "c", many)
    assert.are.equal("-b100 +c", short)
    -- The one that plays cannot go first.
    many = list(("a"):rep(97) .. "bd")
    assert.are.equal("-d99 +cef >c -b98", (diff(("a"):rep(97) .. "cef", many, "b98")):gsub("@%d+", ""), nil)
  end)

  it("notes the ids of what was added, for the steps that refer to it", function()
    local step = { "add_source", { { url = "x" }, { url = "y" } } }
    assert.are.same({ "i1", "i2" }, sources.added(step, { "i1", "i2" }))
    assert.are.equal("i2", step[2][2].id)
    step = { "add_source", { { url = "x" } } }
    assert.are.equal("i1", sources.added(step, "i1"))
    assert.are.equal("i1", step[2][1].id)
    local value, message = sources.added(step, nil, "m", {})
    assert.is_nil(value)
    assert.are.equal("m", message)
  end)
end)
