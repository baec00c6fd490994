---@meta cme.http
-- SPDX-License-Identifier: MIT
-- Types of the C module cme.http (src/http). Annotations only: nothing here runs.
--
-- A pool drives any number of HTTP transfers over one libcurl multi handle. It decides nothing: who uses it
-- says when to wait, what to retry and when to give up. It reads no environment, follows no redirect, and
-- verifies TLS always. A request that a server may have read is never sent a second time.
-- luacheck: ignore 212 241

---@class cme.http
local http = {}

---@class cme.http.options
---@field max_connections integer|nil connections to one host at a time; 0, the default, for no cap
---@field max_memory integer|nil   bytes that requests and responses may take together, 512 MiB by default; past it
---                                a transfer fails with `network.too_large`

---@class cme.http.request
---@field url string               http:// or https://
---@field method string|nil        "POST" by default
---@field headers string[]|nil     "Name: value" lines, at most 64; nothing is added but Host, Accept and Content-Length
---@field body string|nil          bytes, NULs allowed
---@field timeout number|nil       seconds for the whole transfer, waiting for a connection included; 60 by default
---@field connect_timeout number|nil seconds for name, TCP, proxy and TLS together; 10 by default
---@field max_response integer|nil bytes of body accepted; 10 MiB by default, 1 GiB at most
---@field ca_file string|nil       PEM file of CAs trusted besides the system's
---@field cert_file string|nil     PEM file with the client's certificate, for servers that ask for one
---@field key_file string|nil      PEM file with its key; nil: cert_file has it
---@field proxy string|nil         URL of a proxy, userinfo included
---@field no_proxy string|nil      hosts reached without the proxy, separated by commas
---@field http_version "2"|"1.1"|nil "2", the default, offers HTTP/2 over TLS by ALPN
---@field lazy_headers boolean|nil true: the response's headers are made at the first look, by index or pairs; `next`
---                                and functions of C may see what they are made of. For callers that seldom look
---@field stream boolean|nil       true: `next` gives the head of the response as soon as it has come, and `read` gives
---                                the body in parts. `timeout` is for the head, max_response does not count, the
---                                version is HTTP/1.1

---@class cme.http.response
---@field status integer
---@field headers table<string, string> lower-case names; repeated lines joined by ", "
---@field body string|nil  nil of a stream
---@field stream boolean|nil true: only the head; the body is for `read`
---@field http_version "1.0"|"1.1"|"2"
---@field connects integer new connections made for this transfer, 0 when a kept one was used
---@field time number      seconds from the start to the end

---@alias cme.http.Code
---| "network.resolve"   # no address for the host's name
---| "network.connect"   # no TCP connection to the host
---| "network.proxy"     # the proxy cannot be reached, or refuses
---| "network.tls"       # handshake failed, or the certificate is not accepted
---| "network.timeout"   # timeout or connect_timeout is over
---| "network.reset"     # the connection was lost
---| "network.protocol"  # what came is not HTTP
---| "network.too_large" # past max_response or max_memory
---| "network.cancelled" # by Pool:cancel

---@class cme.http.failure
---@field code cme.http.Code
---@field sent boolean a byte of the request may have reached the server; false: it is safe to try again

--- Reads the clocks that Lua lacks.
---@return number steady seconds that never step; only differences mean something
---@return number unix   seconds
---@return number boot   seconds that never step and go on while the host sleeps, the same in all its processes
function http.clocks() end

--- The descriptors that the process may have open (ulimit -n), 65536 at most.
---@return integer
function http.descriptors() end

---@class cme.http.pool
local Pool = {}

--- Makes a pool. Raises on misuse.
---@param options cme.http.options|nil
---@return cme.http.pool|nil pool
---@return string|nil message
---@return { code: string }|nil detail
function http.new(options) end

--- Begins a transfer; does no I/O. Raises on misuse, such as a line end in a URL or header.
---@param request cme.http.request
---@return integer id
function Pool:submit(request) end

--- The descriptor that a loop waits for: readable when there is something to run. It stays the same.
---@return integer
function Pool:fd() end

--- After so many seconds there is something to run or to take even if the descriptor stays silent. Ask again after
--- each other call.
---@return number|nil seconds nil for never
function Pool:timeout() end

--- Does what can be done without waiting.
---@return integer running transfers still in flight
function Pool:run() end

--- Waits, where no loop does, until there is something to run or to take, a signal arrives, or the time is over.
---@param seconds number
---@return boolean ready false when the time passed with nothing to do
function Pool:poll(seconds) end

--- Takes the transfer that ended first. Nothing when there is none; `id, nil, message, detail` when it failed. Of a
--- stream it gives the head, and later `id, true` each time there is something to read again after a `read` that gave
--- false.
---@return integer|nil id
---@return cme.http.response|true|nil response
---@return string|nil message
---@return cme.http.failure|nil detail
function Pool:next() end

--- Takes what has come of the body of a stream, once `next` has given its head. At most 256 KiB wait to be read; past
--- that nothing more is taken from the connection. Raises when no such stream is open: at its end it is gone.
---@param id integer
---@return string|false|nil piece not empty; false: nothing yet; nil: the end, with the failure when it came too early
---@return string|nil message
---@return cme.http.failure|nil detail
function Pool:read(id) end

--- Ends a transfer; `next` then returns it as `network.cancelled`. A stream whose head `next` has given is gone at
--- once.
---@param id integer
---@return boolean cancelled false when no transfer of that id is in flight
function Pool:cancel(id) end

--- Ends what is in flight and closes all connections. Every later method raises, but close.
function Pool:close() end

return http
