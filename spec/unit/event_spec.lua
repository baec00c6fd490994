-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local event = require "cme.event"
local json = require "cme.json"
local schema = require "cme.schema"
local sign = require "cme.sign"

local NOW = 1795356000
local SECRET = "whsec-hush-hush"

local START = [[{"EventType":"Project.StreamConnect.StatusChanged","Operator":"3fa6b09e",
  "ProjectStreamConnectStatusChangedEvent":{"ProjectId":"p1","Status":"Working","InputInterruptInfo":null,
  "OutputInterruptInfo":null},"StorageNewFileCreatedEvent":{"FileId":"","Owner":{"Type":"","Id":""}},
  "MaterialImportedEvent":null,"New":{"x":[]}}]]
local INPUT = [[{"EventType":"Project.StreamConnect.StatusChanged","Operator":"cmeid_system",
  "ProjectStreamConnectStatusChangedEvent":{"ProjectId":"p1","Status":"InputInterrupted",
  "InputInterruptInfo":{"EndPoint":"Backup"}}}]]
local OUTPUT = [[{"EventType":"Project.StreamConnect.StatusChanged","ProjectStreamConnectStatusChangedEvent":
  {"ProjectId":"p1","Status":"OutputInterrupted","OutputInterruptInfo":
  {"Id":"2","Name":"推流2","Url":"rtmp://h/a/key"}}}]]
local CAST = [[{"EventType":"Project.MediaCast.StatusChanged","ProjectMediaCastStatusChangedEvent":{"ProjectId":"p2",
  "Status":"DestinationInterrupted","DestinationInterruptInfo":{"DestinationInfo":{"Id":"d","Name":"n",
  "PushUrl":"rtmp://h/a/key"},"Reason":"SystemError"}}}]]
local CAST_SOURCE = [[{"EventType":"Project.MediaCast.StatusChanged","ProjectMediaCastStatusChangedEvent":
  {"ProjectId":"p2","Status":"SourceInterrupted","SourceInterruptInfo":{"SourceInfo":{"Id":"s","Type":"EXTERNAL",
  "Url":"http://h/a.mp4"},"Reason":"Unknown"}}}]]

local CHANGED = '{"EventType":"Project.Switcher.StatusChanged","ProjectSwitcherStatusChangedEvent":%s}'

local function delivery(body, more)
  local given = { secret = SECRET, headers = event.headers(SECRET, NOW, "e1", body), body = body, now = NOW }
  for name, value in pairs(more or {}) do given[name] = value end
  return given
end

