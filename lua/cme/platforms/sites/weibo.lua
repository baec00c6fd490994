-- SPDX-License-Identifier: MIT
-- Weibo. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "Weibo", "微博" }, pages = {}, choose = true }
