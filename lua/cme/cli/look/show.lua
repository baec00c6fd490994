-- SPDX-License-Identifier: MIT
-- Looks at what the viewers of a show's outputs see, for `cme run`. Whatever becomes of it, the show goes on: a program
-- that is missing, ends or hangs is one warning.

local album = require "cme.look.album"
local watcher = require "cme.look.watcher"

local show = {}

---@class cme.cli.look.show
---@field watch fun(targets: cme.look.target[], source: string|nil)
---@field view fun(key: string): cme.look.view|nil
---@field close fun()

--- Gets ready; nothing is started before something is to be looked at.
---@param given { program: string|nil, every: number, folder: string, ca_file: string|nil,
---  warn: fun(message: string, detail: cme.detail|nil) } folder: for pictures
---@return cme.cli.look.show
function show.new(given)
  local looking
  local function watch(targets, source)
    if not looking and not targets[1] then return end
    if not looking then
      local pictures, message, detail = album.open(given.folder)
      if not pictures then given.warn(message --[[@as string]], detail) end
      looking = watcher.new { program = given.program, every = given.every, album = pictures, ca_file = given.ca_file,
        warn = given.warn }
    end
    looking:set(targets, source)
  end
  return { watch = watch, view = function(key) return looking and looking:get(key) end,
    close = function()
      if looking then looking:close() end
    end }
end

return show
