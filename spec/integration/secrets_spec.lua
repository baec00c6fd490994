-- SPDX-License-Identifier: MIT
-- The search at the end of the suites (tools/secrets.sh) finds each kind of secret where there is one, and what our
-- programs say gets there: else "nothing found" would mean nothing.

local uv = require "luv"

local heard = require "spec.support.heard"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local service = require "spec.support.programs.service"

-- The words are put together here, so that this file's own failures are not found.
local HUSH = "hu" .. "sh"

describe("tools/secrets.sh", function()
  local folder, before

  before_each(function()
    folder = assert(uv.fs_mkdtemp "/tmp/cme-heard-XXXXXX") -- not one of proc's, which cleanup removes
    before = heard.into(folder)
  end)
  after_each(function()
    proc.cleanup()
    heard.into(before)
    proc.run { "rm", "-rf", folder }
  end)

  local function search()
    local code, out = proc.run { "tools/secrets.sh", folder }
    return code, out
  end

  local function found(file)
    local code, out = search()
    assert.are.equal(1, code, out)
    assert.matches("^not ok", out)
    assert.matches(file, out)
  end

  it("passes what has none", function()
    heard.keep("cme serve", "listening on http://127.0.0.1:1\nopen 'rtmp://h/app/***': refused\n")
    heard.secret "0123456789abcdef0123456789abcdef"
    local code, out = search()
    assert.are.equal(0, code, out)
    assert.matches("^ok %- ", out)
  end)

  it("finds stream keys, keys made meanwhile, signatures and txSecrets, and does not show them", function()
    heard.secret "0123456789abcdef0123456789abcdef"
    for i, leak in ipairs {
      "open rtmp://h/app/" .. HUSH .. "1", "key 0123456789abcdef0123456789abcdef is wrong",
      "Authorization: TC3, Signature=" .. ("0a"):rep(32), "push to rtmp://h/a/b?txSecret=" .. ("0A"):rep(16),
      "\0\1binary se" .. "kret",
    } do
      heard.keep("leak" .. i, "a line\n" .. leak)
      found("heard%-leak" .. i .. ":2\n")
    end
    local _, out = search()
    assert.is_nil(out:find("0a0a", 1, true))
    assert.is_nil(out:find(HUSH, 1, true))
  end)

  it("fails when there is nothing to search", function()
    proc.run { "rm", "-r", folder }
    assert.are.equal(1, (search()))
  end)

  it("hears what our programs print, and not what others do", function()
    proc.run { "echo", HUSH }
    proc.run { "lua5.4", "-e", "print(1)" }
    proc.cleanup()
    local _, out = proc.run { "grep", "-r", "", folder }
    assert.are.equal(folder .. "/heard-lua5.4:1\n", out)
  end)

  it("hears the service, its key and the logs of its engines", function()
    local serve = service.start()
    heard.keep("leak", serve.secret_key)
    found "heard%-leak:1\n"
  end)

  it("hears the arguments of an engine, which wipes its URLs", function()
    local rtmp = nginx.start { apps = { "a" } }
    local engine = relay.start("-i", rtmp:url("a", "in"), "-o", rtmp:url("a", "out"))
    engine:expect '"event"'
    engine:stop()
    local file = assert(io.open(folder .. "/arguments"))
    local arguments = file:read "a"
    file:close()
    assert.matches("cme%-relay", arguments)
    local code, out = search()
    assert.are.equal(0, code, out)
  end)
end)
