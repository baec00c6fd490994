-- SPDX-License-Identifier: MIT
-- Facebook. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "Facebook", "Facebook" },
  pages = {
    { "https://developers.facebook.com/docs/live-video-api/reference", "2026-11-29" },
    { "https://github.com/obsproject/obs-studio/blob/f86e9c1d59c9fce27ab962d2aca94f76d90abc04/plugins/rtmp-services/"
      .. "data/services.json", "2026-11-29" },
    { "https://developers.facebook.com/docs/live-video-api/overview", "2026-11-29" },
    { "https://developers.secure.facebook.com/docs/live-video-api/guides/backup_stream", "2026-11-29" },
    { "https://developers.facebook.com/documentation/live-video-api/overview", "2026-11-29" },
  },
  where = { "https://www.facebook.com/live/producer", "https://www.facebook.com/live/producer", from = { 2 } },
  servers = { { "rtmps://rtmp-api.facebook.com:443/rtmp", from = { 2 } } },
  hosts = { "rtmp-api.facebook.com", "rtmp.facebook.com", from = { 2, 4 } },
  limits = {
    protocols = { "rtmps", from = { 1, 3 } },
    video = { "h264", from = { 1 } },
    audio = { "aac", from = { 1 } },
    sound = { required = true, from = { 1 } },
    size = { width = 1920, height = 1080, from = { 2 } },
    fps = { most = 60, from = { 2 } },
    keyframes = { recommended = 2, most = 4, from = { 1 } },
    bitrates = {
      { height = 1080, fps = 60, least = 4500, most = 9000, from = { 1 } },
      { height = 1080, fps = 30, least = 3000, most = 6000, from = { 1 } },
      { height = 720, fps = 60, least = 2250, most = 6000, from = { 1 } },
      { height = 720, fps = 30, least = 1500, most = 4000, from = { 1 } },
      { height = 480, fps = 30, least = 600, most = 2000, from = { 1 } },
      { height = 360, least = 400, most = 1000, from = { 1 } },
    },
    audio_bitrate = { most = 256, from = { 1 } },
    sample_rates = { 44100, 48000, from = { 1 } },
    channels = { most = 2, from = { 1 } },
    duration = { most = 28800, from = { 1, 3 } },
  },
  notes = {
    { "A stream URL expires if it is not used within 24 hours.", "推流地址 24 小时内未使用就会失效。", from = { 3 } },
    { "A backup stream must be enabled before the broadcast receives data; it has a URL of its own.",
      "备用推流须在直播收到数据之前开启，它有自己的推流地址。", from = { 4 } },
  },
  refusals = {
    { sign = { "the account cannot go live", "账号不能开播" }, means = "facebook_account", from = { 5 } },
    { sign = { "COPYRIGHT__LIVE_COPYRIGHT_VIOLATION", "COPYRIGHT__LIVE_COPYRIGHT_VIOLATION" },
      means = "facebook_copyright", from = { 1 } },
  },
}
