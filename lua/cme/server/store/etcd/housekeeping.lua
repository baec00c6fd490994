-- SPDX-License-Identifier: MIT
-- What the service does for its etcd from time to time. etcd keeps every value that a key ever had until it is told to
-- forget: what is older than five minutes goes. An etcd that was full is asked whether it takes writes again.

local task = require "cme.task"

local housekeeping = {}

local COMPACT_SECONDS = 300
local PROBE_SECONDS = 30

--- Does it for as long as the task lives.
---@param given { client: cme.etcd.client, mirror: cme.etcd.mirror, transactions: cme.server.store.etcd.transactions,
---  log: cme.server.log|nil, sleep: (fun(seconds: number))|nil } sleep: a task's when nil
function housekeeping.run(given)
  local sleep = given.sleep or task.sleep
  local before, left = given.mirror.revision, COMPACT_SECONDS
  while true do
    sleep(PROBE_SECONDS)
    left = left - PROBE_SECONDS
    if given.transactions.short then given.transactions:probe() end
    if left <= 0 then
      local ok, message, detail = given.client:compact(before)
      if not ok and detail.code ~= "etcd.compacted" and given.log then
        given.log:warn("etcd is not compacted", { error = message })
      end
      before, left = given.mirror.revision, COMPACT_SECONDS
    end
  end
end

return housekeeping
