-- SPDX-License-Identifier: MIT

local options = require "cme.cli.options"

describe("cme.cli.options", function()
  -- What a command itself has, such as one that looks at outputs, beside its client.
  it("takes the CAs of the environment when no option names any", function()
    local function named(args, value)
      options.complete(args, function(name) return name == "CME_CA_FILE" and value or nil end)
      return args.ca_file
    end
    assert.are.equal("/env.pem", named({}, "/env.pem"))
    assert.are.equal("/own.pem", named({ ca_file = "/own.pem" }, "/env.pem"))
    assert.is_nil(named({}, ""))
    assert.is_nil(named({}, nil))
  end)
end)
