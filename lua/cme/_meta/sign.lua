---@meta cme.sign
-- SPDX-License-Identifier: MIT
--
-- What the C module cme.sign (src/sign) takes and gives, for editors; nothing loads this file.
--
-- Signatures of Tencent Cloud API 3.0. Pure: no clock, no I/O. A wrong type, an unknown option and a closed key
-- raise at the caller's line; what cannot be signed is returned as `nil, message, detail`, where detail.code is
-- `invalid.<field>` (`invalid.timestamp`, `invalid.header`, ...) or `sign.crypto`. No message contains a value.

-- luacheck: no unused args

local sign = {}

---@class cme.sign_detail
---@field code string

---@class cme.tc3_options
---@field service string           as in the scope: "cme"
---@field host string              as in the Host header, with its port if it has one
---@field timestamp number         unix seconds, whole
---@field payload string|nil       the body's bytes; default ""
---@field method string|nil        default "POST"
---@field query string|nil         exactly as sent, without "?"; default ""
---@field content_type string|nil  exactly as sent; default "application/json"
---@field unsigned_payload boolean|nil sign the literal UNSIGNED-PAYLOAD instead of the body
---@field action string|nil        given, x-tc-action is signed too, its value in lower case

---@class cme.tc3_explain_options: cme.tc3_options
---@field secret_id string|nil     given, the answer has `credential`

---@class cme.tc3_explanation
---@field canonical_request string
---@field canonical_sha256 string  lower-case hex
---@field signed_headers string    "content-type;host"
---@field scope string             "2019-02-25/cme/tc3_request"
---@field string_to_sign string
---@field credential string|nil    "<secret id>/<scope>"

---@class cme.tc3_signature_options
---@field signed_headers string[][] { name, value } each, in any order: names in lower case, values as hashed
---@field service string           the scope's
---@field timestamp number         unix seconds, whole
---@field date string|nil          the scope's, "YYYY-MM-DD"; default the timestamp's day in UTC
---@field method string|nil        default "POST"
---@field query string|nil         exactly as received, without "?"; default ""
---@field payload string|nil       the body's bytes as received; needed unless payload_hash is given
---@field payload_hash string|nil  64 lower-case hex digits in place of the body's hash

---@class cme.v1_options
---@field host string
---@field params table<string, string> flattened, not URL-encoded; `Signature` is left out
---@field method string|nil        "POST" (default) or "GET": it is part of what is signed
---@field algorithm string|nil     "HmacSHA1" (default) or "HmacSHA256"

--- A pair of secrets. Its tostring says only whether it is open. Collected or closed, its memory is wiped.
---@class cme.sign_key
local key = {} -- luacheck: ignore 241

--- The Authorization value of a request. The key derived for the day is kept until date or service change.
---@param options cme.tc3_options
---@return string|nil authorization, string|nil message, cme.sign_detail|nil detail
---@usage
---   local key = assert(sign.new(id, secret))
---   local value = assert(key:tc3 { service = "cme", host = "cme.tencentcloudapi.com", timestamp = os.time(),
---                                  payload = "{}" })
function key:tc3(options) end

--- The hex signature over any signed headers: what a server compares (with sign.equal) to the one it was sent.
--- That content-type and host are among the headers is for the caller to check.
---@param options cme.tc3_signature_options
---@return string|nil signature, string|nil message, cme.sign_detail|nil detail
function key:tc3_signature(options) end

--- The base64 signature of flattened parameters; URL-encoding it is the caller's.
---@param options cme.v1_options
---@return string|nil signature, string|nil message, cme.sign_detail|nil detail
function key:v1(options) end

--- Wipes the secrets. Idempotent; any other method raises afterwards.
function key:close() end

---@param secret_id string
---@param secret_key string
---@return cme.sign_key|nil key, string|nil message, cme.sign_detail|nil detail
function sign.new(secret_id, secret_key) end

--- What would be signed, step by step; no secret key goes in or comes out.
---@param options cme.tc3_explain_options
---@return cme.tc3_explanation|nil explanation, string|nil message, cme.sign_detail|nil detail
function sign.explain(options) end

