-- Calls the service from a program that has a loop of its own, here libuv's: the loop goes on while the calls wait.
--
--   lua5.4 examples/embedded.lua
--
-- cme.embed gives a run that never waits. Whoever has the loop waits for its descriptor and its timeout, then lets it
-- run.
-- The service and the key come from the environment: CME_ENDPOINT, CME_PLATFORM, TENCENTCLOUD_SECRET_ID,
-- TENCENTCLOUD_SECRET_KEY.

local cme = require "cme"
local uv = require "luv"

-- Lets a run go on in libuv's loop. on_end gets true and what its function returned, or false and what it raised: an
-- error must not leave a callback of libuv's.
local function drive(embedded, on_end)
  local poll, timer = uv.new_poll(embedded:fd()), uv.new_timer()

  local function finish(ok, ended, ...)
    if ok and not ended then return false end
    poll:close() -- before the descriptor
    timer:close()
    embedded:close()
    if ok then on_end(true, ...) else on_end(false, ended) end
    return true
  end

  local function turn()
    embedded:run()
    if finish(pcall(embedded.next, embedded)) then return end
    local seconds = embedded:timeout()
    if not seconds then return timer:stop() end
    timer:start(math.max(1, math.ceil(seconds * 1000)), 0, turn) -- 0 would leave libuv no other turn
  end

  poll:start("r", turn)
  turn()
end

-- Asks for the relays and for the casts, at the same time; nil and a message when one of them is not told.
local function count()
  local client = cme.client {}
  local counts, failures = cme.parallel({ "STREAM_CONNECT", "MEDIA_CAST" }, function(category)
    local answer, message, detail = client:call("DescribeProjects", { CategorySet = { category }, Limit = 1 })
    if not answer then return nil, message, detail end
    return answer.TotalCount
  end)
  if failures[1] then return nil, failures[1].message end
  return counts[1], counts[2]
end

local turns, exit_code = 0, 0
local clock = uv.new_timer()
clock:start(0, 1, function() turns = turns + 1 end)

drive(cme.embed(count), function(ok, relays, casts)
  clock:close()
  if not ok or not relays then
    io.stderr:write(tostring(ok and casts or relays), "\n")
    exit_code = 1
    return
  end
  print(("%d relays, %d casts; the loop had its turn meanwhile: %s"):format(relays, casts, tostring(turns > 0)))
end)

uv.run()
os.exit(exit_code, true)
