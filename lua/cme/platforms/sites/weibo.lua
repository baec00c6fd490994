-- SPDX-License-Identifier: MIT
-- Weibo. No public page with its values could be read: server and key are taken as given.
return { title = { "Weibo", "微博" }, pages = {}, choose = true }
