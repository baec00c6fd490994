-- SPDX-License-Identifier: MIT
-- `cme push-url`: the address to push to, of an input made with push:SECONDS. It is a secret, and is shown because the
-- command asks for it.

local projects = require "cme.cli.projects"

local push_url = {}

---@param parser table argparse's
function push_url.add_to_parser(parser)
  local command = parser:command("push-url", "Show a push address, including its key.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json).")
  command:argument("input", "main or backup.", "main")
  command:option("--protocol", "rtmp, rtmps or srt; the last two on cme serve that offers them.", "rtmp")
    :choices { "rtmp", "rtmps", "srt" }
end

local function fail(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

local function url_of(context, project, input, protocol)
  local category, urls, message, detail
  category, message, detail = projects.category(project)
  if not category then return nil, message, detail end
  if category == "MEDIA_CAST" then
    return fail("usage", context.t "a MEDIA_CAST project has sources, and no address to push to")
  end
  urls, message, detail = project:push_urls { protocol = protocol }
  if not urls then return nil, message, detail end
  if urls[input] then return urls[input] end
  return fail("no_push", context.t("input '%s' is none to push to", input))
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function push_url.run(args, context)
  args.reveal = true
  return projects.act(context, args.project, function(project)
      return url_of(context, project, args.input, args.protocol)
    end,
    function(project, url) return { id = project.id, input = args.input, url = url }, url end)
end

return push_url
