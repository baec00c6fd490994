-- SPDX-License-Identifier: MIT
-- Playback: engines write what is to be looked at into folders (cme-push does, src/push/hls.h), and the service gives
-- it to viewers by HTTP. No encoder's bytes reach this process but as files.
--
--   EDGE/hls/PROJECT-output/   by the engine of the broadcast, while it is on the air
--   EDGE/hls/PROJECT-main/     by an engine of its own, while somebody looks (previews.lua); PROJECT-backup, too
--
--   GET /hls/PROJECT/output/TOKEN/index.m3u8   token.lua; names in a playlist are relative, so the token is in theirs

local addresses = require "cme.server.edge.address"
local files = require "cme.system.files"
local folder = require "cme.server.edge.folder"
local token = require "cme.server.edge.token"
local uv = require "luv"

local viewing = {}

local ABANDONED_SECONDS = 600 -- without a part: a folder is removed

---@class cme.server.edge.viewing.options
---@field folder string            EDGE, its real path
---@field address cme.server.edge.address
---@field domain string|nil        host that viewers are told; default: the one that is listened on
---@field secret string            what tokens are made with: token.secret()
---@field clock cme.system.clock
---@field listen fun(address: cme.server.edge.address, handle: fun(request: any): integer, table|nil, string|nil):
---  cme.server.http.listener|nil, integer|string, cme.detail|nil the HTTP server, and its port

---@class cme.server.edge.viewing
---@field http cme.server.edge.address where it really listens
---@field private _options cme.server.edge.viewing.options
---@field private _folder string
---@field private _listener any
---@field private _previews cme.server.edge.previews
local Viewing = {}
Viewing.__index = Viewing
Viewing.__name = "cme.server.edge.viewing"

--- Listens; serves nothing before start().
---@param options cme.server.edge.viewing.options
---@return cme.server.edge.viewing|nil
---@return string|nil message
---@return cme.detail|nil detail
function viewing.open(options)
  local self = setmetatable({ _options = options, _folder = options.folder .. "/hls" }, Viewing)
  local ok, message, detail = files.make_folder(self._folder)
  if not ok then return nil, message, detail end
  local port
  self._listener, port, detail = options.listen(options.address, function(request) return self:_answer(request) end)
  if not self._listener then return nil, port, detail end -- port: the message
  self.http = { host = options.address.host, port = port }
  return self
end

--- Serves from now on.
---@param previews cme.server.edge.previews
---@param on_failure fun(message: string, detail: cme.detail) it cannot go on
function Viewing:start(previews, on_failure)
  self._previews = previews
  self._listener:start(on_failure)
end

--- Ends it. Once is enough, more is harmless.
function Viewing:close()
  self._listener:close()
end

-- ---- answering

local HEADERS = { ["Access-Control-Allow-Origin"] = "*", ["Cache-Control"] = "no-cache" }
local METHODS = "GET, HEAD, OPTIONS"
local NOT_ALLOWED = { ["Access-Control-Allow-Origin"] = "*", Allow = METHODS }
-- Players on other sites ask first when they send a Range, which is ignored here.
local PREFLIGHT = { ["Access-Control-Allow-Origin"] = "*", ["Access-Control-Allow-Methods"] = METHODS,
  ["Access-Control-Allow-Headers"] = "Range", ["Access-Control-Max-Age"] = "86400", Allow = METHODS }
local TYPES = { m3u8 = "application/vnd.apple.mpegurl", mp4 = "video/mp4", m4s = "video/iso.segment" }

local function refuse(status) return status, HEADERS, "" end

local function give(body, file)
  return 200, { ["Access-Control-Allow-Origin"] = "*", ["Cache-Control"] = "no-cache",
    ["Content-Type"] = TYPES[file:match "%.(%w+)$"] }, body
end

function Viewing:_path(project, what) return self._folder .. "/" .. token.name(project, what) end

-- Somebody asks for the playlist of an input, which begins to be written when it is asked for.
function Viewing:_look(project, what)
  local path = self:_path(project, what)
  return self._previews:look(project, what, function(seconds)
    return files.make_folder(path) and folder.wait(path, seconds, self._options.clock) or false
  end)
end

local function number(query, name)
  return math.tointeger(tonumber(query:match(name .. "=(%d+)") or nil))
end

function Viewing:_playlist(project, what, query)
  local status = what == "output" and 200 or self:_look(project, what)
  if status ~= 200 then return refuse(status) end
  local text = folder.playlist(self:_path(project, what), self._options.clock, number(query, "_HLS_msn"),
    number(query, "_HLS_part"))
  if not text then return refuse(404) end
  return give(text, "index.m3u8")
end

function Viewing:_answer(request)
  local project, what, given, file = request:path():match "^/hls/(cmepid_%x+)/(%l+)/([%x-]+)/([%w.]+)$"
  if not project or not TYPES[file:match "%.(%w+)$"] then return refuse(404) end
  local method = request:method()
  if method == "OPTIONS" then return 204, PREFLIGHT, "" end
  if method ~= "GET" and method ~= "HEAD" then return 405, NOT_ALLOWED, "" end -- the HTTP server leaves HEAD's body out
  if not token.check(given, self._options.secret, project, what, self._options.clock.now()) then return refuse(403) end
  if file == "index.m3u8" then return self:_playlist(project, what, request:query() or "") end
  local body = folder.read(self:_path(project, what), file)
  if not body then return refuse(404) end
  return give(body, file)
end

-- ---- what is written

--- Nothing more comes for a picture: nobody is to begin with what is left of it.
---@param project string
---@param what "output"|"main"|"backup"
function Viewing:end_playback(project, what)
  folder.remove(self:_path(project, what))
end

--- Ends looks at what a project had. Waits; tasks only.
---@param before cme.server.project
---@param after cme.server.project|nil nil: it is gone
function Viewing:settle(before, after)
  self._previews:settle(before.id)
  if not after then self:end_playback(before.id, "output") end
end

--- Removes what nobody writes any more; to be called from time to time.
function Viewing:tidy()
  for _, name in ipairs(files.names(self._folder) or {}) do
    local path = self._folder .. "/" .. name
    local age = folder.age(path, self._options.clock.now())
    if not age or age > ABANDONED_SECONDS then folder.remove(path) end
  end
end

-- ---- addresses

--- Where an engine writes to for a look.
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function Viewing:url(project, what)
  return "hls:" .. self:_path(project, what)
end

--- Where a project's output or one of its inputs is played, as HLS.
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function Viewing:playback_url(project, what)
  local options = self._options
  local host = options.domain or addresses.domain(self.http.host, uv.os_gethostname())
  return ("http://%s:%d/hls/%s/%s/%s/index.m3u8"):format(host, self.http.port, project, what,
    token.make(options.secret, project, what, options.clock.now()))
end

return viewing
