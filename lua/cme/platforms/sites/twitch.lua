-- SPDX-License-Identifier: MIT
-- Twitch. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "Twitch", "Twitch" },
  pages = {
    { "https://dev.twitch.tv/docs/video-broadcast", "2026-11-29" },
    { "https://dev.twitch.tv/docs/video-broadcast/reference/ingest.md", "2026-11-29" },
    { "https://www.twitch.tv/creatorcamp/en/paths/going-live/broadcast-recommendations/", "2026-11-29" },
    { "https://github.com/obsproject/obs-studio/blob/f86e9c1d59c9fce27ab962d2aca94f76d90abc04/plugins/rtmp-services/"
      .. "data/services.json", "2026-11-29" },
  },
  where = { "https://dashboard.twitch.tv/settings/stream", "https://dashboard.twitch.tv/settings/stream",
    from = { 1, 4 } },
  join = { app = "app", from = { 1 } },
  servers = {
    { "rtmps://ingest.global-contribute.live-video.net/app", from = { 2 } },
    { "rtmp://ingest.global-contribute.live-video.net/app", from = { 2 } },
  },
  hosts = { "twitch.tv", "contribute.live-video.net", "ingest.global-contribute.live-video.net", from = { 1, 2, 4 } },
  limits = {
    protocols = { "rtmp", "rtmps", from = { 2 } },
    video = { "h264", from = { 3, 4 } },
    audio = { "aac", from = { 3 } },
    keyframes = { recommended = 2, from = { 4 } },
    bitrates = { { most = 6000, from = { 4 } } },
    audio_bitrate = { most = 320, from = { 3, 4 } },
    sample_rates = { 44100, 48000, from = { 3 } },
    channels = { most = 2, from = { 3 } },
    duration = { most = 172800, from = { 3 } },
  },
  notes = {
    { "With ?bandwidthtest=true after the key nobody sees the stream; Twitch Inspector shows how it arrives.",
      "在推流码后加上 ?bandwidthtest=true，观众看不到这路直播，可用 Twitch Inspector 查看推流情况。", from = { 1 } },
    { "https://ingest.twitch.tv/ingests lists the servers near you.",
      "https://ingest.twitch.tv/ingests 列出离您近的服务器。", from = { 2 } },
  },
}
