-- SPDX-License-Identifier: MIT
-- The service's edge: the program cme-edge, detached like the engines, which receives what encoders push, and playback
-- (viewing.lua). Its files are in STATE/edge:
--
--   keys         sign push addresses, and make tokens of playback (keys.lua)
--   address      where both listen: tried first when a port is of no matter
--   hls/         what viewers get
--   edge.sock    the service gives it the keys that are good, in advance; edge.log, .1
--   ID.flv       engines read what is pushed with key ID
--
-- What is pushed is played from there by RTMP, too, and so is each programme, which its engine pushes there for this.
--
-- So nobody is asked while an encoder waits, and a crash of the service is noticed by no encoder: keys go on being
-- admitted until they expire, and the next service adopts the edge. When the service ends in an orderly way, the edge
-- goes on while broadcasts do, those of other nodes that read from it, too. program.lua keeps it running, admission.lua
-- knows which keys are good.

local uv = require "luv"

local address = require "cme.server.edge.address"
local admission = require "cme.server.edge.admission"
local codes = require "cme.codes"
local certificate = require "cme.system.certificate"
local earlier = require "cme.server.edge.earlier"
local edge_keys = require "cme.server.edge.keys"
local files = require "cme.system.files"
local ingest = require "cme.server.edge.ingest"
local luv = require "cme.net.loop.luv"
local program = require "cme.server.edge.program"
local sign = require "cme.sign"
local task = require "cme.task"
local token = require "cme.server.edge.token"
local viewing = require "cme.server.edge.viewing"

local edge = {}

local GATHER = 0.2 -- seconds

local WATCHED_SECONDS = 5 -- for the edge to say who watches

---@class cme.server.edge.options
---@field folder string                 EDGE; made if needed
---@field rtmp cme.server.edge.address  port 0: the one it had, else a free one; so for all
---@field rtmps cme.server.edge.address|nil nil: not offered; so for SRT
---@field srt cme.server.edge.address|nil
---@field certificate { cert: string, key: string }|nil of RTMPS; paths of PEM files
---@field srt_passphrase boolean|nil SRT addresses have a passphrase
---@field takeover number|nil seconds of silence after which another encoder may take over; nil: never
---@field http cme.server.edge.address  of playback
---@field domain string|nil             host that encoders are told; default: the one that is listened on
---@field listen fun(address: cme.server.edge.address, handle: function): any, any, any see viewing.lua
---@field engine fun(kind: cme.server.process.engine_kind): cme.server.process.engine what starts cme-edge
---@field log cme.server.log
---@field clock cme.system.clock
---@field told (fun(reason: "Hung"|"Died"))|nil it is being replaced; must not wait
---@field others cme.server.edge.others|nil nil: the service is alone
---@field publisher (fun(project: string, endpoint: "main"|"backup", event: table))|nil what became of an encoder; must
---  not wait

---@class cme.server.edge.others the edges of other nodes of a fleet
---@field base fun(id: string): string|nil where the one is that an encoder pushes to with a key, "rtmp://HOST:PORT";
---  nil: none of the others
---@field own fun(working: cme.server.project[]): cme.server.project[] those whose engines this node may have

---@class cme.server.edge
---@field rtmp cme.server.edge.address  where it really listens; so for the next two, when it does
---@field rtmps cme.server.edge.address|nil
---@field srt cme.server.edge.address|nil
---@field viewing cme.server.edge.viewing playback
---@field private _options cme.server.edge.options
---@field private _folder string        the real path
---@field private _certificate { cert: string, key: string }|nil of RTMPS
---@field private _keys cme.server.edge.keys
---@field private _admission cme.server.edge.admission
---@field private _pushed fun(): cme.server.project[]|nil, string|nil, cme.detail|nil see start()
---@field private _previews cme.server.edge.previews|nil nil before its start
---@field private _started true|nil
---@field private _told integer         revision of the keys that the edge was told
---@field private _locks cme.task.locks  one tells at a time, all that is known by then
---@field private _changing table<string, { heard: true|nil, record: cme.server.project|nil }> news of those projects
---  that are being changed here
---@field private _gathers true|nil       what other nodes did is about to be told
---@field private _left_out table<string, integer> keys without room that were said last, by the log's level
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

