-- SPDX-License-Identifier: MIT
-- A gateway from MPEG-TS over HTTP to SRT, by GStreamer: whoever calls it gets what comes from then on. It can be
-- killed, as the machine of a gateway fails, and started again.

local proc = require "spec.support.proc"

---@class spec.srt_gateway
---@field port integer
---@field private _from string
---@field private _process spec.proc
local SrtGateway = {}
SrtGateway.__index = SrtGateway

local srt_gateway = {}

--- Starts it again.
function SrtGateway:mend()
  self._process = proc.spawn({ "gst-launch-1.0", "-q", "souphttpsrc", "is-live=true", "timeout=0",
    "location=" .. self._from, "!", "tsparse", "alignment=7", "!", "srtsink",
    ("uri=srt://127.0.0.1:%d?mode=listener"):format(self.port), "wait-for-connection=false", "sync=false" },
    { name = "SRT gateway" })
end

--- Kills it; whoever listens hears no goodbye.
function SrtGateway:cut()
  self._process:kill "sigkill"
  self._process:wait()
end

SrtGateway.close = SrtGateway.cut

---@param from string URL
---@return spec.srt_gateway
function srt_gateway.start(from)
  local self = setmetatable({ port = proc.free_port(), _from = from }, SrtGateway)
  self:mend()
  return self
end

return srt_gateway
