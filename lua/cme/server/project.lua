-- SPDX-License-Identifier: MIT
-- What projects of all categories have in common: name, owner and their checks. Pure.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local text = require "cme.text.strings"
local time = require "cme.time"

local project = {}

local MAX_OWNER_ID = 256 -- bytes; ours

---@class cme.server.project
---@field id string
---@field platform string
---@field category string        one of cme.server.categories
---@field name string
---@field mode string|nil
---@field owner { type: string, id: string }
---@field input table            what CreateProject calls the category's input, completed: every output with its Id
---@field status "Idle"|"Working"
---@field active "Main"|"Backup"
---@field revision integer       of the desired state: one more with every change that is told to the engine by `set`
---@field started_at number|nil  unix seconds; set while Working
---@field stop_at number|nil     planned end; only while Working
---@field stopped_at number|nil  end of the last run
---@field created_at number
---@field updated_at number
---@field fault cme.reason|nil   why nothing but its end can be asked of it: its row cannot be read, or it was adopted
---@field raw string|nil         `input` as it is stored, when that cannot be read

---@param name string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_name(name)
  local length = text.utf8_len(name)
  if length == 0 then return codes.fail "api.InvalidParameterValue.Name:empty" end
  if length <= limits.name_length then return true end
  return codes.fail("api.InvalidParameterValue.NameLenLimt:name", { count = length, limit = limits.name_length })
end

local COPIED = "(副本)"

--- The name of a copy that was given none: the first's, as long as it may be, marked as the cloud marks it.
---@param name string
---@return string
function project.copy_name(name)
  local room = limits.name_length - text.utf8_len(COPIED)
  local last = utf8.offset(name, room + 1)
  return (last and name:sub(1, last - 1) or name) .. COPIED
end

---@param description string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_description(description)
  if #description <= limits.description then return true end
  return codes.fail("api.InvalidParameterValue:description", { count = #description, limit = limits.description })
end

---@param owner table Entity
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_owner(owner)
  if owner.Type ~= "PERSON" then
    return codes.fail("api.InvalidParameterValue.OwnerType:not_person", { value = owner.Type })
  end
  if owner.Id ~= "" and #owner.Id <= MAX_OWNER_ID then return true end
  return codes.fail("api.InvalidParameterValue.OwnerId:owner_id", { limit = MAX_OWNER_ID })
end

---@param ratio string such as "16:9"; relays have none, so it is checked and not kept
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_aspect_ratio(ratio)
  if ratio == "" or ratio:match "^%d+:%d+$" then return true end
  return codes.fail("api.InvalidParameterValue.AspectRatio:ratio", { value = ratio:sub(1, 32) })
end

--- A moment as the API shows it; one that does not apply is "".
---@param seconds number|nil unix seconds
---@return string
function project.stamp(seconds)
  return seconds and time.stamp(seconds) or ""
end

return project
