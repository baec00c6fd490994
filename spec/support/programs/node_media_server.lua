-- SPDX-License-Identifier: MIT
-- node-media-server, a platform that nobody here wrote: version 4 takes hvc1, av01 and vp09 of Enhanced RTMP, version 2
-- HEVC as codec id 12. Both give what they take by RTMP back over http-flv. From npm.

local proc = require "spec.support.proc"

local node_media_server = {}

-- The name that each stands under in build/node.
local VERSIONS = { [2] = { "node-media-server-2", "2.7.4", "node-media-server" }, [4] = { "node-media-server", "4.4.3" } }

---@class spec.node_media_server
---@field rtmp string  "rtmp://127.0.0.1:PORT"
---@field http string  "http://127.0.0.1:PORT"

--- Starts one; it ends with the spec.
---@param version 2|4
---@return spec.node_media_server
function node_media_server.start(version)
  local code, out, err = proc.run({ "tools/npm.sh", table.unpack(VERSIONS[version]) }, { timeout = 300 })
  assert(code == 0, err)
  local rtmp, http = proc.free_port(), proc.free_port()
  local script = assert(io.popen("pwd")):read "l" .. "/spec/support/programs/node_media_server.js"
  local server = proc.spawn({ "node", script, (out:gsub("%s+$", "")), tostring(rtmp), tostring(http) },
    { name = "node-media-server", cwd = proc.folder() })
  for _, port in ipairs { rtmp, http } do
    proc.eventually("port " .. port .. " of node-media-server", 60, function()
      return server:output():find("[lL]isten%w* on port[^\n]*:%s*" .. port)
        or server:output():find("started on port: " .. port, 1, true)
    end)
  end
  return { rtmp = "rtmp://127.0.0.1:" .. rtmp, http = "http://127.0.0.1:" .. http }
end

return node_media_server
