-- Library code runs on Lua 5.1 (LuaJIT in nginx) and 5.4 alike, so it may use only what both have.
std = "min"
max_line_length = 120
exclude_files = { "build" }
files["bin/cme"].std = "lua54"
files["lua/cme/server"].std = "lua54"
files["lua/cme/cli"].std = "lua54"
files["lua/cme/transport/resty.lua"].std = "min+ngx_lua"
files["lua/cme/loop/resty.lua"].std = "min+ngx_lua"
files["lua/cme/transport/exchange.lua"].std = "min+ngx_lua"
files["lua/cme/transport/resty_http.lua"].std = "min+ngx_lua"
files["examples"].std = "lua54"
files["examples/show.lua"].read_globals = { "env" }
files["examples/openresty"].std = "min+ngx_lua"
files["tools"].std = "lua54"
files["bench"].std = "lua54"
files["spec"].std = "lua54+busted"
files["spec/support/fast_clock.lua"].globals = { "os" }
