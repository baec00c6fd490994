-- SPDX-License-Identifier: MIT
-- Reads HTTP/1.1 responses (RFC 9112) for transports that get bare bytes. The bytes are not trusted: what the RFC does
-- not allow is refused, nothing is guessed, and the size of every part is bounded. A parser reads one answer:
--
--   feed(bytes) ... until it returns "done"     or finish() when the connection has ended
--
-- Refused on purpose, since two readers may see two different answers in them: bare line ends, folded header lines,
-- a space before the colon, two lengths, a length beside chunks, a transfer coding other than chunked.
-- Pure: no I/O, no clock. Memory is bounded by max_body and the limits below.

local codes = require "cme.codes"

local http1 = {}

---@class cme.net.http1.options
---@field method string of the request: HEAD's answer has no body
---@field max_body number bytes of body accepted

---@class cme.net.http1
---@field status integer|nil
---@field version "1.0"|"1.1"|nil
---@field headers table<string, string> lower-case names; repeated lines joined by ", "
---@field keep boolean|nil whether the connection may carry another request, known at "done"
---@field extra boolean|nil whether more came than the answer, known at "done"
---@field _step function what takes the next bytes: returns true when it has taken some, false when it needs more
---@field _input string bytes received
---@field _at integer where the first byte of _input not yet taken is
---@field _left integer bytes of the body or chunk still to come
---@field _size integer bytes of body so far
---@field _pieces string[] the body's latest pieces
---@field _blocks string[] the body before them
---@field _head integer bytes of head, chunk lines and trailers so far
---@field _lines integer header lines so far
---@field _interim integer 1xx answers so far
---@field _failure { [1]: string, [2]: table|nil }|nil sentence and values that every later feed repeats
local Parser = {}
Parser.__index = Parser
Parser.__name = "cme.net.http1"

local LINE_MAX = 8192 -- bytes of one line
local HEAD_MAX = 65536 -- bytes of one head
local LINES_MAX = 256 -- header lines of one head
local INTERIM_MAX = 8 -- 1xx answers before the real one
local PIECES_MAX = 1024 -- pieces of body kept before they are joined
local LENGTH_DIGITS = 15 -- past 2^49 no length is meant seriously, and all fit a double
local CHUNK_DIGITS = 12

local CONTROL = "[%z\1-\8\10-\31\127]" -- every one but the tab
local TOKEN = "^[%w!#$%%&'*+.^_`|~-]+$"

local function fail(self, sentence, values)
  self._failure = { sentence, values }
  return codes.fail(sentence, values)
end

local function broken(self, sentence, values)
  return fail(self, "network.protocol:not_http", { fact = codes.reason("word:" .. sentence, values) })
end

local function too_large(self)
  return fail(self, "network.too_large:more", { limit = self._max_body })
end

