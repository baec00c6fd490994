-- SPDX-License-Identifier: MIT

local failure = require "cme.api.failure"
local fake = require "spec.support.fakes.fake"

local function context(more)
  local made = { action = "CreateProject", host = "cme.example", secret_id = fake.SECRET_ID, now = fake.NOW }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

describe("cme.api.failure", function()
  it("words a transport's failure, naming the host once", function()
    local cause = { code = "network.resolve", sent = false }
    local asked = context { host = "cme.example:81" }
    local response, message, detail = failure.failed("could not resolve host", cause, asked)
    assert.is_nil(response)
    assert.are.equal("CreateProject: could not resolve host (cme.example:81)", message)
    assert.are.equal("network.resolve", detail.code)
    assert.is_true(detail.retryable)
    assert.are.equal(cause, detail.cause)
    message = select(2, failure.failed("could not connect (cme.example:81)", cause, context()))
    assert.are.equal("CreateProject: could not connect (cme.example:81)", message)
  end)

  it("says what to do when nobody listens", function()
    local function said(host, code)
      return (select(2, failure.failed("could not connect (" .. host .. ": Connection refused)",
        { code = code or "network.connect", sent = false }, context { host = host })))
    end
    for _, host in ipairs { "127.0.0.1:8156", "localhost:8156", "[::1]:8156", "127.1.2.3", "localhost" } do
      assert.are.equal(("CreateProject: could not connect (%s: Connection refused): is cme serve running?")
        :format(host), said(host))
    end
    for _, host in ipairs { "cme.example", "10.127.0.1:81", "localhost.example", "127.example.com", "[::2]:81" } do
      assert.are.equal(("CreateProject: could not connect (%s: Connection refused): check the endpoint and the network")
        :format(host), said(host))
    end
    assert.matches("refused%)$", said("127.0.0.1:8156", "network.reset"))
    for host, advice in pairs { ["127.0.0.1:8156"] = ": a cme serve without a certificate is reached by http://",
      ["cme.example"] = "" } do
      local lost = ("connection lost in the TLS handshake (%s)"):format(host)
      assert.are.equal("CreateProject: " .. lost .. advice,
        (select(2, failure.failed(lost, { code = "network.reset", sentence = "engine:%s (%s)",
          values = { "connection lost in the TLS handshake", host } }, context { host = host }))))
    end
    local bare = select(2, failure.failed("connection refused", { code = "network.connect" }, context()))
    assert.are.equal("CreateProject: connection refused (cme.example): check the endpoint and the network", bare)
  end)

  it("says how a private CA is named", function()
    local function said(reason)
      local message = ("certificate not accepted (10.0.0.1:8156: %s)"):format(reason)
      return (select(2, failure.failed(message, { code = "network.tls", sentence = "engine:%s (%s: %s)",
        values = { "certificate not accepted", "10.0.0.1:8156", reason } }, context { host = "10.0.0.1:8156" })))
    end
    for _, reason in ipairs { "SSL certificate problem: unable to get local issuer certificate",
      "SSL certificate problem: self-signed certificate in certificate chain" } do
      assert.matches(": if its CA is a private one, name the CA's file by ca_file, %-%-ca%-file or CME_CA_FILE$",
        said(reason))
    end
    assert.matches("expired%)$", said "SSL certificate problem: certificate has expired")
  end)

  it("lets a write of unknown outcome not be done again, but a read", function()
    local cause = { code = "network.timeout", sent = true }
    local _, _, detail = failure.failed("timed out", cause, context())
    assert.is_false(detail.retryable)
    _, _, detail = failure.failed("timed out", cause, context { action = "DescribeProjects" })
    assert.is_true(detail.retryable)
    _, _, detail = failure.failed("too large", { code = "network.too_large", sent = true },
      context { action = "DescribeProjects" })
    assert.is_false(detail.retryable)
  end)
end)
