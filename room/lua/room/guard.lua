-- SPDX-License-Identifier: MIT
-- Whether a request that changes something comes from our own page. Two proofs, either of which would do: the browser
-- says which page sent it (Origin), and the page knows the session's token. And what every answer tells the browser
-- not to do. Pure.

local sign = require "cme.sign"

local guard = {}

-- Names that nobody can point at this machine to get at it by a page of his own (DNS rebinding): numbers, localhost.
local function is_ours(host)
  return host:find "^%d+%.%d+%.%d+%.%d+$" or host:find "^%d+%.%d+%.%d+%.%d+:%d+$" or host:find "^%[[%x:]+%]:?%d*$"
    or host:find "^localhost:?%d*$"
end

--- The origin of the page that may send requests; nil: the room is called by a name that is not its own.
---@param host string|nil the Host header
---@param configured string|nil ROOM_ORIGIN
---@return string|nil
function guard.origin(host, configured)
  host = type(host) == "string" and host:lower() or ""
  if configured and configured:match "^https?://(.*)$" == host then return configured end
  if is_ours(host) then return "http://" .. host end
end

--- Whether a request comes from a page of the room.
---@param host string|nil the Host header
---@param origin string|nil the Origin header
---@param configured string|nil ROOM_ORIGIN
---@return boolean
function guard.same_origin(host, origin, configured)
  local own = guard.origin(host, configured)
  return own ~= nil and type(origin) == "string" and origin:lower() == own
end

--- Whether a request has the session's token.
---@param session room.session
---@param token string|nil
---@return boolean
function guard.has_token(session, token)
  return type(token) == "string" and sign.equal(token, session.csrf)
end

-- Scripts, styles and workers are files of ours; hls.js gives video elements what it has put together as blob:.
local POLICY = table.concat({
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  "media-src 'self' blob:", "worker-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

--- What every answer has. `same-origin` and not `no-referrer`: with that, forms would be sent with Origin: null.
---@param configured string|nil ROOM_ORIGIN
---@return table<string, string>
function guard.headers(configured)
  local https = configured and configured:find("https://", 1, true) == 1
  return {
    ["Content-Security-Policy"] = POLICY,
    ["X-Frame-Options"] = "DENY",
    ["X-Content-Type-Options"] = "nosniff",
    ["Referrer-Policy"] = "same-origin",
    ["Cross-Origin-Opener-Policy"] = "same-origin",
    ["Cross-Origin-Resource-Policy"] = "same-origin",
    ["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()",
    ["Strict-Transport-Security"] = https and "max-age=31536000" or nil,
  }
end

return guard
