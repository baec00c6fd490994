-- SPDX-License-Identifier: MIT
-- Xiaohongshu. No public page with its values could be read: server and key are taken as given.
return { title = { "Xiaohongshu", "小红书" }, pages = {}, choose = true }
