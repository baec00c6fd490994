-- SPDX-License-Identifier: MIT
-- Run by spec/integration/luajit_spec.lua under LuaJIT: every module of the client but those of nginx
-- loads, and one of each kind of work is done. What looks, and etcd's client, belong to programs, which run on Lua 5.4.
-- cme.sign must have been built for Lua 5.1's ABI; cme.http is not needed.

local fake = require "spec.support.fakes.fake"

local function assert_equal(expected, actual)
  if expected ~= actual then error(("%s expected, got %s"):format(tostring(expected), tostring(actual)), 2) end
end

local MODULES = "find lua/cme -name '*.lua' -not -path '*/server/*' -not -path '*/cli/*' -not -path '*/system/*' "
  .. "-not -path '*/playout/*' -not -path '*/doctor/*' -not -path '*/look/*' -not -path '*/etcd/*' "
  .. "-not -name resty.lua -not -name nginx.lua"

local function load_all()
  local pipe = assert(io.popen(MODULES))
  local count = 0
  for path in pipe:lines() do
    local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    -- A file of annotations only is not meant to be loaded; it is enough that it is Lua.
    if name:find "_meta" then assert(loadfile(path)) else require(name) end
    count = count + 1
  end
  pipe:close()
  assert(count > 10, "modules not found")
end

local function check_pure_parts()
  local json, time, text = require "cme.json", require "cme.time", require "cme.text.strings"
  local redact, schema = require "cme.redact", require "cme.schema"
  assert_equal(1795356000, time.parse "2026-11-22T22:00:00+08:00")
  assert_equal("2019-02-25T16:44:25.250Z", time.format(1551113065.25))
  assert_equal(2, text.utf8_len "直播")
  assert_equal(nil, text.utf8_len "\237\160\128")
  assert_equal("rtmp://h/a/***", redact.url "rtmp://h/a/key")
  local fields = schema.actions.DescribeProjects.request
  assert_equal('{"Platform":"p","ProjectIds":[],"Limit":9007199254740992}',
    json.encode({ Platform = "p", ProjectIds = {}, Limit = 2 ^ 53 }, fields))
  assert_equal(9007199254740992, json.decode('{"Limit":9007199254740992}', fields).Limit)
  assert_equal("invalid.integer_range", select(3, json.decode('{"Limit":9007199254740993}', fields)).code)
  assert_equal('{"a":[],"b":{},"c":0.1}', json.encode(json.decode '{"c":0.1,"a":[],"b":{}}'))
  assert_equal("invalid.unknown_field", select(3, schema.check({ Platfrom = "p" }, fields)).code)
end

local function check_project()
  local transport = fake.transport(fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]', fake.ok(),
    fake.refused("AuthFailure.SignatureFailure", "no"))
  local client = fake.client(transport, { endpoint = "cme.tencentcloudapi.com" })
  local show = client:project { name = "直播", owner = "me", input = "https://h/a.flv", outputs = { "rtmp://h/a/k" } }
  assert(show:start())
  assert_equal("p1", show.id)
  assert_equal('{"Platform":"test","ProjectId":"p1","Operation":"Start"}', transport.asked[2].body)
  local ok, message, detail = show:stop()
  assert_equal(nil, ok)
  assert_equal("api.AuthFailure.SignatureFailure", detail.code)
  assert(message:find("project '直播': stop: ", 1, true), message)
  local raised = select(2, pcall(function() show:switch "bakcup" end))
  assert(raised:find("luajit_smoke.lua:%d+: switch: "), raised)
end

local function check_credentials()
  local credentials = require "cme.credentials"
  local host = fake.system { TENCENTCLOUD_SECRET_ID = "i", TENCENTCLOUD_SECRET_KEY = "k", CME_METADATA = "off" }
  assert_equal("i", credentials.default():bind(host):get(fake.NOW).secret_id)
  host = fake.system { CME_METADATA_ENDPOINT = "http://127.0.0.1:9" }
  host.transport = fake.transport(fake.http "role", fake.http(('{"Code":"Success","TmpSecretId":"c","TmpSecretKey":"k",'
    .. '"Token":"t","ExpiredTime":%d}'):format(fake.NOW + 7200)))
  local found = credentials.default():bind(host):get(fake.NOW)
  assert_equal("c", found.secret_id)
  assert_equal(fake.NOW + 7200, found.expires_at)
end

local function check_events_and_urls()
  local event, live_url = require "cme.event", require "cme.live_url"
  local body = '{"EventType":"Project.StreamConnect.StatusChanged",'
    .. '"ProjectStreamConnectStatusChangedEvent":{"ProjectId":"p","Status":"Stopped"}}'
  local headers = event.headers("s", fake.NOW, "e", body)
  assert_equal("1551113065", headers["X-CME-Timestamp"])
  assert_equal("stopped", event.receive({ secret = "s", headers = headers, body = body, now = fake.NOW }).status)
  local key = "f85a2ab363fe4deaffef9754d79da6fe"
  local url = live_url.push { domain = "d", app = "a", stream = "test", key = key, expires = 0x5BA4A4A0 }
  assert_equal("rtmp://d/a/test?txSecret=ac8b217cae94f6739984d9d6aea4826a&txTime=5BA4A4A0", url)
  assert_equal("main", live_url.check(url, { key = key, now = fake.NOW - 1e8 }).key)
end

local function check_ensure()
  local service = require "spec.support.fakes.model".new()
  local function cast(sources)
    return service:project { category = "MEDIA_CAST", name = "n", owner = "me", sources = sources,
      outputs = { "rtmp://h/a/k" } }
  end
  assert_equal("create start", table.concat(assert(cast({ "https://h/1" }):ensure { status = "working" }), " "))
  service.lose.AddSource = "after"
  assert_equal("add a source", table.concat(assert(cast({ "https://h/1", "https://h/2" }):ensure()), " "))
  assert_equal(0, #assert(cast({ "https://h/1", "https://h/2" }):ensure()))
end

load_all()
check_credentials()
check_events_and_urls()
check_pure_parts()
check_project()
check_ensure()
assert_equal(nil, package.loaded["cme.http"])
print "smoke ok"
