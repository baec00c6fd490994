-- SPDX-License-Identifier: MIT
-- The service's callbacks: reads their bodies, and proves that they come from your own service.
--
-- The cloud posts EventContent as JSON, unsigned and sometimes more than once: use an event as a prompt to look
-- (show:info()), not as the truth. `cme serve` posts the same bodies with three more headers, which are made and
-- checked here:
--   X-CME-Timestamp: 1795356000        unix seconds, when it was sent; a retry has a new one
--   X-CME-Event-Id: 5f0c...            the same at every retry of an event; letters, digits, - and _
--   X-CME-Signature: v1=<hex HMAC-SHA256(secret, timestamp "." id "." body)>  several, by commas, as a secret changes
-- Bodies and headers are foreign data: their size is bounded, and they never raise an error. An event contains push
-- URLs with stream keys as they arrived (`cme serve` redacts them); messages contain none. Pure except for the default
-- of `now`.

local codes = require "cme.codes"
local json = require "cme.json"
local options = require "cme.text.options"
local schema = require "cme.schema"

---@class cme.event.module
local event = {}

---@class cme.event
---@field type string EventType as the service writes it, e.g. "Project.StreamConnect.StatusChanged"
---@field operator string|nil who caused it; "cmeid_system" is the platform's administrator
---@field project string|nil its id
---@field status string|nil stream connect: "working", "stopped", "input_interrupted", "output_interrupted"; media cast:
--- "started", "stopped", "source_interrupted", "destination_interrupted"; another as the service writes it
---@field endpoint "main"|"backup"|nil the input that was interrupted
---@field output cme.event.output|nil the output or destination that was interrupted
---@field source table|nil the media cast source that was interrupted, as the service describes it
---@field reason string|nil of a media cast interruption: "SystemError", "Unknown"
---@field content table|nil the body's member for this type, untouched; nil for a type that is not known here
---@field raw table the whole body, decoded
---@field id string|nil X-CME-Event-Id, by receive only
---@field time number|nil X-CME-Timestamp, by receive only

---@class cme.event.output
---@field id string|nil
---@field name string|nil
---@field url string|nil with its stream key

-- The cloud's lists of materials are the longest; this is a thousand times the usual event.
local LARGEST = 1048576
local TOLERANCE = 300
local SIGNATURES = 8
local LONGEST_ID = 128
local SCHEME = "v1="

local function fail(sentence, values)
  return codes.within("in.event", nil, select(2, codes.refuse(sentence, values)))
end

-- ---- reading

local STATUS = {
  Working = "working", Started = "started", Stopped = "stopped", InputInterrupted = "input_interrupted",
  OutputInterrupted = "output_interrupted", SourceInterrupted = "source_interrupted",
  DestinationInterrupted = "destination_interrupted",
}
local ENDPOINT = { Main = "main", Backup = "backup" }

-- A member's text; nil when absent, null, of another type or empty, as the cloud writes what does not apply.
local function text_of(value)
  local written = json.string(value)
  return written ~= "" and written or nil
end

local function output_of(id, name, url)
  id, name, url = text_of(id), text_of(name), text_of(url)
  return (id or name or url) and { id = id, name = name, url = url } or nil
end

local function read_stream_connect(found, content)
  found.endpoint = ENDPOINT[json.object(content.InputInterruptInfo).EndPoint]
  local output = json.object(content.OutputInterruptInfo)
  found.output = output_of(output.Id, output.Name, output.Url)
end

local function read_media_cast(found, content)
  local source = json.object(content.SourceInterruptInfo)
  local destination = json.object(content.DestinationInterruptInfo)
  local to = json.object(destination.DestinationInfo)
  if next(json.object(source.SourceInfo)) then found.source = source.SourceInfo end
  found.output = output_of(to.Id, to.Name, to.PushUrl)
  found.reason = text_of(source.Reason) or text_of(destination.Reason)
end

