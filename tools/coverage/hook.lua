-- SPDX-License-Identifier: MIT
-- Notes which lines of lua/cme and room/lua a process runs. Every lua5.4 that `make coverage` starts loads this first
-- (LUA_INIT_5_4); what it noted is in CME_COVERAGE/PID, one file a line: PATH: LINE LINE ... A process that is killed
-- has noted all but its last second or so.

local FOLDER = os.getenv "CME_COVERAGE"
local EVERY = 1000 -- lines that are run between two looks at the clock

local open, time, getinfo = io.open, os.time, debug.getinfo -- specs put others in their place
local pid = open("/proc/self/stat"):read "n"
local hits = {} -- by source: a set of lines, or false for a source that is not ours
local since, saved_at, has_more = 0, time(), false

local function path_of(source)
  return source:match "^@.*(lua/cme/[%w_/]+%.lua)$" or source:match "^@.*(room/lua/room/[%w_]+%.lua)$"
end

local function save()
  has_more, saved_at = false, time()
  local file = open(("%s/%d"):format(FOLDER, pid), "w")
  if not file then return end -- no descriptor, as some specs want it
  for source, lines in pairs(hits) do
    local list = {}
    for line in pairs(lines or {}) do list[#list + 1] = line end
    if list[1] then file:write(path_of(source), ": ", table.concat(list, " "), "\n") end
  end
  file:close()
end

local function on_line(_, line)
  local source = getinfo(2, "S").source
  local lines = hits[source]
  if lines == nil then
    lines = path_of(source) and {} or false
    hits[source] = lines
  end
  if lines and not lines[line] then lines[line], has_more = true, true end
  since = since + 1
  if since < EVERY then return end
  since = 0
  if has_more and time() > saved_at then save() end
end

-- ---- every coroutine has a hook of its own

local create, close = coroutine.create, coroutine.close

function coroutine.create(fn)
  local thread = create(fn)
  debug.sethook(thread, on_line, "l")
  return thread
end

local function pass(thread, ok, ...)
  if ok then return ... end
  close(thread)
  error((...), 0)
end

function coroutine.wrap(fn)
  local thread = coroutine.create(fn)
  return function(...) return pass(thread, coroutine.resume(thread, ...)) end
end

-- ---- the end

local exit = os.exit

function os.exit(...)
  save()
  exit(...)
end

debug.sethook(on_line, "l")
_G["coverage of this process"] = setmetatable({}, { __gc = save })