--- Seals secret keys for keeping (AES-256-GCM), each bound to its secret id. Its tostring says only whether it is
--- open. Collected or closed, its key is wiped.
---@class cme.sealer
local sealer = {} -- luacheck: ignore 241

---@param secret_id string whose secret it is: in another's place it does not open
---@param secret_key string at most 1024 bytes
---@return string|nil sealed hex, string|nil message, cme.sign_detail|nil detail
function sealer:seal(secret_id, secret_key) end

--- The signing key of a sealed secret, which never becomes a Lua string. Code `sign.sealed`: it was sealed with
--- another key or for another id, or changed since.
---@param secret_id string
---@param sealed string as seal gave it
---@return cme.sign_key|nil key, string|nil message, cme.sign_detail|nil detail
function sealer:key(secret_id, sealed) end

--- Wipes the key. Idempotent; any other method raises afterwards.
function sealer:close() end

---@param master_key string 64 hex digits
---@return cme.sealer|nil sealer, string|nil message, cme.sign_detail|nil detail
function sign.sealer(master_key) end

--- Seals texts for keeping (AES-256-GCM) by the keys of a file, the first of which seals and all of which open; each is
--- bound to the name of its record. Its tostring says only whether it is open. Collected or closed, its keys are wiped.
---@class cme.keyring
local keyring = {} -- luacheck: ignore 241

---@param name string of the record: in another's place it does not open
---@param plain string at most 4 MiB
---@return string|nil sealed "s1.ID.BASE64", string|nil message, cme.sign_detail|nil detail
function keyring:seal(name, plain) end

--- Code `sign.seal_key`: the keyring has no key of that id. `sign.sealed`: it was sealed for another record, or changed
--- since, or never sealed.
---@param name string
---@param sealed string as seal gave it
---@return string|nil plain, string|nil message, cme.sign_detail|nil detail
function keyring:open(name, sealed) end

--- Whether a text was sealed by the key that seals now. What was sealed is not looked at.
---@param sealed string
---@return boolean
function keyring:is_current(sealed) end

--- The id of the key that seals: 8 hex digits.
---@return string
function keyring:id() end

--- Wipes the keys. Idempotent; any other method raises afterwards.
function keyring:close() end

---@param text string of a key file: 1 to 8 lines of 64 hex digits or the base64 of 32 bytes; "#" begins a comment
---@return cme.keyring|nil keyring, string|nil message, cme.sign_detail|nil detail code `invalid.seal_key`
function sign.keyring(text) end

---@param data string
---@return string|nil hex, string|nil message, cme.sign_detail|nil detail
function sign.sha256_hex(data) end

---@param data string
---@return string|nil hex, string|nil message, cme.sign_detail|nil detail
function sign.md5_hex(data) end

---@param secret string
---@param data string
---@return string|nil hex, string|nil message, cme.sign_detail|nil detail
function sign.hmac_sha256_hex(secret, data) end

--- Base64 (RFC 4648, section 4).
---@param bytes string
---@return string text
function sign.base64_encode(bytes) end

---@param text string padded, without blanks
---@return string|nil bytes nil: it is not base64
function sign.base64_decode(text) end

--- Undoes the URL encoding of a query's or form's name or value: `%41` and `+`.
---@param text string
---@return string|nil plain nil when a percent sign has not two hex digits after it
function sign.url_decode(text) end

--- Whether two strings are the same, in a time that depends on their lengths only.
---@param a string
---@param b string
---@return boolean
function sign.equal(a, b) end

--- Random bytes fit for keys, in hex.
---@param count integer bytes, 1 to 1024
---@return string|nil hex, string|nil message, cme.sign_detail|nil detail
function sign.random_hex(count) end

--- Neither this process nor what it starts leaves a core dump from now on: keys would be in it. For programs; a library
--- leaves that to its host.
---@return boolean done
function sign.forbid_core_dumps() end

return sign
