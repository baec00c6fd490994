-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

describe("cme sign", function()
  local ARGS = { "sign", "HandleStreamConnectProject", '{"Platform":"1000000009","ProjectId":"12522d74de35ff"}',
    "--Operation", "Start", "--endpoint", "cme.tencentcloudapi.com", "--timestamp", "1551113065" }

  local function sign(...)
    local args = { table.unpack(ARGS) }
    for _, arg in ipairs { ... } do args[#args + 1] = arg end
    return cli.run(args)
  end

  it("shows the request, by the vendor's own vector, and sends nothing", function()
    local ran = sign()
    assert.are.same({ 0, "", 0 }, { ran.code, ran.err, #ran.asked })
    assert.matches("^POST https://cme.tencentcloudapi.com/\n", ran.out)
    assert.matches("Signature=8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2\n", ran.out)
    assert.matches('\n\n{"Platform":"1000000009","ProjectId":"12522d74de35ff","Operation":"Start"}\n$', ran.out)
  end)

  it("explains step by step, and never shows the secret", function()
    local ran = sign "--explain"
    assert.are.equal(0, ran.code, ran.err)
    for _, part in ipairs {
      "canonical request (SHA-256 b6827d99346ff0197836353ef66cb9bfdde680db769fefc2b50dbc6c86a58ac7)\n  POST\n  /\n",
      "string to sign\n  TC3-HMAC-SHA256\n  1551113065\n  2019-02-25/cme/tc3_request\n  b6827d99",
      "signature\n  8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2\n",
    } do
      assert.truthy(ran.out:find(part, 1, true), ran.out)
    end
    local token = cli.run({ table.unpack(ARGS) }, { env = { TENCENTCLOUD_TOKEN = "secret-token" } })
    assert.matches("X%-TC%-Token: %*%*%*\n", token.out)
    for _, shown in ipairs { ran.out, token.out, sign("--json").out } do
      assert.is_nil(shown:find(fake.SECRET_KEY, 1, true))
      assert.is_nil(shown:find("secret-token", 1, true))
    end
  end)

  it("writes JSON", function()
    local shown = cjson.decode(sign("--json").out)
    assert.are.same({ "8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2", "content-type;host",
      "https://cme.tencentcloudapi.com/" }, { shown.signature, shown.signed_headers, shown.url })
  end)

  it("gives each code its failure", function()
    assert.are.equal(2, cli.run({ "sign", "Nothing" }).code)
    assert.are.equal(2, cli.run({ "sign", "DeleteProject" }).code)
    assert.are.equal(2, cli.run({ "sign", "DescribePlatforms", "--timestamp", "now" }).code)
    assert.are.equal(5, cli.run({ "sign", "DescribePlatforms", "@none" }).code)
    assert.are.equal(1, cli.run({ "sign", "DescribePlatforms" }, { env = { TENCENTCLOUD_SECRET_ID = false,
      TENCENTCLOUD_SECRET_KEY = false } }).code)
  end)
end)