-- A line without its end; false when it is not whole yet, nil when it cannot become one.
local function take_line(self)
  local input, from = self._input, self._at
  local at = input:find("\n", from, true)
  local length = (at or #input) - from + 1
  if length > LINE_MAX then return broken(self, "http_long_line", { limit = LINE_MAX }) end
  if not at then return false end
  self._head = self._head + length
  if self._head > HEAD_MAX then return fail(self, "network.too_large:head", { limit = HEAD_MAX }) end
  if length < 2 or input:byte(at - 1) ~= 13 then return broken(self, "http_line_end") end
  local line = input:sub(from, at - 2)
  if line:find(CONTROL) then return broken(self, "http_control") end
  self._at = at + 1
  return line
end

--- Splits a header line.
---@param line string without its end
---@return string|nil name in lower case
---@return string value
function http1.header(line)
  local name, value = line:match "^([^:]*):[ \t]*(.-)[ \t]*$"
  if not name or not name:find(TOKEN) then return nil, "" end
  return name:lower(), value
end

--- Reads a chunk's first line.
---@param line string without its end
---@return integer|nil size
function http1.chunk_size(line)
  local digits, rest = line:match "^(%x+)(.*)$"
  if not digits or #digits > CHUNK_DIGITS then return nil end
  if rest ~= "" and not rest:find "^[ \t]*;" then return nil end
  return tonumber(digits, 16)
end

--- Reads Content-Length; repeated ones must agree.
---@param value string
---@return integer|nil length
function http1.length(value)
  local first
  for item in (value .. ","):gmatch "[ \t]*(.-)[ \t]*," do
    first = first or item
    if item ~= first or not item:find "^%d+$" or #item > LENGTH_DIGITS then return nil end
  end
  return tonumber(first)
end

local function has_word(value, word)
  for item in (value or ""):gmatch "[^,%s]+" do
    if item:lower() == word then return true end
  end
  return false
end

local steps = {}

local function finished(self)
  self._step = steps.done
  return true
end

-- The body until the connection ends: nothing tells whether it is whole, so such a connection is not kept.
local function until_close(self)
  self.keep, self._left, self._step = false, math.huge, steps.body
  return true
end

-- How the body ends (RFC 9112, 6.3).
local function choose_body(self)
  local coding, length = self.headers["transfer-encoding"], self.headers["content-length"]
  if coding and length then return broken(self, "http_length_and_coding") end
  if coding and self.version == "1.0" then return broken(self, "http_old_coding") end
  if coding and coding:lower() ~= "chunked" then return broken(self, "http_other_coding") end
  local size = length and http1.length(length)
  if length and not size then return broken(self, "http_no_length") end
  if self._method == "HEAD" or self.status == 204 or self.status == 304 then return finished(self) end
  if coding then
    self._step = steps.chunk_line
    return true
  elseif not size then
    return until_close(self)
  elseif size > self._max_body then
    return fail(self, "network.too_large:size", { size = size, limit = self._max_body })
  end
  self._left, self._step = size, steps.body
  return true
end

local function end_of_head(self)
  if self.status < 200 then
    self._interim = self._interim + 1
    if self.status == 101 or self._interim > INTERIM_MAX then return broken(self, "http_interim") end
    self.status, self.headers, self._lines, self._head, self._step = nil, {}, 0, 0, steps.status
    return true
  end
  local connection = self.headers.connection
  self.keep = not has_word(connection, "close") and (self.version == "1.1" or has_word(connection, "keep-alive"))
  return choose_body(self)
end

function steps.status(self)
  local line, message, detail = take_line(self)
  if not line then return line, message, detail end
  local version, status, rest = line:match "^HTTP/1%.([01]) ([1-5]%d%d)(.*)$"
  if not version or not (rest == "" or rest:sub(1, 1) == " ") then return broken(self, "http_no_status") end
  self.version, self.status, self._step = "1." .. version, tonumber(status), steps.header
  return true
end

local function add_header(self, line)
  self._lines = self._lines + 1
  if self._lines > LINES_MAX then return fail(self, "network.too_large:lines", { limit = LINES_MAX }) end
  local name, value = http1.header(line)
  if not name then return broken(self, "http_no_name") end
  return true, name, value
end

function steps.header(self)
  local line, message, detail = take_line(self)
  if not line then return line, message, detail end
  if line == "" then return end_of_head(self) end
  local ok, name, value = add_header(self, line)
  if not ok then return ok, name, value end
  local before = self.headers[name]
  self.headers[name] = before and before .. ", " .. value or value
  return true
end

local function received(self)
  return #self._input - self._at + 1
end

-- Takes what there is of _left bytes of body. Pieces are joined in blocks, so that a body in many tiny ones neither
-- costs a table's place for each nor is copied again and again.
local function take_bytes(self)
  local count = math.min(self._left, received(self))
  self._size = self._size + count
  if self._size > self._max_body then return too_large(self) end
  if #self._pieces == PIECES_MAX then
    self._blocks[#self._blocks + 1] = table.concat(self._pieces)
    self._pieces = {}
  end
  self._pieces[#self._pieces + 1] = self._input:sub(self._at, self._at + count - 1)
  self._at, self._left = self._at + count, self._left - count
  return true
end

function steps.body(self)
  if self._left == 0 then return finished(self) end
  if received(self) == 0 then return false end
  return take_bytes(self)
end

function steps.chunk_line(self)
  local line, message, detail = take_line(self)
  if not line then return line, message, detail end
  self._head = 0
  local size = http1.chunk_size(line)
  if not size then return broken(self, "http_no_chunk_size") end
  if self._size + size > self._max_body then return too_large(self) end
  self._lines, self._left = 0, size
  self._step = size > 0 and steps.chunk or steps.trailer
  return true
end

function steps.chunk(self)
  if self._left > 0 then
    if received(self) == 0 then return false end
    return take_bytes(self)
  end
  if received(self) < 2 then return false end
  if self._input:sub(self._at, self._at + 1) ~= "\r\n" then return broken(self, "http_long_chunk") end
  self._at, self._step = self._at + 2, steps.chunk_line
  return true
end

-- Trailers are checked and dropped: nothing here needs them, and a header must not come in by the back door.
function steps.trailer(self)
  local line, message, detail = take_line(self)
  if not line then return line, message, detail end
  if line == "" then return finished(self) end
  return add_header(self, line)
end

function steps.done()
  return false
end

--- Makes a parser for one answer.
---@param given cme.net.http1.options
---@return cme.net.http1
function http1.new(given)
  return setmetatable({
    headers = {}, _method = given.method, _max_body = given.max_body, _step = steps.status, _input = "", _at = 1,
    _size = 0, _pieces = {}, _blocks = {}, _head = 0, _lines = 0, _interim = 0, _left = 0,
  }, Parser)
end

--- Takes bytes as they come.
---@param bytes string
---@return "done"|"more"|nil state nil: the answer is refused, and the connection good for nothing
---@return string|nil message
---@return cme.detail|nil detail code network.protocol or network.too_large
function Parser:feed(bytes)
  if self._failure then return codes.fail(self._failure[1], self._failure[2]) end
  self._input = received(self) == 0 and bytes or self._input:sub(self._at) .. bytes
  self._at = 1
  local going, message, detail
  repeat going, message, detail = self._step(self) until not going
  if going == nil then return nil, message, detail end
  if self._step ~= steps.done then return "more" end
  -- Bytes past the end answer nothing that was asked: they must not be taken for the next answer.
  self.extra = received(self) > 0
  if self.extra then self.keep = false end
  return "done"
end

--- Takes the end of the connection.
---@return "done"|nil state
---@return string|nil message
---@return cme.detail|nil detail code network.reset: the answer is not whole
function Parser:finish()
  if self._failure then return codes.fail(self._failure[1], self._failure[2]) end
  if self._step == steps.done then return "done" end
  if self._step == steps.body and self._left == math.huge then
    self._step = steps.done
    return "done"
  end
  return fail(self, "network.reset:incomplete")
end

--- The head, for who reads the body in parts: whether it has come.
---@return boolean
function Parser:answered()
  local step = self._step
  return step ~= steps.status and step ~= steps.header
end

--- Takes the part of the body that has come since the last time. Whoever reads so gives no max_body: what is held is
--- what was fed since.
---@return string part "" when nothing has
function Parser:take()
  local part = self:body()
  self._blocks, self._size = {}, 0
  return part
end

--- The body, once it is done.
---@return string
function Parser:body()
  self._blocks[#self._blocks + 1] = table.concat(self._pieces)
  self._pieces = {}
  return table.concat(self._blocks)
end

return http1
