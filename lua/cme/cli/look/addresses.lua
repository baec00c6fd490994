-- SPDX-License-Identifier: MIT
-- What `cme look` is to look at: play addresses, and the outputs of projects and show files by where viewers watch
-- them (`watch`).

local codes = require "cme.codes"
local projects = require "cme.cli.projects"
local redact = require "cme.redact"

local addresses = {}

local MOST = 32

---@class cme.cli.look.address
---@field url string has secrets
---@field name string how it is shown
---@field output string|nil the output whose viewers watch there

local function can_be_opened(context, path)
  local file = context.system.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Whether a word names a project or its file, and no address or media file.
local function names_project(context, word)
  if projects.is_file(word) or projects.is_id(word) then return true end
  return not word:find "[:/]" and not word:find "^[@-]" and not can_be_opened(context, word)
end

-- The outputs of a project: of a file as it says, else as the service has them.
local function outputs_of(context, word)
  if projects.is_file(word) then
    local made, message, detail = projects.load(context, word)
    if not made then return nil, message --[[@as string]], detail end
    local wanted
    wanted, message, detail = made:check()
    return wanted and wanted.outputs, message --[[@as string]], detail
  end
  local project, message, detail = projects.find(context, word, true)
  if not project then return nil, message --[[@as string]], detail end
  local info
  info, message, detail = project:info()
  return info and info.outputs, message --[[@as string]], detail
end

local function add_outputs(context, list, word)
  local outputs, message, detail = outputs_of(context, word)
  if not outputs then return nil, message, detail end
  local before = #list
  for _, output in ipairs(outputs) do
    local name = output.name and output.name ~= "" and output.name or output.id
    if output.watch and output.watch ~= "" then
      list[#list + 1] = { url = output.watch, name = name or redact.url(output.watch), output = name }
    end
  end
  if #list > before then return true end
  return codes.within("in.show", { name = word }, select(2, codes.refuse "invalid.no_watch"))
end

local function add_address(context, list, word)
  local url, message, detail = context:content(word)
  if not url then return nil, message, detail end
  list[#list + 1] = { url = url, name = redact.url(url) }
  return true
end

-- Names that are the same are told apart by the numbers that their pictures have.
local function number(list)
  local count = {}
  for _, address in ipairs(list) do count[address.name] = (count[address.name] or 0) + 1 end
  for i, address in ipairs(list) do
    if count[address.name] > 1 then address.name = ("%s #%d"):format(address.name, i - 1) end
  end
  return list
end

--- Takes the arguments of the command.
---@param context cme.cli.context
---@param words string[]
---@return cme.cli.look.address[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function addresses.take(context, words)
  local list = {}
  for _, word in ipairs(words) do
    local add = names_project(context, word) and add_outputs or add_address
    local ok, message, detail = add(context, list, word)
    if not ok then return nil, message, detail end
  end
  if #list <= MOST then return number(list) end
  return nil, context.t("at most %d addresses are possible", MOST), { code = "invalid.usage" }
end

return addresses
