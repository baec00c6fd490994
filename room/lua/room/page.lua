-- SPDX-License-Identifier: MIT
-- Fills the pages of ../pages: {{t.KEY}} is a text in the reader's language, {{NAME}} a value, both escaped;
-- {{json NAME}} is a value as JSON that no HTML can end. {{part NAME ID}} is NAME.html, in which {{id}} is ID: what a
-- page has more than once stands in a file of its own. Pure but for `open`.

local json = require "cme.json"

local page = {}

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(value)
  return (tostring(value):gsub("[&<>\"']", ESCAPES))
end

-- Within <script>: no tag and no comment can begin.
local function script(value)
  return (json.encode(value):gsub("[<>&]", { ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" }))
end

--- Fills a page. Pure.
---@param template string
---@param texts table<string, string>
---@param values table<string, any>
---@return string html
function page.fill(template, texts, values)
  return (template:gsub("{{([%w_. ]+)}}", function(name)
    local as_json, key = name:match "^json (.*)$", name:match "^t%.(.*)$"
    if as_json then return script(values[as_json]) end
    local value = values[name]
    if key then value = texts[key] end
    return escape(value == nil and "" or value)
  end))
end

local function read(folder, name, open)
  local file = assert(open(("%s/%s.html"):format(folder, name), "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- Reads the pages, with their parts.
---@param folder string
---@param open fun(path: string, mode: string): file*|nil, string|nil
---@return table<string, string>
function page.load(folder, open)
  local found = {}
  for _, name in ipairs { "login", "room" } do
    found[name] = read(folder, name, open):gsub("{{part (%w+) (%w+)}}\n", function(part, id)
      return (read(folder, part, open):gsub("{{id}}", id))
    end)
  end
  return found
end

return page
