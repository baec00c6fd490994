-- SPDX-License-Identifier: MIT
-- The files of a TLS certificate and its key: reads them, and tells whether a TLS server can use them.

local codes = require "cme.codes"
local files = require "cme.system.files"
local httpd = require "cme.httpd"

local certificate = {}

local LONGEST = 1048576 -- bytes: cme.httpd takes no more

-- Opening a pipe waits for its writer, for which nobody here can wait.
local function read(path)
  local stat, message, detail = files.stat(path)
  if not stat then return nil, message, detail end
  if stat.type ~= "file" then
    return codes.within("in.read_file", { path = path },
      select(2, codes.fail("local.file", { reason = codes.reason "word:not_regular" })))
  end
  local text
  text, message, detail = files.read(path)
  if not text then return nil, message, detail end
  return text:sub(1, LONGEST)
end

--- Reads both files.
---@param paths { cert: string, key: string }
---@return string|nil cert PEM
---@return string|nil key PEM, or the message
---@return cme.detail|nil detail
function certificate.read(paths)
  local cert, message, detail = read(paths.cert)
  if not cert then return nil, message, detail end
  local key
  key, message, detail = read(paths.key)
  if not key then return nil, message, detail end
  return cert, key
end

--- Gives both files to an HTTP server.
---@param server cme.httpd.server|cme.server.http.listener
---@param paths { cert: string, key: string }
---@return integer|nil expires unix seconds
---@return string|nil message
---@return cme.detail|nil detail code server.tls: they are of no use
function certificate.use(server, paths)
  local cert, key, detail = certificate.read(paths)
  if not cert then return nil, key, detail end
  local expires, message
  expires, message, detail = server:identify(cert, key --[[@as string]])
  if expires then return expires end
  return codes.fail("server.tls", { cert = paths.cert, key = paths.key, cause = codes.words(message, detail) })
end

--- Tells whether another program can use them.
---@param paths { cert: string, key: string }
---@return integer|nil expires unix seconds
---@return string|nil message
---@return cme.detail|nil detail
function certificate.check(paths)
  local server, message, detail = httpd.new {}
  if not server then return nil, message, detail end
  local expires
  expires, message, detail = certificate.use(server, paths)
  server:close()
  return expires, message, detail
end

return certificate
