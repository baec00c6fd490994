-- The client: cme for Lua scripts and OpenResty handlers. It never needs FFmpeg; the service and the engine are
-- cme-server-dev-1.rockspec. Made from a checkout: `luarocks --lua-version 5.4 make cme-dev-1.rockspec`.
package = "cme"
version = "dev-1"
source = { url = "." }
description = {
  summary = "One live source to many streaming platforms: Tencent Cloud CME (云转推) from Lua",
  detailed = "Create, start, watch, switch and stop relays of a live source, on Tencent Cloud CME or on the "
    .. "project's own service. Signing (TC3-HMAC-SHA256) and HTTP are in C over libcrypto and libcurl.",
  license = "MIT",
}
supported_platforms = { "linux" }
dependencies = { "lua >= 5.4, < 5.5", "lua-cjson >= 2.1.0", "argparse >= 0.7.1" }
external_dependencies = {
  CRYPTO = { library = "crypto" },
  CURL = { library = "curl" },
}
build = {
  type = "make",
  build_target = "client",
  install_target = "install-client",
  install_variables = { BINDIR = "$(BINDIR)", LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)", MANDIR = "$(PREFIX)/man" },
}
