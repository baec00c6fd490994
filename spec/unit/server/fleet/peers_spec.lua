-- SPDX-License-Identifier: MIT
-- What nodes ask of each other: a request is done once, by the life of the node that it was for.

local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local peers = require "cme.server.fleet.peers"
local sign = require "cme.sign"

local MEMBER = { id = "b", life = "b1", name = "node-b", api = "http://10.0.0.2:8156" }
local STOP = { action = "HandleStreamConnectProject", params = { Operation = "Stop" }, request_id = "r" }

describe("cme.server.fleet.peers", function()
  local ring, sent, answering

  local function new(id, life)
    local transport = {}
    function transport.request(_, request)
      sent[#sent + 1] = request.body
      local asked = answering and answering:read(request.body)
      if not asked then return { status = 403, body = "" } end
      return { status = 200, body = answering:answer(asked.nonce, { Done = asked.params.Operation }) }
    end
    return peers.new { ring = ring, id = id, life = life, transport = transport }
  end

  local function ask(from, member, request)
    local answer
    luv.run(function()
      answer = table.pack(from:ask(member, request, 5, function() return true end))
    end)
    return table.unpack(answer, 1, 3)
  end

  before_each(function() ring, sent, answering = assert(sign.keyring(("0f"):rep(32))), {}, nil end)

  it("ask and answer", function()
    answering = new("b", "b1")
    assert.are.same({ Done = "Stop" }, ask(new("a", "a1"), MEMBER, STOP))
    local ok, _, detail = ask(new("a", "a1"), { id = "c", life = "b1", name = "c", api = "http://c" }, STOP)
    assert.are.same({ nil, "server.fleet.answer", true }, { ok, detail.code, detail.silent })
  end)

  it("do what is sent again no second time, nor in another life", function()
    answering = new("b", "b1")
    ask(new("a", "a1"), MEMBER, STOP)
    assert.is_nil(answering:read(sent[1]))
    assert.is_nil(new("b", "b2"):read(sent[1]))
    assert.is_nil(new("b", nil):read(sent[1]))
  end)

  it("do it no second time after any number of other requests", function()
    answering = new("b", "b1")
    local a = new("a", "a1")
    ask(a, MEMBER, STOP)
    for i = 2, 21000 do
      local body = assert(ring:seal("request/b/b1", json.encode { from = "a1", number = i, nonce = "n" .. i,
        action = "A", params = json.object {} }))
      assert.is_table(answering:read(body))
    end
    assert.is_nil(answering:read(sent[1]))
  end)

  it("take requests that overtake each other, within bounds", function()
    local b = new("b", "b1")
    local function read(from, number)
      return b:read(assert(ring:seal("request/b/b1", json.encode { from = from, number = number, nonce = "n",
        action = "A", params = json.object {} }))) ~= nil
    end
    for _, case in ipairs { { 3, true }, { 1, true }, { 3, false }, { 1, false }, { 2, true }, { 2, false },
      { 4, true }, { 20000, true }, { 9999, false }, { 10001, true }, { 10001, false } } do
      assert.are.equal(case[2], read("a1", case[1]), case[1])
    end
    assert.is_true(read("a2", 1)) -- of another life of the one who asks
    assert.is_false(read(nil, 1))
    assert.is_false(read("a1", "7"))
  end)
end)
