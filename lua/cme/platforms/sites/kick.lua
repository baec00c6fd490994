-- SPDX-License-Identifier: MIT
-- Kick. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "Kick", "Kick" },
  pages = {
    { "https://help.kick.com/en/articles/7120642-understanding-your-kick-creator-dashboard", "2026-11-29" },
    { "https://github.com/datarhei/restreamer/issues/588", "2026-11-29" },
    { "https://github.com/pedroSG94/RootEncoder/issues/1873", "2026-11-29" },
  },
  where = { "Kick's Creator Dashboard, Settings, Stream Key (https://kick.com/dashboard/settings/stream)",
    "Kick 创作者控制台（Creator Dashboard）的 Settings、Stream Key（https://kick.com/dashboard/settings/stream）",
    from = { 1, 2 } },
  join = { app = "app", from = { 2, 3 } },
  choose = true,
  hosts = { "fa723fc1b171.global-contribute.live-video.net", from = { 2, 3 } },
  limits = { protocols = { "rtmps", from = { 2, 3 } } },
  notes = {
    { "Kick shows the server without an application: '/app' stands between it and the key.",
      "Kick 显示的服务器地址不带应用名：地址与推流码之间要加上“/app”。", from = { 2, 3 } },
  },
}
