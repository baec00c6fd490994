-- SPDX-License-Identifier: MIT

local advice = require "cme.etcd.advice"

local NOW = 1700000000

describe("cme.etcd.advice", function()
  -- What is said of a failure of src/http/error.c.
  local function said(more, code, fact, reason, answered)
    local given = { endpoints = { "https://a:1", "https://b:1" } }
    for name, value in pairs(more) do given[name] = value end
    local sentence = reason and "engine:%s (%s: %s)" or "engine:%s (%s)"
    local words = reason and ("%s (a:1: %s)"):format(fact, reason) or ("%s (a:1)"):format(fact)
    local _, message, detail = advice.add(given, answered or false, NOW, words,
      { code = code, sentence = sentence, values = { fact, "a:1", reason } })
    assert.are.equal(code, detail.code)
    assert.are.equal(words, message:sub(1, #words))
    return message:sub(#words + 1)
  end

  local function cert(ends) return { cert_file = "/c.pem", cert_ends = function() return ends end } end

  it("names the client's certificate where a member hangs up", function()
    local hung_up = { "network.reset", "connection lost", "Broken pipe" }
    assert.matches("^: etcd may ask for a client certificate", said({}, table.unpack(hung_up)))
    assert.matches("^: etcd may not accept the certificate /c%.pem", said(cert(NOW + 1), table.unpack(hung_up)))
    assert.matches("^: etcd may not accept the certificate /c%.pem", said(cert(nil), table.unpack(hung_up)))
    assert.matches("^: the certificate /c%.pem, .* expired at 2023%-11%-14T", said(cert(NOW), table.unpack(hung_up)))
    assert.matches("^: etcd may not accept", said(cert(NOW + 1), "network.tls", "TLS handshake failed", "alert"))
    assert.are.equal("", said({ endpoints = { "http://a:1" } }, table.unpack(hung_up)))
  end)

  it("does not doubt a certificate that was accepted, until it ends", function()
    assert.are.equal("", said(cert(NOW + 1), "network.reset", "connection lost", "Broken pipe", true))
    assert.matches("expired at", said(cert(NOW), "network.reset", "connection lost", "Broken pipe", true))
  end)

  it("says what else to look at", function()
    assert.matches("^: name the file of etcd's CA by %-%-etcd%-ca$", said({}, "network.tls", "certificate not accepted",
      "SSL certificate problem: unable to get local issuer certificate"))
    assert.are.equal("", said({}, "network.tls", "certificate not accepted", "certificate has expired"))
    assert.matches("reached by http://$", said({}, "network.tls", "the server does not speak TLS"))
    assert.matches("^: does etcd run, .* None of its 2 addresses answered$",
      said({}, "network.connect", "could not connect", "Connection refused"))
    assert.are.equal("", said({}, "network.timeout", "timed out"))
  end)
end)
