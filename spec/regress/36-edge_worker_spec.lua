-- SPDX-License-Identifier: MIT
-- Sixty bytes of somebody without a key (onMetaData before connect) killed the edge's worker, which dropped every
-- encoder, and nobody was told. A connection that said nothing was kept for a minute.

local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"
local uv = require "luv"

-- An RTMP chunk with an AMF0 data message: onMetaData with a width.
local function metadata()
  local body = "\2" .. (">s2"):pack "onMetaData" .. "\8" .. (">I4"):pack(1) .. (">s2"):pack "width" .. "\0"
    .. (">d"):pack(1) .. "\0\0\9"
  return "\3\0\0\0" .. (">I3"):pack(#body) .. "\x12\0\0\0\0" .. body
end

describe("the edge", function()
  local serve, hook, port, secret, timeout

  setup(function()
    hook = receiver.start()
    serve = service.start { edge = true, args = { "--webhook", hook.url } }
    local file = assert(io.open(serve.state .. "/edge/nginx.conf"))
    local conf = file:read "a"
    port, timeout = tonumber(conf:match "rtmp=127.0.0.1:(%d+)"), tonumber(conf:match "\n  timeout (%d+)s;")
    file:close()
    serve.proc:expect '"message":"edge started"'
    file = assert(io.open(serve.state .. "/webhook_secret"))
    secret = file:read "l"
    file:close()
  end)

  teardown(function()
    serve:stop()
    hook:down()
    proc.cleanup()
  end)

  -- A connection of somebody; `got` is all that came, `ended` that it was closed.
  local function connect()
    local one = { socket = uv.new_tcp(), got = "", ended = false }
    one.socket:connect("127.0.0.1", port, function(failure)
      assert(not failure, failure)
      one.socket:read_start(function(_, chunk)
        one.got, one.ended = one.got .. (chunk or ""), not chunk
      end)
    end)
    return one
  end

  it("says that its worker died, with an event, and serves on", function()
    local one = connect()
    one.socket:write("\3" .. uv.random(1536))
    proc.eventually("a handshake", 20, function() return #one.got >= 3073 end)
    one.socket:write(one.got:sub(2, 1537) .. metadata())
    serve.proc:expect('"message":"edge\'s worker died', 20)
    proc.eventually("the event", 20, function()
      for _, event in ipairs(hook:events(secret)) do
        if event.type == "Service.ProcessReplaced" and event.content.Process == "Edge"
          and event.content.Reason == "Died" then
          return true
        end
      end
    end)
    one.socket:close()
    local next_one = connect()
    next_one.socket:write("\3" .. uv.random(1536))
    proc.eventually("a handshake with its successor", 20, function() return #next_one.got >= 3073 end)
    next_one.socket:close()
  end)

  it("closes connections that say nothing, and is told to long before a minute is over", function()
    assert.is_true(timeout <= 20, timeout)
    local one = connect()
    proc.eventually("it to be closed", 40, function() return one.ended end)
    one.socket:close()
  end)

  it("is for trusted networks, as the documents say in both languages", function()
    for path, words in pairs { ["docs/service.md"] = "for networks that you trust",
      ["docs/zh/service.md"] = "推流端口只应对可信网络开放" } do
      local file = assert(io.open(path))
      assert.truthy(file:read("a"):find(words, 1, true), path)
      file:close()
    end
  end)
end)
