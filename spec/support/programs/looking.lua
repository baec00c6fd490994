-- SPDX-License-Identifier: MIT
-- `cme look` for specs: what it says of broadcasts of a real server.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local proc = require "spec.support.proc"

local looking = {}

looking.ENV = { LC_ALL = "C.UTF-8", TERM = "dumb" }

local SECONDS = 8 -- of a film, which is shown again and again
local PATIENCE = 60 -- seconds for what takes fifteen on an idle machine

--- Makes a film in a folder.
---@param folder string
---@param name string
---@param kind spec.broadcast
---@param seconds number|nil
---@return string path
function looking.film(folder, name, kind, seconds)
  return broadcasts.make(("%s/%s.flv"):format(folder, name), kind, seconds or SECONDS, 11)
end

---@param ... string
---@return string[]
function looking.command(...)
  return { "bin/cme", ... }
end

--- The objects of a text.
---@param out string
---@return table[]
function looking.objects(out)
  local list = {}
  for text in out:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(text) end
  return list
end

local function last_of(all)
  local last = {}
  for _, line in ipairs(all) do
    if not line.kind and not line.source then last[#last + 1] = line end
  end
  return last
end

--- Looks with --json.
---@param ... string
---@return integer exit_code
---@return table[] last of each address
---@return table[] all
function looking.look(...)
  local code, out, err = proc.run(looking.command("look", "--json", ...), { env = looking.ENV, timeout = 180 })
  -- The search for leaks says so of a thread that ends at the same moment.
  err = err:gsub("==%d+==Unable to get registers from thread %d+%.\n", "")
  assert(err == "", err .. out)
  local all = looking.objects(out)
  return code, last_of(all), all
end

--- Looks until what it has said by now, by address, is what is waited for.
---@param what string
---@param condition fun(latest: table<string, table>, all: table[]): any
---@param ... string
---@return table[] last of each address
---@return table[] all
function looking.look_until(what, condition, ...)
  local p = proc.spawn(looking.command("look", "--json", ...), { env = looking.ENV })
  proc.eventually(function() return what .. ":\n" .. p.out end, PATIENCE, function()
    local latest, all = {}, looking.objects(p.out:match "^.*\n" or "")
    for _, line in ipairs(all) do
      if not line.source then latest[line.url] = line end
    end
    return condition(latest, all)
  end)
  p:kill "sigterm"
  p:wait()
  local all = looking.objects(p.out)
  return last_of(all), all
end

--- A server of HTTP-FLV that plays a file again and again, to one viewer.
---@param name string
---@param path string
---@return string url
function looking.serve_flv(name, path)
  local url = ("http://127.0.0.1:%d/hush-%s.flv"):format(proc.free_port(), name)
  proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f",
    "flv", "-listen", "1", url }, { name = "http-flv" })
  return url
end

return looking
