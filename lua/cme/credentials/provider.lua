-- SPDX-License-Identifier: MIT
-- Keeps the keys of one source fresh. Asking is cheap while they are: one comparison. Keys that expire are renewed
-- early, by a margin with jitter so that a fleet does not ask at once, and by one asker at a time:
--
--   fetched        refresh_at                     expires_at
--   |---- get: kept ---|---- get: one refreshes, ----|---- get: all wait for the one
--                           the others have the kept       that refreshes, or fail
--
-- A refresh that fails before the expiry changes nothing but the time of the next; the failure is returned once there
-- are no good keys left. The same keys found again are the same table again, so that who signs can tell by identity.
-- Keys are no fields of the object. Who waits for another's refresh looks again and again, by the transport's sleep:
-- the task that refreshes may be cancelled, which nothing announces, and then the next takes over.

local in_nginx = require "cme.net.phase".in_nginx
local lazy = require "cme.text.lazy"

local codes = lazy.module(function() return require "cme.codes" end)
local common = lazy.module(function() return require "cme.credentials.common" end)

local provider = {}

-- Seconds before the expiry at which renewing begins, where keys live long enough; half as much again by jitter.
local MARGIN = 300
-- Of short-lived keys it is this part of their life.
local PART = 0.25
-- Seconds until the next try after one that failed while the old keys were good; twice that by jitter.
local AGAIN = 15
-- A refresh that takes longer was abandoned: its steps together have less.
local ABANDONED = 25
-- Seconds between two looks at a refresh under way.
local STEP = 0.02
local LONGEST_VALUE = 8192 -- bytes; the longest session tokens of the STS have 4096

---@class cme.credentials.provider
local Provider = {}
Provider.__index = Provider
Provider.__name = "cme.credentials.provider"

---@class cme.credentials.provider.state
---@field source cme.credentials.source
---@field host cme.credentials.host|nil
---@field kept cme.credential|nil the keys
---@field refresh_at number when to look for new ones; huge: never
---@field flight cme.credentials.provider.flight|nil the refresh under way

---@class cme.credentials.provider.flight
---@field started number
---@field thread thread|nil the coroutine that refreshes, where its death can be seen
---@field done boolean|nil
---@field credential cme.credential|nil its outcome
---@field message string|nil
---@field detail table|nil

---@type table<cme.credentials.provider, cme.credentials.provider.state>
local private = setmetatable({}, { __mode = "k" })

--- Makes a provider.
---@param source cme.credentials.source
---@param host cme.credentials.host|nil may follow by bind
---@return cme.credentials.provider
function provider.new(source, host)
  local self = setmetatable({}, Provider)
  private[self] = { source = source, host = host, refresh_at = -math.huge }
  return self
end

--- Whether a value is a provider.
---@param value any
---@return boolean
function provider.is(value)
  return private[value] ~= nil
end

function Provider:__tostring()
  local state = private[self]
  local kept = state.kept
  return ("cme.credentials (%s)"):format(kept and kept.source or state.source.name)
end

--- Says what to read and ask with, which a client does; the first time counts, so a provider shared by clients asks
--- with the first one's. One that was never bound has the process's own environment, files and transport.
---@param host cme.credentials.host
---@return cme.credentials.provider self
function Provider:bind(host)
  local state = private[self]
  state.host = state.host or host
  return self
end

local function own_host()
  return { getenv = os.getenv, open = io.open, transport = require "cme.net.transport".shared }
end

local function random(host)
  if host.random then return host.random() end
  -- math.random starts equal in every process of a fleet on LuaJIT.
  local hex = require "cme.sign".random_hex(4)
  return hex and tonumber(hex, 16) / 4294967296 or 0.5
end

--- When keys should be renewed. Pure.
---@param now number
---@param expires_at number
---@param jitter number from 0 up to 1
---@return number at
function provider.refresh_time(now, expires_at, jitter)
  return expires_at - math.min(MARGIN, (expires_at - now) * PART) * (1 + jitter / 2)
end

local function fact_of(value)
  if type(value) ~= "string" then return "is no text" end
  if value == "" then return "is empty" end
  if #value > LONGEST_VALUE then return ("is longer than %d bytes"):format(LONGEST_VALUE) end
  -- They go into header lines.
  if value:find "[%c\128-\255]" or value:find "^ " or value:find " $" then return "has characters that no key has" end
end

