-- SPDX-License-Identifier: MIT
-- Who may include whom in src. A wing is a set of files; WINGS is the whole rule, from the ground up: each knows those
-- that it names, and itself. So a library of the media path can be taken without the engine, a kind of source or output
-- is a folder that no other knows, and JSON stays in the control protocol.

local tree = require "tools.lint.tree"

local wings = {}

---@class lint.wing
---@field name string
---@field files string[] patterns of paths below src/; the first wing that fits has a file
---@field may string[] the wings that it may include, besides itself

local MEDIA = { "common", "stream", "rtmp" }

local function media_and(...)
  local list = { table.unpack(MEDIA) }
  for _, name in ipairs { ... } do list[#list + 1] = name end
  return list
end

---@type lint.wing[]
wings.WINGS = {
  { name = "common", files = { "^common/" }, may = {} },
  { name = "sign", files = { "^sign/" }, may = { "common" } },
  { name = "json_core", files = { "^json_core/" }, may = { "common" } },
  { name = "http", files = { "^http/" }, may = { "common" } },
  { name = "httpd", files = { "^httpd/" }, may = { "common" } },
  { name = "pidfd", files = { "^pidfd/" }, may = { "common" } },
  { name = "playout", files = { "^playout/" }, may = { "common" } },
  { name = "stream", files = { "^stream/" }, may = { "common" } },
  { name = "child", files = { "^child/" }, may = { "common" } },
  { name = "control", files = { "^control/" }, may = { "common" } },
  { name = "av", files = { "^av/" }, may = { "common", "stream" } },
  { name = "push", files = { "^push/" }, may = { "common", "stream", "av", "child" } },
  { name = "rtmp", files = { "^rtmp/" }, may = { "common", "stream" } },
  { name = "pull", may = { "common", "stream", "child" }, files = { "^pull/getaddrinfo%.", "^pull/kind%.",
    "^pull/limit%.", "^pull/order%.", "^pull/public%.", "^pull/send%.", "^pull/tell%." } },
  { name = "pull/http", files = { "^pull/http/" }, may = { "common", "av", "pull" } },
  { name = "pull/av", files = { "^pull/av/" }, may = { "common", "stream", "av", "pull", "pull/http" } },
  { name = "pull/program", files = { "^pull/main%.c$", "^pull/pull%." },
    may = { "common", "stream", "av", "child", "pull", "pull/av" } },
  { name = "edge", may = media_and "control", files = { "^edge/channel/", "^edge/endpoint%.", "^edge/gate%.",
    "^edge/ingest%.", "^edge/keys/", "^edge/order%.", "^edge/pace%.", "^edge/play%.", "^edge/poll%.",
    "^edge/publisher%." } },
  { name = "edge/rtmp", files = { "^edge/rtmp/" }, may = media_and "edge" },
  { name = "edge/srt", files = { "^edge/srt/" }, may = media_and("child", "edge") },
  { name = "edge/program", files = { "^edge/[^/]+$" }, may = media_and("control", "edge", "edge/rtmp", "edge/srt") },
  { name = "relay/base", files = { "^relay/base/" }, may = media_and() },
  { name = "relay/source", files = { "^relay/source/[^/]+$" }, may = media_and("child", "relay/base") },
  { name = "relay/source/flv", files = { "^relay/source/flv/" }, may = media_and("relay/base", "relay/source") },
  { name = "relay/source/rtmp", files = { "^relay/source/rtmp/" }, may = media_and("relay/base", "relay/source") },
  { name = "relay/source/pull", files = { "^relay/source/pull/" },
    may = media_and("child", "relay/base", "relay/source", "relay/source/flv") },
  { name = "relay/output", files = { "^relay/output/[^/]+$" }, may = media_and "relay/base" },
  { name = "relay/output/push", files = { "^relay/output/push/" },
    may = media_and("child", "relay/base", "relay/output") },
  { name = "relay/output/rtmp", files = { "^relay/output/rtmp/" }, may = media_and("relay/base", "relay/output") },
  { name = "relay/merge", files = { "^relay/merge/" }, may = { "common", "stream" } },
  { name = "relay/control", files = { "^relay/control/" }, may = { "common", "control", "stream", "relay/base" } },
  { name = "relay/schemes", files = { "^relay/schemes%." },
    may = { "relay/base", "relay/source/flv", "relay/source/pull", "relay/source/rtmp",
      "relay/output/push", "relay/output/rtmp" } },
  { name = "look/judge", files = { "^look/judge/" }, may = { "common" } },
  { name = "look/eye", files = { "^look/eye/" }, may = { "common", "look/judge" } },
  { name = "look", files = { "^look/[^/]+$" },
    may = media_and("av", "child", "relay/base", "relay/source", "relay/source/flv", "relay/source/pull",
      "relay/source/rtmp", "look/judge", "look/eye") },
  { name = "relay", files = { "^relay/relay[_.]", "^relay/failover%.", "^relay/liveness%.", "^relay/slate%.",
      "^relay/programme%." },
    may = media_and("relay/base", "relay/source", "relay/output", "relay/merge") },
  { name = "relay/program", files = { "^relay/main%.c$", "^relay/engine%.", "^relay/base/cafile%." },
    may = { "common", "control", "av", "relay/base", "relay/control", "relay" } },
}

---@class lint.foreign
---@field header string pattern of what stands in <...>
---@field wings string[] those that may include it

-- Libraries that have their place.
---@type lint.foreign[]
wings.FOREIGN = {
  { header = "^jansson%.h$", wings = { "child", "control", "pull", "relay/control", "relay/output/push",
    "relay/program", "relay/source/pull", "push", "edge", "edge/program", "edge/srt", "look" } },
  { header = "^srt/", wings = { "edge/srt" } },
  { header = "^libav", wings = { "av", "pull", "pull/http", "pull/av", "pull/program", "push", "look", "look/eye" } },
  { header = "^libavformat/", wings = { "pull", "pull/http", "pull/av", "pull/program", "push" } },
  { header = "^openssl/", wings = { "sign", "rtmp", "edge", "edge/program", "edge/rtmp", "relay/source/rtmp",
    "relay/output/rtmp" } },
  { header = "^libsw%a+/", wings = { "look/eye" } },
  { header = "^ebur128%.h$", wings = { "look/eye" } },
  { header = "^seccomp%.h$", wings = { "edge/program" } },
}

local function wing_of(list, path)
  for _, wing in ipairs(list) do
    for _, pattern in ipairs(wing.files) do
      if path:find(pattern) then return wing end
    end
  end
end

local function fault_of_own(list, from, header)
  local to = wing_of(list, header)
  if not to then return ("includes '%s', which stands in no wing (write its path below src/)"):format(header) end
  if from == to or tree.has(from.may, to.name) then return nil end
  return ("wing '%s' may not include '%s' (wing '%s')"):format(from.name, header, to.name)
end

local function fault_of_foreign(foreign, from, header)
  for _, rule in ipairs(foreign) do
    if header:find(rule.header) and not tree.has(rule.wings, from.name) then
      return ("wing '%s' may not include <%s>"):format(from.name, header)
    end
  end
end

--- Compares every #include of src/ with the order of the wings.
---@param files lint.tree
---@param list lint.wing[]|nil instead of WINGS
---@param foreign lint.foreign[]|nil instead of FOREIGN
---@return string[] faults
function wings.check(files, list, foreign)
  local faults = {}
  list, foreign = list or wings.WINGS, foreign or wings.FOREIGN
  tree.each(files, { "^src/.*%.[ch]$" }, function(path, text)
    local from, number = wing_of(list, path:sub(5)), 0
    if not from then
      faults[#faults + 1] = ("%s: stands in no wing"):format(path)
      return
    end
    for line in (text .. "\n"):gmatch "(.-)\n" do
      number = number + 1
      local own, other = line:match '^%s*#%s*include%s+"([^"]+)"', line:match "^%s*#%s*include%s+<([^>]+)>"
      local fault = own and fault_of_own(list, from, own) or other and fault_of_foreign(foreign, from, other)
      if fault then faults[#faults + 1] = ("%s:%d: %s"):format(path, number, fault) end
    end
  end)
  return faults
end

return wings
