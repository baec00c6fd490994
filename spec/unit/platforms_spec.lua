-- SPDX-License-Identifier: MIT
-- What joins, and the data of each platform: every value names pages that are there, and both languages are there.

local codes = require "cme.codes"
local platforms = require "cme.platforms"

local MEMBERS = { name = true, title = true, aliases = true, pages = true, where = true, join = true, choose = true,
  servers = true, backups = true, hosts = true, limits = true, notes = true, refusals = true }
local LIMITS = { protocols = true, video = true, audio = true, sound = true, size = true, fps = true,
  keyframes = true, bitrates = true, audio_bitrate = true, sample_rates = true, channels = true, duration = true }

-- The values of a platform, each with what it is called.
local function values_of(known)
  local values = {}
  local function put(name, value) values[#values + 1] = { name = name, value = value } end
  for _, name in ipairs { "where", "join", "hosts" } do
    if known[name] then put(name, known[name]) end
  end
  for _, name in ipairs { "servers", "backups", "notes", "refusals" } do
    for i, value in ipairs(known[name] or {}) do put(("%s[%d]"):format(name, i), value) end
  end
  for name, limit in pairs(known.limits or {}) do
    if name ~= "bitrates" then put(name, limit) end
    for i, row in ipairs(name == "bitrates" and limit or {}) do put(("bitrates[%d]"):format(i), row) end
  end
  return values
end

-- Numbers of pages that are none.
local function without_page(known)
  local bad, used = {}, {}
  for _, one in ipairs(values_of(known)) do
    local from = type(one.value) == "table" and one.value.from or {}
    if #from == 0 then bad[#bad + 1] = one.name end
    for _, number in ipairs(from) do
      if not known.pages[number] then bad[#bad + 1] = one.name end
      used[number] = true
    end
  end
  for i in ipairs(known.pages) do
    if not used[i] then bad[#bad + 1] = ("page %d"):format(i) end
  end
  return table.concat(bad, ", ")
end

local function has_chinese(text)
  return text:find "[\228-\233][\128-\191][\128-\191]" ~= nil
end

local function located(place)
  local found, message, detail = platforms.locate(place)
  return found and found.url, message, detail
end

describe("cme.platforms", function()
  it("finds a platform by each of its names, and by its URLs", function()
    for name, want in pairs { youtube = "youtube", YouTube = "youtube", ["哔哩哔哩"] = "bilibili", twitter = "x",
      ["WeChat Channels"] = "wechat_channels", ["视频号"] = "wechat_channels" } do
      assert.are.equal(want, platforms.get(name).name)
    end
    assert.is_nil(platforms.get "no such")
    for url, want in pairs {
      ["rtmps://A.RTMPS.youtube.com:443/live2/k"] = "youtube",
      ["rtmp://u:p@live-fra.twitch.tv/app/k"] = "twitch",
      ["rtmp://sfo.contribute.live-video.net/app/k"] = "twitch",
      ["rtmps://fa723fc1b171.global-contribute.live-video.net/app/k"] = "kick",
      ["rtmp://nottwitch.tv/app/k"] = false, ["rtmp://twitch.tv.evil.example/app/k"] = false, ["twitch.tv"] = false,
    } do
      local known = platforms.of_url(url)
      assert.are.equal(want, known and known.name or false, url)
    end
  end)

  it("joins server and key as each platform wants it", function()
    for _, case in ipairs {
      { "rtmps://a.rtmps.youtube.com:443/live2/k-1", { platform = "youtube", key = "k-1" } },
      { "rtmps://b.rtmps.youtube.com:443/live2?backup=1/k-1",
        { server = "rtmps://b.rtmps.youtube.com:443/live2?backup=1", key = "k-1" } },
      { "rtmps://x1.global-contribute.live-video.net/app/sk_1",
        { platform = "kick", server = "rtmps://x1.global-contribute.live-video.net", key = "sk_1" } },
      { "rtmps://x1.global-contribute.live-video.net:443/app/sk_1",
        { platform = "kick", server = "rtmps://x1.global-contribute.live-video.net:443/app/", key = "sk_1" } },
      { "rtmps://fa723fc1b171.global-contribute.live-video.net/app/sk_1", -- known by its host
        { server = "rtmps://fa723fc1b171.global-contribute.live-video.net/", key = "sk_1" } },
      { "rtmp://live-push.bilivideo.com/live-bvc/?streamname=live_1&key=2&schedule=rtmp",
        { server = "rtmp://live-push.bilivideo.com/live-bvc/", key = "?streamname=live_1&key=2&schedule=rtmp" } },
      { "rtmp://h/a/b/k?x=y", { server = "rtmp://h/a/b//", key = "k?x=y" } },
      { "srt://h:9000", { platform = "kick", url = "srt://h:9000" } },
    } do
      assert.are.equal(case[1], (located(case[2])))
    end
  end)

  it("refuses what does not join, without the key, in both languages", function()
    for want, place in pairs {
      ["invalid.platform:near"] = { platform = "facebok", key = "sekret" },
      ["invalid.platform:none"] = { platform = "sekret", key = "sekret" },
      ["invalid.server:missing"] = { key = "sekret" },
      ["invalid.server:chosen"] = { platform = "tiktok", key = "sekret" },
      ["invalid.server:no_url"] = { server = "sekret", key = "sekret" },
      ["invalid.server:scheme"] = { server = "srt://sekret:9000", key = "sekret" },
      ["invalid.server:no_app"] = { server = "rtmp://sekret", key = "sekret" },
      ["invalid.key:missing"] = { platform = "youtube", key = "" },
      ["invalid.key:space"] = { platform = "youtube", key = "sekret sekret" },
      ["invalid.key:url"] = { platform = "youtube", key = "rtmp://h/live2/sekret" },
    } do
      local url, message, detail = located(place)
      assert.are.same({ nil, want }, { url, detail and detail.sentence })
      assert.is_nil((message .. codes.say(detail, "zh")):find "sekret")
      assert.is_not.equal(message, codes.say(detail, "zh"))
    end
  end)

  it("takes a URL apart", function()
    assert.are.same({ platform = "bilibili", server = "rtmp://live-push.bilivideo.com/live-bvc",
      key = "?streamname=a&key=b" }, platforms.split "rtmp://live-push.bilivideo.com/live-bvc/?streamname=a&key=b")
    assert.are.same({ server = "rtmp://h/a/b", key = "c?d=e/f" }, platforms.split "rtmp://h/a/b/c?d=e/f")
    for _, url in ipairs { "srt://h:1", "rtmp://h/app", "rtmp://h", "x" } do assert.is_nil(platforms.split(url)) end
  end)
end)

describe("cme.platforms.on_air", function()
  local INPUT = { state = "live", since = 100, video_codec = "h264", width = 1920, height = 1080, audio_codec = "aac",
    bitrate = 9000, frame_rate = 30, gop_ms = 8000, sample_rate = 48000, channels = 2 }
  local YOUTUBE = "rtmp://a.rtmp.youtube.com/live2/sekret"

  local function said(changes, now, url)
    local input = {}
    for name, value in pairs(INPUT) do input[name] = value end
    for name, value in pairs(changes or {}) do input[name] = value or nil end
    return platforms.say(platforms.on_air(url or YOUTUBE, input, now or 200), "en")
  end

  it("says what the platform of a URL does not take of an input on the air", function()
    assert.are.equal("a keyframe every 8 s (limit: 4 s); 9000 kbit/s (limit for this picture: 8000)", said())
    assert.are.equal("no sound (it is required)", said({ audio_codec = false, gop_ms = 2000, bitrate = 5000 }, 200,
      "rtmps://live-api-s.rtmp-api.facebook.com:443/rtmp/sekret"))
    local found, known = platforms.on_air(YOUTUBE, INPUT, 200)
    assert.are.equal("youtube", known.name)
    assert.are.equal("每 8 秒一个关键帧（上限 4 秒）；码率 9000 kbit/s（这种画面的上限 8000）", platforms.say(found, "zh"))
  end)

  it("counts rates when they have been measured for a while, and no low one", function()
    assert.are.equal("a keyframe every 8 s (limit: 4 s)", said(nil, 105))
    assert.are.equal("a keyframe every 8 s (limit: 4 s)", said { since = false })
    assert.are.equal("", said({ bitrate = 20, gop_ms = 2000 }, 200, "rtmps://rtmp-api.facebook.com:443/rtmp/sekret"))
  end)

  it("says nothing of an input that sends nothing, and of other destinations", function()
    assert.are.equal("", said { state = "stalled" })
    assert.are.equal("", said { video_codec = false })
    assert.are.equal("", said(nil, nil, "rtmp://h/live/sekret"))
    assert.are.equal("", said(nil, nil, "srt://h:9000"))
  end)
end)

describe("the data of platforms", function()
  it("are those that the list has", function()
    local listing, files = io.popen "ls lua/cme/platforms/sites", {}
    for file in listing:lines() do files[#files + 1] = file:match "^(.*)%.lua$" end
    listing:close()
    local names = platforms.names()
    table.sort(names)
    assert.are.same(files, names)
  end)

  for _, name in ipairs(platforms.names()) do
    describe(name, function()
      local known = platforms.get(name)

      it("has a page for each value, and a use for each page", function()
        assert.are.equal("", without_page(known))
      end)

      it("has members that are described, and addresses of pages with the day they were read", function()
        for member in pairs(known) do assert.is_true(MEMBERS[member], member) end
        for member in pairs(known.limits or {}) do assert.is_true(LIMITS[member], member) end
        for _, page in ipairs(known.pages) do
          assert.matches("^https://[%w.-]+/%S*$", page[1])
          assert.matches("^%d%d%d%d%-%d%d%-%d%d$", page[2])
        end
      end)

      it("has all texts in both languages", function()
        assert.are.equal(2, #known.title)
        for _, note in ipairs(known.notes or {}) do
          assert.is_false(has_chinese(note[1]))
          assert.is_true(has_chinese(note[2]), note[2])
        end
        for _, refusal in ipairs(known.refusals or {}) do
          local means = codes.reason("platform.means:" .. refusal.means)
          assert.is_false(has_chinese(refusal.sign[1] .. codes.say(means)))
          assert.is_true(has_chinese(codes.say(means, "zh")), refusal.means)
        end
      end)

      it("is pushed to by a server and a key, which come apart again", function()
        assert.is_true(known.choose or known.servers ~= nil)
        for _, list in ipairs { known.servers or {}, known.backups or {}, { { "rtmps://own.example/app" } } } do
          for _, server in ipairs(list) do
            local url = assert(located { platform = name, server = server[1], key = "sekret?a=b" })
            assert.are.equal(server[1] .. "/sekret?a=b", url)
            local place = platforms.split(url)
            assert.are.same({ server[1], "sekret?a=b" }, { place.server, place.key })
            assert.are.equal(server[1] ~= "rtmps://own.example/app" and name or nil, place.platform)
          end
        end
      end)

      it("judges a stream, and says nothing of an unknown one", function()
        assert.are.same({}, platforms.judge(known, {}))
        local limits = known.limits or {}
        local bad = { protocol = "srt", video = "theora", audio = "speex", width = 8000, height = 7000, fps = 500,
          keyframes = 60, video_kbps = 900000, audio_kbps = 9000, sample_rate = 8000, channels = 16 }
        local want = 0
        for _, member in ipairs { "protocols", "video", "audio", "size", "fps", "keyframes", "audio_bitrate",
          "sample_rates", "channels" } do
          if limits[member] then want = want + 1 end
        end
        if limits.bitrates and not limits.bitrates[1].height then want = want + 1 end
        assert.are.equal(want, #platforms.judge(known, bad))
      end)

      it("is said in words, in both languages", function()
        local english, chinese = platforms.facts(known, "en"), platforms.facts(known, "zh")
        assert.are.equal(#english, #chinese)
        for i, fact in ipairs(english) do
          assert.is_false(has_chinese(fact.label .. fact.value), fact.value)
          assert.is_true(has_chinese(chinese[i].label), chinese[i].label)
        end
      end)
    end)
  end

  it("explains what a platform's server said as it refused an output, where its page says what that means", function()
    local function said(words) return codes.reason("engine:%s: the server refused (%s)", { "publish", words }) end
    local found = assert(platforms.explain("rtmp://a.push.yximgs.com/live/sekret", said "error 400006"))
    assert.are.equal("publish: the server refused (error 400006) (the account may not go live, says the platform's "
      .. "page)", codes.say(found))
    assert.are.equal("推流：服务器拒绝（error 400006）（平台页面的说明：没有直播权限）", codes.say(found, "zh"))
    assert.is_nil(platforms.explain("rtmp://other.example/live/sekret", said "error 400006"))
    for _, words in ipairs { "error 4000061", "error 1400006", "400006x", "" } do
      assert.is_nil(platforms.explain("rtmp://push.yximgs.com/live/sekret", said(words)), words)
    end
  end)
end)
