-- SPDX-License-Identifier: MIT
-- The control room in nginx: which handler answers what, and what each of them may be asked without a login. The only
-- file, beside feed.lua, that knows nginx; nginx.conf only names its functions.

local actions = require "room.actions"
local address = require "room.address"
local cjson = require "cjson.safe"
local cme = require "cme"
local codes = require "cme.codes"
local config = require "room.config"
local devices = require "room.devices"
local event = require "cme.event"
local feed = require "room.feed"
local guard = require "room.guard"
local json = require "cme.json"
local page = require "room.page"
local play = require "room.play"
local sessions = require "room.sessions"
local sign = require "cme.sign"
local texts = require "room.texts"
local throttle = require "room.throttle"
local views = require "room.views"

local app = {}

local BEAT = 1 -- seconds between signs of life to a page
local LOOK_TIMEOUT = 2 -- seconds; the next look comes
local EVENT_SECONDS = 900 -- that an event's id is remembered: longer than its signature holds

local room -- config, pages, headers, sessions, devices, throttle
local clients = {} -- by language
local lookers = {} -- by language

-- ---- answering

local function refuse(status, fact, code)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.print(json.encode { error = fact, code = code })
end

local function go(path)
  ngx.status = ngx.HTTP_SEE_OTHER
  ngx.header.location = path
end

local function language()
  return texts.choose(ngx.var.cookie_room_language, ngx.var.http_accept_language)
end

local function show(name, values)
  values.lang = values.lang or language()
  ngx.header.content_type = "text/html; charset=utf-8"
  ngx.header.cache_control = "no-store"
  ngx.print(page.fill(room.pages[name], texts.of(values.lang), values))
end

local LANGUAGES = { en = "en-US", zh = "zh-CN" }

-- Messages of the service come in the reader's language.
local function client()
  local which = language()
  clients[which] = clients[which] or cme.client { language = LANGUAGES[which] }
  return clients[which]
end

-- The same for what is asked again anyway: a service that does not answer is to be noticed at once.
local function looker()
  local which = language()
  lookers[which] = lookers[which] or cme.client { language = LANGUAGES[which], timeout = LOOK_TIMEOUT,
    connect_timeout = LOOK_TIMEOUT, retries = 0 }
  return lookers[which]
end

-- ---- who asks

local function session()
  return room.sessions:find(ngx.var.http_cookie)
end

local function from_our_page()
  return guard.same_origin(ngx.var.http_host, ngx.var.http_origin, room.config.origin)
end

-- Whether a request may change something; refuses it when not.
local function may_change(found, token)
  if not found then
    refuse(401, "the session is over", "room.session")
  elseif not from_our_page() then
    refuse(403, "the request is from another page", "room.origin")
  elseif not guard.has_token(found, token) then
    refuse(403, "the request has not the session's token", "room.token")
  else
    return true
  end
end

-- The body; nil when it is larger than nginx.conf lets it be in memory.
local function body()
  ngx.req.read_body()
  return ngx.req.get_body_data() or ""
end

local function form()
  return ngx.decode_args(body(), 10)
end

-- ---- logging in and out

local function login_page(status, why, ...)
  local lang = language()
  ngx.status = status
  show("login", { lang = lang, other = lang == "en" and "zh" or "en",
    problem = why and texts.of(lang)[why]:format(...) or "" })
end

local handlers = {}

function handlers.login_page()
  if session() then return go "/" end
  login_page(200, ngx.var.arg_over and "expired" or nil)
end

-- The device that asks, and whose tries its tries are counted with.
local function visitor()
  local device = room.devices:find(ngx.var["cookie_" .. room.devices:name()])
  if device then return { key = "device " .. device, known = true }, device end
  return { key = "address " .. address.group(ngx.var.remote_addr), known = false }
end

local function is_password(password)
  return type(password) == "string"
    and sign.equal(config.digest(room.config.salt, password), room.config.digest)
