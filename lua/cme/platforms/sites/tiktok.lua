-- SPDX-License-Identifier: MIT
-- TikTok. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "TikTok", "TikTok" }, pages = {}, choose = true }
