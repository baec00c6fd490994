-- SPDX-License-Identifier: MIT
-- Kuaishou. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "Kuaishou", "快手" },
  pages = {
    { "https://github.com/KwaiVideoTeam/kuaishou-liveopen-api/blob/faee0b31c00bd86b36b458bc76c27920dc65b0f6/README.md",
      "2026-11-29" },
    { "https://github.com/obsproject/obs-studio/blob/f86e9c1d59c9fce27ab962d2aca94f76d90abc04/plugins/rtmp-services/"
      .. "data/services.json", "2026-11-29" },
  },
  where = { "https://studio.kuaishou.com/live/list", "https://studio.kuaishou.com/live/list", from = { 2 } },
  servers = {
    { "rtmp://open-push.voip.yximgs.com/gifshow", from = { 2 } },
    { "rtmp://tx.push.yximgs.com/live", from = { 2 } },
  },
  hosts = { "voip.yximgs.com", "push.yximgs.com", from = { 1, 2 } },
  limits = {
    video = { "h264", from = { 2 } },
  },
  notes = {
    { "A push address is good for one broadcast, within 2 days.", "推流地址只能开播一次，有效期 2 天。", from = { 1 } },
    { "The room is closed 1 to 2 minutes after the stream breaks off, and then needs a new push address.",
      "断流 1～2 分钟后直播间会自动关闭，之后须重新获取推流地址。", from = { 1 } },
    { "tx.push.yximgs.com is for North America.", "tx.push.yximgs.com 用于北美。", from = { 2 } },
  },
  refusals = {
    { sign = { "400006", "400006" }, means = "kuaishou_400006", from = { 1 } },
    { sign = { "400009", "400009" }, means = "kuaishou_400009", from = { 1 } },
    { sign = { "400005", "400005" }, means = "kuaishou_400005", from = { 1 } },
  },
}
