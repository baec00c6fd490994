-- SPDX-License-Identifier: MIT
-- The names of media casts' events, as in the cloud's callbacks. URLs are redacted.

local redact = require "cme.redact"
local sources = require "cme.server.categories.media_cast.sources"

local function entry(list, id)
  local at = sources.find(list or {}, id)
  return at and list[at]
end

local function reason(code)
  return code == "internal" and "SystemError" or "Unknown"
end

local function source_info(source)
  local info = sources.info(source)
  info.Url = redact.url(info.Url)
  return info
end

---@type cme.server.event_kind
return {
  type = "Project.MediaCast.StatusChanged",
  member = "ProjectMediaCastStatusChangedEvent",
  started = "Started",
  input = function(record, key, code)
    local source = entry(record.input.SourceInfos, key) or {}
    return "SourceInterrupted", "SourceInterruptInfo", { Reason = reason(code), SourceInfo = source_info(source) }
  end,
  output = function(record, key, code)
    local to = entry(record.input.DestinationInfos, key)
    return "DestinationInterrupted", "DestinationInterruptInfo", to and { Reason = reason(code),
      DestinationInfo = { Id = to.Id, Name = to.Name, PushUrl = redact.url(to.PushUrl) } }
  end,
}
