-- SPDX-License-Identifier: MIT
-- Douyin. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "Douyin", "抖音" }, pages = {}, choose = true }
