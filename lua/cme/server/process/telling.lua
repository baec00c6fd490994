-- SPDX-License-Identifier: MIT
-- The part of a keeper that tells its engine what is desired: all of it behind a fresh connection, later what changed.
-- Methods of cme.server.process.keeper. Tasks only.

local health = require "cme.server.process.health"
local reconcile = require "cme.server.process.reconcile"
local luv = require "cme.net.loop.luv"

local ANSWER_SECONDS = 5

---@class cme.server.process.keeper
local telling = {}

-- Tells the engine a change, or takes over what it says that it does.
function telling:_set_or_read(change, stat)
  if not change then
    health.stat(self.health, stat)
    return true
  end
  return self.link:request({ op = "set", spec = change }, ANSWER_SECONDS)
end

-- Makes the engine behind a fresh connection do what is desired.
function telling:_equip(spec)
  local stat, message, detail = self.link:request({ op = "stat" }, ANSWER_SECONDS)
  if not stat then return nil, message, detail end
  if spec.as_it_is then reconcile.fill_in(spec, stat) end
  local change, active = reconcile.change(spec, stat)
  local switched = active ~= spec.active and not spec.as_it_is
  spec.active = active
  self.link.pid = math.tointeger(stat.pid) or self.link.pid
  self.health = health.new(spec)
  local ok
  ok, message, detail = self:_set_or_read(change, stat)
  if not ok then return nil, message, detail end
  self.spec, self.up = spec, true
  self:_show(self.health)
  if switched then luv.detach(self._around.hooks.switched, self.id, "failover") end
  return true
end

-- The input that a change of the spec names as active: the one that the engine was last told, since the engine takes
-- another for a switch, and may have failed over meanwhile; unless that one is no more.
function telling:_settled_active(spec)
  local told = self.spec.active
  return spec.inputs[told] and told or self.health.active
end

-- The one thing that the engine of a project is told that only it knows.
function telling:_tell_end(stop_at)
  local ok, refusal, detail = self.link:request({ op = "set_stop_at", stop_at = stop_at }, ANSWER_SECONDS)
  if not ok and detail.code ~= "control.lost" then return nil, refusal, detail end
  self.spec.stop_at = stop_at
  return true
end

-- Sends a spec that replaces another; puts that back when the engine refuses.
function telling:_replace_spec(before, spec)
  health.retarget(self.health, before, spec)
  self.spec = spec
  self.changed:notify()
  local ok, refusal, detail = self.link:request({ op = "set", spec = spec }, ANSWER_SECONDS)
  if ok or detail.code == "control.lost" then
    self:_show(self.health)
    return true
  end
  health.retarget(self.health, spec, before)
  self.spec = before
  if detail.code == "control.timeout" then self.link:close() end -- whether it was taken is seen at the next connection
  return nil, refusal, detail
end

--- Tells an engine that is up what is desired now. Reads and sends at once, so that of two changes the later one is
--- told last.
---@return true|nil ok the engine has it, or is gone
---@return string|nil message it has not, and stays as it was
---@return cme.detail|nil detail
function telling:tell()
  self.outdated = false
  local spec, message, detail = self._around.hooks.desired(self.id)
  if not spec then return message == nil, message, detail end -- it should not run: whoever stopped it ends the engine
  if spec.as_it_is then return self:_tell_end(spec.stop_at) end
  spec.active = self:_settled_active(spec)
  return self:_replace_spec(self.spec, spec)
end

-- Makes the engine behind a connection do what is desired by now.
function telling:_take(spec)
  local ok, message, detail = self:_equip(spec)
  if ok and self.outdated then ok, message, detail = self:tell() end
  return ok, message, detail
end

return telling
