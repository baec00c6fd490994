-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"

describe("cme completion", function()
  it("writes a script for each shell, with every command", function()
    for shell, sign in pairs { bash = "complete %-F _cme", zsh = "#compdef cme", fish = "complete %-c cme" } do
      local ran = cli.run { "completion", shell }
      assert.are.equal(0, ran.code, ran.err)
      assert.matches(sign, ran.out)
      for _, command in ipairs(require "cme.cli".COMMANDS) do
        assert.truthy(ran.out:find(command, 1, true), command)
      end
      assert.matches("%-?%-?dry%-run", ran.out)
    end
  end)

  it("writes JSON, and refuses other shells", function()
    assert.are.equal("bash", cjson.decode(cli.run({ "completion", "bash", "--json" }).out).shell)
    assert.are.equal(2, cli.run({ "completion", "csh" }).code)
  end)

  it("is a script that its shell takes, where that is installed", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write(cli.run({ "completion", shell }).out)
      file:close()
      local line = ("unset LD_PRELOAD; ! command -v %s >/dev/null || %s -n %s"):format(shell, shell, path)
      assert.is_true((os.execute(line)), shell)
      os.remove(path)
    end
  end)

  it("completes commands, verbs and options in bash", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(cli.run({ "completion", "bash" }).out, [[
      for words in "cme sta" "cme output ad" "cme start --st"; do
        COMP_WORDS=($words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _cme
        echo "${COMPREPLY[@]}"
      done
    ]])
    file:close()
    local shell = io.popen("unset LD_PRELOAD; bash " .. path)
    assert.are.equal("start status\nadd\n--stop-at\n", shell:read "a")
    shell:close()
    os.remove(path)
  end)
end)