--- What is wrong with a credential that somebody else made. Pure.
---@param found any
---@return string|nil fact
function provider.fault(found)
  if type(found) ~= "table" then return "a table with secret_id and secret_key is needed, got " .. type(found) end
  for _, name in ipairs { "secret_id", "secret_key", "token" } do
    local value = found[name]
    local fact = (value ~= nil or name ~= "token") and fact_of(value)
    if fact then return name .. " " .. (value == nil and "is missing" or fact) end
  end
  local expiry = found.expires_at
  if expiry ~= nil and (type(expiry) ~= "number" or expiry ~= expiry) then
    return "expires_at is no number of seconds"
  end
end

local function good(kept, now)
  return kept and (not kept.expires_at or now < kept.expires_at)
end

local function same(a, b)
  return a and a.secret_id == b.secret_id and a.secret_key == b.secret_key and a.token == b.token
end

-- What a source found, or why it is of no use.
local function judge(state, now, found, message, detail)
  if not found then
    if detail.sentence == "credentials.none" then return nil, message, detail end
    return codes.within("word:credentials", nil, message, detail)
  end
  local name = found.source or state.source.name
  local fact = provider.fault(found)
  if fact then return common.fail("credentials.malformed:keys", { source = name, fact = fact }) end
  if not good(found, now) then return common.fail("credentials.expired", { source = name }) end
  return found
end

local function keep(state, now, found)
  if same(state.kept, found) then
    state.kept.expires_at = found.expires_at
  else
    state.kept = found
  end
  local expiry = found.expires_at
  state.refresh_at = expiry and provider.refresh_time(now, expiry, random(state.host)) or math.huge
  return state.kept
end

local function finish(state, flight)
  flight.done = true
  if state.flight == flight then state.flight = nil end
end

local function fetch(state, flight, now)
  local ok, found, message, detail = pcall(state.source.find, state.source, state.host, now)
  if not ok then
    flight.detail = codes.detail("credentials.failed:broken_off", nil, { retryable = true })
    flight.message = codes.say(flight.detail)
    finish(state, flight)
    error(found, 0)
  end
  found, message, detail = judge(state, now, found, message, detail)
  if found then
    flight.credential = keep(state, now, found)
  elseif good(state.kept, now) then
    flight.credential = state.kept
    local left = (state.kept.expires_at or now + AGAIN) - now
    state.refresh_at = now + math.min(AGAIN * (1 + random(state.host)), left * PART)
  else
    flight.message, flight.detail = message, detail
  end
  finish(state, flight)
  return flight.credential, flight.message, flight.detail
end

local function under_way(flight, now)
  return flight and not flight.done and now - flight.started < ABANDONED
    and not (flight.thread and coroutine.status(flight.thread) == "dead")
end

-- Waits for another's refresh; false when that was abandoned.
local function follow(state, flight, now)
  local transport = common.transport(state.host)
  while under_way(flight, now) do
    transport:sleep(STEP)
    now = now + STEP
  end
  return flight.done
end

local refresh

refresh = function(state, now)
  local flight = state.flight
  if under_way(flight, now) then
    if good(state.kept, now) then return state.kept end
    if follow(state, flight, now) then return flight.credential, flight.message, flight.detail end
    -- Of those who waited, the first to look again takes over.
    return refresh(state, now)
  end
  -- nginx knows the state of the current request's coroutines only: another's may look dead there, or alive for ever.
  flight = { started = now, thread = not in_nginx() and coroutine.running() or nil }
  state.flight = flight
  state.host = state.host or own_host()
  return fetch(state, flight, now)
end

--- The secret id, as far as it is known without looking anywhere.
---@return string|nil secret_id
function Provider:secret_id()
  local state = private[self]
  local known = state.kept or state.source.credential
  return known and known.secret_id
end

--- The keys to sign with now.
---@param now number unix seconds
---@return cme.credential|nil credential the same table as before while the keys are the same
---@return string|nil message names the sources that were tried, and why each did not do
---@return table|nil detail code credentials.*
function Provider:get(now)
  local state = private[self]
  if now < state.refresh_at then return state.kept end
  return refresh(state, now)
end

--- Says that the service did not take the keys: the next get looks for others.
---@param refused cme.credential|nil the keys in question; nil: whatever is kept. With it, a task that learns late that
--- old keys are bad does not spoil the new
---@return boolean changed false when the keys can be no others, or already are
function Provider:invalidate(refused)
  local state = private[self]
  if state.source.fixed or refused and refused ~= state.kept then return false end
  state.kept, state.refresh_at = nil, -math.huge
  if state.source.forget then state.source:forget() end
  return true
end

return provider
