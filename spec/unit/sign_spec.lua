-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local files = require "spec.support.files"
local sign = require "cme.sign"
local signing = require "spec.support.proofs.signing"

local FIXTURES = "spec/fixtures/signature-vectors.json"
local T1, C1 = signing.tc3[1], signing.tc3[4]

local function with(changes)
  local options = signing.tc3_options(C1)
  for name, value in pairs(changes) do options[name] = value end
  return options
end

local function new_key()
  return assert(sign.new(signing.id, signing.key))
end

-- Turns hex into bytes.
local function raw(hex)
  return (hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
end

describe("cme.sign vectors", function()
  local sdk = cjson.decode(files.read(FIXTURES))

  it("has all 20 made by the official SDK", function()
    assert.are.equal(20, #sdk)
  end)

  for _, case in ipairs(signing.cases(sdk)) do
    it(case.name, function() assert.are.equal(case.want, case.get(sign)) end)
  end

  it("one key signs all of them in turn, through days, services and algorithms", function()
    local key = assert(sign.new(sdk[1].secret_id, sdk[1].secret_key))
    for _ = 1, 2 do
      for _, vector in ipairs(sdk) do
        assert.are.equal(sdk[1].secret_key, vector.secret_key)
        if vector.authorization then
          assert.are.equal(vector.authorization, key:tc3(signing.tc3_options(vector)))
        else
          assert.are.equal(vector.signature, key:v1 {
            method = vector.method, host = vector.host, params = vector.params, algorithm = vector.scheme,
          })
        end
      end
    end
    key:close()
  end)
end)

describe("cme.sign with an action", function()
  local options = signing.tc3_options(T1)
  options.action = "DescribeInstances"

  it("signs x-tc-action in lower case (T3, from its published key)", function()
    local explained = assert(sign.explain(options))
    assert.are.equal("content-type;host;x-tc-action", explained.signed_headers)
    assert.are.equal("7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84", explained.canonical_sha256)
    local signing_key = raw "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af"
    assert.are.equal("10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
      sign.hmac_sha256_hex(signing_key, explained.string_to_sign))
  end)

  it("names the header in the Authorization value", function()
    assert.is_truthy(new_key():tc3(options):find("SignedHeaders=content-type;host;x-tc-action, ", 1, true))
  end)
end)

describe("sign.explain", function()
  it("shows each step, and the credential when a secret id is given", function()
    local explained = assert(sign.explain(with { secret_id = "AKID" }))
    assert.are.same({
      canonical_request = "POST\n/\n\ncontent-type:application/json\nhost:cme.tencentcloudapi.com\n\n"
        .. "content-type;host\nea2122be7e98cb3760d9c339cba3639249e0638fe8ad480dedb95a4543b761db",
      canonical_sha256 = C1.sha256,
      signed_headers = "content-type;host",
      scope = "2019-02-25/cme/tc3_request",
      string_to_sign = "TC3-HMAC-SHA256\n1551113065\n2019-02-25/cme/tc3_request\n" .. C1.sha256,
      credential = "AKID/2019-02-25/cme/tc3_request",
    }, explained)
    assert.is_nil(assert(sign.explain(with {})).credential)
  end)
end)

describe("key:tc3_signature", function()
  local headers = { { "host", "cme.tencentcloudapi.com" }, { "content-type", "application/json" } }
  local function options(changes)
    local all = { service = "cme", timestamp = 1551113065, payload = C1.payload, signed_headers = headers }
    for name, value in pairs(changes or {}) do all[name] = value end
    return all
  end

  it("gives what key:tc3 puts into the Authorization value, whatever the headers' order", function()
    assert.are.equal(C1.signature, new_key():tc3_signature(options()))
    assert.are.equal(C1.signature, new_key():tc3_signature(options { date = "2019-02-25" }))
  end)

  it("takes a payload's hash in its place", function()
    local hashed = options { payload_hash = sign.sha256_hex(C1.payload) }
    hashed.payload = nil
    assert.are.equal(C1.signature, new_key():tc3_signature(hashed))
  end)

  it("checks an unsigned payload by its literal", function()
    assert.are.equal(signing.tc3[6].signature, new_key():tc3_signature(options { payload = "UNSIGNED-PAYLOAD" }))
  end)

  it("depends on every part of the request", function()
    local key = new_key()
    for name, value in pairs {
      service = "127", timestamp = 1551113066, payload = "{}", method = "GET", query = "a=1", date = "2019-02-26",
      signed_headers = { headers[1], { "content-type", "Application/json" } },
    } do
      assert.are_not.equal(C1.signature, (assert(key:tc3_signature(options { [name] = value }))), name)
    end
  end)

  it("refuses lists that are no headers", function()
    local key = new_key()
    for _, bad in ipairs {
      { "host" }, { { "host" } }, { { "host", 1 } }, { { 1, "x" } }, "host", { { "host", "a" }, false },
    } do
      assert.has_error(function() key:tc3_signature(options { signed_headers = bad }) end)
    end
    for _, bad in ipairs { {}, { { "Host", "a" } }, { { "host", "a" }, { "host", "b" } }, { { "host", "a\nb:c" } } } do
      local value, message, detail = key:tc3_signature(options { signed_headers = bad })
      assert.is_nil(value)
      assert.is_string(message)
      assert.are.equal("invalid.header", detail.code)
    end
  end)

  it("needs a payload or its hash", function()
    local none = options()
    none.payload = nil
    assert.has_error(function() new_key():tc3_signature(none) end,
      "bad argument #1 to 'tc3_signature' (option 'payload' or 'payload_hash' is missing)")
  end)
end)

describe("cme.sign refuses", function()
  local NAN, INF = 0 / 0, 1 / 0

  for name, row in pairs {
    ["a negative time"] = { { timestamp = -1 }, "invalid.timestamp" },
    ["milliseconds"] = { { timestamp = 1551113065000 }, "invalid.timestamp" },
    ["half seconds"] = { { timestamp = 1551113065.5 }, "invalid.timestamp" },
    ["no number as a time"] = { { timestamp = NAN }, "invalid.timestamp" },
    ["an endless time"] = { { timestamp = INF }, "invalid.timestamp" },
    ["the largest integer as a time"] = { { timestamp = math.maxinteger }, "invalid.timestamp" },
    ["an empty host"] = { { host = "" }, "invalid.host" },
    ["a header behind the host"] = { { host = "cme\r\nx-evil: 1" }, "invalid.host" },
    ["a NUL in the host"] = { { host = "cme\0" }, "invalid.host" },
    ["a header behind the content type"] = { { content_type = "a/b\nhost:evil" }, "invalid.content_type" },
    ["an empty content type"] = { { content_type = "" }, "invalid.content_type" },
    ["a slash in the service"] = { { service = "cme/x" }, "invalid.service" },
    ["a lower-case method"] = { { method = "post" }, "invalid.method" },
    ["a line break in the query"] = { { query = "a=1\nhost:evil" }, "invalid.query" },
    ["a NUL in the query"] = { { query = "a=\0" }, "invalid.query" },
    ["an action with a line break"] = { { action = "Create\nhost:evil" }, "invalid.action" },
    ["a query past every limit"] = { { query = ("q"):rep(300000) }, "invalid.too_large" },
  } do
    it(name, function()
      for _, call in ipairs { sign.explain, function(options) return new_key():tc3(options) end } do
        local value, message, detail = call(with(row[1]))
        assert.is_nil(value)
        assert.is_truthy(message:match "^sign: ")
        assert.are.equal(row[2], detail.code)
        assert.is_nil(message:find("evil", 1, true))
      end
    end)
  end

  it("a missing host, service or time by raising at the caller's line", function()
    local key = new_key()
    for _, name in ipairs { "host", "service", "timestamp" } do
      local options = with {}
      options[name] = nil
      local ok, message = pcall(function() key:tc3(options) end)
      assert.is_false(ok)
      assert.is_truthy(message:match("^spec/unit/sign_spec.lua:%d+:.*option '" .. name .. "' is missing"), message)
    end
  end)

  it("an unknown option and a wrong type by raising", function()
    local key = new_key()
    assert.has_error(function() key:tc3(with { hots = "x" }) end, "bad argument #1 to 'tc3' (unknown option 'hots')")
    assert.has_error(function() key:tc3(with { payload = {} }) end,
      "bad argument #1 to 'tc3' (option 'payload': string expected, got table)")
    for _, bad in ipairs { { host = 1 }, { timestamp = "1551113065" }, { unsigned_payload = "yes" }, { "x" } } do
      assert.has_error(function() key:tc3(with(bad)) end)
    end
    assert.has_error(function() key:tc3() end)
    assert.has_error(function() key.tc3({}, with {}) end)
    assert.has_error(function() sign.new "id" end)
    assert.has_error(function() sign.new("id", 1) end)
  end)

  it("secrets that no console gives, without repeating them", function()
    for _, row in ipairs {
      { "", "k", "invalid.secret_id" }, { "a b", "k", "invalid.secret_id" }, { "a\n", "k", "invalid.secret_id" },
      { "id", "", "invalid.secret_key" }, { "id", "SeCrEt\n", "invalid.secret_key" },
      { "id", ("SeCrEt"):rep(50), "invalid.secret_key" }, { "id", "SeCrEt\0", "invalid.secret_key" },
    } do
      local key, message, detail = sign.new(row[1], row[2])
      assert.is_nil(key)
      assert.are.equal(row[3], detail.code)
      assert.is_nil(message:find "SeCrEt")
    end
  end)
end)

describe("key:v1", function()
  local function v1(changes)
    local options = { method = "GET", host = "h", params = { A = "1" } }
    for name, value in pairs(changes) do options[name] = value end
    return new_key():v1(options)
  end

  it("leaves out a parameter named Signature", function()
    assert.are.equal(v1 {}, v1 { params = { A = "1", Signature = "x" } })
  end)

  it("refuses what cannot be signed", function()
    for _, row in ipairs {
      { { method = "DELETE" }, "invalid.method" }, { { host = "a b" }, "invalid.host" },
      { { params = {} }, "invalid.params" }, { { params = { ["A=B"] = "1" } }, "invalid.params" },
      { { params = { A = "\0" } }, "invalid.params" }, { { algorithm = "HmacMD5" }, "invalid.algorithm" },
      { { params = { A = ("x"):rep(1 << 21) } }, "invalid.too_large" },
    } do
      local value, message, detail = v1(row[1])
      assert.is_nil(value)
      assert.is_truthy(message:match "^sign: ")
      assert.are.equal(row[2], detail.code)
    end
  end)

  it("raises for values that are not strings, naming them", function()
    assert.has_error(function() new_key():v1 { host = "h", params = { Nonce = 1 } } end,
      "bad argument #1 to 'v1' (option 'params': 'Nonce': string expected, got number)")
    assert.has_error(function() v1 { params = { "x" } } end)
    assert.has_error(function() v1 { params = "A=1" } end)
    assert.has_error(function() new_key():v1 { params = {} } end)
  end)
end)

describe("a key", function()
  it("says nothing of its secrets", function()
    local key = new_key()
    key:tc3(with {})
    assert.are.equal("cme.sign.key (open)", tostring(key))
    key:close()
    assert.are.equal("cme.sign.key (closed)", tostring(key))
  end)

  it("raises once closed; closing twice is fine", function()
    local key = new_key()
    key:close()
    key:close()
    for _, method in ipairs { "tc3", "tc3_signature", "v1" } do
      local ok, message = pcall(function() key[method](key, with {}) end)
      assert.is_false(ok)
      assert.is_truthy(message:match "^spec/unit/sign_spec.lua:%d+: sign: the key is closed$", message)
    end
  end)

  it("closes at the end of its scope", function()
    local outer
    do
      local key <close> = new_key()
      outer = key
    end
    assert.are.equal("cme.sign.key (closed)", tostring(outer))
  end)

  it("is collected when nobody holds it", function()
    local alive = setmetatable({ new_key() }, { __mode = "v" })
    assert(alive[1]:tc3(with {}))
    collectgarbage()
    assert.is_nil(alive[1])
  end)

  -- Whether the userdata at `address` holds the secret. The string sought is never made: it would be found.
  local function holds(address, marker)
    local mem = assert(io.open("/proc/self/mem", "rb"))
    assert(mem:seek("set", address))
    local bytes = assert(mem:read(1024))
    mem:close()
    local at = bytes:find(marker, 1, true)
    return at ~= nil and bytes:sub(at - 3, at - 1) == "TC3"
  end

  for name, finish in pairs {
    ["closed"] = function(keys) keys[1]:close() end,
    ["collected"] = function(keys)
      keys[1] = nil
      collectgarbage()
    end,
  } do
    it("holds no secret once " .. name, function()
      local marker = sign.random_hex(16)
      local keys = { assert(sign.new("id", marker)) }
      local address = tonumber(string.format("%p", keys[1]))
      assert(keys[1]:tc3(with {}))
      assert.is_true(holds(address, marker))
      finish(keys)
      assert.is_false(holds(address, marker))
    end)
  end
end)

describe("a sealer", function()
  local master = ("0f"):rep(32)

  it("gives the key of what it sealed, and of nothing else", function()
    local sealer = assert(sign.sealer(master))
    local sealed = assert(sealer:seal("AKID1", "the-secret"))
    assert.matches("^%x+$", sealed)
    assert.are_not.equal(sealed, sealer:seal("AKID1", "the-secret"))
    local fields = with {}
    local want = assert(sign.new("AKID1", "the-secret")):tc3(fields)
    assert.are.equal(want, assert(sealer:key("AKID1", sealed)):tc3(fields))
    local others = { { sealer, "AKID2", sealed }, { sealer, "AKID1", sealed:sub(1, -3) },
      { sealer, "AKID1", sealed .. "0" }, { sealer, "AKID1", "" }, { sealer, "AKID1", ("x"):rep(#sealed) },
      { sealer, "AKID1", ("0"):rep(1000000) }, { assert(sign.sealer(("1f"):rep(32))), "AKID1", sealed } }
    for i, case in ipairs(others) do
      local key, message, detail = case[1]:key(case[2], case[3])
      assert.is_nil(key, i)
      assert.are.equal("sign.sealed", detail.code)
      assert.not_matches(master, message)
    end
  end)

  it("takes no master key that is none, and shows none", function()
    for _, bad in ipairs { "", master .. "0", master:sub(2), ("g"):rep(64) } do
      local sealer, message, detail = sign.sealer(bad)
      assert.is_nil(sealer)
      assert.are.equal("invalid.master_key", detail.code)
      assert.are.equal("master key: 64 hex digits expected", message)
    end
    local sealer = assert(sign.sealer(master))
    assert.are.equal("cme.sign.sealer (open)", tostring(sealer))
    assert.is_nil(sealer:seal("id", ("x"):rep(1025)))
    sealer:close()
    sealer:close()
    assert.error_matches(function() sealer:seal("id", "x") end, "the sealer is closed")
    assert.error_matches(function() sealer:key("id", "x") end, "the sealer is closed")
  end)
end)

describe("the other functions", function()
  it("hash as published", function()
    assert.are.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", sign.sha256_hex "")
    assert.are.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sign.sha256_hex "abc")
    assert.are.equal("d41d8cd98f00b204e9800998ecf8427e", sign.md5_hex "")
    assert.are.equal("ac8b217cae94f6739984d9d6aea4826a",
      sign.md5_hex("f85a2ab363fe4deaffef9754d79da6fe" .. "test" .. "5BA4A4A0"))
    assert.are.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      sign.hmac_sha256_hex("Jefe", "what do ya want for nothing?"))
    assert.are.equal("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", sign.hmac_sha256_hex("", ""))
  end)

  it("hash bytes, NUL included, and strings only", function()
    assert.are_not.equal(sign.sha256_hex "a\0b", sign.sha256_hex "a\0c")
    for _, name in ipairs { "sha256_hex", "md5_hex", "hmac_sha256_hex", "equal" } do
      assert.has_error(function() sign[name](1, 2) end)
      assert.has_error(function() sign[name]() end)
    end
  end)

  it("compares whole strings", function()
    assert.is_true(sign.equal("", ""))
    assert.is_true(sign.equal("a\0b", "a\0b"))
    assert.is_false(sign.equal("a\0b", "a\0c"))
    assert.is_false(sign.equal("a", "ab"))
    assert.is_false(sign.equal("ab", "a"))
  end)

  it("makes random hex of the length asked for", function()
    local seen = {}
    for _ = 1, 100 do
      local id = sign.random_hex(16)
      assert.is_truthy(id:match "^%x+$")
      assert.are.equal(32, #id)
      assert.is_nil(seen[id])
      seen[id] = true
    end
    assert.are.equal(2048, #sign.random_hex(1024))
    for _, bad in ipairs { 0, -1, 1025, 1.5, 0 / 0, "x", {} } do
      assert.has_error(function() sign.random_hex(bad) end)
    end
  end)
end)

describe("base64", function()
  it("gives back any bytes", function()
    for length = 0, 60 do
      local bytes = {}
      for i = 1, length do bytes[i] = string.char((i * 37 + length * 11) % 256) end
      local text = table.concat(bytes)
      assert.are.equal(text, sign.base64_decode(sign.base64_encode(text)))
    end
    assert.are.equal("Zm9vYg==", sign.base64_encode "foob")
    assert.are.equal("\0", sign.base64_decode "AA==")
  end)

  it("takes nothing else", function()
    for _, text in ipairs { "Z", "Zg=", "Zg===", "Zm9v\n", "Zm-v", "====", "Zm=v", "Zm9\0" } do
      assert.is_nil(sign.base64_decode(text), text)
    end
  end)
end)

describe("a keyring", function()
  local HEX, OTHER = ("0f"):rep(32), ("1e"):rep(32)
  local BASE64 = "Hh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4=" -- OTHER

  it("opens what it sealed, of any length, and nothing else", function()
    local ring = assert(sign.keyring(HEX))
    for _, size in ipairs { 0, 1, 2, 3, 1025, 300000 } do
      local plain = ("\0z"):rep(size):sub(1, size)
      local sealed = assert(ring:seal("projects/p1", plain))
      assert.are.equal(plain, ring:open("projects/p1", sealed))
      assert.are_not.equal(sealed, ring:seal("projects/p1", plain))
    end
    local sealed = ring:seal("projects/p1", "sekret")
    assert.matches("^s1%." .. ring:id() .. "%.[%w+/]+=*$", sealed)
    local tail = sealed:sub(-1)
    for i, case in ipairs { { "projects/p2", sealed }, { "", sealed }, { "projects/p1", "" },
      { "projects/p1", "s1." }, { "projects/p1", sealed:sub(1, 12) }, { "projects/p1", sealed:sub(1, -5) },
      { "projects/p1", sealed .. "AAAA" }, { "projects/p1", sealed .. "\n" },
      { "projects/p1", sealed:sub(1, -2) .. (tail == "A" and "B" or "A") },
      { "projects/p1", (sealed:gsub("^s1", "s2")) }, { "projects/p1", ("x"):rep(#sealed) } } do
      local plain, _, detail = ring:open(case[1], case[2])
      assert.is_nil(plain, i)
      assert.are.equal("sign.sealed", detail.code, i)
    end
  end)

  it("seals with its first key and opens with any", function()
    local old, new = assert(sign.keyring(HEX)), assert(sign.keyring("# the new one\n\n " .. BASE64 .. "\r\n" .. HEX))
    assert.are.equal("a", new:open("n", old:seal("n", "a")))
    assert.are.equal(assert(sign.keyring(OTHER)):id(), new:id())
    local plain, _, detail = old:open("n", new:seal("n", "a"))
    assert.are.same({ nil, "sign.seal_key" }, { plain, detail.code })
    assert.are.same({ true, false, false }, { new:is_current(new:seal("n", "a")), new:is_current(old:seal("n", "a")),
      old:is_current(new:seal("n", "a")) })
    for _, bad in ipairs { "", "s1.", "s1." .. new:id(), (new:seal("n", "a"):gsub("^s1", "s2")) } do
      assert.is_false(new:is_current(bad), bad)
    end
  end)

  it("takes no file that has no keys or one that is none, and shows none", function()
    local nine = {}
    for i = 1, 9 do nine[i] = ("%02x"):format(i):rep(32) end
    for _, bad in ipairs { "", "# " .. HEX, HEX .. "0", HEX:sub(2), HEX .. "\nxyz", HEX .. "\n" .. HEX,
      BASE64:gsub("=", "4"), BASE64:sub(1, 43) .. "!", table.concat(nine, "\n") } do
      local ring, message, detail = sign.keyring(bad)
      assert.is_nil(ring, bad)
      assert.are.equal("invalid.seal_key", detail.code)
      assert.is_nil(message:find("0f0f", 1, true))
    end
    assert(sign.keyring(table.concat(nine, "\n", 1, 8)))
    local ring = assert(sign.keyring(HEX))
    assert.are.equal("cme.sign.keyring (open)", tostring(ring))
    local sealed, _, detail = ring:seal("n", ("x"):rep(4 * 1024 * 1024 + 1))
    assert.are.same({ nil, "invalid.plain" }, { sealed, detail.code })
    ring:close()
    ring:close()
    assert.are.equal("cme.sign.keyring (closed)", tostring(ring))
    assert.error_matches(function() ring:seal("n", "x") end, "the keyring is closed")
  end)
end)
