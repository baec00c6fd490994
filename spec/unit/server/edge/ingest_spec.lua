-- SPDX-License-Identifier: MIT

local ingest = require "cme.server.edge.ingest"
local live_url = require "cme.live_url"
local sign = require "cme.sign"

local KEYS = { key = ("k"):rep(32), backup_key = ("b"):rep(32), secret = ("s"):rep(32) }
local NOW = 1795356000
local STREAM = "cme-0123456789abcdef01234567"

describe("cme.server.edge.ingest", function()
  local stored = ingest.stored("0123456789abcdef01234567", NOW + 60)

  local function record(main, backup)
    local function input(push)
      return push and { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 60, PushUrl = push } } or nil
    end
    return { id = "cmepid_1", input = { MainInput = input(main), BackupInput = input(backup) } }
  end

  it("keeps of an address what is no secret, and makes the same address of it again", function()
    assert.are.equal(STREAM .. ("?txTime=%08X"):format(NOW + 60), stored)
    assert.are.same({ STREAM, NOW + 60 }, { ingest.parse(stored) })
    local url = ingest.url(stored, "edge.example:1935", KEYS)
    assert.matches("^rtmp://edge%.example:1935/output/" .. STREAM:gsub("-", "%%-") .. "%?txSecret=%x+&txTime=%x+$", url)
    assert.are.equal(url, ingest.url(stored, "edge.example:1935", KEYS))
    assert.is_table(live_url.check(url, { key = KEYS.key, now = NOW }))
  end)

  it("tells the pushed inputs of a project", function()
    assert.are.same({ main = stored }, ingest.addresses(record(stored)))
    assert.are.same({ backup = stored }, ingest.addresses(record(nil, stored)))
    assert.are.same({}, ingest.addresses { input = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://h/a" } } } })
    assert.are.same({}, ingest.addresses { input = {} })
  end)

  it("gives the edge what it knows an address by, made with either key, and nothing that lets push", function()
    local key = ingest.key(stored, KEYS)
    assert.are.equal(NOW + 60, key.expires)
    assert.matches("^%x+$", key.id)
    assert.are.equal(24, #key.id)
    assert.are.equal(ingest.id(stored), key.id)
    assert.is_nil(key.id:find("0123456789abcdef01234567", 1, true))
    for i, secret in ipairs { KEYS.key, KEYS.backup_key } do
      local text = ingest.url(stored, "h", { key = secret }):match "/output/(.*)$"
      local id, passphrase = ingest.srt_url(stored, "h:1", { key = secret }, true)
        :match "^srt://h:1%?streamid=([%w-]+)&passphrase=(%x+)$"
      assert.are.equal(sign.sha256_hex(text), key.hashes[i])
      assert.are.same({ sign.sha256_hex(id), passphrase }, { key.srt.hashes[i], key.srt.passphrases[i] })
    end
    assert.are.same({ 2, 2 }, { #key.hashes, #key.srt.hashes })
    assert.are_not.equal(key.srt.passphrases[1], key.srt.passphrases[2])
  end)

  it("tells who listens to an SRT handshake nothing of the RTMP address", function()
    local id = ingest.srt_url(stored, "h:1", KEYS, true):match "streamid=([%w-]+)"
    local secret = ingest.url(stored, "h", KEYS):match "txSecret=(%x+)"
    assert.is_nil(id:find(secret, 1, true))
    assert.are_not.equal(id:match "%x+$", ingest.srt_url(stored, "h:1", KEYS, true):match "passphrase=(%x+)$")
  end)

  it("makes addresses for SRT of which nothing needs an escape", function()
    local url = ingest.srt_url(stored, "edge.example:9000", KEYS, false)
    assert.matches("^srt://edge%.example:9000%?streamid=" .. STREAM:gsub("-", "%%-") .. "%-%x+%-%x+$", url)
    assert.are.equal(32, #ingest.srt_url(stored, "h:1", KEYS, true):match "&passphrase=(%x+)$")
  end)
end)
