-- SPDX-License-Identifier: MIT
-- The signature vectors as calls of cme.sign, for the unit spec (Lua 5.4) and for nginx (LuaJIT) alike: so this
-- file keeps to what both have. A case is { name, want, get = function(sign) -> what was made }.

local ID, KEY = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
local STAR_ID, STAR_KEY = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******"
local UTF8, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"
local CVM, CME = "cvm.tencentcloudapi.com", "cme.tencentcloudapi.com"
local DESCRIBE = [[{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}]]
local START = [[{"Platform":"1000000009","ProjectId":"12522d74de35ff","Operation":"Start"}]]
local QUERY = "Operation=Start&Platform=1000000009&ProjectId=12522d74de35ff"

local signing = { id = ID, key = KEY }

-- Published (T) and own (C) vectors: request, hash of the canonical request, signature.
signing.tc3 = {
  { name = "T1", service = "cvm", host = CVM, timestamp = 1551113065, content_type = UTF8, payload = DESCRIBE,
    sha256 = "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
    signature = "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168" },
  { name = "T2", id = STAR_ID, key = STAR_KEY,
    service = "cvm", host = CVM, timestamp = 1551113065, content_type = UTF8, payload = DESCRIBE,
    sha256 = "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
    signature = "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c" },
  { name = "T4", service = "cvm", host = CVM, timestamp = 1539084154, content_type = FORM, payload = "",
    method = "GET", query = "Limit=10&Offset=0", date = "2018-10-09",
    sha256 = "91c9c192c14460df6c1ffc69e34e6c5e90708de2a6d282cccf957dbf1aa7f3a7",
    signature = "5da7a33f6993f0614b047e5df4582db9e9bf4672ba50567dba16c6ccf174c474" },
  { name = "C1", service = "cme", host = CME, timestamp = 1551113065, payload = START,
    sha256 = "b6827d99346ff0197836353ef66cb9bfdde680db769fefc2b50dbc6c86a58ac7",
    signature = "8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2" },
  { name = "C2", service = "cme", host = CME, timestamp = 1551113065, payload = START, content_type = UTF8,
    sha256 = "c1f1d9bd1d41984d504b9217c7e11c34c1fed296c49046c953f90d6f09476d89",
    signature = "78472e294f9159a4b2e0bcc088c3a0b625c77849a980b104e00d1a11ccdac098" },
  { name = "C3", service = "cme", host = CME, timestamp = 1551113065, payload = START, unsigned_payload = true,
    sha256 = "944a7bf6793778a8937863ff2be8d644483a61a7b14051de30f0053755acb26a",
    signature = "495cfc76d4494f800fcc91a55653e111b9584137a8c657d85ad75c5260a19c43" },
  { name = "C4", service = "cme", host = "cme.localhost:8080", timestamp = 1551113065, payload = START,
    sha256 = "2121a24b81ee8de52d80e66cf1c90039f7103f2f3a4ff07080d7b181b224fc8f",
    signature = "b477245dd831f284d106aaf2d7977d4f9561b57d019f384944627b54879d5d8d" },
  { name = "C5", service = "cme", host = CME, timestamp = 1551113065, payload = "", content_type = FORM,
    method = "GET", query = QUERY,
    sha256 = "ef75abd5ac885642284220ec396c01db739171db79c90fdadb0f4140cf4a60f0",
    signature = "4c101eeee30c994b004481fb5a6980f50d3ea6aadca036e43dfdd5e413d7c711" },
}

local INPUT = "StreamConnectProjectInput."
local INSTANCES = {
  Action = "DescribeInstances", ["InstanceIds.0"] = "ins-09dx96dg", Limit = "20", Nonce = "11886", Offset = "0",
  Region = "ap-guangzhou", Timestamp = "1465185768", Version = "2017-03-12",
}
local CREATE = {
  Action = "CreateProject", Platform = "test", Category = "STREAM_CONNECT", Name = "stream_connect",
  ["Owner.Id"] = "user_id_109993839", ["Owner.Type"] = "PERSON", Version = "2019-10-29",
  Timestamp = "1551113065", Nonce = "11886",
  [INPUT .. "MainInput.InputType"] = "LivePull",
  [INPUT .. "MainInput.LivePullInputInfo.InputUrl"] = "https://play.example.com/cme/src_live.flv",
  [INPUT .. "Outputs.0.Id"] = "1", [INPUT .. "Outputs.0.Name"] = "推流1", [INPUT .. "Outputs.0.Type"] = "URL",
  [INPUT .. "Outputs.0.PushUrl"] = "rtmp://push.example.myqcloud.com/cme/live1",
}

