-- SPDX-License-Identifier: MIT
-- What a receiver gets of a real `cme serve`: the events of broadcasts, signed, in order, through refusals, hangs,
-- and the death of either side.

local api = require "spec.support.api"
local event = require "cme.event"
local files = require "spec.support.files"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"
local sign = require "cme.sign"
local uv = require "luv"
local web_nginx = require "spec.support.programs.web_nginx"

local function url(port, name)
  return ("rtmp://127.0.0.1:%d/live/%s"):format(port or proc.free_port(), name or "hush")
end

describe("events", function()
  local serve, receivers

  local function start(modes)
    receivers = {}
    local args = {}
    for i, mode in ipairs(modes) do
      receivers[i] = receiver.start(mode)
      table.move({ "--webhook", receivers[i].url }, 1, 2, #args + 1, args)
    end
    serve = service.start { args = args }
    return table.unpack(receivers)
  end

  after_each(function()
    if serve then serve:stop() end
    for _, one in ipairs(receivers) do one:down() end
    for _, said in ipairs(serve:said()) do
      assert.not_matches("hush", said)
    end
    assert.are.same({}, proc.cleanup())
  end)

  local function create(input, output)
    return assert(api.call(serve, "CreateProject", { Name = "spec", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = input or url() } },
        Outputs = { { Id = "1", Name = "o", PushUrl = output or url() } } } })).ProjectId
  end

  local function operate(id, operation)
    return api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = operation, Operator = "u" })
  end

  -- A start and a stop of a project without a source: three events.
  local function run(id)
    assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", operate(id, "Start").Error.Code)
    assert.is_nil(operate(id, "Stop").Error)
  end

  local function secret()
    return (files.read(serve.state .. "/webhook_secret"):match "^%S+")
  end

  local RUN = { "working u", "input_interrupted main", "stopped u" }

  -- Waits until a receiver took so many events; what each of them says.
  local function taken(one, count, of)
    proc.eventually(function()
      return count .. " events, got " .. #one:events(secret()) .. "\n" .. serve.proc.err
    end, 20, function() return #one:events(secret()) >= count end)
    local list = {}
    for _, got in ipairs(one:events(secret())) do
      if not of or got.project == of then
        list[#list + 1] = got.status .. " " .. (got.endpoint or got.output and got.output.id or got.operator)
      end
    end
    return list
  end

  it("come signed, in order, to every receiver; the secret is its owner's", function()
    local first, second = start { "take", "take" }
    run(create())
    assert.are.same(RUN, taken(first, 3))
    assert.are.same(RUN, taken(second, 3))
    assert.are.equal("600", ("%o"):format(uv.fs_stat(serve.state .. "/webhook_secret").mode & 511))
    assert.matches("^POST /hook/hush HTTP/1.1\r\n", first.got[1].head)
    assert.are.equal("application/json", first.got[1].headers["Content-Type"])
    for i = 1, 3 do
      assert.are.equal(first.got[i].id, second.got[i].id)
    end
  end)

  it("tell an output that fails, by id and name, without its stream key", function()
    local rtmp = nginx.start { apps = { "source" } }
    local source = media.publish(rtmp:url("source", "main"), media.MAIN)
    rtmp:expect_publish("source", 1)
    local one = start { "take" }
    local id = create(rtmp:url("source", "main"), url(nil, "hush"))
    operate(id, "Start")
    assert.are.same({ "working u", "output_interrupted 1" }, taken(one, 2))
    local output = one:events(secret())[2].output
    assert.are.equal("o", output.name)
    assert.matches("^rtmp://127%.0%.0%.1:%d+/live/%*%*%*$", output.url)
    operate(id, "Stop")
    assert.are.equal("stopped u", taken(one, 3)[3])
    source:stop()
    rtmp:stop()
  end)

  it("tell of a media cast: start, a destination that fails, stop", function()
    local one, library = receiver.start(), proc.folder()
    receivers = { one }
    media.file(library .. "/film.mp4", 4, { size = "320x180", rate = 25, gop = 25, bitrate = "200k",
      picture = "testsrc2", tone = 440, sample_rate = 44100, profile = "main", bframes = 0 })
    serve = service.start { args = { "--webhook", one.url, "--media", library, "--preset", "ultrafast" } }
    local id = assert(api.call(serve, "CreateProject", { Name = "spec", Category = "MEDIA_CAST",
      Owner = { Type = "PERSON", Id = "u" }, MediaCastProjectInput = {
        SourceInfos = { { Type = "VOD", FileId = "film" } }, DestinationInfos = { { Name = "d", PushUrl = url() } },
        OutputMediaSetting = { VideoSetting = { Width = 320, Height = 180, Bitrate = 300, FrameRate = 25 } },
        PlaySetting = { LoopCount = 10 } } })).ProjectId
    local function handle(operation, more)
      local params = { ProjectId = id, Operation = operation, Operator = "u" }
      for name, value in pairs(more or {}) do params[name] = value end
      return assert.is_nil(api.call(serve, "HandleMediaCastProject", params).Error)
    end
    handle "Start"
    handle "Confirm"
    local destination = api.call(serve, "DescribeProjects", { ProjectIds = { id } })
      .ProjectInfoSet[1].MediaCastProjectInfo.DestinationInfos[1].Id
    assert.are.same({ "started u", "destination_interrupted " .. destination }, taken(one, 2))
    assert.are.equal("Unknown", one:events(secret())[2].reason)
    handle("DisableDestination", { DestinationInfos = { { Id = destination } } })
    local outputs = api.call(serve, "DescribeProjectHealth", { ProjectId = id }).Outputs
    assert.are.same({ 1, destination, "Stopped" }, { #outputs, outputs[1].Id, outputs[1].State })
    handle "Stop"
    assert.are.equal("stopped u", taken(one, 3)[3])
  end)

  it("come with the same id when they were refused and the service was killed", function()
    local one = start { "refuse" }
    local id = create()
    run(id)
    proc.eventually("a refused event", 10, function() return #one.got >= 1 end)
    serve:crash()
    local refused = one.got[1].id
    one.mode = "take"
    serve:up()
    assert.are.same(RUN, taken(one, 3))
    for i, got in ipairs(one.got) do
      assert.are.equal(got.id == refused, got.mode == "refuse" or i == #one.got - 2)
    end
  end)

  it("come when a receiver that was down is up again, also after a kill of the service", function()
    local one = start { "take" }
    one:down()
    run(create())
    serve:crash()
    serve:up()
    one:up()
    assert.are.same(RUN, taken(one, 3))
  end)

  it("are not delayed by another receiver that hangs, nor are requests", function()
    local hangs, other = start { "hang", "take" }
    local first, second = create(), create()
    run(first)
    run(second)
    taken(other, 6)
    assert.are.same(RUN, taken(other, 6, first))
    assert.are.same(RUN, taken(other, 6, second))
    proc.eventually("one of each project at the one that hangs", 20, function() return #hangs.got >= 2 end)
    local ids, count = {}, 0
    for _, got in ipairs(hangs.got) do
      if not ids[got.id] then count = count + 1 end -- one that was given up comes again
      ids[got.id] = true
    end
    assert.are.equal(2, count)
    assert.are.equal(2, api.call(serve, "DescribeProjects", {}).TotalCount)
  end)

  it("are signed with the old and the new secret while one replaces the other", function()
    local one = start { "take" }
    local old, new = secret(), sign.random_hex(32)
    local file = assert(io.open(serve.state .. "/webhook_secret", "wb"))
    file:write(new, "\n", old, "\n")
    file:close()
    run(create())
    taken(one, 3)
    for _, each in ipairs { old, new } do
      assert.is_truthy(event.verify { secret = each, headers = one.got[1].headers, body = one.got[1].body })
    end
  end)

  it("go to a receiver by TLS, when its certificate is one of --webhook-ca", function()
    local web = web_nginx.start()
    receivers = {}
    local listed = proc.folder() .. "/webhooks"
    local file = assert(io.open(listed, "wb"))
    file:write(("https://127.0.0.1:%d/\n"):format(web.tls))
    file:close()
    uv.fs_chmod(listed, 384)
    serve = service.start { args = { "--webhook-file", listed } }
    run(create())
    proc.eventually("the refusal of the certificate", 10, function()
      return serve.proc.err:find("event not delivered", 1, true)
    end)
    assert.matches('"error":"[^"]*certificate', serve.proc.err)
    serve:crash()
    serve.options.args = { "--webhook-file", listed, "--webhook-ca", web.ca_file }
    serve:up()
    proc.eventually("three events", 10, function() return select(2, web:log():gsub("POST / 200\n", "")) == 3 end)
    web:stop()
  end)

  it("are there for every change that was answered, once and in order, whenever the service is killed", function()
    local one, wanted = start { "take" }, {}
    for round = 1, 5 do
      local id = create()
      local timer = uv.new_timer()
      timer:start(round * 15, 0, function() serve.proc:kill "sigkill" end)
      local started = operate(id, "Start")
      local stopped = started and operate(id, "Stop")
      timer:close()
      serve:crash()
      serve:up()
      wanted[round] = { id = id, started = started, stopped = stopped }
      if not stopped then operate(id, "Stop") end -- refused when it was stopped, or never started
    end
    -- The last event of all: whatever came before it is there.
    local last = create()
    run(last)
    local seen, ids = {}, {}
    proc.eventually("the last event", 20, function()
      seen, ids = {}, {}
      for _, got in ipairs(one:events(secret())) do
        if not ids[got.id] then
          ids[got.id] = true
          seen[got.project] = (seen[got.project] or "") .. got.status .. " "
        end
      end
      return seen[last] and seen[last]:find "stopped"
    end)
    for round, case in ipairs(wanted) do
      local said = seen[case.id] or ""
      if case.started or case.stopped then
        assert.matches("^working .*stopped $", said, nil, nil, "round " .. round)
      end
      assert.is_true(said == "" or said == "working stopped " or said == "working input_interrupted stopped ", said)
    end
  end)

  it("go to no receiver of a broken URL or secret: the service says so and does not start", function()
    local folder = proc.folder()
    local function refused(...)
      local code, _, err = proc.run({ "bin/cme", "serve", "--listen", "127.0.0.1:0", "--state", folder, ... },
        { timeout = 20 })
      assert.are_not.equal(0, code)
      return err
    end
    serve, receivers = { stop = function() end, said = function() return {} end }, {}
    assert.matches("%-%-webhook: an http or https URL is needed", refused("--webhook", "ftp://h/hush"))
    assert.matches("given twice", refused("--webhook", "http://h/hush", "--webhook", "http://h/hush"))
    local listed = folder .. "/webhooks"
    local file = assert(io.open(listed, "wb"))
    file:write "# none yet\n"
    file:close()
    assert.matches("webhook file '.-': other users may read it", refused("--webhook-file", listed))
    uv.fs_chmod(listed, 384)
    assert.matches("no URL is in it", refused("--webhook-file", listed))
    file = assert(io.open(folder .. "/webhook_secret", "wb"))
    file:write "hush\n"
    file:close()
    assert.matches("other users may read it", refused("--webhook", "http://127.0.0.1:9/hook"))
    uv.fs_chmod(folder .. "/webhook_secret", 384)
    assert.matches("shorter than 16 characters", refused("--webhook", "http://127.0.0.1:9/hook"))
  end)
end)
