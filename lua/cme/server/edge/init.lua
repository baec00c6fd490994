-- SPDX-License-Identifier: MIT
-- The service's edge: the program cme-edge, detached like the engines, which receives what encoders push. Its files are
-- in STATE/edge:
--
--   keys         sign push addresses (keys.lua)
--   address      where it listens: tried first when the port is of no matter
--   edge.sock    the service gives it the keys that are good, in advance; edge.log, .1
--   ID.flv       engines read what is pushed with key ID
--
-- So nobody is asked while an encoder waits, and a crash of the service is noticed by no encoder: keys go on being
-- admitted until they expire, and the next service adopts the edge. When the service ends in an orderly way, the edge
-- goes on while broadcasts do. program.lua keeps it running, admission.lua knows which keys are good.

local uv = require "luv"

local admission = require "cme.server.edge.admission"
local codes = require "cme.codes"
local conf = require "cme.server.edge.conf"
local edge_keys = require "cme.server.edge.keys"
local files = require "cme.system.files"
local ingest = require "cme.server.edge.ingest"
local luv = require "cme.net.loop.luv"
local process = require "cme.server.edge.process"
local program = require "cme.server.edge.program"
local viewing = require "cme.server.edge.viewing"

local edge = {}

---@class cme.server.edge.options
---@field folder string                 EDGE; made if needed
---@field rtmp cme.server.edge.address  port 0: the one it had, else a free one
---@field http cme.server.edge.address  of playback
---@field domain string|nil             host that encoders are told; default: the one that is listened on
---@field found { program: string, module: string }|nil nginx, for playback; nil: there is none
---@field engine fun(kind: cme.server.process.engine_kind): cme.server.process.engine what starts cme-edge
---@field log cme.server.log
---@field clock cme.system.clock
---@field told (fun(reason: "Hung"|"Died"))|nil it is being replaced; must not wait
---@field publisher (fun(project: string, endpoint: "main"|"backup", event: table))|nil what became of an encoder; must
---  not wait

---@class cme.server.edge
---@field rtmp cme.server.edge.address  where it really listens
---@field viewing cme.server.edge.viewing|nil nil: there is no playback
---@field private _options cme.server.edge.options
---@field private _folder string        the real path
---@field private _keys cme.server.edge.keys
---@field private _admission cme.server.edge.admission
---@field private _domain string        host:port of push addresses
---@field private _pushed fun(): cme.server.project[]|nil, string|nil, cme.detail|nil
---@field private _started true|nil
---@field private _known boolean        the projects of before the service's start were read
---@field private _program cme.server.edge.program
local Edge = {}
Edge.__index = Edge
Edge.__name = "cme.server.edge"

-- ---- opening

local function make_folder(folder)
  local ok, message, detail = files.make_folder(folder)
  if not ok then return nil, message, detail end
  return uv.fs_realpath(folder)
end

-- Encoders pushed to an nginx before version 0.3: it has the port, and ends. Where it listened.
local function end_earlier(folder)
  local text = files.read(folder .. "/nginx.conf") or ""
  if not text:find("application output {", 1, true) then return nil end
  process.sweep(folder)
  files.remove(folder .. "/nginx.conf")
  local before = conf.addresses(text)
  return before and before.rtmp
end

-- Where the edge listened that ran last.
local function previous(folder)
  local host, port = (files.read(folder .. "/address") or ""):match "^([%d.]+):(%d+)\n$"
  return host and { host = host, port = math.tointeger(tonumber(port)) }
end

-- Whether one that listens there is the one that is wanted.
local function fits(wanted)
  return function(address)
    return wanted.port == 0 and address:match "^(.*):%d+$" == wanted.host or address == conf.show(wanted)
  end
end

local function free_port(wanted, before)
  if wanted.port == 0 and before and before.host == wanted.host then
    local port = process.try_port(before.host, before.port)
    if port then return port end
  end
  local port, message, detail = process.try_port(wanted.host, wanted.port)
  if port then return port end
  return codes.fail("local.listen:edge", { address = conf.show(wanted), option = "--edge-rtmp",
    reason = codes.words(message, detail) })
end

-- The port of an edge of ours that runs is not free, and need not be.
function Edge:_choose_port()
  local wanted, earlier = self._options.rtmp, end_earlier(self._folder)
  local running = luv.run(self._program.find, self._program, fits(wanted))
  local port, message, detail = running and math.tointeger(tonumber(running:match ":(%d+)$")), nil, nil
  if not port then port, message, detail = free_port(wanted, earlier or previous(self._folder)) end
  if not port then return nil, message, detail end
  self.rtmp = { host = wanted.host, port = port }
  return files.write_atomically(self._folder .. "/address", conf.show(self.rtmp) .. "\n")
end

function Edge:_open_viewing()
  local options = self._options
  if not options.found then return true end
  local message, detail
  self.viewing, message, detail = viewing.open { folder = self._folder, http = options.http, domain = options.domain,
    secret = self._keys.secret, found = options.found, log = options.log, clock = options.clock, told = options.told }
  return self.viewing and true, message, detail
