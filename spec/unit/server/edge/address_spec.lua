-- SPDX-License-Identifier: MIT

local address = require "cme.server.edge.address"
local proc = require "spec.support.proc"

describe("cme.server.edge.address", function()
  it("is shown and read again", function()
    local one = { host = "192.0.2.7", port = 1935 }
    assert.are.equal("192.0.2.7:1935", address.show(one))
    assert.are.same(one, address.read "192.0.2.7:1935")
    for _, text in ipairs { "", "nonsense", "h:1", "1.2.3.4:" } do assert.is_nil(address.read(text)) end
    assert.is_nil(address.read(nil))
  end)

  it("keeps all for the next service, which reads what is there", function()
    local function at(port) return { host = "192.0.2.7", port = port } end
    for _, all in ipairs { { rtmp = at(1), http = at(2) }, { rtmp = at(1), http = at(2), srt = at(3) },
      { rtmp = at(1), http = at(2), rtmps = at(4), srt = at(3) } } do
      assert.are.same(all, address.read_all(address.write(all)))
    end
    for _, text in ipairs { "", "nonsense", "rtmps 192.0.2.7:1" } do assert.are.same({}, address.read_all(text)) end
  end)

  it("knows whether what listens is what is wanted", function()
    local wanted, any = { host = "192.0.2.7", port = 1 }, { host = "192.0.2.7", port = 0 }
    for text, fits in pairs { ["192.0.2.7:1"] = { true, true }, ["192.0.2.7:2"] = { false, true },
      ["192.0.2.8:1"] = { false, false }, [""] = { false, false } } do
      assert.are.same(fits, { address.fits(text, wanted), address.fits(text, any) }, text)
      assert.are.equal(text == "", address.fits(text, nil), text)
    end
  end)

  it("is the one that is listened on, and this machine's name when that is all of them", function()
    assert.are.equal("192.0.2.7", address.domain("192.0.2.7", "studio"))
    assert.are.equal("studio", address.domain("0.0.0.0", "studio"))
  end)

  it("gets the port of before where any would do, and says what to do when a port is taken", function()
    local port = proc.free_port()
    local here, any = { host = "127.0.0.1", port = port }, { host = "127.0.0.1", port = 0 }
    assert.are.equal(port, address.free_port(any, here, "--edge-http"))
    assert.are.equal(port, address.free_port(here, nil, "--edge-http"))
    assert.is_truthy(address.free_port(any, nil, "--edge-http"))
    local socket = require "luv".new_tcp()
    assert(socket:bind("127.0.0.1", port))
    assert(socket:listen(1, function() end))
    assert.are_not.equal(port, address.free_port(any, here, "--edge-http"))
    local found, message, detail = address.free_port(here, nil, "--edge-http")
    socket:close()
    assert.are.same({ nil, "local.listen" }, { found, detail.code })
    assert.matches("address already in use: end the program that has it, give another address with %-%-edge%-http",
      message)
  end)

  it("has nobody end a program where the address is not this machine's", function()
    local found, message, detail = address.free_port({ host = "192.0.2.7", port = 1935 }, nil, "--edge-rtmp")
    assert.are.same({ nil, "local.listen" }, { found, detail.code })
    assert.are.equal("edge: listen on 192.0.2.7:1935: address not available: give another address with --edge-rtmp, "
      .. "or do without by --edge off", message)
  end)
end)
