-- SPDX-License-Identifier: MIT
-- LinkedIn. See cme.platforms for what the members mean; `from` names the page of a value.
return {
  title = { "LinkedIn", "领英" },
  pages = { { "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/live-video", "2026-11-29" } },
  choose = true,
  limits = { protocols = { "rtmp", "rtmps", from = { 1 } } },
  notes = {
    { "Live events are for accounts that have applied for broadcasting them.",
      "只有申请了直播权限的账号才能举办直播活动。", from = { 1 } },
  },
}
