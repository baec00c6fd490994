-- SPDX-License-Identifier: MIT
-- The names of stream-connect projects' events, as in the cloud's callbacks. URLs are redacted.

local redact = require "cme.redact"

local ENDPOINTS = { main = "Main", backup = "Backup" }

---@type cme.server.event_kind
return {
  type = "Project.StreamConnect.StatusChanged",
  member = "ProjectStreamConnectStatusChangedEvent",
  started = "Working",
  input = function(_, key)
    return "InputInterrupted", "InputInterruptInfo", ENDPOINTS[key] and { EndPoint = ENDPOINTS[key] }
  end,
  output = function(record, key)
    for _, output in ipairs(record.input.Outputs or {}) do
      if output.Id == key then
        return "OutputInterrupted", "OutputInterruptInfo",
          { Id = output.Id, Name = output.Name, Url = redact.url(output.PushUrl) }
      end
    end
    return "OutputInterrupted", "OutputInterruptInfo"
  end,
}
