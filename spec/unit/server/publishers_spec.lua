-- SPDX-License-Identifier: MIT

local publishers = require "cme.server.publishers"

describe("cme.server.publishers", function()
  local now, told, subject

  before_each(function()
    now, told = 1000, {}
    subject = publishers.new(function() return now end, function(id, info) told[#told + 1] = { id, info } end)
  end)

  local function refused(code, endpoint)
    subject:event("p", endpoint or "main", { state = "refused", code = code, reason = "words of " .. code,
      address = "192.0.2.1:5", parts = { Code = "x" } })
  end

  it("tells once who is refused and why, until it is another reason or an encoder was admitted", function()
    refused "publish.key_expired"
    refused "publish.key_expired"
    assert.are.same({ { "p", { EndPoint = "Main", Address = "192.0.2.1:5", Code = "publish.key_expired",
      Reason = "words of publish.key_expired" } } }, told)
    refused("publish.key_expired", "backup")
    refused "publish.busy"
    assert.are.same({ "Backup", "Main" }, { told[2][2].EndPoint, told[3][2].EndPoint })
    subject:event("p", "main", { state = "admitted" })
    subject:event("p", "main", { state = "ended", code = "network.reset" })
    refused "publish.busy"
    assert.are.equal(4, #told)
  end)

  it("knows why nothing comes for as long as the encoder tries", function()
    assert.is_nil(subject:refusal("p", "main"))
    refused "publish.key_expired"
    now = now + 60
    assert.are.same({ code = "publish.key_expired", message = "words of publish.key_expired", parts = { Code = "x" },
      at = 1000 }, subject:refusal("p", "main"))
    assert.is_nil(subject:refusal("p", "backup"))
    now = now + 1
    assert.is_nil(subject:refusal("p", "main"))
    refused "publish.key_expired"
    assert.is_table(subject:refusal("p", "main"))
    subject:event("p", "main", { state = "admitted" })
    assert.is_nil(subject:refusal("p", "main"))
  end)

  it("remembers a bounded number", function()
    for i = 1, 5000 do subject:event("p" .. i, "main", { state = "refused", code = "c" }) end
    assert.is_nil(subject:refusal("p1", "main"))
    assert.is_table(subject:refusal("p5000", "main"))
  end)
end)
