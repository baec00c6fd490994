-- SPDX-License-Identifier: MIT
-- WeChat Channels. No public page with its values could be read: server and key are taken as given.
return { title = { "WeChat Channels", "视频号" }, pages = {}, choose = true }
