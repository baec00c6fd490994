-- SPDX-License-Identifier: MIT
-- The library that puts a source's URL in the place of an argument, loaded into a program that shows what it got.

local arguments = require "cme.playout.arguments"
local proc = require "spec.support.proc"

local libraries = { secret = assert(package.searchpath("cme.secret_argument", package.cpath)) }

local function run(location, ...)
  local env = arguments.environment({ PATH = os.getenv "PATH" }, location and { id = "s", url = location }, libraries)
  local argv = { "env", "-i", table.unpack(env) }
  for _, word in ipairs { ... } do argv[#argv + 1] = word end
  local code, out, err = proc.run(argv)
  assert(code == 0, err)
  return out
end

describe("secret_argument.so", function()
  it("puts the URL in the place of each placeholder, and leaves other arguments alone", function()
    local url = "rtmp://h/live/name?token=a b"
    assert.are.equal("-i\n" .. url .. "\nx" .. arguments.placeholder .. "\n" .. url .. "\n", run(url, "printf",
      "%s\\n", "-i", arguments.placeholder, "x" .. arguments.placeholder, arguments.placeholder))
  end)

  it("does not show the URL to who reads the process's arguments", function()
    -- cat opens what it was given, which is the list of its own arguments
    assert.are.equal("cat\0" .. arguments.placeholder .. "\0",
      run("/proc/self/cmdline", "cat", arguments.placeholder))
  end)

  it("does nothing without a URL", function()
    assert.are.equal(arguments.placeholder .. "\n", run(nil, "echo", arguments.placeholder))
  end)
end)
