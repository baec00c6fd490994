-- SPDX-License-Identifier: MIT
-- Douyin. No public page with its values could be read: server and key are taken as given.
return { title = { "Douyin", "抖音" }, pages = {}, choose = true }
