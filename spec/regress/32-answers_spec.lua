-- SPDX-License-Identifier: MIT
-- One bad byte in a message, or one number too large for a double in a member that nobody here knows, cost the whole
-- answer: of a write "not known whether it was done", though the answer said so.

require "spec.support.paths"
local answer = require "cme.api.answer"
local fake = require "spec.support.fakes.fake"
local json = require "cme.json"

local BAD = "\239\191\189"

local function read(body)
  return answer.read(fake.http(body), { action = "CreateProject", host = "cme.example", secret_id = "id", now = 0 })
end

describe("an answer", function()
  for what, message in pairs {
    ["a byte of another encoding"] = "\196\227\186\195 bad", ["a cut character"] = "bad \228\184",
    ["an overlong form"] = "\192\175 bad", ["a surrogate in bytes"] = "\237\160\189 bad",
    ["half of a surrogate pair"] = "x \\ud83d y", ["the other half"] = "x \\uDE00 y",
    ["halves in the wrong order"] = "x \\ude00\\ud83d y", ["a NUL"] = "x \0 y",
  } do
    it("of a refusal with " .. what .. " in its message gives its code", function()
      local response, said, detail = read('{"Response":{"Error":{"Code":"FailedOperation","Message":"' .. message
        .. '"},"RequestId":"r"}}')
      assert.is_nil(response)
      assert.equal("api.FailedOperation", detail.code)
      assert.equal("r", detail.request_id)
      assert.is_nil(detail.unknown_outcome)
      assert.is_truthy(said:find(BAD, 1, true))
      assert.is_number(utf8.len(said))
    end)
  end

  for what, member in pairs {
    ["a number past 2^53"] = '"Uin":1618065507111835497', ["a float at 2^53"] = '"Cost":9007199254740992.0',
    ["a number past all bounds"] = '"Cost":-1e400',
    ["one deep inside"] = '"New":[{"Uin":[1618065507111835497]},"1e400"]',
  } do
    it("with " .. what .. " in an unknown member gives what is known", function()
      local response = assert(read('{"Response":{' .. member .. ',"ProjectId":"cmepid_1","RequestId":"r"}}'))
      assert.equal("cmepid_1", response.ProjectId)
    end)
  end

  it("keeps each digit of such a number, as text", function()
    local response = assert(read('{"Response":{"ProjectId":"p","Uin":1618065507111835497,"L":[],'
      .. '"T":"7,18446744073709551615"}}'))
    assert.equal("1618065507111835497", response.Uin)
    assert.equal("7,18446744073709551615", response.T)
    assert.equal("[]", json.encode(response.L))
  end)

  it("with whole characters beside the bad one keeps them", function()
    local value = assert(json.decode_answer '{"A":"好\255\\ud83d\\ude00\\ud83d\\\\ud83d 直"}')
    assert.equal("好" .. BAD .. "😀" .. BAD .. "\\ud83d 直", value.A)
  end)

  it("of backslashes is read in a time that grows with its length alone", function()
    local steps, find = 0, string.find
    string.find = function(...) -- luacheck: ignore 122
      steps = steps + 1
      return find(...)
    end
    local mended = require "cme.text.json_mend"(("\\"):rep(100001) .. "ud83d\0")
    string.find = find -- luacheck: ignore 122
    assert.equal(("\\"):rep(100000) .. BAD .. BAD, mended)
    assert.is_true(steps <= 50002, steps)
  end)

  it("that is no JSON in another way is still none", function()
    for _, body in ipairs { "\255", '{"A":"\255', '{"A":\255}' } do
      local value, message = json.decode_answer(body)
      assert.is_nil(value)
      assert.matches("^json: ", message)
    end
  end)
end)
