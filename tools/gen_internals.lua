-- SPDX-License-Identifier: MIT
-- Fills in what docs/internals takes from the sources, so that it is drawn once: `lua5.4 tools/gen_internals.lua`. A
-- spec compares the pages in git to what this makes. As a module: page(text, read) gives a page's text.
--
--   <!-- picture: lua/cme/task.lua -->   the block after it is the picture in that file's head comment
--   <!-- rooms -->                       the block after it is the table of rooms that `make lint` keeps

package.path = "./?.lua;./lua/?.lua;./lua/?/init.lua;" .. package.path

local generator = {}

-- The lines of a file's head comment, without what makes them a comment.
local function head_of(text)
  local lines, in_c = {}, text:find "^/%*"
  for line in text:gmatch "([^\n]*)\n" do
    local said = in_c and (line:match "^ %*(.*)$" or line:match "^/%*(.*)$") or line:match "^%-%-(.*)$"
    if not said or said == "/" then break end
    lines[#lines + 1] = (said:gsub("^ ", ""))
  end
  return lines
end

--- The picture in a file's head comment: its first lines that are set in, without what all are set in by. Pure.
---@param text string the file
---@return string[]|nil lines
function generator.picture(text)
  local lines, blank = {}, false
  for _, line in ipairs(head_of(text)) do
    if line:find "^  +%S" then
      if blank and lines[1] then lines[#lines + 1] = "" end
      lines[#lines + 1], blank = line, false
    elseif line == "" then
      blank = true
    elseif lines[1] then
      break
    end
  end
  local depth = math.huge
  for _, line in ipairs(lines) do
    if line ~= "" then depth = math.min(depth, #line:match "^ *") end
  end
  for i, line in ipairs(lines) do lines[i] = line:sub(depth + 1) end
  return lines[1] and lines or nil
end

-- "server%.process%.control" is what a Lua pattern makes of cme.server.process.control. A class of characters that a
-- name begins with is left out: the first room that fits a module has it.
local function module_name(pattern)
  local name = pattern:gsub("%%%.", "\0"):gsub("%[%a%-%a%]", ""):gsub("[.%[][%%%w_%]]*[*+]", "*"):gsub("%%w%+", "*")
  return "`" .. name:gsub("%z", ".") .. "`"
end

--- The table of rooms, as Markdown.
---@return string[] lines
function generator.rooms()
  local lines = { "| room | modules, without `cme.` | may require |", "|---|---|---|" }
  for _, room in ipairs(require "tools.lint.rooms".ROOMS) do
    local modules = {}
    for i, pattern in ipairs(room.modules) do modules[i] = module_name(pattern) end
    lines[#lines + 1] = ("| %s | %s | %s |"):format(room.name, table.concat(modules, ", "),
      #room.may > 0 and table.concat(room.may, ", ") or "nothing")
  end
  return lines
end

-- What belongs after a marker; nil: the line is none.
local function made(line, read)
  local path = line:match "^<!%-%- picture: (%S+) %-%->$"
  if path then
    local picture = assert(generator.picture(read(path)), path .. ": no picture in its head comment")
    return "```\n" .. table.concat(picture, "\n") .. "\n```"
  end
  return line == "<!-- rooms -->" and table.concat(generator.rooms(), "\n") or nil
end

-- Whether a line is in the block that a marker replaces: all up to the next empty line outside of a fence.
local function past_block(lines, index)
  local inside = false
  while lines[index] and (inside or lines[index] ~= "") do
    if lines[index]:find "^```" then inside = not inside end
    index = index + 1
  end
  return index
end

--- A page with what its markers ask for in place.
---@param text string
---@param read fun(path: string): string
---@return string
function generator.page(text, read)
  local lines, out, index = {}, {}, 1
  for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  while lines[index] do
    local block = made(lines[index], read)
    out[#out + 1] = lines[index]
    index = index + 1
    if block then
      out[#out + 1] = block
      index = past_block(lines, index)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

--- A file of the checkout.
---@param path string
---@return string
function generator.read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

--- The pages.
---@return string[] paths
function generator.pages()
  local paths, listing = {}, assert(io.popen "ls docs/internals/*.md")
  for path in listing:lines() do paths[#paths + 1] = path end
  listing:close()
  return paths
end

if arg and arg[0] and arg[0]:find "gen_internals%.lua$" then
  for _, path in ipairs(generator.pages()) do
    local page = generator.page(generator.read(path), generator.read)
    local file = assert(io.open(path, "w"))
    assert(file:write(page))
    file:close()
  end
end

return generator
