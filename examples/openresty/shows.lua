-- Shows behind a web API, inside nginx (OpenResty): no call blocks the worker.
--
--   POST /shows            {"name": "live-1", "input": "https://...", "outputs": ["rtmp://..."]}   starts one; answers
--                          its id, and a warning of what does not work yet: the service keeps trying
--   GET  /shows?id=A&id=B  the states of all of them, asked for at the same time
--   DELETE /shows?id=A     stops and deletes
--
-- nginx.conf needs, besides the path to this file:
--   env CME_ENDPOINT; env CME_PLATFORM; env TENCENTCLOUD_SECRET_ID; env TENCENTCLOUD_SECRET_KEY;
--   http {
--     resolver 127.0.0.53;                                                # your name server
--     lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
--     lua_ssl_verify_depth 3;
--     lua_ssl_protocols TLSv1.2 TLSv1.3;
--     server { location /shows { content_by_lua_block { require("shows").handle() } } }
--   }

local cjson = require "cjson.safe"
local cme = require "cme"

local shows = {}

local function answer(status, value)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.say(cjson.encode(value))
end

local function failed(message, detail, id)
  answer(502, { error = message, code = detail.code, id = id })
end

-- The ids in the query, as a list.
local function ids()
  local id = ngx.req.get_uri_args(100).id or {}
  return type(id) == "table" and id or { id }
end

function shows.POST()
  ngx.req.read_body()
  local spec = cjson.decode(ngx.req.get_body_data() or "")
  if type(spec) ~= "table" then return answer(400, { error = "a JSON object is needed" }) end
  local show = cme.project { name = spec.name, owner = "web", input = spec.input, outputs = spec.outputs }
  local ok, message, detail = show:start()
  if not ok then return failed(message, detail, show.id) end -- an id: it was created, and did not start
  answer(201, { id = show.id, warning = message })
end

function shows.GET()
  local states, failures = cme.parallel(ids(), function(id) return cme.project(id):status() end, 20)
  if failures[1] then return failed(failures[1].message, failures[1].detail) end
  answer(200, states)
end

function shows.DELETE()
  local _, failures = cme.parallel(ids(), function(id)
    local show = cme.project(id)
    local ok, message, detail = show:stop()
    if not ok then return nil, message, detail end
    return show:delete()
  end, 20)
  if failures[1] then return failed(failures[1].message, failures[1].detail) end
  answer(200, {})
end

function shows.handle()
  local method = shows[ngx.req.get_method()]
  if not method or method == shows.handle then return answer(405, { error = "POST, GET or DELETE" }) end
  method()
end

return shows