end

-- Waits as long as a try must; refuses it when too many wait.
local function wait_for_turn(who)
  local wait = room.throttle:take(who)
  if not wait then
    ngx.header.retry_after = throttle.LONGEST
    login_page(429, "throttled", throttle.LONGEST)
    return false
  elseif wait > 0 then
    ngx.sleep(wait)
    room.throttle:done(who)
  end
  return true
end

function handlers.login()
  if not from_our_page() then return login_page(403, "forged") end
  local password = form().password
  local who, device = visitor()
  if not wait_for_turn(who) then return end
  if not is_password(password) then
    ngx.log(ngx.WARN, "control room: wrong password from ", ngx.var.remote_addr)
    return login_page(401, "wrong_password")
  end
  room.throttle:forgive(who)
  ngx.header.set_cookie = { room.sessions:begin(), room.devices:remember(device) }
  go "/"
end

--- Somebody is at the page: the session's time begins anew.
function handlers.slide()
  local found = session()
  if not may_change(found, ngx.var.http_x_csrf_token) then return end
  ngx.header.set_cookie = room.sessions:slide(found)
  ngx.header.content_type = "application/json"
  ngx.print(json.encode { expires = found.expires })
end

function handlers.logout()
  local found = session()
  if not may_change(found, form().csrf) then return end
  ngx.header.set_cookie = room.sessions:finish(found)
  go "/login"
end

function handlers.choose_language()
  local secure = room.config.origin and room.config.origin:find "^https" and "; Secure" or ""
  ngx.header.set_cookie = ("room_language=%s; Path=/; SameSite=Strict; HttpOnly; Max-Age=31536000%s"):format(
    ngx.var.arg_to == "zh" and "zh" or "en", secure)
  go "/"
end

-- ---- the page and what it asks for

function handlers.room()
  local found = session()
  if not found then return go(ngx.var.http_cookie and ngx.var.http_cookie:find "room_session" and "/login?over=1"
    or "/login") end
  local lang = language()
  show("room", { lang = lang, other = lang == "en" and "zh" or "en", csrf = found.csrf, texts = texts.of(lang),
    platforms = views.platforms(lang) })
end

local function line(name, text)
  return ("event: %s\ndata: %s\n\n"):format(name, text)
end

-- What time it is, when the service last told how everything is, and when the session ends.
local function beat(expires)
  return line("beat", json.encode { now = ngx.now(), looked = feed.looked_at(), expires = expires,
    seconds = room.config.session_seconds })
end

