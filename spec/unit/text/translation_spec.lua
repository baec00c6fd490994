-- SPDX-License-Identifier: MIT

local translation = require "cme.text.translation"

describe("cme.text.translation", function()
  local function whole(text, catalogue)
    return translation.new({ catalogue }):whole(text)
  end

  it("takes a text apart in one go: a placeholder ends where what follows it is first found", function()
    local form = translation.form("%s (since %s: %d)", "%s %s %d")
    assert.are.same({ "a", "b", "3" }, translation.match(form, "a (since b: 3)"))
    assert.are.same({ "a", "", "-3" }, translation.match(form, "a (since : -3)"))
    for _, text in ipairs { "a (since b: 3", "a (since b: x)", "a (since b", "a", "", "a (since b: c: 3)" } do
      assert.is_nil(translation.match(form, text), text)
    end
    assert.are.same({ "it's" }, translation.match(translation.form("'%s': no", "%s"), "'it's': no"))
    assert.are.same({ "1.5" }, translation.match(translation.form("%g s", "%g"), "1.5 s"))
    for _, text in ipairs { "", "5", "5 ss", ". s x" } do
      assert.is_nil(translation.match(translation.form("%g s", "%g"), text), text)
    end
  end)

  it("translates what stands for a placeholder, but not what is in quotes", function()
    local catalogue = { ["stop '%s': %s"] = "停止“%s”：%s", ["it is gone"] = "它不在了" }
    assert.are.equal("停止“it is gone”：它不在了", whole("stop 'it is gone': it is gone", catalogue))
  end)

  it("translates all of a message or nothing of it", function()
    local catalogue = { ["stop '%s': %s"] = "停止“%s”：%s", ["it is gone"] = "它不在了" }
    assert.is_nil(whole("stop 'a': words that nobody knows", catalogue))
    assert.is_nil(whole("it is gone; words that nobody knows", catalogue))
    assert.are.equal("它不在了；停止“a”：它不在了", whole("it is gone; stop 'a': it is gone", catalogue))
  end)

  it("keeps names, numbers and what is Chinese already", function()
    local catalogue = { ["%s: ended"] = "%s：已结束" }
    for _, name in ipairs { "gala", "12 / 3", "rtmp://h/a/b", "项目“my evening show”" } do
      assert.are.equal(name .. "：已结束", whole(name .. ": ended", catalogue))
    end
    assert.is_nil(whole("the project of mine 项目: ended", catalogue))
  end)

  it("keeps the name that a message begins with", function()
    assert.are.equal("DescribeProjects：它不在了", whole("DescribeProjects: it is gone", { ["it is gone"] = "它不在了" }))
    assert.are.equal("CME_HOME：Ab.2：它不在了", whole("CME_HOME: Ab.2: it is gone", { ["it is gone"] = "它不在了" }))
  end)

  it("does bounded work, whatever a stranger writes", function()
    local catalogue = { ["%s: %s"] = "%s：%s", ["%s (%s)"] = "%s（%s）", ["%s, %s"] = "%s，%s", ["gone away"] = "不在了" }
    local count, line = 0, "^(.*) %((%l+%.[%l_]+)%)$"
    local match = string.match
    string.match = function(text, pattern, ...) -- luacheck: ignore 122
      if pattern == line then count = count + 1 end
      return match(text, pattern, ...)
    end
    for _, text in ipairs { ("a b: c d (e f), "):rep(200), ("x y; "):rep(800), ("%s: "):rep(1000) } do
      whole(text, catalogue)
    end
    string.match = match -- luacheck: ignore 122
    assert.is_true(count <= 3 * 48, count)
  end)
end)