end

function Edge:_new_program()
  local options = self._options
  local function address() return conf.show(self.rtmp) end
  return program.new { clock = options.clock, log = options.log, told = options.told, address = address,
    engine = options.engine(program.kind(self._folder, address)),
    spec = function() return self:_spec() end, heard = function(event) self:_heard(event) end }
end

--- Finds keys and ports; starts nothing yet. Runs the loop: for the service's start.
---@param options cme.server.edge.options
---@return cme.server.edge|nil
---@return string|nil message
---@return cme.detail|nil detail
function edge.open(options)
  local self = setmetatable({ _options = options, _known = false }, Edge)
  local ok, message, detail
  self._folder, message, detail = make_folder(options.folder)
  if not self._folder then return nil, message, detail end
  self._keys, message, detail = edge_keys.open(self._folder .. "/keys")
  if not self._keys then return nil, message, detail end
  self._admission, self._program = admission.new(self._keys), self:_new_program()
  ok, message, detail = self:_choose_port()
  if ok then ok, message, detail = self:_open_viewing() end
  if not ok then return nil, message, detail end
  self._domain = ("%s:%d"):format(options.domain or conf.domain(self.rtmp.host, uv.os_gethostname()), self.rtmp.port)
  return self
end

-- ---- keys and publishers

-- What the edge is told. The projects of before the start are read once; then each change is told (settle).
function Edge:_spec()
  if not self._known then
    local records, message, detail = self._pushed()
    if not records then return nil, message, detail end
    for _, record in ipairs(records) do self._admission:put(nil, record) end
    self._known = true
  end
  local spec, left_out = self._admission:spec()
  if left_out > 0 then self._options.log:error("more push addresses than the edge takes", { left_out = left_out }) end
  return spec
end

-- Nothing that an encoder sent is said here but its address.
function Edge:_heard(event)
  if event.event ~= "publisher" then return end
  local project, endpoint = self._admission:who(event.key_id)
  local reason = type(event.reason) == "string" and event.reason or nil
  self._options.log[event.state == "refused" and "warn" or "info"](self._options.log,
    "publisher " .. tostring(event.state), { project = project, endpoint = endpoint, address = event.address,
      reason = reason, left_out = event.left_out })
  if project and self._options.publisher then self._options.publisher(project, endpoint, event) end
end

--- A project is there, was changed or is gone: the edge learns which keys are good, and who publishes with one that
--- is not is sent away. Waits until it has them; tasks only.
---@param before cme.server.project|nil nil: it is new
---@param after cme.server.project|nil nil: it is gone
function Edge:settle(before, after)
  if self._admission:put(before, after) then self._program:tell() end
  if self.viewing and before then self.viewing:settle(before, after) end
end

-- ---- the program

--- Takes up the edge that runs, or starts one, and keeps it up from now on; returns after the first attempt. Waits;
--- tasks only.
---@param pushed fun(): cme.server.project[]|nil, string|nil, cme.detail|nil projects that may have pushed inputs
---@param previews cme.server.edge.previews
---@return true|nil
---@return string|nil message playback is not served
---@return cme.detail|nil detail
function Edge:start(pushed, previews)
  self._pushed, self._started = pushed, true
  luv.detach(self._program.keep, self._program)
  if not self._program.up then self._program.changed:wait(program.UP_SECONDS) end
  if not self.viewing then return true end
  return self.viewing:start(previews)
end

--- Looks whether it lives, and asks it for a sign of that; to be called once a pulse.PERIOD. Does not wait; tasks only.
function Edge:check()
  self._program:check()
  if self.viewing then self.viewing:check() end
end

--- Lets go of it; one that start() was not called for is left as it is. Once is enough, more is harmless.
---@param leave boolean it goes on; otherwise it ends, too
function Edge:close(leave)
  if self._program:over() then return end
  self._program:release(leave or not self._started)
  if self.viewing then self.viewing:close(leave) end
end

--- Ends an edge that an earlier service left in a folder, when this one has none. Waits; tasks only.
---@param options { folder: string, engine: (fun(kind: cme.server.process.engine_kind): cme.server.process.engine),
---  clock: cme.system.clock, log: cme.server.log }
---@return boolean there was one
function edge.sweep(options)
  local there = program.sweep(options.engine(program.kind(options.folder, function() return "" end)), options.clock,
    options.log)
  return viewing.sweep(options.folder) or there
end

--- Keeps the logs within their bound; to be called from time to time. Waits; tasks only.
function Edge:trim_log()
  self._program:trim_logs()
  if self.viewing then self.viewing:trim_log() end
end

-- ---- addresses

--- The address that an encoder pushes to.
---@param stored string see ingest.lua
---@return string
function Edge:push_url(stored)
  return ingest.url(stored, self._domain, self._keys)
end

--- The address from which an engine reads a pushed input.
---@param stored string see ingest.lua
---@return string
function Edge:pull_url(stored)
  return ("unix:%s/%s.flv"):format(self._folder, ingest.id(stored))
end

return edge
