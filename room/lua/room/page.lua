-- SPDX-License-Identifier: MIT
-- Fills the pages of ../pages: {{t.KEY}} is a text in the reader's language, {{NAME}} a value, both escaped;
-- {{json NAME}} is a value as JSON that no HTML can end. Pure but for `open`.

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

--- Reads the pages.
---@param folder string
---@param open fun(path: string, mode: string): file*|nil, string|nil
---@return table<string, string>
function page.load(folder, open)
  local found = {}
  for _, name in ipairs { "login", "room" } do
    local file = assert(open(("%s/%s.html"):format(folder, name), "rb"))
    found[name] = file:read "*a"
    file:close()
  end
  return found
end

return page