describe("cme.event", function()
  describe("parse", function()
    it("reads a project's start", function()
      local found = assert(event.parse(START))
      assert.are.same({ "Project.StreamConnect.StatusChanged", "3fa6b09e", "p1", "working" },
        { found.type, found.operator, found.project, found.status })
      assert.is_nil(found.endpoint)
      assert.is_nil(found.output)
      assert.are.equal(json.null, found.raw.MaterialImportedEvent)
      assert.are.equal("{\"x\":[]}", json.encode(found.raw.New))
    end)

    it("reads interruptions: which input, which output", function()
      local found = assert(event.parse(INPUT))
      assert.are.same({ "input_interrupted", "backup", "cmeid_system" },
        { found.status, found.endpoint, found.operator })
      found = assert(event.parse(OUTPUT))
      assert.are.same({ "output_interrupted", { id = "2", name = "推流2", url = "rtmp://h/a/key" } },
        { found.status, found.output })
      found = assert(event.parse(CAST))
      assert.are.same({ "p2", "destination_interrupted", "SystemError" }, { found.project, found.status, found.reason })
      assert.are.same({ id = "d", name = "n", url = "rtmp://h/a/key" }, found.output)
      found = assert(event.parse(CAST_SOURCE))
      assert.are.same({ "source_interrupted", "Unknown", "s" }, { found.status, found.reason, found.source.Id })
    end)

    it("knows every type of the service, and what belongs to it", function()
      local members = schema.index(schema.objects.EventContent)
      local types = { "Storage.NewFileCreated", "Project.StreamConnect.StatusChanged", "Project.Switcher.StatusChanged",
        "Material.Imported", "Material.Added", "Material.Moved", "Material.Modified", "Material.Deleted",
        "Class.Created", "Class.Moved", "Class.Deleted", "Task.VideoExportCompleted",
        "Project.MediaCast.StatusChanged" }
      local body = {}
      for name, field in pairs(members) do
        if field.type == "object" then body[name] = { ProjectId = "p", Status = "Stopped", from = name } end
      end
      local seen = {}
      for _, kind in ipairs(types) do
        body.EventType = kind
        local found = assert(event.parse(cjson.encode(body)))
        assert.is_table(found.content, kind)
        assert.is_nil(seen[found.content.from], kind)
        seen[found.content.from] = kind
        assert.are.equal(kind:find "^Project" and "stopped" or nil, found.status)
      end
      assert.are.equal("Material.Moved", seen.MaterialMovedEvent)
      assert.are.equal("Task.VideoExportCompleted", seen.VideoExportCompletedEvent)
    end)

    it("passes unknown types, statuses and members through untouched", function()
      local found = assert(event.parse '{"EventType":"Moon.Landed","MoonLandedEvent":{"Craters":[],"N":12}}')
      assert.are.equal("Moon.Landed", found.type)
      assert.is_nil(found.content)
      assert.are.equal(12, found.raw.MoonLandedEvent.N)
      found = assert(event.parse((START:gsub('"Working"', '"Dozing"'))))
      assert.are.equal("Dozing", found.status)
    end)

    it("returns what is wrong with a body", function()
      for body, code in pairs {
        [""] = "malformed", ["{"] = "malformed", ["[]"] = "malformed", ["null"] = "malformed", ["1"] = "malformed",
        ["{}"] = "malformed", ['{"EventType":null}'] = "malformed", ['{"EventType":""}'] = "malformed",
        ['{"EventType":7}'] = "malformed", ['{"EventType":"\255"}'] = "malformed",
        [('{"a":'):rep(200) .. "1" .. ("}"):rep(200)] = "malformed",
        ['{"EventType":"Project.StreamConnect.StatusChanged"}'] = "malformed",
        [CHANGED:format "[1]"] = "malformed", [CHANGED:format '{"ProjectId":1,"Status":"x"}'] = "malformed",
        [CHANGED:format '{"ProjectId":"p"}'] = "malformed",
        [(" "):rep(1048577)] = "too_large",
      } do
        local found, message, detail = event.parse(body)
        assert.is_nil(found)
        assert.are.equal("event." .. code, detail.code, body:sub(1, 80))
        assert.truthy(message:find("^event: "), message)
        assert.is_true(#message < 300)
      end
      assert.has_error(function() event.parse(nil) end)
    end)

    it("never raises about foreign bytes", function()
      math.randomseed(7)
      local seeds = { START, INPUT, OUTPUT, CAST, CAST_SOURCE }
      local tokens = { "{", "}", "[", "]", '"', ",", ":", "null", "1e999", "-", "\\u0000", "\\ud800", "\0", "\255",
        "[]", "{}", "9007199254740993", "true", '""' }
      local good = 0
      for round = 1, 5000 do
        local body = seeds[round % #seeds + 1]
        for _ = 1, math.random(3) do
          local at, cut = math.random(#body), math.random(0, 8)
          local what = math.random(3)
          local insert = ({ "", tokens[math.random(#tokens)], string.char(math.random(0, 255)) })[what]
          body = body:sub(1, at - 1) .. insert .. body:sub(at + cut)
        end
        local found, message, detail = event.parse(body)
        if found then
          good = good + 1
          assert.is_string(found.type)
        else
          assert.is_string(message)
          assert.is_truthy(detail.code == "event.malformed")
        end
      end
      assert.is_true(good > 100 and good < 4900)
    end)
  end)

  describe("sign", function()
    it("is HMAC-SHA256 over the time, the id and the body with dots between", function()
      assert.are.equal("v1=" .. sign.hmac_sha256_hex("s", "1795356000.e1.{}"), event.sign("s", NOW + 0.9, "e1", "{}"))
      -- echo -n '1795356000.e1.{}' | openssl dgst -sha256 -hmac s
      local vector = "v1=34e8c3fa348e6ccd3e4630dd92e9a4b143063269663922568b811dc2d3435d3a"
      assert.are.equal(vector, event.sign("s", NOW, "e1", "{}"))
    end)

    it("makes the headers of a delivery", function()
      assert.are.same({ ["Content-Type"] = "application/json", ["X-CME-Timestamp"] = "1795356000",
        ["X-CME-Event-Id"] = "e1", ["X-CME-Signature"] = event.sign(SECRET, NOW, "e1", START) },
        event.headers(SECRET, NOW, "e1", START))
    end)

    it("signs with each of several secrets", function()
      local both = event.sign({ "new", SECRET }, NOW, "e1", START)
      assert.are.equal(event.sign("new", NOW, "e1", START) .. ", " .. event.sign(SECRET, NOW, "e1", START), both)
      local headers = event.headers({ "new", SECRET }, NOW, "e1", START)
      for _, secret in ipairs { "new", SECRET } do
        assert.are.equal(NOW, event.verify(delivery(START, { headers = headers, secret = secret })))
      end
      assert.is_nil(event.verify(delivery(START, { headers = headers, secret = "other" })))
    end)

    it("raises without a secret, a time or an id, or with one that a dot would make another", function()
      for _, bad in ipairs { { "", NOW, "e1", "" }, { "s", "now", "e1", "" }, { "s", 0 / 0, "e1", "" },
        { "s", NOW, "", "" }, { "s", NOW, nil, "" }, { "s", NOW, "a.b", "" }, { "s", NOW, ("e"):rep(129), "" },
        { "s", NOW, "e1", nil }, { {}, NOW, "e1", "" }, { { "s", "" }, NOW, "e1", "" },
        { { "1", "2", "3", "4", "5", "6", "7", "8", "9" }, NOW, "e1", "" } } do
        local ok, message = pcall(function() event.sign(bad[1], bad[2], bad[3], bad[4]) end)
        assert.is_false(ok)
        assert.matches("event_spec%.lua:%d+: cme%.event%.sign: .* needed", message)
      end
    end)
  end)

  describe("receive", function()
    it("verifies and reads, with id and time", function()
      local found = assert(event.receive(delivery(START)))
      assert.are.same({ "e1", NOW, "working" }, { found.id, found.time, found.status })
    end)

    it("takes header names in any case", function()
      local headers = {}
      for name, value in pairs(event.headers(SECRET, NOW, "e1", START)) do headers[name:lower()] = value end
      assert.are.equal("e1", assert(event.receive(delivery(START, { headers = headers }))).id)
    end)

    it("takes either of two secrets, and either of two signatures", function()
      assert.is_truthy(event.verify(delivery(START, { secret = { "new", SECRET } })))
      local headers = event.headers(SECRET, NOW, "e1", START)
      headers["X-CME-Signature"] = "v0=00, v1=" .. ("0"):rep(64) .. "," .. headers["X-CME-Signature"]
      assert.is_truthy(event.verify(delivery(START, { headers = headers })))
    end)

    it("refuses what is altered, of another time, unsigned or stale", function()
      local function with(name, value)
        local headers = event.headers(SECRET, NOW, "e1", START)
        headers[name] = value
        return { headers = headers }
      end
      local good = event.sign(SECRET, NOW, "e1", START)
      for _, case in ipairs {
        { delivery(START, { body = START .. " " }), "bad_signature" },
        { delivery(START, { secret = "other" }), "bad_signature" },
        { delivery(START, { secret = { "a", "b" } }), "bad_signature" },
        { delivery(START, with("X-CME-Timestamp", "1795356001")), "bad_signature" },
        { delivery(START, with("X-CME-Event-Id", "e2")), "bad_signature" },
        { delivery(START, with("X-CME-Event-Id", nil)), "unsigned" },
        { delivery(START, with("X-CME-Event-Id", "")), "unsigned" },
        { delivery(START, with("X-CME-Event-Id", "e1.x")), "unsigned" },
        { delivery(START, with("x-cme-event-id", "e1")), "unsigned" },
        { delivery(START, with("X-CME-Signature", good:sub(1, -2))), "bad_signature" },
        { delivery(START, with("X-CME-Signature", good:gsub("^v1", "v2"))), "bad_signature" },
        { delivery(START, with("X-CME-Signature", ("v1=0,"):rep(8) .. good)), "bad_signature" },
        { delivery(START, with("X-CME-Signature", "")), "bad_signature" },
        { delivery(START, with("X-CME-Signature", nil)), "unsigned" },
        { delivery(START, with("X-CME-Timestamp", "0x6b035e20")), "unsigned" },
        { delivery(START, with("X-CME-Timestamp", "-1")), "unsigned" },
        { delivery(START, with("X-CME-Timestamp", { "1", "2" })), "unsigned" },
        { delivery(START, with("x-cme-signature", good)), "unsigned" },
        { delivery(START, { headers = {} }), "unsigned" },
        { delivery(START, { now = NOW + 301 }), "stale" },
        { delivery(START, { now = NOW - 301 }), "stale" },
        { delivery(START, { now = NOW + 11, tolerance = 10 }), "stale" },
        { delivery((" "):rep(1048577)), "too_large" },
      } do
        local found, message, detail = event.receive(case[1])
        assert.is_nil(found)
        assert.are.equal("event." .. case[2], detail.code, message)
        assert.is_nil(message:find(SECRET, 1, true))
      end
      assert.is_truthy(event.receive(delivery(START, { now = NOW + 300 })))
      assert.is_truthy(event.receive(delivery(START, { now = NOW - 300 })))
    end)

    it("refuses a signed body that is no event", function()
      assert.are.equal("event.malformed", select(3, event.receive(delivery "{}")).code)
    end)

    it("raises for options that cannot be", function()
      for _, bad in ipairs {
        function() event.receive { headers = {}, body = "" } end,
        function() event.receive(delivery(START, { secret = {} })) end,
        function() event.receive(delivery(START, { secret = { "" } })) end,
        function() event.verify(delivery(START, { tolerance = 0 })) end,
        function() event.verify(delivery(START, { clock = 0 })) end,
      } do
        local ok, message = pcall(bad)
        assert.is_false(ok)
        assert.truthy(message:find("event_spec.lua", 1, true), message)
      end
    end)

    it("takes no mutated signature, time or id", function()
      math.randomseed(11)
      for _ = 1, 2000 do
        local headers = event.headers(SECRET, NOW, "e1", START)
        local name = ({ "X-CME-Signature", "X-CME-Timestamp", "X-CME-Event-Id" })[math.random(3)]
        local value = headers[name]
        local at = math.random(#value)
        headers[name] = value:sub(1, at - 1) .. string.char(math.random(0, 255)) .. value:sub(at + math.random(0, 1))
        local ok = event.verify(delivery(START, { headers = headers }))
        -- The same digits in another case, or with something harmless around them, are the same signature.
        if ok then
          assert.truthy(headers["X-CME-Signature"]:lower():find(value:match "v1=.*" or "", 1, true))
          assert.are.equal("e1", headers["X-CME-Event-Id"])
          assert.are.equal("1795356000", headers["X-CME-Timestamp"])
        end
      end
    end)
  end)
end)
