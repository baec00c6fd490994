-- SPDX-License-Identifier: MIT
-- Fail tuples for what is refused here, before anything is sent: `nil, message, detail` with a code of invalid.*.
-- Messages carry no prefix: the public methods put the project and the method in front. Pure.

---@class cme.fault
local fault = {}

--- Refuses.
---@param code string the part after "invalid."
---@param message string
---@return nil
---@return string message
---@return cme.detail detail
function fault.invalid(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

return fault
