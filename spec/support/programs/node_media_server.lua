-- SPDX-License-Identifier: MIT
-- node-media-server, a platform that nobody here wrote: version 4 takes hvc1, av01 and vp09 of Enhanced RTMP, version 2
-- HEVC as codec id 12. Both give what they take by RTMP back over RTMP and http-flv. From npm.

local certificates = require "spec.support.programs.certificates"
local proc = require "spec.support.proc"

local node_media_server = {}

-- The name that each stands under in build/node, its version, and its name at npm if that is another.
local VERSIONS = {
  [2] = { "node-media-server-2", "2.7.4", "node-media-server" },
  [4] = { "node-media-server", "4.4.3" },
}

---@class spec.node_media_server
---@field rtmp string  "rtmp://127.0.0.1:PORT"
---@field rtmps string "rtmps://127.0.0.1:PORT", with the certificate of `ca`
---@field http string  "http://127.0.0.1:PORT"
---@field ca string    path
---@field proc spec.proc

--- Starts one; it ends with the spec.
---@param version 2|4
---@return spec.node_media_server
function node_media_server.start(version)
  local code, out, err = proc.run({ "tools/npm.sh", table.unpack(VERSIONS[version]) }, { timeout = 300 })
  assert(code == 0, err)
  local rtmp, http, rtmps, folder = proc.free_port(), proc.free_port(), proc.free_port(), proc.folder()
  local ca = certificates.ca(folder)
  local script = assert(io.popen("pwd")):read "l" .. "/spec/support/programs/node_media_server.js"
  local server = proc.spawn({ "node", script, (out:gsub("%s+$", "")), tostring(rtmp), tostring(http), tostring(rtmps),
    certificates.issue(folder, "server", "IP:127.0.0.1") }, { name = "node-media-server", cwd = folder })
  for _, port in ipairs { rtmp, http, rtmps } do server:expect_listening(port, 60) end
  return { rtmp = "rtmp://127.0.0.1:" .. rtmp, rtmps = "rtmps://127.0.0.1:" .. rtmps,
    http = "http://127.0.0.1:" .. http, ca = ca, proc = server }
end

return node_media_server
