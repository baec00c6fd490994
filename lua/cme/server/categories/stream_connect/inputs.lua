-- SPDX-License-Identifier: MIT
-- The kinds of inputs (StreamInputInfo), in one table by InputType: how a request's input is checked and completed,
-- what the engine is told about it, and what a copy of the project keeps. It asks the edge, if there is one, for push
-- addresses.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local ingest = require "cme.server.edge.ingest"
local json = require "cme.json"
local limits = require "cme.api.limits"
local sign = require "cme.sign"
local url_check = require "cme.server.categories.url_check"

local inputs = {}

local MAX_VOD_URLS = 100 -- ours

---@class cme.server.categories.stream_connect.input_kind
---@field member string          of StreamInputInfo that describes an input of this kind
---@field check fun(info: table, where: string, edge: cme.server.edge|nil, now: number): table|nil, string|nil,
---  cme.detail|nil what is stored
---@field engine fun(info: table, edge: cme.server.edge|nil, public: boolean|nil): table what `set` is told: { url }
---  or { urls, loop }, with `public` when it is read from public addresses alone; with `pushed`, which means nothing
---  to it, when it is published to the service, and `elsewhere` when that is to another node
---@field address (fun(info: table, edge: cme.server.edge|nil): string)|nil where to publish it, for inputs that are
---  published to the service
---@field again (fun(info: table): table)|nil what a caller would give for another one like it; the same when absent

local live_pull = { member = "LivePullInputInfo" }

function live_pull.check(info, where)
  local fault = url_check.fault(info.InputUrl, limits.input_schemes)
  if fault then return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:input_url",
    { field = where, fault = fault }) end
  return { InputUrl = info.InputUrl }
end

function live_pull.engine(info, _, public)
  return { url = info.InputUrl, public = public }
end

local vod_pull = { member = "VodPullInputInfo" }

function vod_pull.check(info, where)
  local count = #info.InputUrls
  if count == 0 or count > MAX_VOD_URLS then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:input_urls",
      { field = where, count = count, limit = MAX_VOD_URLS })
  end
  for i, url in ipairs(info.InputUrls) do
    local fault = url_check.fault(url, limits.input_schemes)
    if fault then return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:one_input_url",
      { field = where, index = i - 1, fault = fault }) end
  end
  local loop = info.LoopTimes or 0
  if loop < -1 or loop > 2 ^ 31 - 1 then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:loop_times", { field = where, count = loop })
  end
  return { InputUrls = info.InputUrls, LoopTimes = loop }
end

function vod_pull.engine(info, _, public)
  return { urls = info.InputUrls, loop = info.LoopTimes, public = public }
end

local rtmp_push = { member = "RtmpPushInputInfo" }

-- Whether the edge has room for it is seen when it is stored.
function rtmp_push.check(info, where, edge, now)
  if not edge then return codes.fail "api.UnsupportedOperation:no_push" end
  for _, member in ipairs { "PushUrl", "RtmpsPushUrl", "SrtPushUrl" } do
    if info[member] and info[member] ~= "" then
      return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:push_address", { field = where })
    end
  end
  local expires = math.ceil(now) + info.ExpiredSecond
  if info.ExpiredSecond < 1 or expires > ingest.latest then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:expired_second",
      { field = where, seconds = info.ExpiredSecond })
  end
  return { ExpiredSecond = info.ExpiredSecond, PushUrl = ingest.stored(sign.random_hex(12), expires) }
end

-- From the service's own edge, which stands at no public address, or from another node's.
function rtmp_push.engine(info, edge)
  local url, elsewhere = edge:pull_url(info.PushUrl)
  return { url = url, pushed = true, elsewhere = elsewhere or nil }
end

function rtmp_push.address(info, edge)
  return edge and edge:push_url(info.PushUrl) or ""
end

function rtmp_push.again(info)
  return { ExpiredSecond = info.ExpiredSecond }
end

---@type table<string, cme.server.categories.stream_connect.input_kind>
inputs.kinds = { LivePull = live_pull, VodPull = vod_pull, RtmpPush = rtmp_push }

--- Checks an input and completes it.
---@param input table StreamInputInfo, its members as schema.check leaves them
---@param where string the member's name, for messages
---@param edge cme.server.edge|nil
---@param now number unix seconds
---@return table|nil input with the member of its kind alone; what is stored
---@return string|nil message
---@return cme.detail|nil detail
function inputs.check(input, where, edge, now)
  local kind = inputs.kinds[input.InputType]
  if not kind then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:input_type",
      { field = where, value = answer.shown(input.InputType) })
  end
  local info = input[kind.member]
  if not info then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:input_member",
      { field = where, member = kind.member, type = input.InputType })
  end
  local checked, message, detail = kind.check(info, where .. "." .. kind.member, edge, now)
  if not checked then return nil, message, detail end
  return { InputType = input.InputType, [kind.member] = checked }
end

local function described(input)
  local kind = inputs.kinds[input.InputType]
  return kind, input[kind.member]
end

--- What a caller would give for another input like this one.
---@param input table a stored one
---@return table StreamInputInfo
function inputs.again(input)
  local kind, info = described(input)
  return { InputType = input.InputType, [kind.member] = kind.again and kind.again(info) or info }
end

--- The input as `set` of the control protocol takes it.
---@param input table|nil a stored one
---@param edge cme.server.edge|nil
---@param public boolean|nil what is pulled is read from public addresses alone
---@return table|nil
function inputs.engine(input, edge, public)
  if not input then return nil end
  local kind, info = described(input)
  return kind.engine(info, edge, public)
end

--- Why an engine cannot have the inputs of a project, or nil.
---@param input table StreamConnectProjectInput, a stored one
---@param edge cme.server.edge|nil
---@return cme.detail|nil fact
function inputs.fault(input, edge)
  for _, one in pairs { input.MainInput or {}, input.BackupInput or {} } do
    if one.InputType == "RtmpPush" and not edge then return codes.reason "word:no_push" end
  end
  return nil
end

--- Where to publish an input; "" for one that is pulled.
---@param input table|nil a stored one
---@param edge cme.server.edge|nil
---@return string
function inputs.address(input, edge)
  if not input then return "" end
  local kind, info = described(input)
  return kind.address and kind.address(info, edge) or ""
end

--- What is shown of where to publish an input: what is stored is not that. The cloud has no RTMPS and no SRT.
---@param input table|nil a stored one
---@param edge cme.server.edge|nil
---@return table|nil RtmpPushInputInfo nil: it is pulled
function inputs.push_info(input, edge)
  local info = input and input.RtmpPushInputInfo
  return info and { ExpiredSecond = info.ExpiredSecond, PushUrl = inputs.address(input, edge),
    RtmpsPushUrl = edge and edge:rtmps_push_url(info.PushUrl), SrtPushUrl = edge and edge:srt_push_url(info.PushUrl) }
end

--- The input as the API shows it: every member, those of other kinds null.
---@param input table|nil a stored one
---@param edge cme.server.edge|nil
---@return table
function inputs.info(input, edge)
  if not input then return json.null end
  return {
    InputType = input.InputType,
    LivePullInputInfo = input.LivePullInputInfo or json.null,
    VodPullInputInfo = input.VodPullInputInfo or json.null,
    RtmpPushInputInfo = inputs.push_info(input, edge) or json.null,
  }
end

return inputs
