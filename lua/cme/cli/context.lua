-- SPDX-License-Identifier: MIT
-- What a command works with: the client that its options ask for, the reader's language, and the ways to say
-- something: a result (a text for people, one line of JSON with --json) on stdout, a failure as one line on stderr.
-- stdout, stderr, stdin, environment, clock and transport come from `system`, so that specs bring their own.

local codes = require "cme.codes"
local exit = require "cme.cli.exit"
local json = require "cme.json"
local messages = require "cme.cli.messages"

local context = {}

---@class cme.cli.system
---@field getenv fun(name: string): string|nil
---@field open fun(path: string, mode: string|nil): file*|nil, string|nil
---@field out fun(text: string)
---@field err fun(text: string)
---@field read fun(): string|nil all of stdin
---@field now fun(): number
---@field is_terminal fun(): boolean whether stdout is one
---@field transport cme.transport|nil libcurl when nil

---@class cme.cli.context
---@field args table parsed
---@field command string as written: "output add"
---@field system cme.cli.system
---@field language "en"|"zh"
---@field t cme.cli.translate
---@field json boolean
---@field dry_run cme.cli.dry_run|nil the calls that were not sent, with --dry-run
---@field _client cme.client|nil
---@field _colours boolean|nil
local Context = {}
Context.__index = Context
Context.__name = "cme.cli.context"

--- Makes one.
---@param args table
---@param command string
---@param system cme.cli.system
---@param language "en"|"zh"
---@return cme.cli.context
function context.new(args, command, system, language)
  return setmetatable({ args = args, command = command, system = system, language = language, json = args.json == true,
    t = messages.translator(language) }, Context)
end

-- ---- the service

--- The client, made when first asked for. A wrong option raises, as cme.client does.
---@return cme.client
function Context:client()
  if self._client then return self._client end
  local given = require "cme.cli.options".client(self.args, self.language)
  given.transport, given.now = self.system.transport, self.system.now
  if self.args.dry_run then
    local transport = given.transport or require "cme.net.transport".shared()
    self.dry_run = require "cme.cli.dry_run".new(transport)
    given.transport = self.dry_run
  end
  require "cme.sign".forbid_core_dumps()
  self._client = require "cme.client".new(given, { getenv = self.system.getenv, open = self.system.open })
  return self._client
end

-- ---- saying something

local COLOURS = { bold = "1", red = "31", green = "32", yellow = "33", grey = "90", filled = "42", empty = "100" }

--- Whether to write colours: at a terminal, unless NO_COLOR says no.
---@return boolean
function Context:colours()
  if self._colours == nil then
    local getenv = self.system.getenv
    local unwanted = (getenv "NO_COLOR" or "") ~= "" or getenv "TERM" == "dumb"
    self._colours = not self.json and not unwanted and self.system.is_terminal()
  end
  return self._colours
end

--- A text in a colour.
---@param text string
---@param colour string|nil
---@return string
function Context:paint(text, colour)
  if not COLOURS[colour] or text == "" or not self:colours() then return text end
  return ("\27[%sm%s\27[0m"):format(COLOURS[colour], text)
end

-- What changes the direction of a line, or takes no place in it: U+200B to U+200F, U+2028 to U+202E, U+2066 to U+2069,
-- U+FEFF.
local HIDDEN = { "\226\128[\139-\143]", "\226\128[\168-\174]", "\226\129[\166-\169]", "\239\187\191" }

--- A text of others, fit for a line of a terminal: UTF-8, no control characters (U+0080 to U+009F among them), nothing
--- that hides or turns what is around it.
---@param text string
---@return string
function context.one_line(text)
  if not text:find "[%c\128-\255]" then return text end
  if not utf8.len(text) then text = text:gsub("[\128-\255]", "?") end
  text = text:gsub("%c+", " "):gsub("\194[\128-\159]", "?")
  for _, hidden in ipairs(HIDDEN) do text = text:gsub(hidden, "") end
  return text
end

local one_line = context.one_line

--- Writes lines for people.
---@param ... string
function Context:say(...)
  for _, line in ipairs { ... } do self.system.out(line .. "\n") end
end

--- Writes a table for people; cells are texts, or { text, colour = }.
---@param rows table[] the first is the head
function Context:table(rows)
  for _, row in ipairs(rows) do
    for i = 1, #rows[1] do
      local cell = row[i]
      if type(cell) == "table" then
        cell[1] = one_line(cell[1])
      elseif cell ~= nil then
        row[i] = one_line(tostring(cell))
      end
    end
  end
  local paint = function(text, colour) return self:paint(text, colour) end
  self:say(table.unpack(require "cme.cli.columns".lines(rows, paint)))
end

