-- SPDX-License-Identifier: MIT
-- A message is in one language from its first word to its last. 0.1 put the library's English behind Chinese words, and
-- the service's Chinese behind English ones.

local codes = require "cme.codes"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ZH = { LC_ALL = "zh_CN.UTF-8" }

local function failed(message, sentence, values)
  return function()
    return nil, message, { code = "network.connect", sent = false, sentence = sentence, values = values }
  end
end

-- Without what is in quotes, and the command's own name, does a sentence of both languages remain?
local function is_mixed(text)
  local bare = text:gsub("^cme [%l ]+: ", ""):gsub("“.-”", ""):gsub("'[^']*'", "")
  return bare:find "[\228-\233][\128-\191][\128-\191]" ~= nil and bare:find "%l%l+ %l+ %l%l" ~= nil
end

describe("a message under a Chinese locale", function()
  local function said(args, answer, env)
    for name, value in pairs(ZH) do env = env or {} env[name] = value end
    local ran = cli.run(args, { env = env, answers = answer and { answer } })
    assert.are_not.equal(0, ran.code)
    return ran.err
  end

  it("is Chinese where nobody listens at the service's address", function()
    local refused = failed("could not connect (127.0.0.1:8156: Connection refused)", "engine:%s (%s: %s)",
      { "could not connect", "127.0.0.1:8156", "Connection refused" })
    assert.are.equal("cme list: DescribeProjects：无法连接（127.0.0.1:8156：连接被拒绝）：cme serve 是否在运行？\n",
      said({ "list", "--retries", "0" }, refused))
  end)

  it("is Chinese where there are no keys, no such file, or no such project", function()
    assert.matches("没有密钥", said({ "list" }, nil, { TENCENTCLOUD_SECRET_ID = false, TENCENTCLOUD_SECRET_KEY = false }))
    assert.matches("没有这个文件", said { "run", "nowhere.lua" })
    local none = fake.ok '"TotalCount":0,"ProjectInfoSet":[]'
    assert.is_false(is_mixed(said({ "stop", "gala" }, none)))
  end)

  it("names in Chinese where a key comes from, and a host that does not resolve once", function()
    local ran = cli.run({ "doctor" }, { env = { LC_ALL = "zh_CN.UTF-8", TENCENTCLOUD_SECRET_ID = false,
      TENCENTCLOUD_SECRET_KEY = false, TENCENTCLOUD_CREDENTIALS_FILE = "/keys" }, answers = { cli.none() },
      files = { ["/keys"] = "[default]\nsecret_id = AKIDEXAMPLE\nsecret_key = hush\n" } })
    assert.truthy(ran.out:find("，来源：文件“/keys”", 1, true), ran.out)
    local text = said({ "list" }, failed("could not resolve host (metadata.tencentyun.com)", "engine:%s (%s)",
      { "could not resolve host", "metadata.tencentyun.com" }), { TENCENTCLOUD_SECRET_ID = false,
      TENCENTCLOUD_SECRET_KEY = false, CME_METADATA = "on" })
    assert.truthy(text:find("CVM 角色：无法解析主机名（metadata.tencentyun.com）；TKE", 1, true), text)
  end)

  it("is Chinese where the library refuses a value of the command line", function()
    local function usage(...)
      local ran = cli.with_files({ ... }, { cli.described() }, { env = { LC_ALL = "zh_CN.UTF-8" } })
      assert.are.equal(2, ran.code, ran.err)
      return ran.err
    end
    assert.are.equal("cme list: 选项“timeout”：应为 0.001 至 2000000 秒\n", usage("--timeout", "0", "list"))
    assert.are.equal("cme list: 选项“retries”：应为 0 至 100 的整数\n", usage("--retries", "-1", "list"))
    assert.are.equal("cme switch: switch：只能是“main”或“backup”，收到的是“main2”（是否想写“main”？）\n",
      usage("switch", cli.ID, "main2"))
    assert.are.equal("cme start: 选项“inptu”：未知（是否想写“input”？）\n", usage("start", "odd.json"))
  end)

  it("is Chinese where the engine is given nothing to do", function()
    local ran = cli.run({ "relay" }, { env = { LC_ALL = "zh_CN.UTF-8" } })
    assert.are.same({ 2, "cme relay: 需要一路输入和一个推流目标：cme relay -i URL -o URL（见 cme relay --help）\n" },
      { ran.code, ran.err })
  end)

  it("is Chinese where a file is no JSON", function()
    for text, want in pairs { ['{"name": '] = "第 10 个字符处：应为一个值", ["{"] = "第 2 个字符处：应为带引号的成员名",
      ["{}}"] = "第 3 个字符处：此后不应再有内容", ['["'] = "第 3 个字符处：字符串缺少结尾的引号" } do
      local ran = cli.run({ "start", "a.json" }, { env = { LC_ALL = "zh_CN.UTF-8" }, files = { ["a.json"] = text } })
      assert.are.equal("cme start: 文件“a.json”：JSON：" .. want .. "\n", ran.err)
    end
  end)

  it("tells projects of one name apart in Chinese", function()
    local one = [[{"ProjectId":"%s","Name":"gala","Category":"STREAM_CONNECT","CreateTime":"%s",
      "Owner":{"Type":"PERSON","Id":"me"},"StreamConnectProjectInfo":{"Status":"Idle"}}]]
    local at = require "cme.time".format(fake.NOW - 3725)
    local text = said({ "stop", "gala" }, fake.ok(('"TotalCount":2,"ProjectInfoSet":[%s,%s]'):format(
      one:format("p1", at), one:format("p2", at))))
    assert.truthy(text:find("p1：未开播，创建于 1 小时 2 分钟前，所有者 me；p2：未开播，创建于", 1, true), text)
  end)

  it("joins what the client and what the service said in Chinese", function()
    local refusal = fake.refused("ResourceNotFound.Project", "项目“gala”：不存在")
    local text = said({ "stop", cli.ID }, refusal)
    assert.is_false(is_mixed(text), text)
    assert.matches("项目“gala”：不存在", text)
  end)

  it("stays English as a whole where a part of it has no Chinese", function()
    local text = said({ "list", "--retries", "0" }, failed "words that only this spec knows of")
    assert.matches("^cme list: DescribeProjects: words that only this spec knows of", text)
    assert.is_nil(text:find "[\228-\233][\128-\191][\128-\191]")
  end)

  it("of the service holds no English reason of its engine", function()
    local reason = { sentence = "engine:%s", values = { "connection refused" },
      within = { { sentence = "engine:open '%s'", values = { "rtmp://h/a/***" } } } }
    local text = codes.say(codes.detail("api.FailedOperation.StartStreamConnectPartlyErr:partly",
      { id = "p", faults = { reason } }), "zh-CN")
    assert.is_truthy(text:find("并非全部正常", 1, true))
    assert.is_false(is_mixed(text), text)
  end)
end)

