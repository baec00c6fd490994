-- SPDX-License-Identifier: MIT
-- cme.cli: command lines, right and wrong, and what is said about them.

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

describe("cme.cli", function()
  it("answers --help and --version on stdout", function()
    local ran = cli.run { "--version" }
    assert.are.same({ 0, "cme " .. require "cme.version" .. "\n", "" }, { ran.code, ran.out, ran.err })
    ran = cli.run { "--help" }
    assert.are.same({ 0, "" }, { ran.code, ran.err })
    assert.matches("\nCommands:\n", ran.out)
    assert.matches("%-%-endpoint URL", ran.out)
    ran = cli.run { "list", "--help", "--nonsense" }
    assert.are.equal(0, ran.code)
    assert.matches("^Usage: cme list", ran.out)
  end)

  it("answers a wrong command line with one line on stderr and 2", function()
    for line, want in pairs {
      [""] = "cme: a command is needed (see cme --help)",
      ["nothing"] = "cme: unknown command 'nothing' (see cme --help)",
      ["lis"] = "cme: unknown command 'lis' (did you mean 'list'?) (see cme --help)",
      ["statu"] = "cme: unknown command 'statu' (did you mean 'status'?) (see cme --help)",
      ["list --onwer"] = "cme list: unknown option '--onwer' (did you mean '--owner'?) (see cme list --help)",
      ["list --owner"] = "cme list: option '--owner' needs a value (see cme list --help)",
      ["list --status up"] = "cme list: option '--status' must be one of 'idle', 'working' (see cme list --help)",
      ["list --json=1"] = "cme list: option '--json' takes no value (see cme list --help)",
      ["fleet where"] = "cme fleet where: argument 'project' is missing (see cme fleet where --help)",
      ["fleet drain"] = "cme fleet drain: argument 'node' is missing (see cme fleet drain --help)",
      ["list -h1=x"] = "cme: unknown option '-h1=x' (see cme --help)",
      ["list all"] = "cme list: too many arguments (see cme list --help)",
      ["list --Limit 1"] = "cme list: unknown option '--Limit' (see cme list --help)",
      ["list --retries x"] = "cme list: 'x' is not a number (see cme list --help)",
      ["list --retries 1.5"] = "cme list: option 'retries': a whole number from 0 to 100 is needed",
      ["list --endpoint ftp://h"] = "cme list: option 'endpoint': scheme 'ftp' is not supported (https, http)",
    } do
      local args = {}
      for word in line:gmatch "%S+" do args[#args + 1] = word end
      local ran = cli.run(args)
      assert.are.same({ 2, "", want .. "\n" }, { ran.code, ran.out, ran.err }, line)
    end
  end)

  it("takes the options of every command before and after it", function()
    for _, args in ipairs { { "--platform", "p2", "list" }, { "list", "--platform=p2" } } do
      local ran = cli.run(args, { answers = { fake.ok '"TotalCount":0,"ProjectInfoSet":[]' } })
      assert.are.equal(0, ran.code, ran.err)
      assert.are.equal("p2", fake.sent(ran.asked[1]).Platform)
    end
  end)

  it("trusts the CAs of the environment unless --ca-file names others", function()
    for _, case in ipairs { { {}, "/env.pem" }, { { "--ca-file", "/own.pem" }, "/own.pem" } } do
      local ran = cli.run({ "list", table.unpack(case[1]) }, { env = { CME_CA_FILE = "/env.pem" },
        answers = { fake.ok '"TotalCount":0,"ProjectInfoSet":[]' } })
      assert.are.same({ 0, case[2] }, { ran.code, ran.asked[1].ca_file })
    end
  end)

  it("speaks Chinese under a Chinese locale, and asks the service to", function()
    local options = { env = { LC_ALL = "zh_CN.UTF-8" }, answers = { fake.ok '"TotalCount":0,"ProjectInfoSet":[]' } }
    local ran = cli.run({ "list" }, options)
    assert.are.same({ 0, "没有项目\n" }, { ran.code, ran.out })
    assert.truthy(table.concat(ran.asked[1].headers, "\n"):find("X-TC-Language: zh-CN", 1, true))
    ran = cli.run({ "list", "all" }, options)
    assert.are.equal("cme list: 参数太多（见 cme list --help）\n", ran.err)
    ran = cli.run({ "list", "--status", "up" }, options)
    assert.are.equal("cme list: 选项“--status”只能是“idle”、“working”之一（见 cme list --help）\n", ran.err)
    ran = cli.run({ "list", "--help" }, options)
    assert.matches("^用法： cme list", ran.out)
    assert.matches("\n选项：\n", ran.out)
    assert.matches("列出项目", ran.out)
    ran = cli.run({ "--language", "zh-CN", "lis" })
    assert.are.equal("cme: 未知命令“lis”（是否想写“list”？）（见 cme --help）\n", ran.err)
  end)

  it("shows a failure as one line, with --json as an object too, with the code of its kind", function()
    local network = function() return nil, "could not connect", { code = "network.connect", sent = false } end
    for _, case in ipairs {
      { fake.refused("UnauthorizedOperation", "no\nway"), 3, "api.UnauthorizedOperation" },
      { fake.refused("ResourceNotFound.Platform", "none"), 5, "api.ResourceNotFound.Platform" },
      { network, 4, "network.connect" },
    } do
      local ran = cli.run({ "list", "--json", "--retries", "0" }, { answers = { case[1] } })
      assert.are.equal(case[2], ran.code)
      assert.matches("^cme list: DescribeProjects: [^\n]+\n$", ran.err)
      local shown = cjson.decode(ran.out).error
      assert.are.same({ case[3], case[2] }, { shown.code, shown.exit })
    end
    local ran = cli.run({ "list" }, { env = { TENCENTCLOUD_SECRET_ID = false, TENCENTCLOUD_SECRET_KEY = false } })
    assert.are.equal(1, ran.code)
    assert.matches("^cme list: DescribeProjects: no credentials", ran.err)
  end)

  it("lets no control character of others through to a terminal", function()
    local name = "a\\u001b[31mb\\u009bc"
    for _, args in ipairs { { "list" }, { "status", cli.ID }, { "stop", "x" } } do
      local ran = cli.run(args, { answers = { cli.described(nil, name), cli.described(nil, name) }, terminal = false })
      assert.is_nil((ran.out .. ran.err):find "[\27\r]", ran.out)
      assert.is_nil((ran.out .. ran.err):find("\194\155", 1, true), ran.out)
    end
  end)

  it("takes the key of a profile", function()
    local files = { ["/keys"] = "[default]\nsecret_id = a\nsecret_key = b\n"
      .. "[live]\nsecret_id = AKIDlive\nsecret_key = c\n" }
    local ran = cli.run({ "list", "--profile", "live" }, { answers = { cli.none() }, files = files,
      env = { TENCENTCLOUD_CREDENTIALS_FILE = "/keys" } })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("Credential=AKIDlive/", table.concat(ran.asked[1].headers, "\n"))
  end)

  it("tells an error of its own from a wrong command line", function()
    local list = require "cme.cli.commands.list"
    local run = list.run
    list.run = function() error "broken" end
    local ran = cli.run { "list" }
    list.run = run
    assert.are.equal(1, ran.code)
    assert.matches("^cme list: internal error: .*broken\n.*traceback", ran.err)
  end)

  it("says in a line that Ctrl-C ended it", function()
    local list = require "cme.cli.commands.list"
    local run = list.run
    list.run = function() error "interrupted!" end
    local ran = cli.run { "list" }
    list.run = run
    assert.are.same({ 130, "cme list: interrupted\n" }, { ran.code, ran.err })
  end)
end)
