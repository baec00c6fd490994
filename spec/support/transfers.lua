-- SPDX-License-Identifier: MIT
-- What specs of cme.http share: transfers to their end, beside scripted servers in this process, and how they failed.

local assert = require "luassert"
local proc = require "spec.support.proc"
local uv = require "luv"

local transfers = {}

transfers.LIMIT = 20 * proc.PATIENCE -- seconds after which a spec gives up; nothing is measured against it

--- Performs until nothing is in flight, running the scripted servers meanwhile.
--- Returns the outcomes by id: { response = } or { message =, detail = }.
function transfers.drain(pool)
  local outcomes = {}
  local deadline = uv.hrtime() + transfers.LIMIT * 1e9
  repeat
    local running = pool:run()
    uv.run "nowait"
    for id, response, message, detail in pool.next, pool do
      outcomes[id] = { response = response, message = message, detail = detail }
    end
    if running > 0 then pool:poll(0.01) end
    assert(uv.hrtime() < deadline, "transfers do not end")
  until running == 0
  return outcomes
end

--- Performs one request; what came of it.
function transfers.call(pool, request)
  request.timeout = request.timeout or transfers.LIMIT
  request.connect_timeout = request.connect_timeout or transfers.LIMIT
  local id = pool:submit(request)
  local outcome = transfers.drain(pool)[id]
  return outcome.response, outcome.message, outcome.detail
end

--- A failure has this code, and the request was sent or not.
function transfers.assert_detail(code, sent, detail)
  assert.same({ code, sent }, { detail.code, detail.sent })
end

--- That it failed so; its message.
function transfers.assert_failure(code, sent, response, message, detail)
  assert.is_nil(response)
  assert.equal("string", type(message))
  transfers.assert_detail(code, sent, detail)
  return message
end

return transfers
