-- SPDX-License-Identifier: MIT
-- cme.httpd on the luv loop of this process, and raw TCP clients of the same loop.

local uv = require "luv"
local httpd = require "cme.httpd"

local web_loop = {}

--- A server on the loop. `handler` gets every request; the default keeps what it saw and says "{}".
function web_loop.serve(limits, handler, address)
  local self = { seen = {}, server = assert(httpd.new(limits or {})) }
  if address and address.tls then assert(self.server:identify(address.certificate, address.key)) end
  self.host, self.port = assert(self.server:listen { host = address and address.host, tls = address and address.tls })
  local poll, timer, idle = uv.new_poll(self.server:fd()), uv.new_timer(), uv.new_idle()
  local function step()
    assert(self.server:run())
    for request in function() return self.server:next() end do
      local seen = { method = request:method(), path = request:path(), query = request:query() }
      self.seen[#self.seen + 1] = seen
      if handler then
        handler(request, seen)
      else
        seen.body = request:body()
        request:respond(200, { ["Content-Type"] = "application/json" }, "{}")
      end
    end
    local timeout = self.server:timeout()
    timer:stop()
    idle:stop()
    if timeout == 0 then -- a timer of no time would keep the loop to itself
      idle:start(step)
    elseif timeout then
      timer:start(math.ceil(timeout * 1000), 0, step)
    end
  end
  poll:start("r", step)
  self.step = step
  -- Between these two what clients send piles up in the kernel.
  function self.pause()
    poll:stop()
    timer:stop()
    idle:stop()
  end
  function self.resume()
    poll:start("r", step)
    step()
  end
  function self.close()
    if self.closed then return end
    self.closed = true
    poll:close()
    timer:close()
    idle:close()
    self.server:close()
    uv.run "nowait"
  end
  function self.connections()
    return tonumber(tostring(self.server):match "(%d+) of at most")
  end
  function self.url(target) return ("http://127.0.0.1:%d%s"):format(self.port, target or "/") end
  return self
end

--- A raw client; `received` grows, `ended` is set at the server's end of stream or reset.
function web_loop.connect(port, text, host)
  local client = { received = "", socket = uv.new_tcp() }
  function client.send(more)
    if not client.socket:is_closing() then client.socket:write(more) end
  end
  function client.close()
    if not client.socket:is_closing() then client.socket:close() end
  end
  client.socket:connect(host or "127.0.0.1", port, function(err)
    if err then
      client.ended = true
      return
    end
    client.connected = true
    if client.socket:is_closing() then return end
    client.socket:read_start(function(_, chunk)
      if chunk then client.received = client.received .. chunk else client.ended = true end
    end)
    if text then client.send(text) end
  end)
  return client
end

return web_loop