-- By EventType: which member of the body belongs to it, and, for changes of a project, what is in it besides status.
local TYPES = {
  ["Project.StreamConnect.StatusChanged"] = { "ProjectStreamConnectStatusChangedEvent", read_stream_connect },
  ["Project.MediaCast.StatusChanged"] = { "ProjectMediaCastStatusChangedEvent", read_media_cast },
  ["Project.Switcher.StatusChanged"] = { "ProjectSwitcherStatusChangedEvent", function() end },
  ["Storage.NewFileCreated"] = { "StorageNewFileCreatedEvent" },
  ["Material.Imported"] = { "MaterialImportedEvent" },
  ["Material.Added"] = { "MaterialAddedEvent" },
  ["Material.Moved"] = { "MaterialMovedEvent" },
  ["Material.Modified"] = { "MaterialModifiedEvent" },
  ["Material.Deleted"] = { "MaterialDeletedEvent" },
  ["Class.Created"] = { "ClassCreatedEvent" },
  ["Class.Moved"] = { "ClassMovedEvent" },
  ["Class.Deleted"] = { "ClassDeletedEvent" },
  ["Task.VideoExportCompleted"] = { "VideoExportCompletedEvent" },
  ["Service.ProcessReplaced"] = { "ServiceProcessReplacedEvent" }, -- ours, as the next
  ["Service.RecordingFinished"] = { "ServiceRecordingFinishedEvent" },
  ["Service.RecordingFailed"] = { "ServiceRecordingFailedEvent" },
  ["Service.PublisherRefused"] = { "ServicePublisherRefusedEvent" },
  ["Service.MergeChanged"] = { "ServiceMergeChangedEvent" },
  ["Service.LookChanged"] = { "ServiceLookChangedEvent" },
  ["Service.UplinkChanged"] = { "ServiceUplinkChangedEvent" },
  ["Service.SlateChanged"] = { "ServiceSlateChangedEvent" },
  ["Service.StandbyChanged"] = { "ServiceStandbyChangedEvent" },
  ["Service.DatabaseLost"] = { "ServiceDatabaseLostEvent" },
}

local function read_project(found, content, read)
  found.project = text_of(content.ProjectId)
  local status = text_of(content.Status)
  if not found.project or not status then return fail("event.malformed:project", { type = found.type }) end
  found.status = STATUS[status] or status
  read(found, content)
  return found
end

--- Reads a callback's body.
---@param body string
---@return cme.event|nil event
---@return string|nil message
---@return table|nil detail code event.malformed or event.too_large
---@usage require "cme.event".parse('{"EventType":"Class.Created"}').type --> Class.Created
function event.parse(body)
  if type(body) ~= "string" then options.misuse("cme.event.parse: a body is needed, got " .. type(body)) end
  if #body > LARGEST then return fail("event.too_large", { bytes = #body }) end
  local raw, why, fault = json.decode(body, schema.fields "EventContent")
  if fault then return fail("event.malformed:json", { cause = codes.words(why, fault) }) end
  if type(raw) ~= "table" then return fail "event.malformed" end
  local kind = text_of(raw.EventType)
  if not kind then return fail "event.malformed:type" end
  local found = { type = kind, operator = text_of(raw.Operator), raw = raw }
  local known = TYPES[kind]
  if not known then return found end
  -- The member by the type, not whichever there is: the cloud fills in others with empty texts.
  found.content = type(raw[known[1]]) == "table" and raw[known[1]] or nil
  if not known[2] then
    found.project = text_of(json.object(found.content).ProjectId)
    return found
  end
  return read_project(found, found.content or {}, known[2])
end

--- Creates a hub: an event that is published there wakes those who watch its project.
---@return cme.event.hub
---@usage local hub = event.hub() --> show:watch { events = hub }; hub:publish(change) for each that comes
function event.hub()
  return require "cme.project.event_hub".new()
end

-- ---- signing

local function digest(secret, timestamp, id, body)
  return assert(require "cme.sign".hmac_sha256_hex(secret, table.concat({ timestamp, id, body }, ".")))
end

-- Without a dot in it: else what is signed could be read as another id and body.
local function is_id(id)
  return type(id) == "string" and #id <= LONGEST_ID and id:find "^[%w_-]+$" ~= nil
end

local function check_id(what, id)
  if not is_id(id) then
    options.misuse(("%s: an id of 1 to %d letters, digits, - and _ is needed"):format(what, LONGEST_ID))
  end
end

local function check_secret(what, secret)
  if type(secret) ~= "string" or secret == "" then options.misuse(what .. ": a secret is needed") end
end

-- One secret or several as a list.
local function list_of(what, secret)
  local secrets = type(secret) == "table" and secret or { secret }
  if #secrets == 0 or #secrets > SIGNATURES then
    options.misuse(("%s: 1 to %d secrets are needed"):format(what, SIGNATURES))
  end
  for _, one in ipairs(secrets) do check_secret(what, one) end
  return secrets
end

local function seconds_text(what, timestamp)
  if type(timestamp) ~= "number" or not (timestamp >= 0 and timestamp < 1e11) then
    options.misuse(what .. ": a timestamp in unix seconds is needed")
  end
  return ("%.0f"):format(math.floor(timestamp))
end

