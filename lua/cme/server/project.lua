-- SPDX-License-Identifier: MIT
-- What projects of all categories have in common: name, owner, and the envelope that DescribeProjects shows them in.
-- Pure. Checks answer nil, code, message.

local category = require "cme.server.categories.category"
local json = require "cme.json"
local limits = require "cme.api.limits"
local text = require "cme.text.strings"
local time = require "cme.time"

local project = {}

local max_owner_id = 256 -- bytes; ours

---@param name string
---@return true?, string? code, string? message
function project.check_name(name)
  local length = text.utf8_len(name)
  if length == 0 then
    return nil, "InvalidParameterValue.Name", "field 'Name': it is empty"
  end
  if length > limits.name_length then
    return nil, "InvalidParameterValue.NameLenLimt",
      ("field 'Name': %d characters, at most %d"):format(length, limits.name_length)
  end
  return true
end

local copied = "(副本)"

---The name of a copy that was given none: the first's, as long as it may be, marked as the cloud marks it.
---@param name string
---@return string
function project.copy_name(name)
  local room = limits.name_length - text.utf8_len(copied)
  local last = utf8.offset(name, room + 1)
  return (last and name:sub(1, last - 1) or name) .. copied
end

---@param description string
---@return true?, string? code, string? message
function project.check_description(description)
  if #description > limits.description then
    return nil, "InvalidParameterValue", ("field 'Description': %d bytes, at most %d"):format(#description,
      limits.description)
  end
  return true
end

---@param owner table Entity
---@return true?, string? code, string? message
function project.check_owner(owner)
  if owner.Type ~= "PERSON" then
    return nil, "InvalidParameterValue.OwnerType",
      ("field 'Owner.Type' '%s': projects belong to a PERSON"):format(owner.Type)
  end
  if owner.Id == "" or #owner.Id > max_owner_id then
    return nil, "InvalidParameterValue.OwnerId", ("field 'Owner.Id': 1 to %d bytes are needed"):format(max_owner_id)
  end
  return true
end

---@param ratio string such as "16:9"; relays have none, so it is checked and not kept
---@return true?, string? code, string? message
function project.check_aspect_ratio(ratio)
  if ratio ~= "" and not ratio:match "^%d+:%d+$" then
    return nil, "InvalidParameterValue.AspectRatio",
      ("field 'AspectRatio' '%s': write it like 16:9"):format(ratio:sub(1, 32))
  end
  return true
end

---A moment as the API shows it; one that does not apply is "".
---@param seconds number? unix seconds
---@return string
function project.stamp(seconds)
  return seconds and time.stamp(seconds) or ""
end

---A project as DescribeProjects shows it.
---@param record cme.server.Project
---@param own table what its category tells
---@return table ProjectInfo
function project.info(record, own)
  local info = {
    ProjectId = record.id,
    Name = record.name,
    AspectRatio = "",
    Category = record.category,
    Owner = { Type = record.owner.type, Id = record.owner.id },
    CoverUrl = "",
    UpdateTime = project.stamp(record.updated_at),
    CreateTime = project.stamp(record.created_at),
  }
  for name, member in pairs(category.infos) do
    info[member] = name == record.category and own or json.null
  end
  return info
end

return project
