-- SPDX-License-Identifier: MIT
-- The limits of the cloud, as data: one place for the client, which refuses early, and for the service, which refuses
-- as the cloud does. Lists of schemes are in the order of messages.

---@class cme.api.limits
local limits = {
  request = { -- of the service; the largest request that makes sense has some 800 parameters and 650 KB as a form
    parameters = 1000, -- values in JSON, or names of a query or form
    body = 1048576, -- bytes; the cloud takes 10 MB of JSON
  },
  name_length = 30, -- characters of a project's name
  description = 4096, -- bytes; of `cme serve`
  stop_ahead = 30 * 86400, -- seconds that a planned end may be away
  input_schemes = { "http", "https", "rtsp", "udp", "rtp", "rtmp", "rtmps", "srt" }, -- of live inputs
  output_schemes = { "rtmp", "rtmps", "srt" },
  watch_schemes = { "rtmp", "rtmps", "srt", "http", "https" }, -- where viewers watch an output
  codecs = { "enhanced", "id12", "h264" }, -- that an output takes by RTMP; of `cme serve`
  merge_window = { min = 0.1, max = 10, default = 3 }, -- seconds; of `cme serve`
  failover_on = { "black", "frozen", "silent" }, -- what main may show to be left; of `cme serve`
  failover_after = 3, -- seconds for which it has to, once it is named
  cast = { -- of MEDIA_CAST projects
    sources = 100,
    outputs = 10,
    source_schemes = { "https", "http", "rtmp" }, -- of sources that are a URL
    width = 1920,
    height = 1080,
    bitrate = 10000, -- kbit/s
    frame_rate = 60,
    confirm_seconds = 30, -- from Start to Confirm; then the service stops the project
  },
}

return limits
