-- SPDX-License-Identifier: MIT
-- A terminal for specs and screenshots: what is on the screen after the bytes that a program wrote. It knows what
-- `cme watch` uses, and raises for anything else.

local screen = {}

---@class spec.screen
---@field rows string[] texts with their colours (SGR), as written
---@field alternate boolean
---@field cursor boolean
---@field wraps boolean
---@field rest string|nil the beginning of a sequence

local MODES = { ["1049"] = "alternate", ["25"] = "cursor", ["7"] = "wraps" }

-- Does one sequence; `row` is the one that is being written.
local function act(self, row, parameters, final)
  local mode = parameters:match "^%?(%d+)$"
  if mode and (final == "h" or final == "l") then
    self[assert(MODES[mode], "a mode of a terminal: " .. mode)] = final == "h"
  elseif final == "J" and parameters == "2" then
    self.rows = {}
  elseif final == "H" then
    row = tonumber(parameters:match "^(%d+);1$")
    self.rows[row] = ""
  elseif final == "m" then
    if row then self.rows[row] = self.rows[row] .. "\27[" .. parameters .. "m" end
  elseif final == "K" then
    assert(self.rows[row] == "", "a row is cleared where its text may stand")
  else
    error(("an unknown sequence: %s%s"):format(parameters, final))
  end
  return row
end

--- Reads all that was written.
---@param bytes string
---@return spec.screen
function screen.read(bytes)
  local self = { rows = {}, alternate = false, cursor = true, wraps = true }
  local at, row = 1, nil
  while at <= #bytes do
    local text, next_at = bytes:match("^([^\27]+)()", at)
    if text then
      if row and self.alternate then self.rows[row] = self.rows[row] .. text end
    else
      local parameters, final
      parameters, final, next_at = bytes:match("^\27%[([0-?]*)([@-~])()", at)
      if not next_at then
        self.rest = bytes:sub(at)
        assert(#self.rest < 16, "not a sequence: " .. self.rest)
        return self
      end
      row = act(self, row, parameters, final)
    end
    at = next_at
  end
  return self
end

--- The texts of the rows, without colours.
---@param self spec.screen
---@return string
function screen.text(self)
  local last, lines = 0, {}
  for row in pairs(self.rows) do last = math.max(last, row) end
  for row = 1, last do lines[row] = (self.rows[row] or ""):gsub("\27%[[%d;]*m", "") end
  return table.concat(lines, "\n")
end

return screen
