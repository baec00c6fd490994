-- SPDX-License-Identifier: MIT
-- Whether a text can be the URL of an input or an output. Facts never repeat it: what is no URL cannot be redacted,
-- and it may be a stream key. Pure.

---@class cme.stream_url
local stream_url = {}

--- What is wrong with a URL.
---@param url string
---@param schemes string[] those that may be (cme.limits); the last but one makes the example
---@return string|nil fact nil: nothing that can be seen from here
function stream_url.fault(url, schemes)
  local scheme, authority = url:match "^(%a[%w+.-]*)://([^/?#]*)"
  if not scheme then return ("not a URL (write it like %s://host/app/name)"):format(schemes[#schemes - 1]) end
  if url:find "[%c%s]" then return "a space or control character in the URL" end
  if authority:gsub("^.*@", ""):gsub(":%d*$", "") == "" then return "no host in the URL" end
  for _, known in ipairs(schemes) do
    if scheme:lower() == known then return nil end
  end
  return ("scheme '%s' is not supported (%s)"):format(scheme:sub(1, 20), table.concat(schemes, ", "))
end

return stream_url
