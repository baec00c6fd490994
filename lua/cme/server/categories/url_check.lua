-- SPDX-License-Identifier: MIT
-- Why a URL of an input or an output cannot be used. The engine hands URLs to libavformat, whose schemes can read
-- files and run other protocols: only a few may pass. Pure.

local stream_url = require "cme.net.stream_url"

local url_check = {}

local max_url = 2048 -- bytes; ours

---@param url string
---@param schemes string[] those that may be
---@return string? fact that does not repeat the URL; nil: it can be used
function url_check.fault(url, schemes)
  if #url > max_url then
    return ("longer than %d bytes"):format(max_url)
  end
  local fact = stream_url.fault(url, schemes)
  return fact and tostring(fact)
end

return url_check
