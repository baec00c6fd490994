-- SPDX-License-Identifier: MIT
-- `cme fleet init`: three hosts as it writes them, without systemd. Each unit's command is run as it stands, with its
-- settings in the environment and the host's folders below one of ours, and everything between them goes by TLS.

local api = require "spec.support.api"
local json = require "cme.json"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local uv = require "luv"

local NAMES = { "h1", "h2", "h3" }
local READY = 60 -- seconds

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

describe("cme fleet init", function()
  local folder, ports, root

  local function init(...)
    return proc.run { "bin/cme", "fleet", "init", "--folder", folder, ... }
  end

  setup(function()
    root = proc.folder()
    folder = root .. "/fleet"
    ports = {}
    local argv = {}
    for i, name in ipairs(NAMES) do
      ports[i] = { client = proc.free_port(), peer = proc.free_port(), api = proc.free_port(), rtmp = proc.free_port(),
        hls = proc.free_port() }
      argv[i] = ("%s=127.0.0.1:%d,%d,%d,%d,%d"):format(name, ports[i].client, ports[i].peer, ports[i].api,
        ports[i].rtmp, ports[i].hls)
    end
    table.move({ "--cme", assert(uv.fs_realpath "bin/cme"), "--json" }, 1, 3, #argv + 1, argv)
    local code, out, err = init(table.unpack(argv))
    assert.are.equal(0, code, err)
    assert.are.same(NAMES, json.decode(out).hosts)
  end)

  teardown(function()
    proc.stop_all()
    proc.cleanup()
  end)

  -- A path of a host as it is here.
  local function here(name, text)
    local base = folder .. "/" .. name
    for _, place in ipairs { "/etc/cme-fleet", "/var/lib/cme" } do
      text = text:gsub(place:gsub("%-", "%%-"), base .. place)
    end
    return text
  end

  -- Starts what a unit starts.
  local function start(name, unit)
    local text = here(name, read(("%s/%s/etc/systemd/system/%s.service"):format(folder, name, unit)))
    local settings, env, argv = read(text:match "\nEnvironmentFile=([^\n]*)"), {}, {}
    for key, value in settings:gmatch "([%w_]+)=([^\n]*)\n" do env[key] = here(name, value) end
    local command = text:gsub("\\\n", " "):match "\nExecStart=([^\n]*)"
    for word in command:gmatch "%S+" do
      word = word:gsub("%${([%w_]+)}", env)
      if word == "$CME_OPTIONS" then
        for more in env.CME_OPTIONS:gmatch "%S+" do argv[#argv + 1] = more end
      else
        argv[#argv + 1] = word
      end
    end
    return proc.spawn(argv, { name = unit .. " " .. name, env = env })
  end

  it("keeps to itself what is secret, and gives each host its own key", function()
    local keys = {}
    for _, name in ipairs(NAMES) do
      for _, file in ipairs { "host.key", "seal.key" } do
        local stat = assert(uv.fs_stat(("%s/%s/etc/cme-fleet/%s"):format(folder, name, file)))
        assert.are.equal(384, stat.mode & 511)
      end
      for _, unit in ipairs { "cme-etcd", "cme-serve" } do
        local stat = assert(uv.fs_stat(("%s/%s/etc/systemd/system/%s.service"):format(folder, name, unit)))
        assert.are.equal(420, stat.mode & 511)
      end
      keys[read(("%s/%s/etc/cme-fleet/host.key"):format(folder, name))] = true
      assert.is_nil(uv.fs_stat(("%s/%s/etc/cme-fleet/ca.key"):format(folder, name)))
    end
    local count = 0
    for _ in pairs(keys) do count = count + 1 end
    assert.are.equal(#NAMES, count)
  end)

  it("writes nothing with --dry-run", function()
    local target = root .. "/dry"
    local code, out, err = init("h1=10.0.0.1", "h2=10.0.0.2", "h3=10.0.0.3", "--dry-run", "--folder", target)
    assert.are.same({ 0, ('init {"folder":"%s","hosts":["h1","h2","h3"]}\n'):format(target), "" }, { code, out, err })
    assert.is_nil(uv.fs_stat(target))
    assert.are.equal(1, (init("h1=10.0.0.1", "h2=10.0.0.2", "h3=10.0.0.3", "--dry-run")))
  end)

  it("writes over nothing, and takes no fewer than three hosts", function()
    local code, _, err = init("h1=10.0.0.1", "h2=10.0.0.2", "h3=10.0.0.3")
    assert.are.equal(1, code)
    assert.matches("fleet", err, 1, true)
    for _, hosts in ipairs { { "h1=10.0.0.1", "h2=10.0.0.2" }, { "h1=10.0.0.1", "h1=10.0.0.2", "h3=10.0.0.3" },
      { "h1=10.0.0.1", "h2=10.0.0.2", "10.0.0.3" } } do
      assert.are.equal(2, (init(table.unpack(hosts))))
    end
  end)

  it("leaves nothing of what it could not write", function()
    local target, three = root .. "/half/fleet", { "h1=10.0.0.1", "h2=10.0.0.2", "h3=10.0.0.3" }
    local argv = { "bin/cme", "fleet", "init", "--folder", target, table.unpack(three) }
    local bin = proc.folder() -- an openssl that makes the CA, and no certificate
    local file = assert(io.open(bin .. "/openssl", "w"))
    file:write(('#!/bin/sh\n[ "$1" = x509 ] && { echo no >&2; exit 1; }\nexec %s "$@"\n')
      :format(select(2, proc.run { "sh", "-c", "command -v openssl" }):match "%S+"))
    file:close()
    assert(uv.fs_chmod(bin .. "/openssl", 448))
    local code = proc.run(argv, { env = { PATH = bin .. ":" .. os.getenv "PATH" } })
    assert.are.equal(1, code)
    assert.are.same({ 0, "", "" }, { proc.run { "ls", "-A", root .. "/half" } })
    code = proc.run(argv)
    assert.are.equal(0, code)
    assert.are.equal("ca.key\nca.pem\nca.srl\nh1\nh2\nh3\n", select(2, proc.run { "ls", "-A", target }))
  end)

  it("refuses what cannot work, before it writes anything", function()
    local target = root .. "/refused"
    for _, odd in ipairs { { "..=10.0.0.9", "h2=10.0.0.2" }, { "h1=10.0.0.2", "h2=10.0.0.2" }, { "-h1=10.0.0.1",
      "h2=10.0.0.2" }, { "h1=10.0.0.1", "h2=10.0.0.2", "--cme", "nope" }, { "h1=10.0.0.1", "h2=10.0.0.2",
      "--etcd-program", "/usr/bin/my etcd" } } do
      local code, out, err = init("--folder", target, "h3=10.0.0.3", table.unpack(odd))
      assert.are.same({ 2, "" }, { code, out }, err)
      assert.is_nil(uv.fs_stat(target))
    end
  end)

  -- Encoders are told the edge of the node that is asked, and it listens there.
  local function expect_ingest(service, id, port)
    local found = api.call(service, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
    local url = found.StreamConnectProjectInfo.MainInput.RtmpPushInputInfo.PushUrl
    assert.are.equal("rtmp://127.0.0.1:" .. port, url:match "^(.-)/output/")
    assert.are.equal(0, (proc.run { "bash", "-c", ": </dev/tcp/127.0.0.1/" .. port }))
    return url
  end

  -- Whichever node is asked, the addresses are those of the one that runs the project, and play.
  local function expect_played(service, id)
    local urls = {}
    for i in ipairs(NAMES) do
      service.port, service.url = ports[i].api, "https://127.0.0.1:" .. ports[i].api
      local url = api.call(service, "DescribeProjectPlayback", { ProjectId = id }).Output
      urls[i] = url:match "^(http://127%.0%.0%.1:%d+/)"
      proc.eventually("the picture by way of " .. NAMES[i], READY, function()
        local code, out = proc.run { "curl", "-sS", "--max-time", "20", url }
        return code == 0 and out:find "^#EXTM3U"
      end)
    end
    assert.are.same({ urls[1], urls[1] }, { urls[2], urls[3] })
    assert.is_truthy(urls[1]:find(":" .. ports[1].hls, 1, true) or urls[1]:find(":" .. ports[2].hls, 1, true)
      or urls[1]:find(":" .. ports[3].hls, 1, true))
  end

  it("writes what makes a fleet, in which nodes and etcd speak TLS", function()
    for _, name in ipairs(NAMES) do
      assert(uv.fs_mkdir(("%s/%s/var"):format(folder, name), 448))
      assert(uv.fs_mkdir(("%s/%s/var/lib"):format(folder, name), 448))
      start(name, "cme-etcd")
    end
    local nodes = {}
    for i, name in ipairs(NAMES) do
      nodes[i] = start(name, "cme-serve")
      nodes[i]:expect("listening on (https://127.0.0.1:" .. ports[i].api .. ")\n", READY)
    end
    local keys = read(folder .. "/h1/var/lib/cme/credentials")
    local service = { secret_id = keys:match "secret_id%s*=%s*(%S+)", secret_key = keys:match "secret_key%s*=%s*(%S+)",
      ca_file = folder .. "/ca.pem", port = ports[1].api, url = "https://127.0.0.1:" .. ports[1].api }
    local made = api.call(service, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 600 } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    assert.is_nil(made.Error)
    -- Started through one node, and stopped through another: one of them has to ask.
    api.call(service, "HandleStreamConnectProject", { ProjectId = made.ProjectId, Operation = "Start" })
    local push
    for i = 2, 3 do
      service.port, service.url = ports[i].api, "https://127.0.0.1:" .. ports[i].api
      local health = api.call(service, "DescribeProjectHealth", { ProjectId = made.ProjectId })
      assert.are.same({ "Working", 1 }, { health.Status, #health.Outputs })
      push = expect_ingest(service, made.ProjectId, ports[i].rtmp)
    end
    local encoder = media.publish(push, media.SMALL)
    expect_played(service, made.ProjectId)
    encoder:stop()
    assert.is_nil(api.call(service, "HandleStreamConnectProject", { ProjectId = made.ProjectId, Operation = "Stop" })
      .Error)
    -- Who has no certificate of the fleet's gets nothing of etcd.
    assert.are_not.equal(0, (proc.run { "curl", "-sS", "--max-time", "10", "--cacert", folder .. "/ca.pem",
      ("https://127.0.0.1:%d/v3/maintenance/status"):format(ports[1].client), "-d", "{}" }))
    assert.are_not.equal(0, (proc.run { "curl", "-sS", "--max-time", "10", "-k",
      ("https://127.0.0.1:%d/version"):format(ports[1].peer) }))
  end)
end)
