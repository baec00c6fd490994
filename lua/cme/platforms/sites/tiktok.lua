-- SPDX-License-Identifier: MIT
-- TikTok. No public page with its values could be read: server and key are taken as given.
return { title = { "TikTok", "TikTok" }, pages = {}, choose = true }
