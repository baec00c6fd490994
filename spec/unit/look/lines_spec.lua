-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local lines = require "cme.look.lines"

describe("cme.look.lines", function()
  it("reads what cme-look says, and leaves out what is not known", function()
    local line = lines.read('{"look":{"index":0,"url":"rtmp://h/a/***","at":1,"state":"ok","all":[],"video":'
      .. '{"codec":"h264","fps":null},"audio":null,"delay_ms":null}}')
    assert.are.same({ kind = "look", index = 0, url = "rtmp://h/a/***", at = 1, state = "ok", all = {},
      video = { codec = "h264" } }, line)
    assert.equal("end", lines.read '{"end":{"index":1,"url":"a","at":1,"state":"black","seen":["black"]}}'.kind)
    assert.equal("ok", lines.read '{"change":{"index":1,"url":"a","at":1,"state":"black","was":"ok"}}'.was)
  end)

  it("says why nothing can be read in both languages", function()
    local line = lines.read('{"change":{"index":0,"url":"a","at":1,"state":"gone","was":"ok",'
      .. '"error":{"code":"network.connect","message":"open \'rtmp://h/a/***\': connection refused",'
      .. '"phrases":[{"format":"%s","values":["connection refused"]},'
      .. '{"format":"%s \'%s\'","values":["open","rtmp://h/a/***"]}]}}}')
    assert.equal("network.connect", line.error.code)
    assert.equal("open 'rtmp://h/a/***': connection refused", codes.say(line.error))
    assert.equal("打开“rtmp://h/a/***”：连接被拒绝", codes.say(line.error, "zh"))
  end)

  it("keeps the words of an error whose parts are not known", function()
    local line = lines.read '{"error":{"code":"internal","message":"something new","phrases":[]}}'
    assert.are.same({ "error", "something new" }, { line.kind, codes.say(line.error) })
    line = lines.read('{"error":{"code":"x","message":"a new sentence",'
      .. '"phrases":[{"format":"a new sentence","values":[]}]}}')
    assert.equal("a new sentence", codes.say(line.error))
  end)

  it("takes no line that is none", function()
    for _, text in ipairs { "", "{", "[]", "3", '"look"', '{"look":3}', '{"other":{}}', '{"error":"x"}' } do
      assert.is_nil(lines.read(text), text)
    end
  end)

  it("takes no line whose members are of other types", function()
    local head = '{"look":{"index":0,"url":"a","at":1,"state":"ok"'
    assert.equal("ok", lines.read(head .. "}}").state)
    for _, text in ipairs { '{"look":{}}', '{"look":{"index":"0","url":"a","at":1,"state":"ok"}}',
      '{"look":{"index":0,"url":"a","at":1,"state":[]}}', head .. ',"all":3}}', head .. ',"video":"x"}}',
      head .. ',"picture":{}}}', head .. ',"error":3}}', head .. ',"error":{"phrases":3}}}',
      head .. ',"error":{"phrases":[3]}}}', '{"error":{"phrases":[{"format":"%s","values":3}]}}' } do
      assert.is_nil(lines.read(text), text)
    end
  end)

  it("takes any words of an error", function()
    for _, error in ipairs { "{}", '{"phrases":[{}]}', '{"phrases":[{"format":{},"values":[{}]}]}', '{"code":{}}',
      '{"phrases":[{"format":"%s %s","values":[]}]}' } do
      assert.equal("string", type(codes.say(lines.read(('{"error":%s}'):format(error)).error)), error)
    end
  end)
end)
