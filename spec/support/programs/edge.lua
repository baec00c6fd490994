-- SPDX-License-Identifier: MIT
-- The edge for specs: a process of its own with a control connection, its keys, and what readers of its sockets get.

local cjson = require "cjson"
local uv = require "luv"

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local sign = require "cme.sign"
local token = require "cme.server.edge.token"

local edge = { program = (os.getenv "CME_BUILD" or "build") .. "/bin/cme-edge", app = "output",
  secret = "hush-tokens" }

---@class spec.edge
---@field proc spec.proc
---@field control spec.control
---@field folder string
---@field port integer of RTMP
---@field tls_port integer|nil of RTMPS
---@field srt_port integer|nil of SRT
local Edge = {}
Edge.__index = Edge

--- Starts one on free ports.
---@param program string its path
---@param ... string more arguments
---@return spec.edge
function edge.start_program(program, ...)
  local self = setmetatable({ folder = proc.folder(), revision = 0 }, Edge)
  local path = self.folder .. "/edge.sock"
  self.proc = proc.spawn({ program, "--control", path, "--folder", self.folder, "--rtmp", "127.0.0.1:0", ... },
    { name = "cme-edge" })
  self.proc:expect "listening on %S+\n"
  self.port = tonumber(self.proc.out:match "rtmp on 127%.0%.0%.1:(%d+)\n")
  self.tls_port = tonumber(self.proc.out:match "rtmps on 127%.0%.0%.1:(%d+)\n")
  self.srt_port = tonumber(self.proc.out:match "srt on 127%.0%.0%.1:(%d+)\n")
  self.control = relay.connect(path)
  return self
end

--- The same, of the build.
---@param ... string more arguments
---@return spec.edge
function edge.start(...) return edge.start_program(edge.program, ...) end

--- Gives it these keys, and no others.
---@param keys table<string, string|table> by id: the text of the key, or fields with `key`, and `srt` where that of SRT
--- is another
---@param secret string|false|nil of tokens; false: none
function Edge:set(keys, secret)
  local list = {}
  for id, given in pairs(keys) do
    local fields = type(given) == "table" and given or { key = given }
    local hashes = { sign.sha256_hex(fields.key) }
    list[#list + 1] = { id = id, hashes = hashes, expires = fields.expires, ended = fields.ended, own = fields.own,
      srt = { hashes = fields.srt and { sign.sha256_hex(fields.srt) } or hashes,
        passphrases = fields.passphrase and { fields.passphrase } }, play = fields.play,
      read = fields.read and { sign.sha256_hex(fields.read) } }
  end
  self.revision = self.revision + 1
  if secret == nil then secret = edge.secret end
  local spec = cjson.encode { revision = self.revision, app = edge.app, keys = list, secret = secret or nil }
  local answer = self.control:say(('{"id":"set","op":"set","spec":%s}'):format(spec:gsub('"keys":{}', '"keys":[]')))
  assert(answer.ok, answer.error and answer.error.message)
end

--- Waits until a key has no publisher.
---@param id string
function Edge:until_free(id)
  proc.eventually(id .. " to be free", 20, function() return not self:stat(id).live end)
end

--- An address to push to.
function Edge:url(key)
  return ("rtmp://127.0.0.1:%d/%s/%s"):format(self.port, edge.app, key)
end

--- An address to play what a key with `play` is about.
---@param name string
---@param given string|nil the token; default: a good one
function Edge:play_url(name, given)
  local project, what = name:match "^(.*)%-(%l+)$"
  return self:url(("%s?token=%s"):format(name, given or token.make(edge.secret, project, what, os.time())))
end

--- An address to call by SRT.
---@param stream_id string
---@param options string|nil more of the query: "passphrase=..."
function Edge:srt_url(stream_id, options)
  return ("srt://127.0.0.1:%d?streamid=%s%s"):format(self.srt_port, stream_id, options and "&" .. options or "")
end

--- The entry of a key in `stat`.
function Edge:stat(id)
  local stat = assert(self.control:request "stat")
  for _, key in ipairs(stat.keys) do
    if key.id == id then return key, stat end
  end
  return nil, stat
end

--- Resident memory in bytes.
function Edge:memory()
  local file <close> = assert(io.open(("/proc/%d/statm"):format(self.proc.pid)))
  return math.tointeger(tonumber(file:read "a":match "^%d+ (%d+)")) * 4096
end

---@class spec.edge_reader
---@field ended boolean the edge hung up
local Reader = {}
Reader.__index = Reader

--- Reads a key's socket from now on.
---@return spec.edge_reader
function Edge:read(id)
  local reader = setmetatable({ parts = {}, size = 0, pipe = uv.new_pipe(false) }, Reader)
  local connected
  reader.pipe:connect(("%s/%s.flv"):format(self.folder, id), function(err) connected = err or true end)
  proc.eventually("a connection to the socket of " .. id, 20, function() return connected end)
  assert(connected == true, connected)
  reader:go()
  proc.eventually("the edge to see its reader", 20, function() return #self:stat(id).readers > 0 end)
  return reader
end

--- Reads on after `pause`.
function Reader:go()
  self.pipe:read_start(function(_, chunk)
    if not chunk then self.ended = true end
    self.parts[#self.parts + 1] = chunk
    self.size = self.size + #(chunk or "")
  end)
end

function Reader:pause()
  self.pipe:read_stop()
end

--- All bytes so far.
---@return string
function Reader:bytes()
  return table.concat(self.parts)
end

--- All tags so far.
---@return spec.flv.tag[]
function Reader:tags()
  return #self.parts > 0 and flv.parse(table.concat(self.parts)) or {}
end

--- Waits until the edge hangs up; returns all tags.
function Reader:all()
  proc.eventually("the end of the stream", 30, function() return self.ended end)
  self:close()
  return self:tags()
end

function Reader:close()
  if not self.pipe:is_closing() then self.pipe:close() end
end

--- Ends it and all of its connections.
function Edge:stop()
  self.control:close()
  self.proc:stop()
end

return edge
