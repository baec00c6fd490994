-- SPDX-License-Identifier: MIT
-- What to do when no member of etcd answered: which certificate to look at, which option is missing. A member that does
-- not accept the client's certificate only hangs up, since TLS 1.3 lets it say so after the handshake alone, and that
-- is lost with the connection.

local codes = require "cme.codes"
local time = require "cme.time"

local advice = {}

-- Facts of src/http/error.c, which is the first value of its sentences.
local NO_TLS = { ["connection lost in the TLS handshake"] = true, ["the server does not speak TLS"] = true }

-- What OpenSSL says of a certificate whose CA it does not know.
local function is_unknown_ca(reason)
  reason = tostring(reason)
  return (reason:find "unable to get local issuer certificate" or reason:find "self.signed certificate") ~= nil
end

-- About the certificate that etcd is shown.
local function of_certificate(given, answered, now)
  local ends = given.cert_ends and given.cert_ends()
  if ends and ends <= now then
    return "network.reset:etcd_expired", { file = given.cert_file, ends = time.format(ends) }
  end
  if answered then return nil end -- so it was accepted
  if given.cert_file then return "network.reset:etcd_cert", { file = given.cert_file } end
  return "network.reset:etcd_no_cert", {}
end

--- Adds what to do to a failure, where more is known than it says.
---@param given cme.etcd.options of the client
---@param answered boolean whether any member ever answered
---@param now number unix seconds
---@param message string of the failure
---@param detail cme.detail
---@return nil
---@return string message
---@return cme.detail detail
function advice.add(given, answered, now, message, detail)
  local fact, _, reason = table.unpack(detail.values or {}, 1, 3)
  local sentence, values
  if detail.code == "network.connect" then
    sentence, values = "network.connect:etcd", { count = #given.endpoints }
  elseif fact == "certificate not accepted" then
    sentence = is_unknown_ca(reason) and "network.tls:etcd_ca"
  elseif NO_TLS[fact] then
    sentence = not answered and "network.tls:etcd_no_tls"
  elseif (detail.code == "network.reset" or detail.code == "network.tls") and given.endpoints[1]:find "^https" then
    sentence, values = of_certificate(given, answered, now)
  end
  if sentence then return codes.around(sentence, values, message, detail) end
  return nil, message, detail
end

return advice