describe("a URL in a Chinese message", function()
  it("is redacted up to its closing quote, and what follows stays", function()
    local redact = require "cme.redact"
    assert.are.equal("推流到“rtmp://h/app/***”：连接被拒绝（network.connect）；推流到“rtmp://i/app/***”：超时",
      redact.text("推流到“rtmp://h/app/hush1”：连接被拒绝（network.connect）；推流到“rtmp://i/app/hush2”：超时", 4096))
    assert.are.equal("“rtmp://h/app/***”，“srt://i:9***”",
      redact.text("“rtmp://h/app/hush”，“srt://i:9?streamid=hush”", 4096))
  end)
end)

describe("the Chinese", function()
  -- What a thing is called, and what else it was called.
  local TERMS = { { "推流目标", "输出“" }, { "推流目标", "个输出" }, { "推流码", "推流密钥" }, { "所有者", "归属者" },
    { "未开播", "为空闲" }, { "备用源", "备源" } }

  it("has one term for one thing", function()
    local found = {}
    local paths = { "README.zh-CN.md", "lua/cme/cli/messages_zh.lua", "room/lua/room/texts.lua" }
    local guides = assert(io.popen "ls docs/zh/*.md lua/cme/text/words/*.lua")
    for path in guides:lines() do paths[#paths + 1] = path end
    guides:close()
    for _, path in ipairs(paths) do
      local file = assert(io.open(path))
      local text = file:read "a"
      file:close()
      for _, term in ipairs(TERMS) do
        if text:find(term[2], 1, true) then found[#found + 1] = ("%s: %s, not %s"):format(path, term[1], term[2]) end
      end
    end
    assert.are.same({}, found)
  end)

  it("of the guide has the two methods in the order of their meanings", function()
    local file = assert(io.open "docs/zh/projects.md")
    local row = file:read "a":match "\n| (`show:disable_output[^\n]*)"
    file:close()
    assert.matches("disable_output.*enable_output.*停用、恢复", row)
  end)
end)
