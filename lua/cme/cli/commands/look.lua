-- SPDX-License-Identifier: MIT
-- `cme look`: says what the viewers of an address see and hear, by cme-look. At a terminal as a live table, otherwise a
-- line for each look and each change; with --json the same as objects, and at the end one for each address.

local clock = require "cme.cli.clock"
local codes = require "cme.codes"
local exit = require "cme.cli.exit"
local json = require "cme.json"
local words = require "cme.cli.look.words"

local look = {}

look.NEEDS = { "luv" } -- Lua modules beside the client's

local LIVE = 1 -- seconds between two updates of the table

---@param parser table argparse's
function look.add_to_parser(parser)
  local command = parser:command("look",
    "Say what viewers see and hear: connect to play addresses, decode, and name what is wrong.")
  command:argument("urls", "Play addresses (rtmp, rtmps, http, https, srt, rtsp, udp, rtp), media files, or projects "
    .. "and show files, whose outputs' watch addresses are taken; @FILE or - keeps an address secret.")
    :args "+"
  command:option("--source", "An address of the source to compare with: frozen, late, slow and wrong need it.")
    :argname "URL"
  command:option("--for", "How long to look. Default: until you end it."):argname "DURATION"
  command:option("--every", "How often to look closely and to write a line.", "10s"):argname "DURATION"
  command:option("--late", "From which delay behind the source an address is late. Default: 2.5s, of HLS 25s.")
    :argname "DURATION"
  command:flag("--full", "Decode all pictures, not only keyframes and a stretch of each look.")
  command:option("--pictures", "Write JPEGs of what viewers see into this folder.")
    :argname "FOLDER"
  command:option("--look", "The program (default: the cme-look installed with this cme)."):argname "PATH"
  command:epilog("On a terminal: a live table, q quits. Exit code 0: nothing wrong was seen; 6: something was; 4: no "
    .. "address could be read.")
end

-- ---- what is asked for

local function take_urls(context, order)
  local list, message, detail = require "cme.cli.look.addresses".take(context, context.args.urls)
  if not list then return nil, message, detail end
  order.urls, order.addresses = {}, list
  for i, address in ipairs(list) do order.urls[i] = address.url end
  return true
end

local DURATIONS = { { "for", "seconds" }, { "every", "every" }, { "late", "late" } }

local function take_durations(context, order)
  for _, one in ipairs(DURATIONS) do
    local written = context.args[one[1]]
    if written then
      local seconds, message, detail = clock.take_duration(context, "--" .. one[1], written)
      if not seconds then return nil, message, detail end
      order[one[2]] = seconds
    end
  end
  return true
end

local function order_of(context)
  local args, order = context.args, { full = context.args.full, pictures = context.args.pictures }
  local ok, message, detail = take_durations(context, order)
  if ok then ok, message, detail = take_urls(context, order) end
  if not ok then return nil, message, detail end
  if args.source then
    order.source, message, detail = context:content(args.source)
    if not order.source then return nil, message, detail end
  end
  return order
end

-- ---- what is seen

---@class cme.cli.commands.looking
---@field context cme.cli.context
---@field process cme.cli.process
---@field order cme.look.order
---@field names string[] the addresses as they are shown
---@field addresses cme.cli.look.address[]
---@field latest cme.look.line[] by address
---@field ended cme.look.line[] by address; at 0 the source's
---@field lines cme.look.line[] that are not shown yet
---@field changed cme.task.signal
---@field over cme.system.child.exit|nil
---@field fault cme.detail|nil why it could not work
---@field interrupted boolean|nil by Ctrl-C, which a terminal that is drawn on sends as a key

