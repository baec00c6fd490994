-- SPDX-License-Identifier: MIT
-- Bilibili. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "Bilibili", "哔哩哔哩" },
  pages = {
    { "https://github.com/obsproject/obs-studio/blob/f86e9c1d59c9fce27ab962d2aca94f76d90abc04/plugins/rtmp-services/"
      .. "data/services.json", "2026-11-29" },
    { "https://github.com/SocialSisterYi/bilibili-API-collect/blob/1871283772bb10fed1abc0f48d618e550eec8f95/docs/live/"
      .. "manage.md", "2026-11-29" },
  },
  where = { "https://link.bilibili.com/p/center/index#/my-room/start-live",
    "https://link.bilibili.com/p/center/index#/my-room/start-live", from = { 1 } },
  join = { key = "?streamname=...&key=...&schedule=rtmp&pflag=...", from = { 2 } },
  servers = {
    { "rtmp://live-push.bilivideo.com/live-bvc", from = { 1, 2 } },
    { "rtmp://bdy.live-push.bilivideo.com/live-bvc", from = { 1 } },
  },
  backups = {
    { "rtmp://txy2.live-push.bilivideo.com/live-bvc", from = { 1 } },
    { "rtmp://txy.live-push.bilivideo.com/live-bvc", from = { 1 } },
  },
  hosts = { "live-push.bilivideo.com", from = { 1, 2 } },
  limits = {
    video = { "h264", "hevc", from = { 1 } },
  },
  notes = {
    { "bdy. and txy. are for senders outside of the Chinese mainland, txy2. for those in it.",
      "bdy. 和 txy. 用于非中国大陆地区，txy2. 用于中国大陆地区。", from = { 1 } },
  },
  refusals = {
    { sign = { "60009", "60009" }, means = "bilibili_60009", from = { 2 } },
    { sign = { "60013", "60013" }, means = "bilibili_60013", from = { 2 } },
    { sign = { "60024", "60024" }, means = "bilibili_60024", from = { 2 } },
    { sign = { "60034", "60034" }, means = "bilibili_60034", from = { 2 } },
  },
}
