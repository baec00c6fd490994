-- SPDX-License-Identifier: MIT
-- `cme url push|play|check`: push and play URLs with txSecret and txTime. They are secrets, and are shown because the
-- command asks for them.

local clock = require "cme.cli.clock"
local live_url = require "cme.live_url"

local url = {}

local function add_names(command)
  command:option("--domain", "Domain, with its port if it has one."):argname "HOST":count "1"
  command:option("--app", "AppName."):argname "NAME":count "1"
  command:option("--stream", "StreamName."):argname "NAME":count "1"
  command:option("--hash", "Hash algorithm, as configured for the domain.", "md5"):choices { "md5", "sha256" }
  command:mutex(
    command:option("--expires", "Accept connections until this time, such as 2026-11-22T22:00:00+08:00.")
      :argname "TIME",
    command:option("--for", "Accept connections for this long, such as 24h."):argname "DURATION")
end

---@param parser table argparse's
function url.add_to_parser(parser)
  local command = parser:command("url", "Make and check push and play URLs with txSecret and txTime.")
  command:command_target "verb"
  local push = command:command("push", "Make a URL to push to.")
  add_names(push)
  push:option("--key", "Key of the push domain; @FILE or - keeps it out of the process list."):argname "KEY":count "1"
  push:option("--scheme", "Protocol.", "rtmp"):choices { "rtmp", "rtmps" }
  local play = command:command("play", "Make a URL to play from.")
  add_names(play)
  play:option("--key", "Key of the play domain, if it needs one; @FILE or -."):argname "KEY"
  play:option("--form", "Form of playback.", "flv"):choices { "rtmp", "flv", "hls" }
  play:option("--scheme", "Protocol. Default: https, or rtmp with --form rtmp.")
    :choices { "http", "https", "rtmp", "rtmps" }
  local check = command:command("check", "Check the signature of a URL and show when it expires.")
  check:argument("url", "The URL, @FILE or -.")
  check:option("--key", "Key of the domain, @FILE or -."):argname "KEY":count "1"
  check:option("--backup-key", "Second key of the domain."):argname "KEY"
  check:option("--hash", "Hash algorithm, as configured for the domain.", "md5"):choices { "md5", "sha256" }
end

-- Until when, by --expires or --for; nil when neither is given.
local function expires_of(context)
  local args = context.args
  if args.expires and not args["for"] then return clock.take_point(context, "--expires", args.expires) end
  if not args["for"] then return nil end
  local seconds, message, detail = clock.take_duration(context, "--for", args["for"])
  if not seconds then return nil, message, detail end
  return math.floor(context.system.now() + seconds)
end

local function make(context, kind, key)
  local args = context.args
  local expires, wrong, detail = expires_of(context)
  if wrong then return nil, wrong, detail end
  if key and not expires then return nil, context.t "give --expires or --for", { code = "invalid.usage" } end
  return live_url[kind] { domain = args.domain, app = args.app, stream = args.stream, key = key, expires = expires,
    hash = args.hash, scheme = args.scheme, form = args.form }
end

local function check(context, key)
  local args = context.args
  local written, message, detail = context:content(args.url)
  local backup
  if written and args.backup_key then backup, message, detail = context:content(args.backup_key) end
  if message then return nil, message, detail end
  return live_url.check(written, { key = key, backup_key = backup, hash = args.hash, now = context.system.now() })
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function url.run(args, context)
  args.reveal = true
  local key, message, detail
  if args.key then
    key, message, detail = context:content(args.key)
    if not key then return context:fail(message --[[@as string]], detail) end
  end
  local found
  if args.verb == "check" then
    found, message, detail = check(context, key)
  else
    found, message, detail = make(context, args.verb, key)
  end
  if not found then return context:fail(message --[[@as string]], detail) end
  if args.verb ~= "check" then return context:done({ url = found }, found) end
  return context:done(found, context.t("valid until %s, signed with the %s key",
    clock.local_time(found.expires, context.system.now()), found.key))
end

return url
