-- SPDX-License-Identifier: MIT
-- Requests as the official SDKs that do not run here put them on the wire, byte by byte over a raw socket, one row for
-- each SDK and form: Go, Python, tccli, Java and C++, in both signature versions. After them what is wrong, refused
-- with its code.

local cjson = require "cjson"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local sign = require "cme.sign"
local uv = require "luv"

local JSON, UTF8, FORM = "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded"

local function encode(value, space)
  return (value:gsub("[^%w%-_.~ ]", function(c) return ("%%%02X"):format(c:byte()) end):gsub(" ", space or "%%20"))
end

describe("a request as sent by", function()
  local serve

  setup(function() serve = service.start { args = { "--rate-limit", "off" } } end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  -- Writes bytes to the service and reads until it has a whole answer.
  local function exchange(bytes)
    local socket, got, over = uv.new_tcp(), "", false
    socket:connect("127.0.0.1", serve.port, function(err)
      assert(not err, err)
      socket:read_start(function(_, chunk)
        got, over = got .. (chunk or ""), over or chunk == nil
      end)
      socket:write(bytes)
    end)
    local head, body
    proc.eventually("an answer", 20, function()
      head, body = got:match "^(.-\r\n\r\n)(.*)$"
      return over or head and #body >= tonumber(head:match "Content%-Length: (%d+)")
    end)
    socket:close()
    assert(head, "no answer to " .. bytes)
    return head, cjson.decode(body).Response
  end

  local function request_text(method, target, headers, body)
    local lines = { ("%s %s HTTP/1.1"):format(method, target) }
    for _, header in ipairs(headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
    if method == "POST" then lines[#lines + 1] = "Content-Length: " .. #body end
    return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
  end

  local function endpoint(row)
    return (row.endpoint or "127.0.0.1:PORT"):gsub("PORT", tostring(serve.port))
  end

  -- The query or form of flat parameters in the order of the row: sorted as Go has it, as given as Python has it.
  local function flat(row, pairs_list)
    local list = table.move(pairs_list, 1, #pairs_list, 1, {})
    if row.sorted then table.sort(list, function(a, b) return a[1] < b[1] end) end
    local parts = {}
    for i, one in ipairs(list) do parts[i] = encode(one[1]) .. "=" .. encode(one[2], row.space) end
    return table.concat(parts, "&")
  end

  local list_params = { { "Platform", "test" }, { "Sort.Field", "CreateTime" }, { "Sort.Order", "Asc" },
    { "Owner.Type", "PERSON" }, { "Owner.Id", "a b+c/推" }, { "Limit", "3" }, { "CategorySet.0", "STREAM_CONNECT" } }
  local list_body = [[{"Platform": "test", "Limit": 3, "CategorySet": ["STREAM_CONNECT"], "Sort": ]]
    .. [[{"Field": "CreateTime", "Order": "Asc"}, "Owner": {"Type": "PERSON", "Id": "a b+c/\u63a8"}}]]

  local function authorize(row, method, query, payload, timestamp, content_type)
    local host = row.signs or endpoint(row)
    local key = sign.new(serve.secret_id, row.secret or serve.secret_key)
    local value = key:tc3 { service = (row.scope or "cme"):gsub("PORT", tostring(serve.port)), host = host,
      timestamp = timestamp, method = method, query = query, payload = payload, content_type = content_type,
      unsigned_payload = row.unsigned, action = row.signs_action and "DescribeProjects" or nil }
    key:close()
    return row.tight and value:gsub(", ", ",") or value
  end

  local function tc3(row)
    local method = row.method or "POST"
    local content_type = row.content_type or method == "GET" and FORM or JSON
    local query = method == "GET" and flat(row, list_params) or ""
    local body = method == "POST" and list_body or ""
    local timestamp = os.time() + (row.skew or 0)
    local headers = { { "Host", endpoint(row) }, { "X-TC-Action", row.action or "DescribeProjects" },
      { "X-TC-RequestClient", row.client or "SDK_X_1" }, { "X-TC-Timestamp", tostring(timestamp) },
      { "X-TC-Version", row.version or "2019-10-29" }, { "Content-Type", row.sends_type or content_type } }
    if not row.no_authorization then
      table.insert(headers, row.authorization_at or #headers + 1,
        { "Authorization", row.authorization or authorize(row, method, query, body, timestamp, content_type) })
    end
    for _, more in ipairs(row.headers or {}) do headers[#headers + 1] = more end
    if row.unsigned then headers[#headers + 1] = { "X-TC-Content-SHA256", "UNSIGNED-PAYLOAD" } end
    return request_text(method, query == "" and "/" or "/?" .. (row.sends_query or query), headers,
      row.sends_body or body)
  end

  local function v1(row)
    local method, params = row.method or "GET", {}
    local all = { { "Action", row.action or "DescribeProjects" }, { "Version", row.version or "2019-10-29" },
      { "Timestamp", tostring(os.time() + (row.skew or 0)) }, { "Nonce", row.nonce or "11886" },
      { "SecretId", serve.secret_id }, { "RequestClient", row.client or "SDK_X_1" } }
    table.move(list_params, 1, #list_params, #all + 1, all)
    if row.algorithm then all[#all + 1] = { "SignatureMethod", row.algorithm } end
    for _, more in ipairs(row.params or {}) do all[#all + 1] = more end
    for _, one in ipairs(all) do params[one[1]] = one[2] end
    local key = sign.new(serve.secret_id, row.secret or serve.secret_key)
    local signature = key:v1 { method = row.signs_method or method, host = endpoint(row), params = params,
      algorithm = row.algorithm == "HmacSHA256" and row.algorithm or "HmacSHA1" }
    key:close()
    all[#all + 1] = { "Signature", signature }
    if row.without then
      for i = #all, 1, -1 do
        if all[i][1] == row.without then table.remove(all, i) end
      end
    end
    local text = flat(row, all)
    local headers = { { "Host", endpoint(row) } }
    for _, more in ipairs(row.headers or {}) do headers[#headers + 1] = more end
    if method == "GET" then return request_text("GET", "/?" .. text, headers, "") end
    headers[#headers + 1] = { "Content-Type", FORM }
    return request_text("POST", "/", headers, text)
  end


  local GO = { { "Accept-Encoding", "gzip" }, { "User-Agent", "Go-http-client/1.1" } }

  -- name, how it is signed, what is particular; with `code`: it must be refused with it
  local rows = {
    { "Go", tc3, { client = "SDK_GO_1.3.166", headers = GO, authorization_at = 2 } },
    { "Go, GET: sorted, + for a space", tc3, { method = "GET", sorted = true, space = "+", headers = GO } },
    { "Go, unsigned payload", tc3, { unsigned = true, headers = GO } },
    { "Go, with a region and a language", tc3, { headers = { { "X-TC-Region", "ap-guangzhou" },
      { "X-TC-Language", "en-US" } } } },
    { "Go, v1 GET: an empty Region", v1, { sorted = true, space = "+", params = { { "Region", "" } } } },
    { "Go, v1 POST, SHA256", v1, { method = "POST", sorted = true, space = "+", algorithm = "HmacSHA256",
      params = { { "Region", "" } } } },
    { "Python", tc3, { client = "SDK_PYTHON_3.1.162; extra, words", headers = { { "X-TC-TraceId",
      "0b3a2d6e-9c9b-4c0e-8a53-6d7b7e1e8d10" }, { "Connection", "close" } } } },
    { "Python, GET: parameters as given, %20", tc3, { method = "GET" } },
    { "Python, v1 GET, SHA1", v1, { algorithm = "HmacSHA1" } },
    { "Python, v1 POST, SHA256", v1, { method = "POST", algorithm = "HmacSHA256" } },
    { "tccli: a scheme in the host", tc3, { endpoint = "http://127.0.0.1:PORT",
      client = "SDK_PYTHON_3.1.162; TCCLI" } },
    { "tccli, v1: a scheme in the host", v1, { endpoint = "http://127.0.0.1:PORT", algorithm = "HmacSHA1" } },
    { "Java: charset, empty region, first label", tc3, { content_type = UTF8, scope = "127",
      headers = { { "X-TC-Region", "" }, { "Accept-Encoding", "gzip" } } } },
    { "Java on a name", tc3, { content_type = UTF8, endpoint = "cme.localhost:PORT" } },
    { "Java, GET", tc3, { method = "GET", scope = "127", headers = { { "X-TC-Region", "" } } } },
    { "Java, v1 GET", v1, { algorithm = "HmacSHA256" } },
    { "Java, v1 POST", v1, { method = "POST", algorithm = "HmacSHA1" } },
    { "C++: first label, closes", tc3, { scope = "127", headers = { { "Connection", "Close" } } } },
    { "C++ on a name of its own", tc3, { endpoint = "relay.example.com:PORT", scope = "relay",
      headers = { { "Connection", "Close" } } } },
    { "Node: the host signed without its port", tc3, { signs = "127.0.0.1", scope = "127" } },
    { "Node on localhost", tc3, { endpoint = "localhost:PORT", signs = "localhost", scope = "localhost:PORT" } },
    { "the documents' example: the action signed, too", tc3, { signs_action = true, content_type = UTF8 } },
    { "someone who writes no space after the commas", tc3, { tight = true } },
    { "v1 without SignatureMethod", v1, {} },
    { "the far end of the window", tc3, { skew = -290 } },

    { "Go with another secret", tc3, { secret = "another", code = "AuthFailure.SignatureFailure" } },
    { "Go, GET, its query sorted after signing", tc3, { method = "GET", sends_query = "Platform=test", sorted = true,
      code = "AuthFailure.SignatureFailure" } },
    { "Python with another body", tc3, { sends_body = '{"Platform":"test"}', code = "AuthFailure.SignatureFailure" } },
    { "Java that signs one type and sends another", tc3, { content_type = JSON, sends_type = UTF8,
      code = "AuthFailure.SignatureFailure" } },
    { "C++ with the scope of another product", tc3, { scope = "cvm", code = "AuthFailure.SignatureFailure" } },
    { "someone who signs another host", tc3, { signs = "cme.tencentcloudapi.com",
      code = "AuthFailure.SignatureFailure" } },
    { "someone whose clock is behind", tc3, { skew = -400, code = "AuthFailure.SignatureExpire" } },
    { "someone whose clock is ahead", v1, { skew = 400, code = "AuthFailure.SignatureExpire" } },
    { "an STS call", tc3, { authorization = "SKIP", code = "AuthFailure.InvalidAuthorization" } },
    { "someone with half an Authorization", tc3, { authorization = "TC3-HMAC-SHA256 Credential=x",
      code = "AuthFailure.InvalidAuthorization" } },
    { "nobody", tc3, { no_authorization = true, code = "AuthFailure.InvalidAuthorization" } },
    { "another product's client", tc3, { version = "2017-03-12", code = "NoSuchVersion" } },
    { "a client of an action that there is not", tc3, { action = "CreateProjects", code = "InvalidAction" } },
    { "a client of an action that is not here", tc3, { action = "DescribeMaterials", code = "UnsupportedOperation" } },
    { "someone who posts text", tc3, { content_type = "text/plain", code = "InvalidRequest" } },
    { "v1 with another secret", v1, { secret = "another", code = "AuthFailure.SignatureFailure" } },
    { "v1 signed for the other method", v1, { signs_method = "POST", code = "AuthFailure.SignatureFailure" } },
    { "v1 without Nonce", v1, { without = "Nonce", code = "MissingParameter" } },
    { "v1 with a Nonce of letters", v1, { nonce = "abc", code = "InvalidParameter" } },
    { "v1 with an algorithm that there is not", v1, { algorithm = "HmacMD5", code = "InvalidParameter" } },
    { "v1 with a token for a key without one", v1, { params = { { "Token", "t" } },
      code = "AuthFailure.TokenFailure" } },
  }

  for _, row in ipairs(rows) do
    local name, form, particular = table.unpack(row)
    it(name .. (particular.code and " is refused" or ""), function()
      local head, response = exchange(form(particular))
      assert.matches("^HTTP/1.1 200 ", head)
      assert.matches("\r\nContent%-Type: application/json\r\n", head)
      assert.matches("^%x+%-%x+%-4%x+%-%x+%-%x+$", response.RequestId)
      if particular.code then
        assert.are.equal(particular.code, response.Error and response.Error.Code)
        return assert.is_string(response.Error.Message)
      end
      assert.is_nil(response.Error, response.Error and response.Error.Message)
      assert.are.equal(0, response.TotalCount)
    end)
  end
end)
