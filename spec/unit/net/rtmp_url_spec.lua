-- SPDX-License-Identifier: MIT
-- The table is shared with spec/c/rtmp/url_test.c.

local rtmp_url = require "cme.net.rtmp_url"

local function fields(line)
  local list = {}
  for field in (line .. "\t"):gmatch "([^\t]*)\t" do list[#list + 1] = field end
  return list
end

describe("cme.net.rtmp_url", function()
  for line in io.lines "spec/fixtures/rtmp_url.tsv" do
    local row = fields(line)
    it("takes apart or refuses " .. row[1]:gsub("%c", "?"), function()
      local parts, fact = rtmp_url.parse(row[1])
      if #row == 2 then return assert.are.equal(row[2], tostring(fact)) end
      assert.is_nil(fact)
      assert.are.same({ tls = row[1]:lower():find("^rtmps:") ~= nil, login = row[1]:find("@", 1, true) ~= nil,
        host = row[2], port = tonumber(row[3]), app = row[4], key = row[5] }, parts)
    end)
  end

  it("bounds every part", function()
    local long = { host = "rtmp://%s/a/k", application = "rtmp://h/%s/k", ["stream key"] = "rtmp://h/a/%s" }
    for name, url in pairs(long) do
      local _, fact = rtmp_url.parse(url:format(("x"):rep(2048)))
      assert.are.equal(("the %s in the URL is too long"):format(name), tostring(fact))
    end
  end)
end)
