-- SPDX-License-Identifier: MIT
-- cme-pull by hand: what it makes of a file, for specs that compare.

local uv = require "luv"

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"

local pull = { program = (os.getenv "CME_BUILD" or "build") .. "/bin/cme-pull" }

--- A file as tags of FLV.
---@param path string absolute
---@return spec.flv.tag[]
function pull.read(path)
  local media, said, ends = uv.new_pipe(false), uv.new_pipe(false), uv.socketpair("stream", 0, { nonblock = true }, {})
  local parts, over, code = {}, false, nil
  local handle = assert(uv.spawn(pull.program, { stdio = { ends[2], said, 2 } }, function(status) code = status end))
  uv.fs_close(ends[2])
  media:open(ends[1])
  media:write(('{"url":"file://%s"}\n'):format(path))
  said:read_start(function(_, line) over = over or (line or ""):find('"over":true', 1, true) ~= nil end)
  media:read_start(function(_, chunk) parts[#parts + 1] = chunk end)
  proc.eventually("cme-pull to read " .. path, 20, function() return over end)
  media:shutdown()
  proc.eventually("cme-pull to end", 20, function() return code end)
  handle:close()
  media:close()
  said:close()
  return flv.parse(table.concat(parts))
end

return pull
