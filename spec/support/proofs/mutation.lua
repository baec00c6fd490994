-- SPDX-License-Identifier: MIT
-- What becomes of a recorded session in the hands of somebody who means ill: bytes changed, left out, said again, mixed
-- with another session's. The same seed makes the same bytes. Pure.

local mutation = {}

local EARLY = 4096 -- bytes: handshake and commands, of which there are few among much media
local EDGES = { "\0", "\1", "\127", "\128", "\255" }

---@class spec.random
---@field private _state integer
local Random = {}
Random.__index = Random

--- A generator of its own, so that nobody else's draws change what a seed means (xorshift64).
---@param seed integer
---@return spec.random
function mutation.random(seed)
  return setmetatable({ _state = (seed * 0x9e3779b97f4a7c15) | 1 }, Random)
end

--- A number from `from` to `to`.
---@param from integer
---@param to integer
---@return integer
function Random:number(from, to)
  local x = self._state
  x = x ~ (x << 13)
  x = x ~ (x >> 7)
  x = x ~ (x << 17)
  self._state = x
  return from + math.tointeger((x >> 1) % (to - from + 1))
end

---@generic T
---@param list T[]
---@return T
function Random:one_of(list) return list[self:number(1, #list)] end

---@param length integer
---@return string
function Random:bytes(length)
  local parts = {}
  for i = 1, length do parts[i] = string.char(self:number(0, 255)) end
  return table.concat(parts)
end

-- A place; every other one is early.
local function place(random, session)
  return random:number(1, math.max(1, random:number(0, 1) == 0 and math.min(#session, EARLY) or #session))
end

local function put(session, at, bytes) return session:sub(1, at - 1) .. bytes .. session:sub(at + #bytes) end

local function slice(random, session)
  local at = place(random, session)
  return at, math.min(#session, at + random:number(0, random:one_of { 3, 40, 2000 }))
end

-- Each takes the generator, a session and another one.
local changes = {}

function changes.bytes(random, session)
  for _ = 1, random:number(1, 20) do session = put(session, place(random, session), random:bytes(1)) end
  return session
end

function changes.bounds(random, session)
  for _ = 1, random:number(1, 4) do
    session = put(session, place(random, session), random:one_of(EDGES):rep(random:number(1, 4)))
  end
  return session
end

function changes.cut(random, session) return session:sub(1, place(random, session)) end

function changes.left_out(random, session)
  local from, to = slice(random, session)
  return session:sub(1, from - 1) .. session:sub(to + 1)
end

function changes.said_again(random, session)
  local from, to = slice(random, session)
  return session:sub(1, to) .. session:sub(from, to):rep(random:number(1, 8)) .. session:sub(to + 1)
end

function changes.put_in(random, session)
  local at = place(random, session)
  return session:sub(1, at) .. random:bytes(random:number(1, 300)) .. session:sub(at + 1)
end

function changes.crossed(random, session, other)
  return session:sub(1, place(random, session)) .. other:sub(place(random, other))
end

-- A Set Chunk Size where a chunk begins, or where none does.
function changes.chunk_size(random, session)
  local at = place(random, session)
  local size = random:one_of { 0, 1, 2, 127, 65536, 0x7fffffff, 0x80000000, 0xffffffff }
  return session:sub(1, at) .. "\2\0\0\0\0\0\4\1\0\0\0\0" .. string.pack(">I4", size) .. session:sub(at + 1)
end

function changes.noise(random) return "\3" .. random:bytes(random:number(1, 4000)) end

local NAMES = {}
for name in pairs(changes) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

--- Changes one of the sessions, one to three times.
---@param random spec.random
---@param sessions string[]
---@return string
function mutation.of(random, sessions)
  local session = random:one_of(sessions)
  for _ = 1, random:number(1, 3) do
    session = changes[random:one_of(NAMES)](random, session, random:one_of(sessions))
  end
  return session
end

return mutation
