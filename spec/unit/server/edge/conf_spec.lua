-- SPDX-License-Identifier: MIT

local conf = require "cme.server.edge.conf"

describe("cme.server.edge.conf", function()
  local function options(more)
    local all = { module = "/m/ngx_rtmp_module.so", rtmp = { host = "127.0.0.1", port = 1935 },
      http = { host = "127.0.0.1", port = 8157 }, secret = "5ec2e7", superuser = false }
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    return all
  end

  it("listens on the two addresses and on its own socket, and nowhere else", function()
    local listens = {}
    for address in conf.text(options()):gmatch "listen ([^;]+);" do
      listens[#listens + 1] = address
    end
    assert.are.same({ "127.0.0.1:1935", "unix:control.sock", "127.0.0.1:8157" }, listens)
  end)

  it("leaves nothing of its template open", function()
    assert.not_matches("%%%(", conf.text(options()))
  end)

  it("has no path but the module's, so that it does not depend on its folder", function()
    local paths, seen = {}, {}
    for path in conf.text(options()):gmatch '[ "](/[%w._][%w._/]*)' do
      if not seen[path] then
        paths[#paths + 1], seen[path] = path, true
      end
    end
    assert.are.same({ "/m/ngx_rtmp_module.so", "/alive", "/control", "/stat", "/engine", "/mirrored", "/show/" }, paths)
  end)

  it("lets nobody but this machine publish for a look", function()
    local show = conf.text(options { rtmp = { host = "127.0.0.1", port = 1935 } }):match "application show {(.-)\n    }"
    assert.matches("allow publish 127.0.0.1;\n%s+deny publish all;\n%s+deny play all;", show)
    assert.matches("on_publish http://127.0.0.1:8157/engine;", show)
  end)

  it("names the user only where nginx would change it", function()
    assert.not_matches("\nuser ", conf.text(options()))
    assert.matches("\nuser root;", conf.text(options { superuser = true }))
  end)

  it("tells the address that is listened on, and this machine's name when that is all of them", function()
    assert.are.equal("192.0.2.7", conf.domain("192.0.2.7", "studio"))
    assert.are.equal("studio", conf.domain("0.0.0.0", "studio"))
  end)

  it("is read again", function()
    local given = options { rtmp = { host = "0.0.0.0", port = 40001 } }
    assert.are.same({ rtmp = given.rtmp, http = given.http }, conf.addresses(conf.text(given)))
    assert.is_nil(conf.addresses "daemon off;\n")
    assert.is_nil(conf.addresses "")
  end)
end)
