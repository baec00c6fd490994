-- The service (`cme serve`) and the relay engine (`cme-relay`). Made from a checkout, after the client:
-- `luarocks --lua-version 5.4 make cme-server-dev-1.rockspec`.
package = "cme-server"
version = "dev-1"
source = { url = "." }
description = {
  summary = "The local service and relay engine of cme",
  detailed = "Speaks the API of Tencent Cloud CME on your own machine and relays with libavformat.",
  license = "MIT",
}
supported_platforms = { "linux" }
dependencies = { "lua >= 5.4, < 5.5", "cme", "luv >= 1.44", "luasql-sqlite3 >= 2.6.0" }
external_dependencies = {
  MICROHTTPD = { library = "microhttpd" },
  GNUTLS = { library = "gnutls" },
  AVFORMAT = { library = "avformat" },
  CURL = { library = "curl" },
  JANSSON = { library = "jansson" },
}
build = {
  type = "make",
  build_target = "server",
  install_target = "install-server",
  install_variables = { BINDIR = "$(BINDIR)", LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
