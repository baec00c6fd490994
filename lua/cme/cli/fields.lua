-- SPDX-License-Identifier: MIT
-- Fields of an action on a command line: `--Outputs.0.PushUrl rtmp://...` or `--Name=live-1`, told from options by
-- their capital. They are taken out before the command line is parsed, and made into a request by the schema. Pure.

local fields = {}

---@class cme.cli.field
---@field name string "Outputs.0.PushUrl"
---@field value string

--- Takes the fields out of a command line.
---@param args string[]
---@return string[]|nil rest nil when a field has no value
---@return cme.cli.field[]|string list else its name
function fields.split(args)
  local rest, list, i = {}, {}, 1
  while i <= #args do
    local name, value = args[i]:match "^%-%-(%u[%w.]*)=(.*)$"
    if args[i] == "--" then return table.move(args, i, #args, #rest + 1, rest), list end
    if not name then
      name = args[i]:match "^%-%-(%u[%w.]*)$"
      if name then
        i = i + 1
        value = args[i]
        if not value then return nil, name end
      end
    end
    if name then
      list[#list + 1] = { name = name, value = value }
    else
      rest[#rest + 1] = args[i]
    end
    i = i + 1
  end
  return rest, list
end

--- The name of an argument that may be meant as a field: "Limit=5".
---@param argument string
---@return string|nil
function fields.bare(argument) return argument:match "^(%a[%w.]*)=" end

--- What to write in its place. The value may be a secret.
---@param name string
---@param t cme.cli.translate
---@return string
function fields.advice(name, t)
  local written = "--" .. name:sub(1, 1):upper() .. name:sub(2)
  return t("field '%s': write %s VALUE, or all fields as JSON", name, written)
end

return fields
