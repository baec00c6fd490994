-- SPDX-License-Identifier: MIT
-- One ffmpeg or ffprobe: what it writes to stdout goes to a function, the end of what it writes to stderr is kept for
-- the message when it fails. URLs of that text are redacted. It is ended with SIGKILL, because it has nothing to save.

local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local redact = require "cme.redact"
local system = require "cme.system.child"
local text = require "cme.text.strings"

local child = {}

local REFUSED = "cme%-refused: (%S+)" -- twin of src/playout/public_only.c

---@class cme.playout.child
---@field private _child cme.system.child
---@field private _reason cme.reason|nil why it was ended, when we did
local Child = {}
Child.__index = Child

--- The last line of an error text that says something, fit for a message; pure.
---@param words string
---@return cme.reason|nil
function child.reason(words)
  local last
  for line in words:gmatch "[^\r\n]+" do
    if line:find "%S" then
      last = line
    end
  end
  last = last and last:gsub("^%[[^%]]*%]%s*", ""):gsub("^cme%-source: *:? *", "")
  if not last then return nil end
  last = redact.text(last, 300)
  last = text.utf8_len(last) and last or last:gsub("[\128-\255]", "?")
  local known = codes.system(last)
  return codes.reason("source.failed", { reason = type(known) == "table" and known or { text = last } })
end

--- The address that a program was not let connect to; pure.
---@param words string what it wrote to stderr
---@return cme.reason|nil
function child.refusal(words)
  local address = words:match(REFUSED)
  return address and codes.reason("source.not_public", { address = address })
end

--- Starts a program. `on_end` is called once, when it has ended and all it wrote was taken.
---@param program string
---@param argv string[]
---@param env string[]
---@param on_data fun(chunk: string)
---@param on_end fun(ok: boolean, reason: cme.reason|nil)
---@return cme.playout.child|nil
---@return string|nil message
---@return cme.detail|nil detail code local.program
function child.spawn(program, argv, env, on_data, on_end)
  local self = setmetatable({}, Child)
  local message, detail
  self._child, message, detail = system.spawn { program = program, args = argv, env = env, cwd = "/", stdout = "pipe",
    stderr = "tail", on_output = luv.callback(on_data), on_end = luv.callback(function(exit)
      if exit.ok then return on_end(true) end
      local words = self._child.words
      on_end(false, child.refusal(words) or self._reason or child.reason(words) or codes.reason "source.ended:alone")
    end) }
  if not self._child then return nil, message, detail end
  return self
end

--- Takes no more of what it writes, so that it has to wait; goes on taking.
---@param held boolean
function Child:hold(held)
  self._child:hold(held)
end

--- Ends it.
---@param reason cme.reason|nil what on_end is told
function Child:kill(reason)
  self._reason = self._reason or reason or codes.reason "source.ended:by_us"
  self._child:kill "sigkill"
  self:hold(false) -- or its end would not be seen
end

return child
