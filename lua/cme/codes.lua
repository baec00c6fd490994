-- SPDX-License-Identifier: MIT
-- The catalogue of failures, and the one shape that a failure has in this project: `nil, message, detail`. A failure
-- names a sentence of the catalogue, `code` or `code:variant` ("invalid.url:no_host"), and carries the values that the
-- sentence takes. So a program matches `detail.code`, and a person reads the same failure in either language: `message`
-- is codes.say(detail), English; codes.say(detail, "zh") is Chinese from its first word to its last.
--
--   codes.fail "invalid.url:no_host"                               no host in the URL
--   codes.within("in.output", { id = "b" }, message, detail)       output 'b': no host in the URL
--
-- The function that knows the fact fails; each layer outside of it says with within() what was being done.
--
-- The sentences of a family, which is the first word of their names, are in text/words/FAMILY.lua, { English, Chinese }
-- by name, with {value} where a value stands. A value is a text, a number, another failure, or a list of those. Words
-- of others (a system's, a library's, a cloud's) are values: they are shown as they came. The engine and the modules
-- in C name a sentence by its English format; their family is "engine".
--
-- Retry rules and exit codes are in text/rules.lua. docs/errors.md is made from all this (tools/gen_errors.lua). Files
-- are read at the first failure. Pure.

---@class cme.codes
local codes = {}

---@class cme.reason a sentence and what it is filled with: a part of a failure, or the whole of one
---@field sentence string|nil its name in the catalogue; nil: `text` is all there is
---@field values table|nil by name; of the engine's sentences a list
---@field within cme.reason[]|nil what was being done, innermost first
---@field text string|nil the words of a failure that is not in the catalogue, such as a caller's own transport's

---@class cme.detail what a failure is, for programs. This is the only shape in the project
---@field code string e.g. "api.AuthFailure.SignatureFailure", "invalid.url"; docs/errors.md lists them all
---@field retryable boolean|nil whether doing the same again may help and can do no harm
---@field op string|nil the method or action that failed
---@field request_id string|nil the service's id of the call, for its support
---@field http_status integer|nil
---@field attempts integer|nil requests sent; 0: refused before anything was sent
---@field sent boolean|nil of network.*: whether a byte of the request may have reached the service
---@field unknown_outcome boolean|nil of a write: it is unknown whether the service did it
---@field cause cme.detail|nil the failure underneath
---@field field string|nil of invalid.*: which field of the request
---@field pending cme.pending.fault[]|nil of a broadcast that is on the air: what does not work yet
---@field done string[]|nil of ensure: the changes that were made before it failed
---@field sentence string|nil the sentence's name in the catalogue, "code" or "code:variant"
---@field values table|nil what the sentence is filled with, by name
---@field within cme.reason[]|nil what was being done, innermost first
---@field text string|nil the words of a failure that is not in the catalogue

codes.FAMILIES = { "advice", "api", "control", "credentials", "engine", "etcd", "event", "in", "invalid", "live_url",
  "local", "look", "media", "network", "op", "platform", "project", "server", "show", "source", "state", "switch",
  "task", "uplink", "word" }

local COLUMN = { en = 1, zh = 2, ["en-US"] = 1, ["zh-CN"] = 2 }
local CONVERSION = "(.?)(%%([1-9]?)%$?[-+ #0-9.*]*[hlz]*[duscxgf])" -- of a format of printf, with what is before it
local LIST = { "; ", "；" } -- between members of a list
local PREFIX = { ": ", "：" } -- between what was being done and what happened
local MAX_DEPTH, MAX_PARTS = 8, 100 -- of a failure that came over the network

local known_families = {}
for _, family in ipairs(codes.FAMILIES) do known_families[family] = true end

-- ---- the catalogue

-- An engine's sentence is written in C, as a format of printf; the catalogue has its Chinese alone.
local function engine_sentence(name)
  local chinese = require "cme.text.words.engine"[name:sub(#"engine:" + 1)]
  return { name:sub(#"engine:" + 1), chinese, positional = true }
end

--- A sentence of the catalogue.
---@param name string "code", "code:variant"
---@return { [1]: string, [2]: string|nil, positional: boolean|nil }|nil formats English and Chinese
function codes.sentence(name)
  local family = name:match "^[%l_]+"
  if not known_families[family] then return nil end
  if family == "engine" then return engine_sentence(name) end
  return require("cme.text.words." .. family)[name]
end

--- The code of a sentence.
---@param name string
---@return string
function codes.of(name)
  return (name:gsub(":.*$", ""))
end

--- What a code means.
---@param code string
---@return { [1]: string, [2]: string }|nil meaning English and Chinese; nil: it is not in the catalogue
function codes.meaning(code)
  return require "cme.text.meanings"[code] or codes.sentence(code)
end

-- The rule of a code, or of the part before its last dot, and so on.
local function inherited(rules, code)
  while code do
    if rules[code] ~= nil then return rules[code] end
    code = code:match "^(.*)%."
  end
end

--- The retry rule of a code; see cme.api.retry.
---@param code string
---@return string rule "final" for one that is not in the catalogue
function codes.retry_rule(code)
  return inherited(require "cme.text.rules".retry, code) or "final"
end

--- The exit code of `cme` for a code.
---@param code string|nil
---@return integer
function codes.exit_code(code)
  return code and inherited(require "cme.text.rules".exit, code) or 1
end

local LACKING = { ["api.InvalidAction"] = true, ["api.UnsupportedOperation"] = true }

--- Whether a code says that the service has no such action, as the cloud does of those that only `cme serve` has.
---@param code string|nil
---@return boolean
function codes.is_lacking(code)
  return LACKING[code] == true
end

--- Where docs/errors.md speaks of a code.
---@param code string
---@return string "docs/errors.md#networktimeout", as Markdown makes it
function codes.anchor(code)
  return "docs/errors.md#" .. code:lower():gsub("%.", "")
end

-- ---- saying

local say_reason

local function say_number(value)
  return value % 1 == 0 and ("%d"):format(value) or ("%g"):format(value)
end

-- A value as it is shown; nil: a part of it has no words in this language.
local function say_value(value, column)
  if value == nil then return "" end
  if type(value) == "number" then return say_number(value) end
  if type(value) ~= "table" then return tostring(value) end
  if value.sentence or value.text then return say_reason(value, column) end
  local said = {}
  for i, member in ipairs(value) do
    said[i] = say_value(member, column)
    if not said[i] then return nil end
  end
  return table.concat(said, LIST[column])
end

-- Fills a format; nil: a value has no words in this language.
local function fill(format, values, column)
  local whole = true
  local said = format:gsub("{([%l_]+)}", function(name)
    local value = say_value(values[name], column)
    whole = whole and value ~= nil
    return value or ""
  end)
  return whole and said or nil
end

-- Fills a format of printf, whose values are texts. One outside of quotes may be a text of the catalogue itself:
-- "the %s input" of "main". A translation may name its places: "%2$s".
local function fill_engine(format, values, column)
  local words, nth = require "cme.text.words.engine", 0
  return (format:gsub(CONVERSION, function(before, _, place)
    nth = nth + 1
    local value = values[tonumber(place) or nth]
    local is_name = before == "'" or before == "\157" -- the last byte of a Chinese quote
    if column == 2 and not is_name and words[value] then value = words[value] end
    return before .. tostring(value or "")
  end))
end

local function has_chinese(text)
  return text:find "[\228-\233][\128-\191][\128-\191]" ~= nil
end

-- The sentence alone, without what was being done.
local function say_sentence(reason, column)
  local formats = reason.sentence and codes.sentence(reason.sentence)
  if not formats then
    local text = reason.text or reason.sentence or ""
    return (column == 1 or has_chinese(text)) and text or nil
  end
  local format = formats[column]
  if not format then return nil end
  local values = reason.values or {}
  if formats.positional then return fill_engine(format, values, column) end
  return fill(format, values, column)
end

say_reason = function(reason, column)
  local said = say_sentence(reason, column)
  for _, frame in ipairs(reason.within or {}) do
    local doing = said and say_sentence(frame, column)
    said = doing and doing .. PREFIX[column] .. said
  end
  return said
end

--- A failure in words. What has no words in the language, since a stranger worded a part of it, is said in English as a
--- whole: a message is in one language.
---@param reason cme.reason|cme.detail
---@param language "en"|"zh"|"en-US"|"zh-CN"|nil English
---@return string
function codes.say(reason, language)
  return say_reason(reason, COLUMN[language] or 1) or say_reason(reason, 1) or ""
end

-- ---- making

local REASON = { __tostring = function(self) return codes.say(self) end }

--- A part of a failure. It prints itself in English.
---@param sentence string
---@param values table|nil
---@return cme.reason
function codes.reason(sentence, values)
  return setmetatable({ sentence = sentence, values = values }, REASON)
end

--- What the system says, such as "No such file or directory", as a value: in Chinese where its Chinese is known.
---@param text string
---@return cme.reason|string
function codes.system(text)
  return require "cme.text.words.engine"[text] and codes.reason("engine:" .. text) or text
end

--- Makes a detail: for warnings, which are `true, codes.say(detail), detail`.
---@param sentence string its name in the catalogue; the part before ":" is the code, unless `more` has one
---@param values table|nil what it is filled with, by name
---@param more table|nil further members
---@return cme.detail
function codes.detail(sentence, values, more)
  local detail = more or {}
  detail.code = detail.code or codes.of(sentence)
  detail.sentence, detail.values = sentence, values
  if detail.retryable == nil then detail.retryable = false end
  return detail
end

-- A detail that says what a reason says. A reason that is a detail has its code; one of words alone has no name in the
-- catalogue to take it from.
local function detail_of(reason, more)
  more = more or {}
  more.code = more.code or reason.code or not reason.sentence and "internal" or nil
  local detail = codes.detail(reason.sentence, reason.values, more)
  detail.text = reason.text
  for _, frame in ipairs(reason.within or {}) do -- a list of its own: more frames are put into it
    detail.within = detail.within or {}
    table.insert(detail.within, frame)
  end
  return detail
end

--- Fails.
---@param sentence string|cme.reason one of words alone: its code is `internal`, unless `more` has one
---@param values table|nil when `sentence` is a name
---@param more table|nil further members of the detail: cause, request_id, ...
---@return nil
---@return string message
---@return cme.detail detail
---@usage return codes.fail("invalid.name_too_long", { count = 60, limit = 50 }, { attempts = 0 })
function codes.fail(sentence, values, more)
  local detail = type(sentence) == "table" and detail_of(sentence, more) or codes.detail(sentence, values, more)
  return nil, codes.say(detail), detail
end

--- Fails before anything is sent.
---@param sentence string|cme.reason
---@param values table|nil
---@return nil
---@return string message
---@return cme.detail detail
function codes.refuse(sentence, values)
  return codes.fail(sentence, values, { attempts = 0 })
end

--- Says around a failure what was being done. One that did not come from the catalogue keeps its words.
---@param frame string a sentence: "in.project", "in.file", ...
---@param values table|nil
---@param message string|nil of the failure
---@param detail cme.detail of the failure; it is changed
---@return nil
---@return string message
---@return cme.detail detail
---@usage if not file then return codes.within("in.file", { path = path }, message, detail) end
function codes.within(frame, values, message, detail)
  if not detail.sentence then detail.text = detail.text or message end
  detail.within = detail.within or {}
  table.insert(detail.within, { sentence = frame, values = values })
  return nil, codes.say(detail), detail
end

--- What a failure says, as a value of another: it stays so when the failure itself is put into other words.
---@param message string|nil of the failure
---@param detail cme.detail
---@return cme.reason
function codes.words(message, detail)
  local reason = codes.reason(detail.sentence, detail.values)
  reason.within, reason.text = detail.within, not detail.sentence and (detail.text or message) or nil
  return reason
end

--- Puts a failure into a sentence that goes on after it: the sentence has it as {cause}.
---@param sentence string its code does not count: the failure keeps its own
---@param values table|nil
---@param message string|nil of the failure
---@param detail cme.detail of the failure; it is changed
---@return nil
---@return string message
---@return cme.detail detail
---@usage return codes.around("in.unknown_outcome", nil, message, detail)
function codes.around(sentence, values, message, detail)
  values = values or {}
  values.cause = codes.words(message, detail)
  detail.sentence, detail.values, detail.within, detail.text = sentence, values, nil, nil
  return nil, codes.say(detail), detail
end

-- ---- over the network

local pack_reason

local function pack_value(value)
  if type(value) ~= "table" then return value end
  if value.sentence or value.text then return pack_reason(value) end
  local list = setmetatable({}, require "cme.text.marks".array)
  for i, member in ipairs(value) do list[i] = pack_value(member) end
  return list
end

pack_reason = function(reason)
  local packed = { Code = reason.sentence, Text = reason.text }
  for name, value in pairs(reason.values or {}) do
    packed.Values = packed.Values or {}
    packed.Values[tostring(name)] = pack_value(value)
  end
  for i, frame in ipairs(reason.within or {}) do
    packed.Within = packed.Within or setmetatable({}, require "cme.text.marks".array)
    packed.Within[i] = pack_reason(frame)
  end
  return packed
end

--- A failure as `cme serve` answers it, beside its message: Error.Reason, { Code, Values, Within }.
---@param reason cme.reason|cme.detail
---@return table
function codes.pack(reason)
  return pack_reason(reason)
end

local unpack_reason

-- What others sent, made into a value; nil: it is none.
local function unpack_value(value, presentable, seen, depth)
  if type(value) == "string" then return presentable(value) end
  if type(value) == "number" or type(value) == "boolean" then return value end
  if type(value) ~= "table" then return nil end
  if value.Code ~= nil or value.Text ~= nil then return unpack_reason(value, presentable, seen, depth) end
  local list = {}
  for i, member in ipairs(value) do
    list[i] = unpack_value(member, presentable, seen, depth)
    if list[i] == nil then return nil end
  end
  return list
end

local function unpack_values(given, presentable, seen, depth)
  local values = {}
  for name, value in pairs(type(given) == "table" and given or {}) do
    local key = tonumber(name) or name
    values[key] = unpack_value(value, presentable, seen, depth)
    if values[key] == nil then return nil end
  end
  return values
end

local function unpack_frames(given, presentable, seen, depth)
  local frames
  for i, frame in ipairs(type(given) == "table" and given or {}) do
    frames = frames or {}
    frames[i] = unpack_reason(frame, presentable, seen, depth)
    if not frames[i] then return nil, false end
  end
  return frames, true
end

unpack_reason = function(packed, presentable, seen, depth)
  seen.count = seen.count + 1
  if type(packed) ~= "table" or depth > MAX_DEPTH or seen.count > MAX_PARTS then return nil end
  local name = packed.Code
  local known = type(name) == "string" and codes.sentence(name)
  if not known or not known[2] then return nil end
  local values = unpack_values(packed.Values, presentable, seen, depth + 1)
  local frames, whole = unpack_frames(packed.Within, presentable, seen, depth + 1)
  if not values or not whole then return nil end
  local reason = codes.reason(name, values)
  reason.within = frames
  return reason
end

--- Reads what pack made and a service sent.
---@param packed any
---@param presentable fun(said: string): string makes what the service said fit to be shown
---@return cme.reason|nil reason nil: none, or it needs a sentence that this version does not have
function codes.unpack(packed, presentable)
  return unpack_reason(packed, presentable, { count = 0 }, 0)
end

return codes
