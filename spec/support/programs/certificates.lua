-- SPDX-License-Identifier: MIT
-- Certificates made by openssl for one run: a CA, and what it signs.

local proc = require "spec.support.proc"

local certificates = {}

--- Runs openssl(1); raises when it fails.
---@param ... string
function certificates.openssl(...)
  local code, out, err = proc.run { "openssl", ... }
  if code ~= 0 then error("openssl: " .. out .. err, 2) end
end

--- Makes a CA in `dir`: ca.pem and ca.key.
---@param dir string
---@return string path of its certificate
function certificates.ca(dir)
  certificates.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", "/CN=cme test CA", "-keyout", dir .. "/ca.key", "-out", dir .. "/ca.pem")
  return dir .. "/ca.pem"
end

--- Makes a key and a certificate signed by the CA in `dir`.
---@param dir string
---@param name string
---@param alt_names string "IP:127.0.0.1,DNS:localhost"
---@return string certificate path
---@return string key path
function certificates.issue(dir, name, alt_names)
  local base = dir .. "/" .. name
  local file = assert(io.open(base .. ".ext", "w"))
  file:write("subjectAltName=" .. alt_names .. "\n")
  file:close()
  certificates.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" .. name,
    "-keyout", base .. ".key", "-out", base .. ".csr")
  certificates.openssl("x509", "-req", "-in", base .. ".csr", "-CA", dir .. "/ca.pem", "-CAkey", dir .. "/ca.key",
    "-CAcreateserial", "-days", "2", "-extfile", base .. ".ext", "-out", base .. ".pem")
  return base .. ".pem", base .. ".key"
end

--- The common name of the certificate that an address shows.
---@param port integer of 127.0.0.1
---@return string|nil
function certificates.shown(port)
  local _, out = proc.run { "sh", "-c", ("openssl s_client -connect 127.0.0.1:%d </dev/null 2>/dev/null "
    .. "| openssl x509 -noout -subject"):format(port) }
  return out:match "CN ?= ?(%w+)"
end

--- Puts another certificate and key in the place of a pair.
---@param dir string
---@param from string name of the pair, as for issue()
---@param to string
---@param parts string[]|nil "pem", "key": which of both; all by default
function certificates.replace(dir, from, to, parts)
  for _, part in ipairs(parts or { "pem", "key" }) do
    local source <close> = assert(io.open(("%s/%s.%s"):format(dir, from, part)))
    local target <close> = assert(io.open(("%s/%s.%s"):format(dir, to, part), "w"))
    assert(target:write(source:read "a"))
  end
end

return certificates
