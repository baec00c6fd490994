-- SPDX-License-Identifier: MIT
-- The options that every command takes which calls the service. They are the parser's own, so they may stand before
-- or after the command.

local options = {}

-- A number that cme.client then checks.
local function number(text)
  return tonumber(text), ("'%s' is not a number"):format(text)
end

---@type { [1]: string, [2]: string, argname: string|nil, convert: function|nil, choices: string[]|nil }[]
options.SHARED = {
  { "--json", "Write the result as one line of JSON." },
  { "--dry-run", "Show calls that would change something, without sending them." },
  { "--reveal", "Show stream keys and signatures in URLs (otherwise ***)." },
  { "--endpoint", "Address of the service: a host, or a URL such as http://127.0.0.1:8156. Default: $CME_ENDPOINT, "
    .. "or the cloud.",
    argname = "URL" },
  { "--platform", "The platform that Tencent assigned to you. Default: $CME_PLATFORM.", argname = "NAME" },
  { "--profile", "Section of the credentials file to use.", argname = "NAME" },
  { "--region", "Region; CME does not need one.", argname = "NAME" },
  { "--language", "Language of messages. Default: from the locale.", choices = { "en-US", "zh-CN" } },
  { "--timeout", "Time limit of one attempt, in seconds. Default: 60.", argname = "SECONDS", convert = number },
  { "--retries", "Number of retries after a failed attempt. Default: 3.", argname = "N", convert = number },
  { "--ca-file", "File of CA certificates to trust in addition to the system's. Default: $CME_CA_FILE.",
    argname = "FILE" },
  { "--proxy", "URL of a proxy.", argname = "URL" },
  { "--no-proxy", "Hosts to reach without the proxy, separated by commas.", argname = "HOSTS" },
}

local FLAGS = { ["--json"] = true, ["--dry-run"] = true, ["--reveal"] = true }

--- Adds them.
---@param parser table argparse's
function options.add_to_parser(parser)
  local group = {}
  for _, option in ipairs(options.SHARED) do
    local added = FLAGS[option[1]] and parser:flag(option[1], option[2]) or parser:option(option[1], option[2])
    if option.argname then added:argname(option.argname) end
    if option.convert then added:convert(option.convert) end
    if option.choices then added:choices(option.choices) end
    group[#group + 1] = added
  end
  parser:group("Options of every command that calls the service", table.unpack(group))
end

--- Takes from the environment what a command needs itself, too, and not only its client.
---@param args table parsed
---@param getenv fun(name: string): string|nil
function options.complete(args, getenv)
  local ca_file = getenv "CME_CA_FILE"
  args.ca_file = args.ca_file or ca_file ~= "" and ca_file or nil
end

--- What cme.client is made with.
---@param args table parsed
---@param language "en"|"zh"
---@return cme.client.options
function options.client(args, language)
  local messages = require "cme.cli.messages"
  local given = {
    endpoint = args.endpoint, platform = args.platform, region = args.region, timeout = args.timeout,
    retries = args.retries, ca_file = args.ca_file, proxy = args.proxy, no_proxy = args.no_proxy,
    language = args.language or messages.API[language],
  }
  if args.profile then given.credential = require "cme.credentials".file { profile = args.profile } end
  return given
end

return options