--- Computes the signature of a delivery.
---@param secret string|string[] shared with the receiver; several while one replaces another
---@param timestamp number unix seconds
---@param id string the event's
---@param body string
---@return string signature the value of X-CME-Signature
function event.sign(secret, timestamp, id, body)
  local secrets, parts = list_of("cme.event.sign", secret), {}
  check_id("cme.event.sign", id)
  if type(body) ~= "string" then options.misuse("cme.event.sign: a body is needed, got " .. type(body)) end
  local time = seconds_text("cme.event.sign", timestamp)
  for i, one in ipairs(secrets) do parts[i] = SCHEME .. digest(one, time, id, body) end
  return table.concat(parts, ", ")
end

--- The headers to send a body with.
---@param secret string|string[] several while one replaces another
---@param timestamp number unix seconds
---@param id string the event's, the same at each retry: letters, digits, - and _
---@param body string
---@return table<string, string> headers
function event.headers(secret, timestamp, id, body)
  return {
    ["Content-Type"] = "application/json",
    ["X-CME-Timestamp"] = seconds_text("cme.event.headers", timestamp),
    ["X-CME-Signature"] = event.sign(secret, timestamp, id, body),
    ["X-CME-Event-Id"] = id,
  }
end

---@class cme.event.delivery
---@field secret string|string[] several while one replaces another
---@field headers table<string, string> of the request, names in any case
---@field body string exactly as received
---@field now number|nil unix seconds, os.time()
---@field tolerance number|nil seconds that the timestamp may be off, default 300

local DELIVERY = {
  secret = { { "string", "table" }, required = true },
  headers = { "table", required = true },
  body = { "string", required = true },
  now = { "number" },
  tolerance = { "number", fact = options.positive },
}

-- A header by its lower-case name; false when it is there twice.
local function header(headers, name)
  local found
  for key, value in pairs(headers) do
    if type(key) == "string" and #key == #name and key:lower() == name then
      if found ~= nil or type(value) ~= "string" then return false end
      found = value
    end
  end
  return found
end

-- Every secret with every signature, so that how long it takes tells nothing.
local function any_equal(secrets, given, ...)
  local sign, good = require "cme.sign", false
  for _, secret in ipairs(secrets) do
    local wanted = digest(secret, ...)
    local count = 0
    for part in given:gmatch "[^,%s]+" do
      count = count + 1
      if count > SIGNATURES then break end
      if part:sub(1, #SCHEME) == SCHEME and sign.equal(part:sub(#SCHEME + 1):lower(), wanted) then good = true end
    end
  end
  return good
end

-- The headers of a delivery: timestamp, id, signatures; nil and the sentence when they cannot be.
local function read_headers(headers)
  local timestamp, id = header(headers, "x-cme-timestamp"), header(headers, "x-cme-event-id")
  local given = header(headers, "x-cme-signature")
  if not timestamp or not id or not given then
    return nil, "event.unsigned"
  elseif not timestamp:find "^%d+$" or #timestamp > 11 then
    return nil, "event.unsigned:timestamp"
  elseif not is_id(id) then
    return nil, "event.unsigned:id"
  end
  return timestamp, id, given
end

local function verify(delivery)
  if #delivery.body > LARGEST then return fail("event.too_large", { bytes = #delivery.body }) end
  local timestamp, id, given = read_headers(delivery.headers)
  if not timestamp then return fail(id) end
  local secrets = list_of("cme.event", delivery.secret)
  if not any_equal(secrets, given, timestamp, id, delivery.body) then return fail "event.bad_signature" end
  local off = (delivery.now or os.time()) - tonumber(timestamp)
  if math.abs(off) > (delivery.tolerance or TOLERANCE) then
    return fail(off > 0 and "event.stale" or "event.stale:ahead", { seconds = ("%.0f"):format(math.abs(off)) })
  end
  return tonumber(timestamp)
end

--- Checks that a body was sent recently by someone who has the secret. An event may arrive twice: remember
--- X-CME-Event-Id if that matters.
---@param delivery cme.event.delivery
---@return number|nil time X-CME-Timestamp
---@return string|nil message
---@return table|nil detail code event.unsigned, event.bad_signature, event.stale or event.too_large
function event.verify(delivery)
  return verify(options.check("cme.event.verify", delivery, DELIVERY))
end

--- Verifies a delivery and reads it.
---@param delivery cme.event.delivery
---@return cme.event|nil event with id and time
---@return string|nil message
---@return table|nil detail
---@usage local change = assert(event.receive { secret = secret, headers = ngx.req.get_headers(), body = body })
function event.receive(delivery)
  local checked = options.check("cme.event.receive", delivery, DELIVERY)
  local time, message, detail = verify(checked)
  if not time then return nil, message, detail end
  local found
  found, message, detail = event.parse(checked.body)
  if not found then return nil, message, detail end
  found.time, found.id = time, header(checked.headers, "x-cme-event-id") or nil
  return found
end

return event
