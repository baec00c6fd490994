-- SPDX-License-Identifier: MIT
-- X (Twitter). See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "X", "X" },
  aliases = { "twitter" },
  pages = {
    { "https://help.x.com/en/using-x/live-studio", "2026-11-29" },
    { "https://github.com/obsproject/obs-studio/blob/f86e9c1d59c9fce27ab962d2aca94f76d90abc04/plugins/rtmp-services/"
      .. "data/services.json", "2026-11-29" },
  },
  where = { "X's Live Studio (https://studio.x.com/live): create a source, in the region next to the sender",
    "X 的 Live Studio（https://studio.x.com/live）：创建一个离推流端最近的区域的源（Source）", from = { 1 } },
  choose = true,
  servers = {
    { "rtmp://va.pscp.tv:80/x", from = { 2 } },
    { "rtmp://ca.pscp.tv:80/x", from = { 2 } },
    { "rtmp://or.pscp.tv:80/x", from = { 2 } },
    { "rtmp://br.pscp.tv:80/x", from = { 2 } },
    { "rtmp://fr.pscp.tv:80/x", from = { 2 } },
    { "rtmp://ie.pscp.tv:80/x", from = { 2 } },
    { "rtmp://de.pscp.tv:80/x", from = { 2 } },
    { "rtmp://au.pscp.tv:80/x", from = { 2 } },
    { "rtmp://in.pscp.tv:80/x", from = { 2 } },
    { "rtmp://jp.pscp.tv:80/x", from = { 2 } },
    { "rtmp://kr.pscp.tv:80/x", from = { 2 } },
    { "rtmp://sg.pscp.tv:80/x", from = { 2 } },
  },
  hosts = { "pscp.tv", from = { 2 } },
  limits = {
    protocols = { "rtmp", "rtmps", from = { 1 } },
    video = { "h264", from = { 2 } },
    fps = { most = 60, from = { 2 } },
    keyframes = { recommended = 3, from = { 2 } },
    bitrates = { { most = 12000, from = { 2 } } },
    audio_bitrate = { most = 128, from = { 2 } },
  },
  notes = {
    { "A source belongs to the region that was chosen for it: take the server that X shows with the key.",
      "源属于创建时所选的区域：请使用 X 与推流码一起显示的服务器地址。", from = { 1 } },
  },
}
