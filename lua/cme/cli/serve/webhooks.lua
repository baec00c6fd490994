-- SPDX-License-Identifier: MIT
-- Which URLs `cme serve` posts events to: those of --webhook, and those in the file of --webhook-file, which is for
-- URLs that hold a secret, since every user of a machine can read the arguments of its programs.

local serve_webhooks = {}

local MAX_URLS = 16

---@param command table argparse's command `cme serve`
function serve_webhooks.add_to_parser(command)
  command:option("--webhook", "Post signed events to this URL; repeat for more."):argname "URL"
    :count "*"
  command:option("--webhook-file", "File with further webhook URLs, one a line, readable by you alone: for URLs "
    .. "that contain a secret."):argname "FILE"
  command:option("--webhook-ca", "File of CAs to trust for webhooks, in addition to the system's.")
    :argname "FILE"
end

--- The URLs in a file's text: one a line, but for empty lines and those that begin with "#". Pure.
---@param text string
---@return string[]
function serve_webhooks.parse(text)
  local urls = {}
  for line in text:gmatch "[^\r\n]+" do
    local url = line:match "^%s*(.-)%s*$"
    if url ~= "" and url:sub(1, 1) ~= "#" then
      urls[#urls + 1] = url
    end
  end
  return urls
end

-- What is wrong with URLs. A message tells no path or query: they may hold a secret.
local function fault_of(urls, t)
  local seen = {}
  if #urls > MAX_URLS then return t("--webhook: %d given, at most %d", #urls, MAX_URLS) end
  for _, given in ipairs(urls) do
    local parts, fact = require "cme.net.url".parse(given)
    if not parts then
      return t("--webhook: %s", fact)
    elseif seen[given] then
      return t("--webhook '%s': given twice", require "cme.redact".url(given))
    end
    seen[given] = true
  end
  return nil
end

-- Those of the file; none without one.
local function of_file(path)
  if not path then return {} end
  local text, message, detail = require "cme.system.files".read_secret(path, "in.webhook_file")
  if not text then return nil, message, detail end
  return serve_webhooks.parse(text)
end

---@param args { webhook: string[], webhook_file: string|nil }
---@param t cme.cli.translate
---@return string[]|nil urls nil without a message: nobody wants events
---@return string|nil message
---@return cme.detail|nil detail of a file that cannot be read
function serve_webhooks.urls(args, t)
  local more, message, detail = of_file(args.webhook_file)
  if not more then return nil, message, detail end
  if args.webhook_file and not more[1] then return nil, t("--webhook-file '%s': no URL is in it", args.webhook_file) end
  local urls = table.move(args.webhook, 1, #args.webhook, 1, {})
  table.move(more, 1, #more, #urls + 1, urls)
  local fault = fault_of(urls, t)
  if fault then return nil, fault end
  return urls[1] and urls or nil
end

--- What to warn of: a URL among the arguments that seems to hold a secret. Pure.
---@param given string[] of --webhook
---@return string|nil shown one of them, redacted
function serve_webhooks.exposed(given)
  for _, url in ipairs(given) do
    if url:find("?", 1, true) or url:find "^%a+://[^/?#]*@" then return require "cme.redact".url(url) end
  end
  return nil
end

return serve_webhooks
