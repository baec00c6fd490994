-- SPDX-License-Identifier: MIT
-- Where the service listens: its addresses, plain and with TLS, the certificate files, and warnings about them. The
-- files are read at the start and again by renew(); if the new pair cannot be used, the old one stays.

local certificate = require "cme.system.certificate"
local files = require "cme.system.files"
local httpd = require "cme.httpd"
local limits = require "cme.api.limits"
local time = require "cme.time"

local listen = {}

local MAX_HEADER = 40 * 1024 -- bytes; a query of 32 KB must fit
local SOON_SECONDS = 14 * 86400 -- a certificate that expires within is worth a warning

---@class cme.server.http.address
---@field host string
---@field port integer    0: a free one
---@field tls boolean

---@class cme.server.http.listen
---@field addresses cme.server.http.address[]
---@field certificate { cert: string, key: string }|nil paths of PEM files; needed where an address has TLS
---@field max_connections integer|nil
---@field max_per_address integer|nil
---@field log cme.server.log
---@field now fun(): number  unix seconds

--- Whether only programs on this machine reach an address; pure.
---@param host string an IP address
---@return boolean
function listen.is_loopback(host)
  return host == "::1" or host:find("^127%.") ~= nil or host:find "^::ffff:127%." ~= nil
end

--- A URL of an address; pure.
---@param address cme.server.http.address
---@return string
function listen.url(address)
  return ("%s://%s:%d"):format(address.tls and "https" or "http",
    address.host:find(":", 1, true) and "[" .. address.host .. "]" or address.host, address.port)
end

-- Who must not read a key: the group may, as for keys that a group of services shares.
local function warn_of_mode(options)
  local stat = files.stat(options.certificate.key)
  if stat and stat.mode & 7 ~= 0 then
    options.log:warn("the TLS key can be read by every user: take that right away (chmod o= on it)",
      { key = options.certificate.key })
  end
end

local function warn_of_end(options, expires)
  local left = expires - options.clock.now()
  if left < SOON_SECONDS then
    options.log:warn(left > 0 and "the TLS certificate expires soon" or "the TLS certificate has expired",
      { certificate = options.certificate.cert, expires = time.format(expires) })
  end
end

--- Reads the certificate files, for the handshakes from now on.
---@param server cme.httpd.server|cme.server.http.listener
---@param options cme.server.http.listen
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function listen.renew(server, options)
  local expires, message, detail = certificate.use(server, options.certificate)
  if not expires then return nil, message, detail end
  warn_of_mode(options)
  warn_of_end(options, expires)
  return true
end

local function warn_of_plain(options, address)
  if not address.tls and not listen.is_loopback(address.host) then
    options.log:warn("plain HTTP on an address that other machines may reach: give --cert and --key, or listen on "
      .. "127.0.0.1 behind a proxy with TLS", { listen = address.host })
  end
end

local function open_addresses(server, options)
  local addresses = {}
  for i, wanted in ipairs(options.addresses) do
    local host, port, detail = server:listen(wanted)
    if not host then return nil, port, detail end -- port: the message
    addresses[i] = { host = host, port = port, tls = wanted.tls }
    warn_of_plain(options, addresses[i])
  end
  return addresses
end

--- Listens on all addresses.
---@param options cme.server.http.listen
---@return cme.httpd.server|nil
---@return cme.server.http.address[]|string addresses_or_message with the ports there are
---@return cme.detail|nil detail
function listen.open(options)
  local server, message, detail = httpd.new { max_body = limits.request.body, max_header = MAX_HEADER,
    max_connections = options.max_connections, max_per_address = options.max_per_address }
  if not server then return nil, message, detail end
  local ok = true
  if options.certificate then
    ok, message, detail = listen.renew(server, options)
  end
  local addresses
  if ok then
    addresses, message, detail = open_addresses(server, options)
  end
  if not addresses then
    server:close()
    return nil, message, detail
  end
  return server, addresses
end

return listen
