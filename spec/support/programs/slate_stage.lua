-- SPDX-License-Identifier: MIT
-- What specs of the engine's slate share: a stage whose sources each spec starts itself, and a slate.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay_stage = require "spec.support.programs.relay_stage"

local slate_stage = {}

slate_stage.AFTER = 3 -- seconds without a picture until the slate comes

local SECONDS = 2
local LOOK = { size = "320x180", rate = 30, gop = 30, bitrate = "100k", picture = "testsrc2", tone = 200,
  sample_rate = 44100, profile = "high", bframes = 0 }

--- Starts the platform and makes a slate.
---@return spec.stage
---@return string slate path
function slate_stage.start()
  return relay_stage.start { sources = false }, media.file(proc.folder() .. "/slate.flv", SECONDS, LOOK)
end

--- A desired state whose main source is published for it alone.
---@param stage spec.stage
---@param source string its name
---@param output table
---@param more table with `slate`
---@return table
function slate_stage.spec(stage, source, output, more)
  more.inputs = { main = { url = stage.platform:url("src", source) } }
  more.stall_limit = 2
  return stage:spec({ output }, more)
end

--- Waits until the engine tells that the slate is on the air, or no more.
---@param control spec.control
---@param on boolean
---@return table event
function slate_stage.expect(control, on)
  return proc.eventually(on and "the slate" or "the end of the slate", 30, function()
    for _, event in ipairs(control.events) do
      if event.event == "slate" and event.on == on then return event end
    end
  end)
end

return slate_stage