local function take(self, line)
  line.name = line.index and self.names[line.index + 1]
  if line.kind == "error" then
    self.fault = line.error
  elseif line.kind == "end" then
    self.ended[line.index + 1] = line
  elseif line.index >= 0 then
    local known = self.latest[line.index + 1]
    if line.kind == "change" and known then
      known.state, known.error = line.state, line.error
    else
      self.latest[line.index + 1] = line
    end
  end
  if line.kind ~= "end" and line.kind ~= "error" then self.lines[#self.lines + 1] = line end
  self.changed:notify()
end

-- What was wrong with an address at any time; a still picture is not.
local function is_fine(line)
  for _, state in ipairs(line.seen) do
    if state ~= "still" then return false end
  end
  return line.state == "ok" or line.state == "still"
end

-- Nothing was compared that was to be.
local function lacks_source(self)
  local line = self.ended[0]
  return self.order.source ~= nil and not (line and (line.video or line.audio))
end

local function code_of(self)
  local ended, fine, unread = self.ended, not lacks_source(self), true
  for _, line in ipairs(ended) do
    fine = fine and is_fine(line)
    unread = unread and not line.video and not line.audio
  end
  return fine and exit.DONE or unread and exit.NETWORK or exit.PARTLY
end

local function words_of(self, failure)
  return self.context:words(codes.say(failure), failure)
end

local NUMBERS = { "video", "audio", "bitrate_kbps", "av_offset_ms", "delay_ms" }

-- A line as programs get it: what is not known is null. The last of an address has no `kind`.
local function object_of(self, line)
  local object = { kind = line.kind ~= "end" and line.kind or nil, url = line.url, at = line.at,
    state = line.state or json.null, was = line.kind == "change" and (line.was or json.null) or nil,
    all = line.all and json.array(line.all), seen = line.seen and json.array(line.seen) }
  for _, name in ipairs(line.kind == "change" and {} or NUMBERS) do
    object[name] = line[name] == nil and json.null or line[name]
  end
  object.picture = line.picture or json.null
  object.source = line.index == -1 or nil
  object.index = line.index and line.index >= 0 and line.index or nil
  object.output = line.index and (self.addresses[line.index + 1] or {}).output
  if line.error then object.error = { code = line.error.code, message = words_of(self, line.error) } end
  return object
end

local function summary(self)
  local t = self.context.t
  local rows = { { t "ADDRESS", t "VIEWERS", t "SEEN", t "REASON" } }
  local function add(name, line)
    local reason = line.error and line.state == "gone" and words_of(self, line.error) or "-"
    rows[#rows + 1] = { name, require "cme.cli.states".look(line.state, t), words.seen(line, t), reason }
  end
  for i, line in ipairs(self.ended) do add(self.names[i], line) end
  if lacks_source(self) and self.ended[0] then add(t("source %s", self.ended[0].url), self.ended[0]) end
  self.context:table(rows)
end

local function tell_end(self)
  local context = self.context
  if self.fault then return context:fail(codes.say(self.fault), self.fault) end
  if #self.ended < #self.names then
    return context:fail(context.t("cme-look ended: %s", self.over.reason), { code = "internal" })
  end
  if context.json then
    for _, line in ipairs(self.ended) do context:write_json(object_of(self, line)) end
    if self.ended[0] then context:write_json(object_of(self, self.ended[0])) end
  else
    summary(self)
  end
  return code_of(self)
end

-- ---- showing it

local function show_lines(self)
  local context, now = self.context, self.context.system.now()
  for _, line in ipairs(self.lines) do
    if context.json then
      context:write_json(object_of(self, line))
    else
      context:say(require "cme.cli.context".one_line(words.line(line, context.t, now)))
    end
  end
  self.lines = {}
end

local function follow(self)
  repeat
    self.changed:wait()
    show_lines(self)
  until self.over
end

local function frame(self, terminal)
  local columns, one_line = require "cme.cli.columns", require "cme.cli.context".one_line
  local rows, shown = words.rows(self.latest, self.names, self.context.t), {}
  columns.fit(rows, terminal.width, words.ADDRESS_LEAST, words.GOES)
  local lines = columns.lines(rows, function(text, colour) return self.context:paint(text, colour) end)
  local now = self.context.system.now()
  lines[#lines + 1] = ""
  for i = math.max(1, #self.lines - terminal.height + #lines + 2), #self.lines do
    lines[#lines + 1] = one_line(words.line(self.lines[i], self.context.t, now))
  end
  for row = 1, terminal.height do shown[row] = lines[row] or "" end
  return shown
end

-- Only changes stay below the table.
local function keep_changes(self)
  local kept = {}
  for _, line in ipairs(self.lines) do
    if line.kind == "change" then kept[#kept + 1] = line end
  end
  self.lines = table.move(kept, math.max(1, #kept - 200), #kept, 1, {})
end

local function draw(self, terminal)
  repeat
    keep_changes(self)
    terminal:draw(frame(self, terminal))
    terminal.changed:wait()
    self.interrupted = self.interrupted or terminal.input:find "\3" ~= nil
    if terminal.lost or terminal.input:find "[qQ\3]" then self.running:stop() end
    terminal.input = ""
  until self.over
end

local function on_terminal(self)
  self.context:colours() -- asked for now: luv's stdout is not passed on to test(1)
  local terminal = assert(require "cme.cli.terminal".open())
  self.changed = terminal.changed
  local ok, raised = pcall(draw, self, terminal)
  terminal:close()
  if not ok then error(raised, 0) end
end

local function has_screen(context)
  local kind = context.system.getenv "TERM" or ""
  return not context.json and kind ~= "" and kind ~= "dumb" and context.system.is_terminal()
end

-- ---- the command

local function heed_signals(self)
  if not self.process.quit then self.process.told:wait() end
  self.running:stop()
end

local function start(self, path)
  local running, message, detail = require "cme.look.program".start(path, self.order,
    function(line) take(self, line) end,
    function(ended)
      self.over = ended
      self.changed:notify()
    end)
  self.running = running
  return running, message, detail
end

local function run(self, path)
  local task = require "cme.task"
  self.changed = task.signal()
  local screen = has_screen(self.context)
  if screen then self.order.tell = LIVE end
  local ok, message, detail = start(self, path)
  if not ok then return self.context:fail(message, detail) end
  task.spawn(heed_signals, self)
  if screen then on_terminal(self) else follow(self) end
  local code = tell_end(self)
  return (self.interrupted or self.process.quit == "sigint") and exit.INTERRUPTED or code
end

-- A failed write is for the command's own caller, not for the task that met it.
local function without_raising(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  if type(result) == "table" then return nil, result end
  error(result, 0)
end

local function find(named)
  local found = named or require "cme.server.process.engine".beside "cme-look"
  if found then return found end
  return codes.fail "local.no_look"
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function look.run(args, context)
  local order, message, detail = order_of(context)
  if not order then return context:fail(message --[[@as string]], detail) end
  local path, missing, why = find(args.look)
  if not path then return context:fail(missing --[[@as string]], why) end
  local process <close> = require "cme.cli.process".new()
  local self = { context = context, process = process, order = order, names = {}, addresses = order.addresses,
    latest = {}, ended = {}, lines = {} }
  for i, address in ipairs(order.addresses) do self.names[i] = address.name end
  local code, raised = require "cme.net.loop.luv".run(without_raising, run, self, path)
  if raised then error(raised, 0) end
  return code
end

return look
