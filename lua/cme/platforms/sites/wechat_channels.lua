-- SPDX-License-Identifier: MIT
-- WeChat Channels. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "WeChat Channels", "视频号" }, pages = {}, choose = true }