-- The files of RTMPS as the edge finds them from its own folder, links as links, since a renewal may move them. It must
-- be able to use them.
local function find_certificate(options)
  if not options.rtmps then return true end
  local usable, message, detail = certificate.check(options.certificate)
  if not usable then return nil, message, detail end
  local found = {}
  for name, path in pairs(options.certificate) do
    found[name] = path:sub(1, 1) == "/" and path or uv.cwd() .. "/" .. path
  end
  return true, found
end

-- What the edge may listen on: the option that names the address, and whether it is UDP's.
local PROTOCOLS = { { "rtmp", "--edge-rtmp" }, { "rtmps", "--edge-rtmps" }, { "srt", "--edge-srt", udp = true } }

local function or_nil(value, kind)
  return type(value) == kind and value or nil
end

-- Whether the one that runs is as it is wanted.
function Edge:_fits(listening, stat)
  local options = self._options
  for _, protocol in ipairs(PROTOCOLS) do
    if not address.fits(listening[protocol[1]], options[protocol[1]]) then return false end
  end
  local wanted = self._certificate or {}
  return or_nil(stat.takeover, "number") == options.takeover and or_nil(stat.certificate, "string") == wanted.cert
    and or_nil(stat.key_file, "string") == wanted.key
end

-- The ports of an edge of ours that runs are not free, and need not be.
function Edge:_choose_ports(before)
  local running = luv.run(self._program.find, self._program, function(...) return self:_fits(...) end) or {}
  for _, protocol in ipairs(PROTOCOLS) do
    local name, wanted = protocol[1], self._options[protocol[1]]
    local found = address.read(running[name])
    local port, message, detail = found and found.port, nil, nil
    if wanted and not port then
      port, message, detail = address.free_port(wanted, before[name], protocol[2], protocol.udp)
    end
    if wanted and not port then return nil, message, detail end
    self[name] = wanted and { host = wanted.host, port = port }
  end
  return true
end

function Edge:_open_viewing(before)
  local options, wanted = self._options, self._options.http
  local port, message, detail = address.free_port(wanted, before, "--edge-http")
  if not port then return nil, message, detail end
  self.viewing, message, detail = viewing.open { folder = self._folder, domain = options.domain,
    address = { host = wanted.host, port = port }, secret = token.secret(self._keys.secret), clock = options.clock,
    listen = options.listen }
  return self.viewing and true, message, detail
end

-- Where the edge listens, by protocol.
function Edge:_listening()
  local listening = {}
  for _, protocol in ipairs(PROTOCOLS) do
    local at = self[protocol[1]]
    listening[protocol[1]] = at and address.show(at)
  end
  return listening
end

function Edge:_keep_addresses()
  local text = address.write { rtmp = self.rtmp, rtmps = self.rtmps, srt = self.srt, http = self.viewing.http }
  return files.write_atomically(self._folder .. "/address", text)
end

function Edge:_open_addresses()
  local before = address.read_all(files.read(self._folder .. "/address") or "")
  before.rtmp = luv.run(earlier.finish, self._folder) or before.rtmp
  local ok, message, detail = self:_choose_ports(before)
  if ok then ok, message, detail = self:_open_viewing(before.http) end
  if not ok then return nil, message, detail end
  return self:_keep_addresses()
end

