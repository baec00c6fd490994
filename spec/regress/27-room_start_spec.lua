-- SPDX-License-Identifier: MIT
-- The control room did not say which service it talked to, started one of its own beside one that ran, and answered a
-- short password or a taken port with a traceback of nginx's.

require "spec.support.room"
local control_room = require "spec.support.programs.control_room"
local prepare = require "room.prepare"
local proc = require "spec.support.proc"
local uv = require "luv"

describe("the control room's start", function()
  local environment, answer, files, taken

  before_each(function() environment, answer, files, taken = { ROOM_PASSWORD = "long enough" }, {}, {}, nil end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local world = {
    getenv = function(name) return environment[name] end,
    open = function(path) return files[path], "no such file" end,
    is_free = function() return not taken, taken end,
    ask = function(endpoint, credentials)
      answer.endpoint, answer.credentials = endpoint, credentials
      return answer.good or false, answer.code
    end,
  }

  it("takes the service that is named, else the one on 127.0.0.1:8156, else its own", function()
    environment.CME_ENDPOINT = "http://h:1"
    assert.are.same({ kind = "given", endpoint = "http://h:1" }, prepare.service(world))
    environment.CME_ENDPOINT, environment.TENCENTCLOUD_SECRET_ID = nil, "id"
    assert.are.same({ kind = "cloud" }, prepare.service(world))
    environment.TENCENTCLOUD_SECRET_ID, environment.HOME, answer.good = "", "/h", true
    assert.are.same({ kind = "found", endpoint = "http://127.0.0.1:8156",
      credentials = "/h/.local/state/cme/credentials" }, prepare.service(world))
    environment.XDG_STATE_HOME = "/x"
    assert.are.equal("/x/cme/credentials", prepare.service(world).credentials)
    environment.TENCENTCLOUD_CREDENTIALS_FILE = "/c"
    assert.are.equal("/c", prepare.service(world).credentials)
    answer.good, answer.code = false, "network.connect"
    assert.are.same({ kind = "own" }, prepare.service(world))
    answer.code = "api.AuthFailure.SecretIdNotFound"
    local found, fault = prepare.service(world)
    assert.is_nil(found)
    assert.are.equal("control room: http://127.0.0.1:8156: a service is running, and its key is not in '/c' (set "
      .. "CME_ENDPOINT and TENCENTCLOUD_CREDENTIALS_FILE, or ROOM_SERVICE=own to start one for the room)", fault)
  end)

  it("has a line for each fault", function()
    assert.is_nil(prepare.fault(world, "127.0.0.1:8158"))
    taken = "the address is taken by another program"
    assert.are.equal("control room: 127.0.0.1:8158: the address is taken by another program (set ROOM_LISTEN to "
      .. "another HOST:PORT)", prepare.fault(world, "127.0.0.1:8158"))
    environment.ROOM_PASSWORD = "short"
    assert.are.equal("control room: ROOM_PASSWORD: at least 10 characters are needed",
      prepare.fault(world, "127.0.0.1:8158"))
  end)

  it("says it in one line, before anything runs", function()
    local socket = uv.new_tcp()
    assert(socket:bind("127.0.0.1", 0))
    assert(socket:listen(1, function() end))
    local address = "127.0.0.1:" .. socket:getsockname().port
    local state = proc.folder() .. "/state"
    for password, fault in pairs {
      short = "ROOM_PASSWORD: at least 10 characters are needed",
      ["long enough"] = address
        .. ": the address is taken by another program (set ROOM_LISTEN to another HOST:PORT)",
    } do
      local env = { ROOM_PASSWORD = password, ROOM_LISTEN = address, ROOM_STATE = state }
      control_room.instrument(env)
      local code, out, err = proc.run({ "room/cme-room" }, { env = env })
      assert.are.same({ 1, "", "control room: " .. fault .. "\n" }, { code, out, err })
    end
    socket:close()
    assert.is_nil(uv.fs_stat(state))
  end)
end)
