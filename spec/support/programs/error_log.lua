-- SPDX-License-Identifier: MIT
-- What an nginx complained about.

local files = require "spec.support.files"

local error_log = {}

--- Lines of an error log of level error and above.
---@param path string
---@return string[]
function error_log.errors(path)
  local list = {}
  for line in files.read(path):gmatch "[^\n]+" do
    if line:match "%[error%]" or line:match "%[crit%]" or line:match "%[alert%]" or line:match "%[emerg%]" then
      list[#list + 1] = line
    end
  end
  return list
end

return error_log
