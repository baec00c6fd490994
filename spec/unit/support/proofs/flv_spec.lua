-- SPDX-License-Identifier: MIT

local flv = require "spec.support.proofs.flv"

describe("spec.support.proofs.flv", function()
  local config = flv.tag(flv.AUDIO, 0, "\xaf\0\x12\x10")
  local record = flv.tag(flv.VIDEO, 0, "\x17\0\0\0\0\1\x64\0\x1f")
  local key = flv.tag(flv.VIDEO, 40, "\x17\1\0\0\0picture")
  local inter = flv.tag(flv.VIDEO, 80, "\x27\1\xff\xff\xd8picture")
  local sound = flv.tag(flv.AUDIO, 0x12345678, "\xaf\1sound")
  local all = { config, record, key, inter, sound }

  it("reads what it writes, and leaves out a tag that is cut off", function()
    local bytes = flv.file_header()
    for _, tag in ipairs(all) do bytes = bytes .. flv.pack(tag) end
    assert.same(all, flv.parse(bytes))
    assert.same({ config, record, key, inter }, flv.parse(bytes:sub(1, -6)))
  end)

  it("knows sequence headers, keyframes and media", function()
    assert.is_true(flv.is_sequence_header(config))
    assert.is_true(flv.is_sequence_header(record))
    assert.is_true(flv.is_sequence_header(flv.tag(flv.VIDEO, 0, "\x90hvc1record")))
    assert.is_false(flv.is_sequence_header(key))
    assert.is_true(flv.is_keyframe(key))
    assert.is_false(flv.is_keyframe(inter))
    assert.is_false(flv.is_keyframe(record))
    assert.same({ key, inter }, flv.media(all, flv.VIDEO))
    assert.same({ key, inter, sound }, flv.media(all))
  end)

  it("has a signed composition time", function()
    assert.equal(-40, flv.composition(inter))
    assert.same(inter, flv.with_composition(flv.with_composition(inter, 7), -40))
  end)

  it("changes and repeats tags", function()
    assert.equal("sound", flv.payload(sound))
    assert.equal("\xaf\1other", flv.with_payload(sound, "other").data)
    assert.same({ config, record, flv.at(key, 1) }, flv.map(all, function(tag, i)
      if i == 3 then return flv.at(tag, 1) end
      return i < 3 and tag
    end))
    local times = {}
    for i, tag in ipairs(flv.loop({ record, key, inter }, 2)) do times[i] = tag.timestamp end
    assert.same({ 0, 40, 80, 160, 200 }, times)
  end)
end)