--- A URL as it is shown: without its stream key, unless --reveal asks for it.
---@param url string
---@return string
function Context:url(url)
  return self.args.reveal and url or require "cme.redact".url(url)
end

local LONGEST = 1048576 -- bytes of one text of a result

-- A copy without stream keys.
local function redacted(value)
  if type(value) == "string" then
    return value:find("://", 1, true) and require "cme.redact".text(value, LONGEST) or value
  elseif type(value) ~= "table" then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do copy[key] = redacted(member) end
  return copy
end

--- A value as it is shown: its URLs without their stream keys, unless --reveal asks for them.
---@param value any
---@return any
function Context:hidden(value)
  return self.args.reveal and value or redacted(value)
end

--- A failure in the reader's language.
---@param message string of the library, or of this command's own in the reader's language already
---@param detail cme.detail|cme.reason|nil
---@return string
function Context:words(message, detail)
  local is_librarys = detail and detail.sentence and codes.say(detail) == message
  return is_librarys and codes.say(detail, self.language) or message
end

--- Writes a value as a line of JSON, fit to be shown.
---@param value any
function Context:write_json(value)
  self.system.out(assert(require "cme.json".encode(self:hidden(value))) .. "\n")
end

--- Ends a command that did what was asked: writes the value with --json, else the text. Where --dry-run kept calls
--- neither is true, and those are shown in their place.
---@param value any what --json writes
---@param ... string lines for people
---@return integer exit_code
function Context:done(value, ...)
  if self.dry_run and self.dry_run.calls[1] then return self.dry_run:show(self) end
  if self.json then
    self:write_json(value)
  else
    self:say(...)
  end
  return exit.DONE
end

--- Ends a command that made a change of its own, by no call of the service: as done(). With --dry-run, with which the
--- command did not make it, it is shown as a call with the command's name.
---@param name string
---@param value table what --json writes, and what the change is
---@param ... string lines for people
---@return integer exit_code
function Context:changed(name, value, ...)
  if not self.args.dry_run then return self:done(value, ...) end
  return require "cme.cli.dry_run".show(self, { { action = name, params = value } })
end

--- Ends a command that did what was asked, of which not all works yet: as done(), and the warning as one line on
--- stderr; with --json it is a member of the value.
---@param message string|nil nil: all works
---@param detail cme.detail|nil
---@param value table what --json writes
---@param ... string lines for people
---@return integer exit_code
function Context:done_partly(message, detail, value, ...)
  if not message then return self:done(value, ...) end
  message = self:words(message, detail)
  self.system.err(("cme %s: %s\n"):format(self.command, one_line(message)))
  value.warning = { code = detail.code, message = one_line(message), pending = json.array(detail.pending or {}) }
  self:done(value, ...)
  return exit.PARTLY
end

--- The members of the object that a failure writes with --json; what does not apply is left out. The man page and
--- docs/cli.md list them.
context.ERROR_MEMBERS = { "code", "message", "exit", "request_id", "partial", "unknown_outcome" }

--- Ends a command that failed: one line on stderr, and with --json the same as an object on stdout.
---@param message string
---@param detail cme.detail|nil
---@return integer exit_code
function Context:fail(message, detail)
  local code = exit.of(detail)
  message = self:words(message, detail)
  self.system.err(("cme %s: %s\n"):format(self.command, one_line(message)))
  if self.json then
    detail = detail or {}
    self:write_json { error = { code = detail.code, message = one_line(message), exit = code,
      request_id = detail.request_id, partial = code == exit.PARTLY or nil,
      unknown_outcome = detail.unknown_outcome } }
  end
  return code
end

--- Ends a command whose arguments are wrong.
---@param message string
---@return integer exit_code
function Context:usage(message)
  return self:fail(message, { code = "invalid.usage" })
end

-- ---- arguments

local LONGEST_ARGUMENT = 10 * 1024 * 1024 -- bytes of a file given as @FILE

--- An argument that may be too secret, or too long, for a command line: "@FILE" is what the file holds, "-" what stdin
--- gives; its last line end is not part of it.
---@param text string
---@return string|nil value
---@return string|nil message
---@return table|nil detail
function Context:content(text)
  if text == "-" then return ((self.system.read() or ""):gsub("\r?\n$", "")) end
  local path = text:match "^@(.+)$"
  if not path then return text end
  local value, reason
  local file, unopened = self.system.open(path, "r")
  if file then
    value, reason = file:read(LONGEST_ARGUMENT) -- a folder can be opened, and not be read
    file:close()
  end
  reason = unopened or reason
  if reason then
    reason = codes.system((tostring(reason):gsub("^.*: ", "")))
    return nil, self.t("file '%s': %s", path, reason), { code = "invalid.not_found" }
  end
  return ((value or ""):gsub("\r?\n$", ""))
end

return context