-- What it is started with.
function Edge:_arguments()
  local options, arguments = self._options, {}
  for protocol, at in pairs(self:_listening()) do
    arguments[#arguments + 1] = "--" .. protocol
    arguments[#arguments + 1] = at
  end
  if self._certificate then
    table.move({ "--certificate", self._certificate.cert, "--key", self._certificate.key }, 1, 4, #arguments + 1,
      arguments)
  end
  arguments[#arguments + 1] = "--takeover"
  arguments[#arguments + 1] = options.takeover and ("%g"):format(options.takeover) or "off"
  return arguments
end

function Edge:_new_program()
  local options = self._options
  return program.new { clock = options.clock, log = options.log, told = options.told,
    taken = function(...) self:_taken(...) end,
    listening = function() return self:_listening() end,
    engine = options.engine(program.kind(self._folder, function() return self:_arguments() end)),
    spec = function() return self:_spec() end, heard = function(event) self:_heard(event) end }
end

--- Finds keys and ports; starts nothing yet. Runs the loop: for the service's start.
---@param options cme.server.edge.options
---@return cme.server.edge|nil
---@return string|nil message
---@return cme.detail|nil detail
function edge.open(options)
  local self = setmetatable({ _options = options, _known = false, _told = 0, _left_out = {}, _changing = {},
    _locks = task.locks() }, Edge)
  local ok, message, detail
  self._folder, message, detail = make_folder(options.folder)
  if not self._folder then return nil, message, detail end
  ok, message, detail = find_certificate(options)
  if not ok then return nil, message, detail end
  self._certificate = message
  self._keys, message, detail = edge_keys.open(self._folder .. "/keys")
  if not self._keys then return nil, message, detail end
  self._admission = admission.new(self._keys, { shared = options.others ~= nil,
    srt = options.srt and (options.srt_passphrase and "encrypted" or "plain") })
  self._program = self:_new_program()
  ok, message, detail = self:_open_addresses()
  if not ok then return nil, message, detail end
  return self
end

-- ---- keys and publishers

-- Says how many keys have no room, when that is another number than it was: all are told with each change.
function Edge:_say_left_out(level, words, count, taken)
  local before = self._left_out[level] or 0
  self._left_out[level] = count
  if count == 0 or count == before then return end
  self._options.log[level](self._options.log, words .. "; delete projects or pushed inputs that are no longer needed",
    { left_out = count, taken = taken })
end

-- What the edge is told. The projects of before the start are read once; then each change is told (settle).
function Edge:_spec()
  if not self._known then
    local records, message, detail = self._pushed()
    if not records then return nil, message, detail end
    for _, record in ipairs(records) do
      self._admission:put(record.id, record)
    end
    local others = self._options.others
    for _, record in ipairs(others and others.own(records) or records) do
      if record.status == "Working" then self._admission:feed(record.id, "output") end
    end
    self._known = true
  end
  self._admission:limit(self._program.most)
  local spec, left_out, unplayed = self._admission:spec()
  self:_say_left_out("error", "more push addresses than the edge takes: encoders of those left out are refused",
    left_out, #spec.keys)
  self:_say_left_out("warn", "more keys than the edge takes: some of what engines send is not played by RTMP", unplayed,
    #spec.keys)
  return spec
end

local PEOPLE = { publisher = true, viewer = true }

-- Somebody plays by RTMP what an engine of ours publishes. An input that is pulled is pulled when somebody looks.
function Edge:_watched(id)
  local project, what, own = self._admission:who(id)
  if own and what ~= "output" and self._previews then
    luv.detach(self._previews.looked, self._previews, project, what)
  end
end

-- The keys that an edge says it has.
local function keys_of(stat)
  local keys = {}
  for _, key in ipairs(type(stat.keys) == "table" and stat.keys or {}) do
    if type(key) == "table" then keys[#keys + 1] = key end
  end
  return keys
end

local function has_viewers(key) return type(key.viewers) == "table" and key.viewers[1] ~= nil end

-- What there was when it was connected to. Its viewers may have come while nobody was there to be told.
function Edge:_found(stat)
  for _, key in ipairs(keys_of(stat)) do
    if has_viewers(key) then self:_watched(key.id) end
  end
end

-- It is up, and knows what it was told; some may have changed while it took that.
function Edge:_taken(stat, spec)
  self._told = math.max(self._told, spec.revision)
  if self._told < self._admission:revision() then luv.detach(self._tell, self) end
  self:_found(stat)
end

-- How urgent an event is. An encoder that is refused tries again every few seconds, for hours if need be: why is said
-- once, until it is for another reason or the key is good. Of keys that are not known each is said.
function Edge:_level(event)
  local refused = event.state == "refused"
  local again = event.event == "publisher" and self._admission:repeats(event.key_id, refused and event or nil)
  return again and "debug" or refused and "warn" or "info"
end

-- Nothing that an encoder or a viewer sent is said here but its address; of our own engines nothing at all.
function Edge:_heard(event)
  local project, endpoint, own = self._admission:who(event.key_id)
  if not PEOPLE[event.event] or event.event == "publisher" and own then return end
  if event.event == "viewer" and event.state == "admitted" then self:_watched(event.key_id) end
  local reason = type(event.reason) == "string" and event.reason or nil
  self._options.log[self:_level(event)](self._options.log, event.event .. " " .. tostring(event.state),
    { project = project, endpoint = endpoint, address = event.address, protocol = event.protocol, reason = reason,
      left_out = event.left_out })
  if not project or event.event ~= "publisher" or not self._options.publisher then return end
  self._options.publisher(project, endpoint, event)
end

-- One that is not up is told when it is.
local function tell_all(self, wanted)
  if self._told >= wanted then return end -- whoever had the turn before told this, too
  local revision = self._admission:revision()
  if self._program:tell() then self._told = math.max(self._told, revision) end
end

-- Waits until the edge has the keys that are good by now. All of them go at once, so those who change some at the same
-- time share one telling.
function Edge:_tell()
  local wanted = self._admission:revision()
  self._program:wait_taken()
  if self._told < wanted then self._locks:with("keys", tell_all, self, wanted) end
end

--- Holds room for the push addresses of a project that is about to be stored, until settle() or cancel().
---@param record cme.server.project as it is to be
---@param before cme.server.project|nil as it is; nil: it is new
---@return true|nil
---@return string|nil message there is none
---@return cme.detail|nil detail
function Edge:reserve(record, before)
  local held, most = self._admission:reserve(record, before)
  if held then return true end
  return codes.fail("api.LimitExceeded:push_addresses", { limit = most })
end

--- What room was held for is not stored.
---@param record cme.server.project
function Edge:cancel(record) self._admission:cancel(record) end

--- The engine of a project is about to be told of a change: the edge takes what is new of it before. settle() follows.
--- Waits until it has the keys; tasks only.
---@param record cme.server.project as it is to be
function Edge:prepare(record)
  if self._admission:prepare(record.id, record) then self:_tell() end
end

--- A project is there, was changed or is gone: the edge learns which keys are good, and who publishes with one that
--- is not is sent away. Waits until it has them; tasks only.
---@param before cme.server.project|nil nil: it is new
---@param after cme.server.project|nil nil: it is gone
function Edge:settle(before, after)
  self._admission:put((before or after --[[@as cme.server.project]]).id, after)
  self:_tell()
  if before then self.viewing:settle(before, after) end
end

--- Calls what changes a project here, which ends with settle(): follow() waits for its end. Waits; tasks only.
---@param project string
---@param change fun(...: any): ...
---@param ... any
---@return any ... what `change` returns
function Edge:during(project, change, ...)
  local news = {}
  self._changing[project] = news
  local found = table.pack(xpcall(change, debug.traceback, ...))
  self._changing[project] = nil
  if news.heard then luv.detach(self.follow, self, project, news.record) end
  if not found[1] then error(found[2], 0) end
  return table.unpack(found, 2, found.n)
end

--- The same as settle(), of what the store tells, for which nobody waits here: what happens within a moment is told at
--- once, since all keys of a fleet are told each time. May return before that.
---@param project string
---@param record cme.server.project|nil as it is now; nil: it is gone
function Edge:follow(project, record)
  local news = self._changing[project]
  if news then
    news.heard, news.record = true, record
    return
  end
  if not self._admission:put(project, record) or self._gathers then return end
  self._gathers = true
  task.sleep(GATHER)
  self._gathers = nil
  self:_tell()
end

--- An encoder of a project pushes to another node than before: what was played here of it is over. Waits; tasks only.
---@param project string
function Edge:moved(project)
  self._admission:unfeed(project)
  self:_tell()
  if self._previews then self._previews:settle(project) end
end

--- No engine publishes a project's programme any more: its key makes room. Does not wait.
---@param project string
function Edge:over(project)
  if self._admission:unfeed_output(project) then luv.detach(self._tell, self) end
end

-- ---- the program

--- Takes up the edge that runs, or starts one, and keeps it up from now on; returns after the first attempt. Waits;
--- tasks only.
---@param pushed fun(): cme.server.project[]|nil, string|nil, cme.detail|nil projects that may have pushed inputs, and
---  all that are on the air
---@param previews cme.server.edge.previews
---@param on_failure fun(message: string, detail: cme.detail) playback cannot be served any more
function Edge:start(pushed, previews, on_failure)
  self._pushed, self._previews, self._started = pushed, previews, true
  luv.detach(self._program.keep, self._program)
  if not self._program.up then self._program.changed:wait(program.UP_SECONDS) end
  self.viewing:start(previews, on_failure)
end

--- Has the certificate of RTMPS read again, for the connections from now on. Waits; tasks only.
---@return boolean read there is one, and it was taken
function Edge:renew()
  if not self._certificate or not self._program.up then return false end
  local usable, message = certificate.check(self._certificate) -- the edge would wait for a pipe
  if usable then return self._program:reload() == true end
  self._options.log:error("the edge's TLS certificate stays as it was", { error = message })
  return false
end

-- What the edge says of itself, by the names that metrics have for it.
local NUMBERS = { viewers = "viewers", connections = "connections", strangers = "strangers",
  turned_away = "turned_away_total", refused = "refused_total" }

-- Encoders that push; our own engines push, too.
local function count_publishers(stat)
  local count = 0
  for _, key in ipairs(keys_of(stat)) do
    if key.live == true and key.own ~= true then count = count + 1 end
  end
  return count
end

--- The encoders that push. Waits; tasks only.
---@param seconds number at most
---@return { id: string, project: string, endpoint: "main"|"backup", since: number }[]|nil encoders nil: it does not
---  answer
function Edge:encoders(seconds)
  local stat, list = self._program:stat(seconds), {}
  for _, key in ipairs(keys_of(stat or {})) do
    local project, endpoint, own = self._admission:who(key.id)
    if key.live == true and project and not own then
      list[#list + 1] = { id = key.id, project = project, endpoint = endpoint, since = key.since }
    end
  end
  return stat and list
end

--- Whether encoders push to it for projects that are on the air, at whichever node. Waits; tasks only.
---@return boolean needed also when it does not answer
function Edge:is_needed()
  if not self._program.up then return false end
  local list = self:encoders(WATCHED_SECONDS)
  return not list or self._admission:has_working(list)
end

--- How many are there, and were refused. Waits; tasks only.
---@param seconds number at most
---@return table<string, number>|nil numbers by the ends of the metrics' names; nil: it does not answer
function Edge:numbers(seconds)
  local stat = self._program:stat(seconds)
  if not stat then return nil end
  local numbers = { publishers = count_publishers(stat) }
  for member, name in pairs(NUMBERS) do numbers[name] = tonumber(stat[member]) or 0 end
  return numbers
end

--- How often it ended without being asked to, since the service's start.
---@return integer
function Edge:restarts()
  return self._program.restarts
end

--- Looks whether it lives, and asks it for a sign of that; to be called once a pulse.PERIOD. Does not wait; tasks only.
function Edge:check()
  self._program:check()
end

--- Lets go of it; one that start() was not called for is left as it is. Once is enough, more is harmless.
---@param leave boolean it goes on; otherwise it ends, too
function Edge:close(leave)
  if self._program:over() then return end
  self._program:release(leave or not self._started)
  if self.viewing then self.viewing:close() end
end

--- Ends an edge that an earlier service left in a folder, when this one has none. Waits; tasks only.
---@param options { folder: string, engine: (fun(kind: cme.server.process.engine_kind): cme.server.process.engine),
---  clock: cme.system.clock, log: cme.server.log }
---@return boolean there was one
function edge.sweep(options)
  local real = uv.fs_realpath(options.folder)
  if not real then return false end
  local there = program.sweep(options.engine(program.kind(real, function() return {} end)), options.clock, options.log)
  return earlier.finish(real) ~= nil or there
end

--- Keeps the log within its bound, and removes what was left for viewers; to be called from time to time. Waits; tasks
--- only.
function Edge:tidy()
  self._program:trim_logs()
  self.viewing:tidy()
end

-- ---- addresses

-- HOST:PORT that people are told.
function Edge:_domain(at)
  return ("%s:%d"):format(self._options.domain or address.domain(at.host, uv.os_gethostname()), at.port)
end

--- The address that an encoder pushes to.
---@param stored string see ingest.lua
---@return string
function Edge:push_url(stored)
  return ingest.url(stored, self:_domain(self.rtmp), self._keys)
end

--- The same by RTMPS.
---@param stored string
---@return string|nil nil: it is not offered
function Edge:rtmps_push_url(stored)
  if not self.rtmps then return nil end
  return "rtmps" .. ingest.url(stored, self:_domain(self.rtmps), self._keys):match "^rtmp(:.*)$"
end

--- The same by SRT.
---@param stored string
---@return string|nil nil: it is not offered
function Edge:srt_push_url(stored)
  if not self.srt then return nil end
  return ingest.srt_url(stored, self:_domain(self.srt), self._keys, self._options.srt_passphrase == true)
end

--- The address from which an engine reads a pushed input.
---@param stored string see ingest.lua
---@return string url
---@return boolean elsewhere another node's edge has it
function Edge:pull_url(stored)
  local others = self._options.others
  local base = others and others.base(ingest.id(stored))
  if base then return ("%s/%s/%s"):format(base, ingest.app, ingest.read_key(stored, self._keys)), true end
  return ("unix:%s/%s.flv"):format(self._folder, ingest.id(stored)), false
end

--- Whether somebody plays by RTMP what an engine publishes of it. The edge is asked, since it tells of viewers now and
--- then only, and of none while nobody is connected to it. Waits; tasks only.
---@param project string
---@param what "output"|"main"|"backup"
---@return boolean|nil watched nil: it does not answer
function Edge:is_watched(project, what)
  local stat, id = self._program:stat(WATCHED_SECONDS), ingest.feed_id(project, what)
  if not stat then return nil end
  for _, key in ipairs(keys_of(stat)) do
    if key.id == id then return has_viewers(key) end
  end
  return false
end

--- Where a project's output or an input of it is played by RTMP. What an engine publishes has to be known: see feed().
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function Edge:play_url(project, what)
  local secret, now = token.secret(self._keys.secret), self._options.clock.now()
  return ("rtmp://%s/%s/%s?token=%s"):format(self:_domain(self.rtmp), ingest.app, token.name(project, what),
    token.make(secret, project, what, now))
end

--- Where an engine publishes what is played there, a programme or an input that it pulls; the edge is told so. Does not
--- wait.
---@param project string
---@param what "output"|"main"|"backup"
---@return string url
---@return string name of the output, another when the address is
function Edge:feed(project, what)
  local key, changed = self._admission:feed(project, what)
  if changed then luv.detach(self._tell, self) end
  local host = self.rtmp.host == "0.0.0.0" and "127.0.0.1" or self.rtmp.host
  local url = ("rtmp://%s:%d/%s/%s"):format(host, self.rtmp.port, ingest.app, key)
  return url, "rtmp " .. sign.sha256_hex(url):sub(1, 8)
end

return edge
