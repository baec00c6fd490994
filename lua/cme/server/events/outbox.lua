-- SPDX-License-Identifier: MIT
-- Events that wait for webhooks, in the store: one entry for each event and URL, until the receiver accepts it or it is
-- too old. `put` is called inside the transaction of the change that the event is about, so that one exists if and only
-- if the other does. Those of URLs that are no longer configured stay until they are too old. The newest 10,000 of each
-- URL are kept; `dropped` counts the others, and the log reports them.

local json = require "cme.json"
local sign = require "cme.sign"
local task = require "cme.task"

local outbox = {}

outbox.max_length = 10000 -- events kept for one URL
outbox.max_age = 72 * 3600 -- seconds that delivery is tried

---@class cme.server.events.event one on its way to one URL
---@field seq integer
---@field project string
---@field id string      the same for all URLs and attempts
---@field body string
---@field created_at number unix seconds

---@class cme.server.events.outbox
---@field urls string[]                 receivers
---@field queued cme.task.signal      something was put and committed
---@field dropped table<string, integer> events that were never delivered, by URL, since the start
---@field private _store cme.server.store.interface
---@field private _now fun(): number
---@field private _log cme.server.log
local Outbox = {}
Outbox.__index = Outbox
Outbox.__name = "cme.server.events.outbox"

---@param store cme.server.store.interface
---@param urls string[]
---@param now fun(): number
---@param log cme.server.log
---@return cme.server.events.outbox
function outbox.new(store, urls, now, log)
  return setmetatable({ urls = urls, queued = task.signal(), dropped = {}, _store = store, _now = now, _log = log },
    Outbox)
end

function Outbox:_drop(url, count, why)
  if count > 0 then
    self.dropped[url] = (self.dropped[url] or 0) + count
    self._log:error("events given up", { url = url, count = count, why = why })
  end
end

-- Those past the bound, oldest first.
function Outbox:_trim(url)
  local gone, message, detail = self._store.outbox:trim(url, outbox.max_length)
  if not gone then return nil, message, detail end
  self:_drop(url, gone, "more than the queue holds")
  return true
end

--- Queues an event for every URL. Inside the caller's transaction; `announce` after its commit.
---@param project string
---@param content table EventContent
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:put(project, content)
  local event = { project = project, id = sign.random_hex(16), body = assert(json.encode(content)),
    created_at = math.floor(self._now() * 1000) }
  for _, url in ipairs(self.urls) do
    local ok, message, detail = self._store.outbox:add(url, event)
    if ok then
      ok, message, detail = self:_trim(url)
    end
    if not ok then return nil, message, detail end
  end
  return true
end

--- Wakes who delivers.
function Outbox:announce()
  self.queued:notify()
end

--- The oldest event of each project that waits for a URL, the oldest first.
---@param url string
---@return { seq: integer, project: string }[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:heads(url)
  return self._store.outbox:heads(url)
end

---@param seq integer
---@return cme.server.events.event|nil event nil without a message: it is not there any more
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:get(seq)
  local event, message, detail = self._store.outbox:get(seq)
  if not event then return nil, message, detail end
  return { seq = seq, project = event.project, id = event.id, body = event.body,
    created_at = event.created_at / 1000 }
end

--- Removes an event that was delivered.
---@param seq integer
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:remove(seq)
  local ok, message, detail = self._store.outbox:remove(seq)
  return ok and true, message, detail
end

--- Gives up what is too old, of all URLs that there ever were.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:expire()
  local gone, message, detail = self._store.outbox:expire(math.floor((self._now() - outbox.max_age) * 1000))
  if not gone then return nil, message, detail end
  for _, one in ipairs(gone) do self:_drop(one.url, one.count, "not delivered within three days") end
  return true
end

--- How many events wait for each URL, and since when the oldest does.
---@return table<string, { count: integer, oldest: number }>|nil
---@return string|nil message
---@return cme.detail|nil detail
function Outbox:depth()
  local rows, message, detail = self._store.outbox:depth()
  if not rows then return nil, message, detail end
  local by_url = {}
  for _, row in ipairs(rows) do
    by_url[row.url] = { count = row.count, oldest = row.oldest / 1000 }
  end
  return by_url
end

return outbox
