---@meta cme.httpd
-- SPDX-License-Identifier: MIT
-- Types of the C module cme.httpd (src/httpd/httpd_lua.c): an HTTP/1.1 server for a Lua loop.
--
-- Watch `server:fd()` for reading and call `server:run()` when it is readable or `server:timeout()` seconds
-- have passed; then take every request from `server:next()`. Nothing blocks, nothing calls back into Lua.
-- `request:respond` makes the descriptor readable, so an answer given at any time leaves by itself.

---@class cme.httpd.limits of all addresses together
---@field max_body integer|nil     bytes of one body, default 10485760; more is dropped, see `too_large`
---@field max_header integer|nil   bytes of request line and headers, default 16384; more gets 431
---@field max_connections integer|nil default 4096, lowered to what descriptors allow; more are closed as they arrive
---@field max_per_address integer|nil default 0: no limit; connections open at once from one address (of IPv6: one /64
---                                network) that is not this machine's; more are closed as they arrive
---@field idle_timeout integer|nil seconds without a byte of what is under way, default 30; handshakes and headers have
---                                that in all, bodies and answers that and their size at 4 KiB/s; a request waiting
---                                for its answer has no limit
---@field keep_alive integer|nil   seconds between an answer and the next request, default 100
---@field max_buffered integer|nil bytes of all bodies not answered yet, default 134217728; beyond it 503

---@class cme.httpd.address
---@field host string|nil          numeric IPv4 or IPv6 address or "localhost"; "::" takes IPv4 too; default "127.0.0.1"
---@field port integer|nil         default 0: a free one
---@field tls boolean|nil          TLS 1.2 and 1.3, with what `identify` was given

---@class cme.httpd.detail
---@field code "server.listen"|"server.certificate"|"server.failed"|"server.memory"|"server.client_gone"

---@alias cme.httpd.listen
---| fun(self: cme.httpd.server, address?: cme.httpd.address): host: string?, port: integer|string, cme.httpd.detail?
---@alias cme.httpd.identify
---| fun(self: cme.httpd.server, certificate: string, key: string): expires: integer?, string?, cme.httpd.detail?

---@class cme.httpd.server
--- `listen`: one address more, 16 at most, at once; `nil, message, { code = "server.listen" }` when it cannot.
---@field listen cme.httpd.listen
--- `identify`: takes a PEM certificate chain and its key, without a passphrase, for TLS; when it expires in unix
--- seconds. A later pair counts from the next handshake on; one of no use (`server.certificate`) changes nothing.
---@field identify cme.httpd.identify
---@field fd fun(self: cme.httpd.server): integer        descriptor to watch for reading; not to be read or closed
---@field timeout fun(self: cme.httpd.server): number|nil seconds until `run` is due anyway; nil: no such time
---@field run fun(self: cme.httpd.server): true|nil, string|nil, cme.httpd.detail|nil does what can be done without
--- waiting
---@field next fun(self: cme.httpd.server): cme.httpd.request|nil            the oldest request not taken yet
---@field quiesce fun(self: cme.httpd.server)            accepts no more; later requests on open connections get 503
---@field busy fun(self: cme.httpd.server): integer      connections with a request that is not answered whole
---@field close fun(self: cme.httpd.server)              parked requests get 503; further uses raise, but for `close`

---@alias cme.httpd.Headers table<string, string>
---@alias cme.httpd.respond
---| fun(self, status: integer, headers?: cme.httpd.Headers, body?: string): true?, string?, cme.httpd.detail?

--- A request: read it, answer it once. Collected (or closed by `<close>`) without an answer it gets a 500.
---@class cme.httpd.request
---@field method fun(self: cme.httpd.request): string
---@field path fun(self: cme.httpd.request): string      as received, nothing decoded
---@field query fun(self: cme.httpd.request): string     as received, without '?'; "" when there is none
---@field header fun(self: cme.httpd.request, name: string): string|nil any case; repeats joined by ", "
---@field body fun(self: cme.httpd.request): string      before `respond`; after it only if it was read before
---@field digest fun(self: cme.httpd.request): string|nil, string|nil, cme.httpd.detail|nil the body's SHA-256 in hex;
--- before `respond`
---@field exceeds fun(self: cme.httpd.request, byte: string, most: integer): boolean whether the body has that byte more
--- than `most` times; before `respond`
---@field peer fun(self: cme.httpd.request): string      "ip:port"
---@field too_large fun(self: cme.httpd.request): boolean the body passed max_body: it is "", the connection will close
--- `respond`: status 200 to 599; Content-Length, Date and Connection are the server's; raises when already answered;
--- `nil, message, detail` when the client is gone.
---@field respond cme.httpd.respond

---@class cme.httpd
local httpd = {}

--- Listens nowhere yet. Raises on unknown or wrong options.
---@type fun(limits: cme.httpd.limits|nil): cme.httpd.server|nil, string|nil, cme.httpd.detail|nil
httpd.new = nil

return httpd
