-- SPDX-License-Identifier: MIT
-- Points package.cpath at the build under test: build/, or the folder named by CME_BUILD (make asan sets it).

local build = os.getenv "CME_BUILD" or "build"
package.cpath = build .. "/lib/lua/5.4/?.so;" .. package.cpath
package.path = "./lua/?.lua;./lua/?/init.lua;./?.lua;" .. package.path

-- busted unloads what a spec file has loaded; luv's loop would be collected, and the next file's luv use it still.
require "luv"

return { build = build }
