#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- tools/coverage.lua [SUITE|FILE...]: runs suites as tools/test.sh does, and says how many lines of Lua and C they ran:
-- a table by folder, and in build/coverage/missed.txt the lines that nothing ran. CME_BUILD names a build with gcov's
-- counters (make coverage). Lua in nginx (LuaJIT) is not counted.

local BUILD = os.getenv "CME_BUILD" or "build/coverage"

local coverage = {}

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- ---- Lua

--- The lines that code stands on, from luac's listing.
---@param listing string
---@return table<integer, boolean>
function coverage.lines(listing)
  local lines = {}
  for line in ("\n" .. listing):gmatch "\n\t%d+\t%[(%d+)%]" do lines[tonumber(line)] = true end
  return lines
end

--- Adds what one process noted.
---@param hits table<string, table<integer, boolean>> by path
---@param text string
function coverage.add(hits, text)
  for path, numbers in text:gmatch "([^\n:]+): ([^\n]+)" do
    local lines = hits[path] or {}
    hits[path] = lines
    for number in numbers:gmatch "%d+" do lines[tonumber(number)] = true end
  end
end

--- Numbers as ranges: "1-3, 7".
---@param numbers integer[] sorted
---@return string
function coverage.ranges(numbers)
  local out, from = {}, 1
  for i, number in ipairs(numbers) do
    if numbers[i + 1] ~= number + 1 then
      out[#out + 1] = from == i and tostring(number) or ("%d-%d"):format(numbers[from], number)
      from = i + 1
    end
  end
  return table.concat(out, ", ")
end

---@class coverage.file
---@field path string
---@field all integer lines with code
---@field run integer those that ran
---@field missed integer[]|nil the others, sorted

local function lua_file(path, hits)
  local file = { path = path, all = 0, run = 0, missed = {} }
  for line in pairs(coverage.lines(output_of(("luac5.4 -l -p '%s'"):format(path)))) do
    file.all = file.all + 1
    if (hits[path] or {})[line] then file.run = file.run + 1 else table.insert(file.missed, line) end
  end
  table.sort(file.missed)
  return file
end

local function lua_files(folder)
  local hits, files = {}, {}
  coverage.add(hits, output_of(("cat '%s'/*"):format(folder)))
  for path in output_of "git ls-files 'lua/cme/*.lua' 'room/lua/*.lua'":gmatch "[^\n]+" do
    if not path:find "/_meta/" then files[#files + 1] = lua_file(path, hits) end
  end
  return files
end

-- ---- C

--- What gcov -n says, by source: a source that several objects were made of counts as the best of them.
---@param text string
---@return coverage.file[]
function coverage.of_gcov(text)
  local best, files = {}, {}
  for path, percent, all in text:gmatch "File '([^'\n]*src/[^'\n]+%.c)'\nLines executed:([%d.]+)%% of (%d+)" do
    local file = { path = path:match "src/.*$", all = tonumber(all), run = math.floor(percent * all / 100 + 0.5) }
    if not best[file.path] then files[#files + 1] = file end
    best[file.path] = best[file.path] and best[file.path].run > file.run and best[file.path] or file
  end
  for i, file in ipairs(files) do files[i] = best[file.path] end
  return files
end

local function c_files()
  return coverage.of_gcov(output_of(("find '%s' -name '*.gcda' -path '*/obj*' -exec gcov -n '{}' + 2>/dev/null")
    :format(BUILD)))
end

-- ---- the table

--- Files added up by folder, a line each, and a line for all.
---@param title string
---@param files coverage.file[]
---@return string
function coverage.table(title, files)
  local sums, folders, all = {}, {}, { all = 0, run = 0 }
  for _, file in ipairs(files) do
    local folder = file.path:match "^(.*)/"
    if not sums[folder] then folders[#folders + 1] = folder end
    local sum = sums[folder] or { all = 0, run = 0 }
    sums[folder] = sum
    for _, one in ipairs { sum, all } do one.all, one.run = one.all + file.all, one.run + file.run end
  end
  table.sort(folders)
  local out = {}
  local function line(name, sum)
    out[#out + 1] = ("%-44s %7d %7d %6.1f %%"):format(name, sum.run, sum.all, 100 * sum.run / math.max(sum.all, 1))
  end
  for _, folder in ipairs(folders) do line(folder, sums[folder]) end
  line(title, all)
  return table.concat(out, "\n")
end

local function write_missed(path, files)
  local out = assert(io.open(path, "w"))
  for _, file in ipairs(files) do
    if file.missed[1] then out:write(file.path, ": ", coverage.ranges(file.missed), "\n") end
  end
  out:close()
end

-- ---- running it

-- LUA_INIT_5_4 takes the place of LUA_INIT, which specs set.
local INIT = "package.loadlib([[%s/tools/lines.so]], [[luaopen_lines]])() "
  .. "local init = os.getenv [[LUA_INIT]] "
  .. "if init then assert(init:find [[^@]] and loadfile(init:sub(2)) or load(init))() end"

--- What each lua5.4 runs first: notes the lines that it runs.
---@param build string
---@return string
function coverage.init(build)
  return INIT:format(build)
end

local function main(suites)
  local root = output_of "pwd":match "[^\n]+"
  local folder = ("%s/%s/lua-lines"):format(root, BUILD)
  os.execute(("rm -rf '%s' && mkdir -p '%s' && find '%s' -name '*.gcda' -delete"):format(folder, folder, BUILD))
  local ok = os.execute(("CME_COVERAGE='%s' LUA_INIT_5_4='%s' CME_BUILD='%s' tools/test.sh %s")
    :format(folder, coverage.init(("%s/%s"):format(root, BUILD)), BUILD, table.concat(suites, " ")))
  local lua = lua_files(folder)
  write_missed(BUILD .. "/missed.txt", lua)
  print(("\n%-44s %7s %7s"):format("", "run", "lines"))
  print(coverage.table("Lua", lua))
  print(coverage.table("C", c_files()))
  print(("(lines of Lua that nothing ran: %s/missed.txt)"):format(BUILD))
  os.exit(ok and 0 or 1)
end

if arg and arg[0] and arg[0]:find "coverage%.lua$" then main(arg) end

return coverage
