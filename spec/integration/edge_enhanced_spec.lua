-- SPDX-License-Identifier: MIT
-- One publisher of Enhanced RTMP, made here byte by byte, pushes to the edge and to a server that nobody here wrote:
-- both take it, and give back what it sent.

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local enhanced = require "spec.support.proofs.enhanced"
local flv = require "spec.support.proofs.flv"
local node_media_server = require "spec.support.programs.node_media_server"
local proc = require "spec.support.proc"

local FRAME = 40 -- milliseconds
local GOP = 5 -- pictures
local PICTURES = 4 * GOP

-- Headers, then pictures and sound.
local function session(picture, sound)
  local tags = { flv.tag(flv.VIDEO, 0, picture.header), flv.tag(flv.AUDIO, 0, sound.header) }
  for i = 0, PICTURES - 1 do
    local key = i % GOP == 0
    tags[#tags + 1] = flv.tag(flv.VIDEO, i * FRAME,
      (key and picture.key or picture.inter) .. enhanced.payload(i, key and 70000 or 400))
    tags[#tags + 1] = flv.tag(flv.AUDIO, i * FRAME + 1, sound.frame .. enhanced.payload(i, 64))
  end
  return tags
end

local function publisher(port, app, key)
  local one = encoder.connect(port)
  one:send(encoder.opening(app, key))
  one:expect "NetStream.Publish.Start"
  return one
end

describe("a publisher of Enhanced RTMP", function()
  local it_runs, foreign, folder

  setup(function()
    it_runs, foreign, folder = edge.start(), node_media_server.start(4), proc.folder()
    it_runs:set { own = "hush-own" }
  end)
  teardown(function()
    it_runs:stop()
    foreign.proc:stop()
    assert.are.same({}, proc.cleanup())
  end)

  -- Pictures in their order, and sound in its own; what a server puts in between is its own.
  local function find_all(sent, got)
    local at = { [flv.VIDEO] = 0, [flv.AUDIO] = 0 }
    for i, tag in ipairs(sent) do
      local here = at[tag.type]
      repeat
        here = here + 1
        assert(got[here], ("tag %d of %d (type %d) did not come back"):format(i, #sent, tag.type))
      until got[here].type == tag.type and got[here].data == tag.data
      assert.are.equal(tag.timestamp, got[here].timestamp)
      at[tag.type] = here
    end
  end

  local function through_edge(sent)
    it_runs:until_free "own"
    local reader, one = it_runs:read "own", publisher(it_runs.port, "output", "hush-own")
    for _, tag in ipairs(sent) do one:media(tag) end
    one:send(encoder.command("deleteStream", 6, encoder.null, 1))
    local got = reader:all()
    one:close()
    assert.are.equal(#sent, #got)
    return got
  end

  local function tags_of(path)
    local file <close> = io.open(path, "rb")
    local bytes = file and file:read "a" or ""
    return #bytes > 13 and flv.parse(bytes) or {}
  end

  local function through_foreign(sent, name)
    local one = publisher(tonumber(foreign.rtmp:match "(%d+)$"), "live", name)
    for i = 1, 3 do one:media(sent[i]) end -- who comes later gets the headers and the keyframe
    local path = ("%s/%s.flv"):format(folder, name)
    local reader = proc.spawn { "curl", "-sN", "-o", path, ("%s/live/%s.flv"):format(foreign.http, name) }
    proc.eventually("the keyframe", 20, function() return #tags_of(path) >= 3 end)
    for i = 4, #sent do one:media(sent[i]) end
    local last = sent[#sent].data
    proc.eventually("the last of the sound", 20, function()
      local tags = tags_of(path)
      return #tags > 0 and tags[#tags].data == last
    end)
    reader:stop()
    one:close()
    return tags_of(path)
  end

  for _, case in ipairs { { "h264", "aac" }, { "hevc", "aac" }, { "av1", "aac" }, { "hevc", "opus" },
    { "av1", "opus" } } do
    it(("with %s and %s is taken by the edge and by node-media-server alike"):format(case[1], case[2]), function()
      local sent = session(enhanced.PICTURES[case[1]], enhanced.SOUNDS[case[2]])
      find_all(sent, through_edge(sent))
      find_all(sent, through_foreign(sent, "hush-" .. table.concat(case, "-")))
    end)
  end
end)
