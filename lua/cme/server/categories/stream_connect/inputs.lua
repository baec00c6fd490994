-- SPDX-License-Identifier: MIT
-- The kinds of a StreamInputInfo, one table by InputType: how what a caller gave is checked and completed, what an
-- engine is told of it, what a copy of the project takes over. Checks answer nil, code, message.

local ingest = require "cme.server.edge.ingest"
local json = require "cme.json"
local limits = require "cme.api.limits"
local sign = require "cme.sign"
local url_check = require "cme.server.categories.url_check"

local inputs = {}

local invalid = "InvalidParameterValue.StreamConnectInputInvalid"
local max_vod_urls = 100 -- ours

---@class cme.server.InputKind
---@field member string          of StreamInputInfo that describes an input of this kind
---@field check fun(context: cme.server.Context, info: table, where: string): table?, string?, string? what is stored
---@field engine fun(context: cme.server.Context, info: table): table what `set` is told: { url } or { urls, loop },
---  with `pushed`, which means nothing to it, when it is published to the service
---@field address (fun(context: cme.server.Context, info: table): string)? where to publish it, for inputs that are
---  published to the service
---@field again (fun(info: table): table)? what a caller would give for another one like it; the same when absent

local live_pull = { member = "LivePullInputInfo" }

function live_pull.check(_, info, where)
  local fault = url_check.fault(info.InputUrl, limits.input_schemes)
  if fault then
    return nil, invalid, ("%s.InputUrl: %s"):format(where, fault)
  end
  return { InputUrl = info.InputUrl }
end

function live_pull.engine(_, info)
  return { url = info.InputUrl }
end

local vod_pull = { member = "VodPullInputInfo" }

function vod_pull.check(_, info, where)
  local count = #info.InputUrls
  if count == 0 or count > max_vod_urls then
    return nil, invalid, ("%s.InputUrls: %d given, 1 to %d are needed"):format(where, count, max_vod_urls)
  end
  for i, url in ipairs(info.InputUrls) do
    local fault = url_check.fault(url, limits.input_schemes)
    if fault then
      return nil, invalid, ("%s.InputUrls.%d: %s"):format(where, i - 1, fault)
    end
  end
  local loop = info.LoopTimes or 0
  if loop < -1 or loop > 2 ^ 31 - 1 then
    return nil, invalid, ("%s.LoopTimes %d: -1 (for ever), 0 (no repeat) or how often to repeat"):format(where, loop)
  end
  return { InputUrls = info.InputUrls, LoopTimes = loop }
end

function vod_pull.engine(_, info)
  return { urls = info.InputUrls, loop = info.LoopTimes }
end

local rtmp_push = { member = "RtmpPushInputInfo" }

local no_edge = "this service runs without its edge, so nothing can be pushed to it (--edge off, or no nginx installed)"

function rtmp_push.check(context, info, where)
  if not context.edge then
    return nil, "UnsupportedOperation", no_edge
  end
  if info.PushUrl and info.PushUrl ~= "" then
    return nil, invalid, ("%s.PushUrl: this service makes the address: leave it out"):format(where)
  end
  local expires = math.ceil(context.now()) + info.ExpiredSecond
  if info.ExpiredSecond < 1 or expires > ingest.latest then
    return nil, invalid, ("%s.ExpiredSecond %d: the seconds in which an encoder may connect are needed, until the "
      .. "year 2106 at most"):format(where, info.ExpiredSecond)
  end
  return { ExpiredSecond = info.ExpiredSecond, PushUrl = ingest.stored(sign.random_hex(12), expires) }
end

function rtmp_push.engine(context, info)
  return { url = context.edge:pull_url(info.PushUrl), pushed = true }
end

function rtmp_push.address(context, info)
  return context.edge and context.edge:push_url(info.PushUrl) or ""
end

function rtmp_push.again(info)
  return { ExpiredSecond = info.ExpiredSecond }
end

---@type table<string, cme.server.InputKind>
inputs.kinds = { LivePull = live_pull, VodPull = vod_pull, RtmpPush = rtmp_push }

local function kind_of(input, where)
  local kind = inputs.kinds[input.InputType]
  if kind then
    return kind
  end
  return nil, invalid,
    ("%s.InputType '%s': it must be LivePull, VodPull or RtmpPush"):format(where, input.InputType:sub(1, 64))
end

---Checks an input and completes it.
---@param context cme.server.Context
---@param input table StreamInputInfo, its members as schema.check leaves them
---@param where string the member's name, for messages
---@return table? input with the member of its kind alone; what is stored
---@return string? code
---@return string? message
function inputs.check(context, input, where)
  local kind, code, message = kind_of(input, where)
  if not kind then
    return nil, code, message
  end
  local info = input[kind.member]
  if not info then
    return nil, invalid, ("%s.%s: missing (InputType is %s)"):format(where, kind.member, input.InputType)
  end
  info, code, message = kind.check(context, info, where .. "." .. kind.member)
  if not info then
    return nil, code, message
  end
  return { InputType = input.InputType, [kind.member] = info }
end

local function described(input)
  local kind = inputs.kinds[input.InputType]
  return kind, input[kind.member]
end

---What a caller would give for another input like this one.
---@param input table a stored one
---@return table StreamInputInfo
function inputs.again(input)
  local kind, info = described(input)
  return { InputType = input.InputType, [kind.member] = kind.again and kind.again(info) or info }
end

---The input as `set` of the control protocol takes it.
---@param context cme.server.Context
---@param input table? a stored one
---@return table?
function inputs.engine(context, input)
  if not input then
    return nil
  end
  local kind, info = described(input)
  return kind.engine(context, info)
end

---Why an engine cannot have the inputs of a project, or nil.
---@param context cme.server.Context
---@param input table StreamConnectProjectInput, a stored one
---@return string? message
function inputs.fault(context, input)
  for _, one in pairs { input.MainInput or {}, input.BackupInput or {} } do
    if one.InputType == "RtmpPush" and not context.edge then
      return no_edge
    end
  end
  return nil
end

---Where to publish an input; "" for one that is pulled.
---@param context cme.server.Context
---@param input table? a stored one
---@return string
function inputs.address(context, input)
  local kind, info
  if input then
    kind, info = described(input)
  end
  return kind and kind.address and kind.address(context, info) or ""
end

-- What is stored of an address is not what is shown.
local function push_info(context, input)
  local info = input.RtmpPushInputInfo
  return info and { ExpiredSecond = info.ExpiredSecond, PushUrl = inputs.address(context, input) } or json.null
end

---The input as the API shows it: every member, those of other kinds null.
---@param context cme.server.Context
---@param input table? a stored one
---@return table
function inputs.info(context, input)
  if not input then
    return json.null
  end
  return {
    InputType = input.InputType,
    LivePullInputInfo = input.LivePullInputInfo or json.null,
    VodPullInputInfo = input.VodPullInputInfo or json.null,
    RtmpPushInputInfo = push_info(context, input),
  }
end

return inputs