-- method, host, parameters, algorithm (false: the default, not named among the parameters), signature
signing.v1 = {
  { "V1a", "GET", CVM, INSTANCES, false, "EliP9YW3pW28FpsEdkXt/+WcGeI=" },
  { "V1b", "GET", CVM, INSTANCES, false, "zmmjn35mikh6pM3V7sUEuX4wyYM=", id = STAR_ID, key = STAR_KEY },
  { "own 1", "GET", CVM, INSTANCES, "HmacSHA1", "nFz2pgfdJt/htY1FxMjYmrJCrc8=" },
  { "own 2", "POST", CVM, INSTANCES, "HmacSHA1", "P40H7WENrb2GhOCYe4VozKZwf6g=" },
  { "own 3", "GET", CVM, INSTANCES, "HmacSHA256", "A8uy2/o7WBZXYCTWEFpMrVGhGBVlEGIOioeqRM+fzFs=" },
  { "own 4", "POST", CVM, INSTANCES, "HmacSHA256", "qwaMxk0NcXl0kw8VKseP3kAXJTW8MuyduO2uDJ69szQ=" },
  { "create 1", "GET", CME, CREATE, "HmacSHA1", "Zrn6cPv2Ew/VIj4XFz/NnJwfGe0=" },
  { "create 2", "GET", CME, CREATE, "HmacSHA256", "pb7pUHp7mCpKCnWfoD9T+8a9+X7qJgeQwUhdUu/lX3U=" },
  { "create 3", "POST", CME, CREATE, "HmacSHA1", "ho6rai1vMgCPyCK9o8FxWxtR1FM=" },
  { "create 4", "POST", CME, CREATE, "HmacSHA256", "+o5lVXYjcc/e0NlRYlRrob1oS/bl3rDXmwQKmEobc2g=" },
}

--- The options of key:tc3 that a vector describes.
function signing.tc3_options(vector)
  return {
    service = vector.service, host = vector.host, timestamp = vector.timestamp, payload = vector.payload,
    method = vector.method, query = vector.query, content_type = vector.content_type,
    unsigned_payload = vector.unsigned_payload,
  }
end

local function tc3_cases(cases, vector)
  local id = vector.id or ID
  local scope = ("%s/%s/tc3_request"):format(vector.date or "2019-02-25", vector.service)
  local function explained(field)
    return function(sign) return assert(sign.explain(signing.tc3_options(vector)))[field] end
  end
  cases[#cases + 1] = { name = vector.name .. ": canonical request", want = vector.sha256,
    get = function(sign) return sign.sha256_hex(explained "canonical_request" (sign)) end }
  cases[#cases + 1] = { name = vector.name .. ": string to sign", get = explained "string_to_sign",
    want = ("TC3-HMAC-SHA256\n%d\n%s\n%s"):format(vector.timestamp, scope, vector.sha256) }
  cases[#cases + 1] = { name = vector.name .. ": authorization",
    want = ("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host, Signature=%s"):format(
      id, scope, vector.signature),
    get = function(sign) return assert(sign.new(id, vector.key or KEY)):tc3(signing.tc3_options(vector)) end }
end

local function v1_case(vector)
  local name, method, host, base, algorithm, want = vector[1], vector[2], vector[3], vector[4], vector[5], vector[6]
  local params = { SecretId = vector.id or ID, SignatureMethod = algorithm or nil }
  for key, value in pairs(base) do params[key] = value end
  return { name = "v1 " .. name, want = want, get = function(sign)
    return assert(sign.new(vector.id or ID, vector.key or KEY)):v1 {
      method = method, host = host, params = params, algorithm = algorithm or nil,
    }
  end }
end

-- One entry of spec/fixtures/signature-vectors.json, made with the vendor's Python SDK.
local function sdk_case(vector)
  local want = vector.authorization or vector.signature
  return { name = "sdk " .. vector.name, want = want, get = function(sign)
    local key = assert(sign.new(vector.secret_id or vector.params.SecretId, vector.secret_key))
    if vector.scheme == "TC3-HMAC-SHA256" then return key:tc3(signing.tc3_options(vector)) end
    return key:v1 {
      method = vector.method, host = vector.host, params = vector.params, algorithm = vector.scheme,
    }
  end }
end

--- Every vector as cases.
---@param sdk table the decoded spec/fixtures/signature-vectors.json
function signing.cases(sdk)
  local cases = {}
  for _, vector in ipairs(signing.tc3) do tc3_cases(cases, vector) end
  for _, vector in ipairs(signing.v1) do cases[#cases + 1] = v1_case(vector) end
  for _, vector in ipairs(sdk) do cases[#cases + 1] = sdk_case(vector) end
  return cases
end

return signing
