-- SPDX-License-Identifier: MIT
-- The page about official SDKs: a section and a row for each, with what that SDK really needs. The guide for operators
-- said that all of them read the system's store of CAs; most do not.

local read = require "spec.support.files".read

local NEEDS = {
  Go = { 'Scheme = "HTTP"', "RootCAs", "SSL_CERT_FILE" },
  Python = { 'protocol="http"', "certification=", "certifi" },
  Java = { "REQ_HTTP", "javax.net.ssl.trustStore" },
  Node = { 'protocol: "http://"', "NODE_EXTRA_CA_CERTS" },
  ["C++"] = { "SetCaInfo", "a dot", "Scheme::HTTP" },
  PHP = { 'setProtocol("http://")', "curl.cainfo" },
  Ruby = { "SSL_CERT_FILE", "80 or 443" },
  tccli = { "--endpoint http://", "certifi" },
}

describe("docs/sdks.md", function()
  local page = read "docs/sdks.md"

  for name, needs in pairs(NEEDS) do
    it("has what " .. name .. " needs", function()
      local plain = name:gsub("%+", "%%+")
      local section = assert(page:match("\n## " .. plain .. "\n(.-)\n## ") or page:match("\n## " .. plain .. "\n(.+)$"))
      for _, need in ipairs(needs) do assert.is_truthy(section:find(need, 1, true), need) end
      assert.matches("\n| " .. plain .. " |", page)
    end)
  end

  it("has sections of these SDKs only, and is found from where a reader starts", function()
    for name in page:gmatch "\n## ([^\n]+)" do assert.is_table(NEEDS[name], name) end
    for path, link in pairs { ["README.md"] = "(docs/sdks.md)", ["README.zh-CN.md"] = "(docs/zh/sdks.md)" } do
      assert.is_truthy(read(path):find(link, 1, true), path)
    end
    assert.is_truthy(read "docs/operating.md":find("(sdks.md)", 1, true))
  end)

  it("says of Node what the suites do", function()
    local driver, suite = read "spec/support/programs/node_sdk.lua", read "spec/integration/sdk_node_spec.lua"
    assert.is_truthy(driver:find("NODE_EXTRA_CA_CERTS = ", 1, true))
    assert.is_truthy(suite:find('httpProfile = { protocol = "http://", endpoint = ', 1, true))
    assert.is_truthy(suite:find('httpProfile = { protocol = "https://", endpoint = ', 1, true))
  end)

  it("is not contradicted by the guide for operators", function()
    assert.is_nil(read "docs/operating.md":find("in\nofficial SDKs the system's store", 1, true))
  end)
end)
