-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local log = require "cme.server.log"

describe("cme.server.log", function()
  local lines, subject

  before_each(function()
    lines = {}
    subject = log.new("info", function(line)
      lines[#lines + 1] = line
    end, function()
      return 0
    end)
  end)

  it("writes one JSON object a line", function()
    subject:warn("two\nlines", { n = 3, yes = true, text = "直播" })
    assert.are.equal(1, #lines)
    assert.matches("}\n$", lines[1])
    assert.are.same({ time = "1970-01-01T00:00:00Z", level = "warn", message = "two\nlines", n = 3, yes = true,
      text = "直播" }, json.decode(lines[1]))
  end)

  it("leaves out what is less urgent", function()
    subject:debug "x"
    assert.are.same({}, lines)
  end)

  it("says how many lines were lost before the one that is taken", function()
    local takes = false
    local own = log.new("info", function(line)
      lines[#lines + 1] = line
      return takes
    end, os.time)
    own:info "lost"
    own:info "lost too"
    takes = true
    own:info "taken"
    own:info "next"
    assert.are.equal(2, json.decode(lines[3]).left_out)
    assert.is_nil(json.decode(lines[4]).left_out)
  end)

  it("redacts every stream URL", function()
    assert.are.equal("open 'rtmp://***@h/app/***': no, then rtmps://h/a/***",
      log.clean "open 'rtmp://u:p@h/app/key?x=1': no, then rtmps://h/a/key")
    subject:error("rtmp://h/a/sekret", { url = "srt://h?streamid=sekret" })
    assert.not_matches("sekret", lines[1])
  end)

  it("writes a line whatever it is given", function()
    subject:error("\255\254", { long = ("x"):rep(1e5), fn = print, broken = "\228\184" })
    assert.are.equal(1, #lines)
    assert.is_true(#lines[1] < 5000)
    assert.not_matches("sek", log.clean(("x "):rep(990) .. "rtmp://user:sekret@host/live"))
    assert.is_table(json.decode(lines[1]))
    subject:error(("直"):rep(1000))
    assert.matches("直", json.decode(lines[2]).message)
  end)
end)
