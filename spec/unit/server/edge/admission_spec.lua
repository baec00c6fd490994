-- SPDX-License-Identifier: MIT

local admission = require "cme.server.edge.admission"
local ingest = require "cme.server.edge.ingest"
local sign = require "cme.sign"
local token = require "cme.server.edge.token"

local KEYS = { key = ("k"):rep(32), backup_key = ("b"):rep(32), secret = ("s"):rep(32) }

describe("cme.server.edge.admission", function()
  local subject

  before_each(function() subject = admission.new(KEYS, {}) end)

  local function address(n, expires) return ingest.stored(("%024x"):format(n), expires or 1800000000) end

  local function project(main, backup)
    local function input(push)
      return push and { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 60, PushUrl = push } } or nil
    end
    return { id = "cmepid_1", input = { MainInput = input(main), BackupInput = input(backup) } }
  end

  local function told()
    local found = {}
    for i, key in ipairs(subject:spec().keys) do found[i] = { key.id, key.ended } end
    return found
  end

  it("gives the keys of both inputs of a project, and knows whose they are", function()
    assert.is_true(subject:put("cmepid_1", project(address(1), address(2))))
    local spec = subject:spec()
    assert.are.same({ 1, "output", 2 }, { spec.revision, spec.app, #spec.keys })
    assert.are.same(ingest.key(address(1), KEYS).hashes,
      spec.keys[spec.keys[1].id == ingest.id(address(1)) and 1 or 2].hashes)
    assert.are.same({ "cmepid_1", "main", false }, { subject:who(ingest.id(address(1))) })
    assert.are.same({ "cmepid_1", "backup", false }, { subject:who(ingest.id(address(2))) })
    assert.is_nil(subject:who "nobody")
    assert.is_nil(subject:who(nil))
  end)

  it("gives the edge nothing from which keys of engines follow", function()
    local key = subject:feed("cmepid_1", "output")
    local given = subject:spec().secret
    assert.are_not.equal(KEYS.secret, given)
    assert.are_not.equal(key, (ingest.feed("cmepid_1", "output", { secret = given })))
  end)

  it("says what each is played as, and gives engines keys of their own", function()
    subject:put("cmepid_1", project(address(1)))
    local key, changed = subject:feed("cmepid_1", "output")
    assert.is_true(changed)
    assert.are.same({ key, false }, { subject:feed("cmepid_1", "output") })
    local spec = subject:spec()
    assert.are.same({ token.secret(KEYS.secret), 2 }, { spec.secret, #spec.keys })
    assert.are.equal("cmepid_1-main", spec.keys[1].play)
    assert.are.same({ id = spec.keys[2].id, hashes = { sign.sha256_hex(key) }, play = "cmepid_1-output", own = true },
      spec.keys[2])
    assert.are.same({ "cmepid_1", "output", true }, { subject:who(spec.keys[2].id) })
    assert.are_not.equal(key, (subject:feed("cmepid_1", "backup")))
    subject:feed("cmepid_2", "backup")
    assert.are.equal(4, #subject:spec().keys)
    assert.is_true(subject:put("cmepid_1", nil))
    assert.is_nil(subject:who(spec.keys[2].id))
    assert.is_true(subject:spec().keys[1].ended)
    assert.is_nil(subject:spec().keys[1].play)
    assert.are.same({ "cmepid_2-backup", 2 }, { subject:spec().keys[2].play, #subject:spec().keys })
  end)

  it("gives the forms of SRT to an edge that takes SRT, and passphrases where they are wanted", function()
    local srt = ingest.key(address(1), KEYS).srt
    for how, given in pairs { off = {}, plain = { srt.hashes }, encrypted = { srt.hashes, srt.passphrases } } do
      subject = admission.new(KEYS, { srt = how ~= "off" and how or nil })
      subject:put("cmepid_1", project(address(1)))
      local told_of = subject:spec().keys[1].srt or {}
      assert.are.same(given, { told_of.hashes, told_of.passphrases }, how)
    end
  end)

  it("gives what engines of other nodes read by, where there are any", function()
    subject:put("cmepid_1", project(address(1)))
    assert.is_nil(subject:spec().keys[1].read)
    subject = admission.new(KEYS, { srt = "encrypted", shared = true })
    subject:put("cmepid_1", project(address(1)))
    assert.are.same({ sign.sha256_hex(ingest.read_key(address(1), KEYS)) }, subject:spec().keys[1].read)
  end)

  it("has an input played from what an engine publishes of it, for as long as it is pushed elsewhere", function()
    local one = project(address(1))
    subject:put("cmepid_1", one)
    subject:feed("cmepid_1", "output")
    local _, changed = subject:feed("cmepid_1", "main")
    assert.is_true(changed)
    local plays = {}
    for _, key in ipairs(subject:spec().keys) do plays[key.play or "none"] = (key.own == true) end
    assert.are.same({ none = false, ["cmepid_1-main"] = true, ["cmepid_1-output"] = true }, plays)
    assert.is_true(subject:unfeed "cmepid_1")
    assert.is_false(subject:unfeed "cmepid_1")
    local spec = subject:spec()
    assert.are.same({ 2, "cmepid_1-main" }, { #spec.keys, spec.keys[1].play })
    assert.are.equal(subject:revision(), spec.revision)
  end)

  it("has an input played from what is pushed, once it is pushed in place of pulled", function()
    subject:put("cmepid_1", project(nil, address(2)))
    subject:feed("cmepid_1", "output")
    subject:feed("cmepid_1", "main")
    subject:feed("cmepid_1", "backup")
    assert.is_true(subject:put("cmepid_1", project(address(1), address(2))))
    local plays = {}
    for _, key in ipairs(subject:spec().keys) do plays[key.play or "none"] = (key.own == true) end
    assert.are.same({ none = false, ["cmepid_1-main"] = false, ["cmepid_1-output"] = true,
      ["cmepid_1-backup"] = true }, plays)
    assert.is_false(subject:put("cmepid_1", project(address(1), address(2))))
  end)

  it("forgets what engines published of an input that was removed", function()
    local pulled = { id = "cmepid_1", input = { MainInput = { InputType = "LivePull" },
      BackupInput = { InputType = "LivePull" } } }
    subject:put("cmepid_1", pulled)
    for _, what in ipairs { "output", "main", "backup" } do subject:feed("cmepid_1", what) end
    assert.is_false(subject:put("cmepid_1", pulled))
    pulled.input.BackupInput = nil
    assert.is_true(subject:put("cmepid_1", pulled))
    local plays = {}
    for _, key in ipairs(subject:spec().keys) do plays[key.play] = true end
    assert.are.same({ ["cmepid_1-output"] = true, ["cmepid_1-main"] = true }, plays)
  end)

  it("has nothing to tell when no key came or went", function()
    local before, after = project(address(1)), project(address(1))
    subject:put("cmepid_1", before)
    after.input.Outputs = {}
    assert.is_false(subject:put("cmepid_1", after))
    assert.is_false(subject:put("cmepid_2", { id = "cmepid_2", input = {} }))
    assert.are.equal(1, subject:spec().revision)
  end)

  it("remembers what was taken away, so that an encoder is told that the broadcast has ended", function()
    local before, after = project(address(1)), project(address(2))
    subject:put("cmepid_1", before)
    assert.is_true(subject:put("cmepid_1", after))
    assert.are.same({ { ingest.id(address(2)), false }, { ingest.id(address(1)), true } }, told())
    assert.is_true(subject:put("cmepid_1", nil))
    assert.are.same({ { ingest.id(address(2)), true }, { ingest.id(address(1)), true } }, told())
    assert.is_true(subject:put("cmepid_1", before)) -- a change that the engine refused is taken back
    assert.are.same({ { ingest.id(address(1)), false }, { ingest.id(address(2)), true } }, told())
  end)

  it("forgets the oldest of those", function()
    for i = 1, 300 do
      local one = project(address(i))
      subject:put(one.id, one)
      subject:put(one.id, nil)
    end
    local found = told()
    assert.are.equal(256, #found)
    assert.are.same({ ingest.id(address(300)), true }, found[1])
  end)

  it("gives no more than the edge takes: those that are good for longest", function()
    subject:limit(20)
    for i = 1, 22 do
      local one = project(address(i, 1800000000 + i))
      one.id = "cmepid_" .. i
      subject:put(one.id, one)
    end
    local spec, left_out = subject:spec()
    assert.are.same({ 20, 2 }, { #spec.keys, left_out })
    assert.are.same({ 1800000022, 1800000003 }, { spec.keys[1].expires, spec.keys[20].expires })
  end)

  -- Three addresses for an edge that takes two.
  local function crowd()
    subject:limit(2)
    local list = {}
    for i = 1, 3 do
      list[i] = project(address(i, 1800000000 + i))
      list[i].id = "cmepid_" .. i
      subject:put(list[i].id, list[i])
    end
    return list
  end

  it("leaves out nothing that is on the air, for which the edge is told again", function()
    local list = crowd()
    assert.are.same({ { ingest.id(address(3, 1800000003)), false }, { ingest.id(address(2, 1800000002)), false } },
      told())
    list[1].status = "Working"
    assert.is_true(subject:put("cmepid_1", list[1]))
    assert.is_false(subject:put("cmepid_1", list[1]))
    assert.are.same({ { ingest.id(address(1, 1800000001)), false }, { ingest.id(address(3, 1800000003)), false } },
      told())
    subject:limit(3) -- where all have room, it makes no difference
    list[1].status = "Idle"
    assert.is_false(subject:put("cmepid_1", list[1]))
  end)

  it("counts what engines publish apart from encoders that are left out", function()
    crowd()
    subject:feed("cmepid_1", "output")
    local spec, left_out, unplayed = subject:spec()
    assert.are.same({ 2, 1, 1 }, { #spec.keys, left_out, unplayed })
    subject:limit(3)
    assert.are.same({ 0, 1 }, { select(2, subject:spec()) })
  end)

  -- The names of what engines publish, as the edge is told.
  local function fed()
    local plays = {}
    for _, key in ipairs(subject:spec().keys) do plays[#plays + 1] = key.own and key.play or nil end
    return plays
  end

  it("leaves out inputs before programmes, and of each what came last", function()
    for i = 1, 20 do
      subject:feed("cmepid_" .. i, i % 2 == 0 and "output" or "main")
      subject:feed("cmepid_1", "main")
    end
    subject:limit(12)
    local wanted = {}
    for i = 2, 20, 2 do wanted[#wanted + 1] = ("cmepid_%d-output"):format(i) end
    for i = 1, 3, 2 do wanted[#wanted + 1] = ("cmepid_%d-main"):format(i) end
    assert.are.same(wanted, fed())
    assert.are.equal(8, (select(3, subject:spec())))
  end)

  it("has no programme played of which no engine is left", function()
    for _, what in ipairs { "output", "main", "backup" } do subject:feed("cmepid_1", what) end
    subject:feed("cmepid_2", "output")
    local before = subject:revision()
    assert.is_true(subject:unfeed_output "cmepid_1")
    assert.is_false(subject:unfeed_output "cmepid_1")
    assert.are.equal(before + 1, subject:revision())
    assert.are.same({ "cmepid_2-output", "cmepid_1-main", "cmepid_1-backup" }, fed())
  end)

  -- Whether there is room for the addresses of a project, and how many there may be.
  local function room(record, before) return { subject:reserve(record, before) } end

  it("has room for so many addresses, beside what engines publish", function()
    assert.are.same({ true, 8192 - 256 }, room(project(address(9))))
    crowd()
    assert.are.same({ false, 0 }, room(project(address(9))))
    assert.are.same({ true, 0 }, room(project()))
    assert.are.same({ true, 0 }, room(project(address(8)), project(address(1)))) -- it takes the place of another
    subject:cancel(project(address(9)))
    subject:limit(256 + 3)
    assert.are.same({ false, 3 }, room(project(address(9))))
    subject:put("cmepid_2", nil)
    assert.are.same({ false, 3 }, room(project(address(4), address(5))))
    assert.are.same({ true, 3 }, room(project(address(4))))
  end)

  it("holds room for what is about to be stored, until it is, or is not", function()
    subject:limit(256 + 2)
    local one, two, three = project(address(1)), project(address(2)), project(address(3))
    for _ = 1, 3 do assert.is_true(room(one)[1]) end -- the store may ask again
    assert.is_true(room(two)[1])
    assert.is_false(room(three)[1])
    subject:cancel(one)
    assert.is_true(room(three)[1])
    subject:put("cmepid_2", two)
    subject:put("cmepid_3", three)
    assert.is_false(room(one)[1])
    subject:put("cmepid_2", nil)
    assert.is_true(room(one)[1])
  end)

  -- What the edge is told of addresses, by number: as what each is played, "" for nothing.
  local function plays(...)
    local found, by_id = {}, {}
    for _, key in ipairs(subject:spec().keys) do by_id[key.id] = key end
    for i, n in ipairs { ... } do
      local key = by_id[ingest.id(address(n))]
      found[i] = key and not key.ended and (key.play or "") or "refused"
    end
    return found
  end

  it("takes what an engine is to read next before it is told so, and lets go of the rest then", function()
    local before, after = project(address(1)), project(address(2), address(3))
    subject:put("cmepid_1", before)
    assert.is_true(subject:prepare("cmepid_1", after))
    assert.is_false(subject:prepare("cmepid_1", after))
    assert.are.same({ "cmepid_1-main", "", "cmepid_1-backup" }, plays(1, 2, 3))
    assert.is_true(subject:put("cmepid_1", after))
    assert.are.same({ "refused", "cmepid_1-main", "cmepid_1-backup" }, plays(1, 2, 3))
    assert.is_false(subject:put("cmepid_1", after))
    assert.is_true(subject:prepare("cmepid_1", project(address(2), address(4))))
    assert.is_true(subject:put("cmepid_1", after)) -- the engine refused it
    assert.are.same({ "cmepid_1-main", "cmepid_1-backup", "refused" }, plays(2, 3, 4))
  end)

  it("has an input played from what is pushed in place of pulled once it is changed, and not before", function()
    local after = project(address(1))
    subject:put("cmepid_1", { id = "cmepid_1", input = { MainInput = { InputType = "LivePull" } } })
    subject:feed("cmepid_1", "main")
    subject:prepare("cmepid_1", after)
    assert.are.same({ "" }, plays(1))
    assert.is_true(subject:put("cmepid_1", after))
    assert.are.same({ "cmepid_1-main" }, plays(1))
  end)

  it("tells the edge once of an input that is added", function()
    local after = project(address(1), address(2))
    subject:put("cmepid_1", project(address(1)))
    assert.is_true(subject:prepare("cmepid_1", after))
    assert.is_false(subject:put("cmepid_1", after))
  end)
end)