-- Sends what has changed until the page is closed or the session over.
local function stream(subscription, found)
  while not ngx.worker.exiting() do
    local messages = feed.wait(subscription, BEAT)
    local expires = room.sessions:expires(found)
    if not expires then
      ngx.print(line("over", "{}"))
      return
    end
    local parts = { beat(expires) }
    for _, message in ipairs(messages) do parts[#parts + 1] = line(message.name, message.text) end
    if not (ngx.print(parts) and ngx.flush(true)) then return end
  end
end

function handlers.events()
  local found = session()
  if not found then return refuse(401, "the session is over", "room.session") end
  local subscription = feed.subscribe(looker(), room.config.hook_secrets ~= nil)
  if not subscription then return refuse(503, "too many pages are open", "room.pages") end
  assert(ngx.on_abort(function() -- the page was closed
    feed.unsubscribe(subscription)
    ngx.exit(499)
  end))
  ngx.header.content_type = "text/event-stream"
  ngx.header.cache_control = "no-store"
  local good, message = pcall(stream, subscription, found)
  feed.unsubscribe(subscription)
  if not good then error(message, 0) end
end

--- What was done to a project, of a service that tells.
function handlers.history(id)
  if not session() then return refuse(401, "the session is over", "room.session") end
  local response, message, detail = looker():call("DescribeProjectHistory", { ProjectId = id })
  ngx.header.content_type = "application/json"
  ngx.header.cache_control = "no-store"
  if response then return ngx.print(json.encode { offered = true, events = views.history(response) }) end
  if codes.is_lacking(detail.code) then return ngx.print(json.encode { offered = false }) end
  refuse(502, views.message(message), detail.code)
end

local function perform(action, target)
  local status, answer = actions.perform(action, target, cjson.decode(body()), language())
  feed.poke()
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.print(json.encode(answer))
end

function handlers.create()
  if not may_change(session(), ngx.var.http_x_csrf_token) then return end
  perform(actions.create, client())
end

function handlers.act(id, name)
  if not may_change(session(), ngx.var.http_x_csrf_token) then return end
  local action = actions.of_project[name]
  if not action then return refuse(404, "there is no such action", "room.action") end
  local project = client():project(id)
  project.name = feed.name_of(id)
  perform(action, project)
end

-- ---- what the service tells

function handlers.hook()
  if not room.config.hook_secrets then return refuse(404, "no webhook is expected", "room.hook") end
  local change, message, detail = event.receive { secret = room.config.hook_secrets, headers = ngx.req.get_headers(),
    body = body() }
  if not change then
    ngx.log(ngx.WARN, "control room: ", message)
    return refuse(detail.code == "event.malformed" and 400 or 403, message, detail.code)
  end
  if ngx.shared.room_events:add(change.id, true, EVENT_SECONDS) then feed.happened(change) end
  ngx.status = 204
end

-- ---- ways

local WAYS = {
  ["GET /"] = handlers.room,
  ["GET /login"] = handlers.login_page,
  ["POST /login"] = handlers.login,
  ["POST /logout"] = handlers.logout,
  ["POST /session"] = handlers.slide,
  ["GET /language"] = handlers.choose_language,
  ["GET /events"] = handlers.events,
  ["POST /projects"] = handlers.create,
  ["POST /hook"] = handlers.hook,
}

--- Answers a request.
function app.content()
  local method, uri = ngx.req.get_method(), ngx.var.uri
  local handler = WAYS[method .. " " .. uri]
  if handler then return handler() end
  local id, name = uri:match "^/projects/([%w_-]+)/([%l_]+)$"
  if id and name == "history" and method == "GET" then return handlers.history(id) end
  if id and method == "POST" then return handlers.act(id, name) end
  refuse(404, "there is nothing here", "room.nothing")
end

--- Sets where a picture is fetched from; who is not logged in gets none.
function app.play()
  if not session() then return ngx.exit(401) end
  local var = ngx.var
  local url = play.address(client(), var.room_project, var.room_part, var.room_file, ngx.now())
  if not url then return ngx.exit(404) end
  var.room_address = url .. play.query(ngx.req.get_uri_args(8))
end

--- Sets where a picture of what viewers see is fetched from. Its name is a secret of the service's, which the page was
--- told.
function app.seen()
  if not session() then return ngx.exit(401) end
  ngx.var.room_address = ("%s/pictures/%s.jpg"):format((client().endpoint:gsub("/+$", "")), ngx.var.room_name)
end

--- Adds what every answer has.
function app.headers()
  for name, value in pairs(room.headers) do ngx.header[name] = value end
end

--- Reads the configuration; once, before nginx's workers are there.
---@param folder string of the pages
function app.init(folder)
  local found, message = config.read(os.getenv, io.open)
  if not found then error(message, 0) end
  local secure = found.origin ~= nil and found.origin:find("https://", 1, true) == 1
  room = {
    config = found,
    pages = page.load(folder, io.open),
    headers = guard.headers(found.origin),
    sessions = sessions.new(ngx.shared.room_sessions, { now = ngx.now, seconds = found.session_seconds,
      secure = secure }),
    devices = devices.new { key = found.device_key, now = ngx.now, secure = secure },
    throttle = throttle.new(ngx.shared.room_throttle),
  }
end

return app
