-- SPDX-License-Identifier: MIT
-- The certificates of a new fleet, made by openssl(1): a CA of its own, and for each host one by which its programs
-- know each other, as servers and as clients. Waits; tasks only.

local child = require "cme.system.child"
local codes = require "cme.codes"
local files = require "cme.system.files"

local authority = {}

local DAYS = "3650"
local SECONDS = 30 -- for openssl to end
local NEW_KEY = { "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes" }

local function openssl(...)
  local exit, process, detail = child.run({ program = "openssl", args = { ... }, stderr = "tail" }, SECONDS)
  if exit == nil then return nil, process, detail end
  if exit and exit.ok then return true end
  return codes.fail("local.certificate", { reason = { text = process.words:match "[^\n]+" or "openssl" } })
end

local function request(...)
  local args = { "req", table.unpack(NEW_KEY) }
  return openssl(table.unpack(table.move({ ... }, 1, select("#", ...), #args + 1, args)))
end

--- Makes a CA: ca.pem and ca.key.
---@param folder string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function authority.make(folder)
  return request("-x509", "-days", DAYS, "-subj", "/CN=cme fleet", "-keyout", folder .. "/ca.key", "-out",
    folder .. "/ca.pem")
end

local function sign(folder, draft, target)
  return openssl("x509", "-req", "-in", draft .. ".csr", "-CA", folder .. "/ca.pem", "-CAkey", folder .. "/ca.key",
    "-CAcreateserial", "-CAserial", folder .. "/ca.srl", "-days", DAYS, "-extfile", draft .. ".ext", "-out",
    target.cert)
end

--- Makes a host's key and certificate.
---@param folder string of the CA
---@param host cme.cli.fleet.host
---@param target { cert: string, key: string } paths
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function authority.issue(folder, host, target)
  local draft = folder .. "/.request" -- no host has such a name
  local ok, message, detail = files.write_atomically(draft .. ".ext", ("subjectAltName=%s\n"
    .. "extendedKeyUsage=serverAuth,clientAuth\n"):format(host.alt_name))
  if ok then
    ok, message, detail = request("-subj", "/CN=" .. host.name, "-keyout", target.key, "-out", draft .. ".csr")
  end
  if ok then ok, message, detail = sign(folder, draft, target) end
  for _, ending in ipairs { ".ext", ".csr" } do files.remove(draft .. ending) end
  return ok, message, detail
end

return authority
