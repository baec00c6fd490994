-- SPDX-License-Identifier: MIT
-- From an event of `cme serve` to a watcher, the whole way: the signed webhook arrives in nginx, its handler publishes
-- it, and a request of the same worker that watches the project looks at once. Its own interval would be too late.

local cjson = require "cjson"

local cme = require "cme"
local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local CONTENT = [[
local cjson, cme, event = require "cjson", require "cme", require "cme.event"

-- What requests of the worker share.
local shared = package.loaded["spec.shared"] or { hub = event.hub() }
package.loaded["spec.shared"] = shared

local paths = {}

paths["/events"] = function(body)
  local change, message = event.receive { secret = shared.secret, headers = ngx.req.get_headers(), body = body }
  if not change then
    ngx.status = 403
    return ngx.say(message)
  end
  shared.hub:publish(change)
end

paths["/watch"] = function(body)
  local given = cjson.decode(body)
  shared.secret = given.secret
  local changes = cme.client(given.client):project(given.id):watch { interval = 1000, events = shared.hub }
  ngx.say "watching"
  ngx.flush(true)
  local change = changes()
  ngx.say(change.what, " ", change.old, ">", change.new)
end

ngx.req.read_body()
paths[ngx.var.uri](ngx.req.get_body_data())
]]

describe("watch on events", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("sees in nginx what the service's webhook tells of", function()
    local server = openresty.start(CONTENT)
    local serve = service.start { args = { "--webhook", ("http://127.0.0.1:%d/events"):format(server.port) } }
    local client = cme.client(serve:client_options())
    local nobody = proc.free_port()
    local show = client:project { name = "w", owner = "spec", input = ("http://127.0.0.1:%d/a.flv"):format(nobody),
      outputs = { ("rtmp://127.0.0.1:%d/a/hush"):format(nobody) } }
    assert(show:create())
    local file = assert(io.open(serve.state .. "/webhook_secret"))
    local secret = file:read "l"
    file:close()
    local watcher = proc.spawn { "curl", "--silent", "--no-buffer", "--max-time", "90", "--data-binary",
      cjson.encode { client = serve:client_options(), id = show.id, secret = secret },
      ("http://127.0.0.1:%d/watch"):format(server.port) }
    watcher:expect "watching\n"
    show:start() -- nobody is there, so it says that it is not all well
    watcher:expect "status idle>working\n"
    assert.are.equal(0, watcher:wait())
    assert.are.same({}, server:errors())
    server:stop()
    serve:stop()
  end)
end)
