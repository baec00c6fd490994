-- SPDX-License-Identifier: MIT
-- Runs cme-look, which says what the viewers of addresses see. The addresses go to it on its stdin, since they may
-- have secrets, and it ends when that is closed: with this process, however that ends.

local child = require "cme.system.child"
local codes = require "cme.codes"
local json = require "cme.json"
local lines = require "cme.look.lines"

local program = {}

local LONGEST = 65536 -- bytes of a line
local GRACE = 3 -- seconds to end in

---@class cme.look.order
---@field urls string[] 1 to 32
---@field source string|nil to compare them with
---@field seconds number|nil how long to look; nil: until it is stopped
---@field every number|nil seconds between two looks; 10 when nil
---@field tell number|nil seconds between two lines about an address; `every` when nil
---@field late number|nil seconds behind the source from which on an address is late
---@field full boolean|nil decode all pictures, not keyframes and a stretch of each look
---@field pictures string|nil folder that JPEGs of what viewers see are written into: INDEX.jpg, INDEX-STATE.jpg
---@field ca_file string|nil
---@field public boolean|nil read addresses of the public internet alone
---@field source_public boolean|nil the same of the source
---@field peer boolean|nil the source is another input of the project: frozen is told by it, and nothing else

---@class cme.look.running
---@field private _child cme.system.child
---@field private _rest string what came of a line that has not ended
local Running = {}
Running.__index = Running
Running.__name = "cme.look.running"

local function order_line(order)
  return assert(json.encode { urls = json.array(order.urls), source = order.source, ["for"] = order.seconds,
    every = order.every, tell = order.tell, late = order.late, full = order.full,
    pictures = order.pictures, ca_file = order.ca_file, public = order.public,
    source_public = order.source_public, peer = order.peer }) .. "\n"
end

function Running:_take(chunk, on_line)
  self._rest = self._rest .. chunk
  for text in self._rest:gmatch "([^\n]*)\n" do
    local line = lines.read(text)
    if line then on_line(line) end
  end
  self._rest = self._rest:match "[^\n]*$":sub(1, LONGEST)
end

--- Starts it. Callbacks come from the luv loop and must not raise.
---@param path string of the program
---@param order cme.look.order
---@param on_line fun(line: cme.look.line)
---@param on_end fun(exit: cme.system.child.exit) all it said was taken
---@return cme.look.running|nil
---@return string|nil message
---@return cme.detail|nil detail
function program.start(path, order, on_line, on_end)
  local self = setmetatable({ _rest = "" }, Running)
  local started, message, detail = child.spawn { program = path, args = {}, what = codes.reason "word:look",
    stdin = "pipe", stdout = "pipe", stderr = 2, detached = true,
    on_output = function(chunk) self:_take(chunk, on_line) end, on_end = on_end }
  if not started then return nil, message, detail end
  self._child = started
  started:write(order_line(order))
  return self
end

--- Its process.
---@return integer
function Running:pid()
  return self._child.pid
end

--- Ends it by force, without a word.
function Running:kill()
  self._child:kill "sigkill"
end

--- Asks it to end: it says how each address was, and ends.
function Running:stop()
  self._child:stop(GRACE)
end

return program
