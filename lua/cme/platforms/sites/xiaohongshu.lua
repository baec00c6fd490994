-- SPDX-License-Identifier: MIT
-- Xiaohongshu. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "Xiaohongshu", "小红书" }, pages = {}, choose = true }
