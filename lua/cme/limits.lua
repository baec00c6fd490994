-- SPDX-License-Identifier: MIT
-- What the cloud takes, as data: one place for the client, which refuses early, and for the service, which refuses
-- as the cloud does. Lists of schemes are in the order of messages.

---@class cme.limits
local limits = {
  name_length = 30, -- characters of a project's name
  stop_ahead = 30 * 86400, -- seconds that a planned end may be away
  input_schemes = { "http", "https", "rtmp", "rtmps", "srt" }, -- of live inputs
  output_schemes = { "rtmp", "rtmps", "srt" },
}

return limits
