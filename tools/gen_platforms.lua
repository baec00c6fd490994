#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- Writes docs/platforms.md and docs/zh/platforms.md from what cme.platforms knows: lua/cme/platforms/sites.
--
--   lua5.4 tools/gen_platforms.lua          (from the repository's root)
--
-- A spec runs this and compares: what is committed is what the data says.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path

local platforms = require "cme.platforms"

local M = {}

local LANGUAGES = {
  en = { path = "docs/platforms.md", title = 1, columns = "| what | value | source |", read = "%d. <%s>, read on %s",
    none = "No public page with its values could be read, so none are listed. Take server and stream key from the "
      .. "platform's own page.",
    head = [[
# Streaming platforms

<!-- Made by tools/gen_platforms.lua from lua/cme/platforms/sites: change that, then run `make docs`. -->

A streaming platform gives you a server and a stream key. Write them as they are; cme joins them into the URL to push
to:

```lua
local show = cme.project {
  name = "gala", owner = "me", input = "https://play.example.com/live/src.flv",
  outputs = {
    { name = "youtube", platform = "youtube", key = os.getenv "YOUTUBE_KEY" },
    { name = "bilibili", platform = "bilibili", key = os.getenv "BILIBILI_KEY" },
    { name = "douyin", platform = "douyin", server = os.getenv "DOUYIN_SERVER", key = os.getenv "DOUYIN_KEY" },
    { name = "other", server = "rtmp://push.example.com/live", key = os.getenv "OTHER_KEY" },
  },
}
```

In a show file, write `env "YOUTUBE_KEY"` instead of `os.getenv`. On the command line, write `PLATFORM:KEY`,
`PLATFORM:SERVER KEY` or `SERVER KEY` where a URL is taken; `@FILE` keeps the key out of the process list:

```sh
cme create gala --owner me --input https://play.example.com/live/src.flv --output bilibili:@/etc/show/bilibili.key
cme output add gala @/etc/show/other.url --name other
cme platforms bilibili       # what this page says of Bilibili
cme doctor gala              # whether the source suits the platforms of the destinations
```

The service (Tencent Cloud or `cme serve`) gets the joined URL. `platform` beside a whole `url` tells which platform the
URL belongs to.

Every value below comes from a public page. The number beside it names the page; the list under the table has its
address and the day on which a copy of it was read. Where the platform's own pages are silent, another page is cited,
such as OBS Studio's list of services. Platforms change without notice: trust what the platform's own page shows you. A
bitrate for 1080p60 applies to pictures of up to 1080 lines and 60 frames a second. `cme doctor` warns when the source
exceeds a limit by more than 10 %.
]] },
  zh = { path = "docs/zh/platforms.md", title = 2, columns = "| 项目 | 内容 | 出处 |", read = "%d. <%s>，查阅于 %s",
    none = "没有可查阅的公开网页，因此不列数值。服务器和推流码请从平台自己的页面获取。",
    head = [[
# 直播平台

<!-- 由 tools/gen_platforms.lua 根据 lua/cme/platforms/sites 生成：请修改数据，再执行 `make docs`。 -->

直播平台会给您两样东西：服务器和推流码。您可以原样写下，由 cme 拼接成推流地址：

```lua
local show = cme.project {
  name = "gala", owner = "me", input = "https://play.example.com/live/src.flv",
  outputs = {
    { name = "youtube", platform = "youtube", key = os.getenv "YOUTUBE_KEY" },
    { name = "bilibili", platform = "bilibili", key = os.getenv "BILIBILI_KEY" },
    { name = "douyin", platform = "douyin", server = os.getenv "DOUYIN_SERVER", key = os.getenv "DOUYIN_KEY" },
    { name = "other", server = "rtmp://push.example.com/live", key = os.getenv "OTHER_KEY" },
  },
}
```

在节目文件中请写 `env "YOUTUBE_KEY"`，而不是 `os.getenv`。在命令行中，凡是写 URL 的地方都可以写 `PLATFORM:KEY`、`PLATFORM:SERVER KEY` 或 `SERVER KEY`；
用 `@FILE` 可以避免推流码出现在进程列表中：

```sh
cme create gala --owner me --input https://play.example.com/live/src.flv --output bilibili:@/etc/show/bilibili.key
cme output add gala @/etc/show/other.url --name other
cme platforms bilibili       # 本页中关于哔哩哔哩的内容
cme doctor gala              # 源是否符合目标平台的要求
```

服务（腾讯云或 `cme serve`）收到的是拼接好的 URL。在完整的 `url` 旁写 `platform`，表示这个 URL 属于哪个平台。

下面的每个数值都出自公开网页。数值后的编号指明是哪个网页，表格下方列出其地址和查阅其副本的日期。平台自己的网页没有说明的，
引用其他网页（如 OBS Studio 的服务列表）并予以注明。平台可能随时变更，请以平台自己的页面为准。标为 1080p60 的码率适用于不超过
1080 行、每秒 60 帧的画面；超出要求 10 % 以上时，`cme doctor` 会告警。
]] },
}

local function cell(text)
  return (text:gsub("|", "\\|"):gsub("%s+", " "))
end

-- A URL in a cell as code: it is an address to push to, and no link.
local function value_cell(text)
  return (cell(text):gsub("rtmps?://%S+", "`%0`"):gsub("%?streamname=%S+", "`%0`"))
end

local function numbers(from)
  local list = {}
  for i, number in ipairs(from or {}) do list[i] = ("[%d]"):format(number) end
  return table.concat(list, " ")
end

local function add_platform(lines, known, code, language)
  lines[#lines + 1] = ("\n## %s (`%s`)\n"):format(known.title[language.title], known.name)
  if not known.pages[1] then
    lines[#lines + 1] = language.none
    return
  end
  lines[#lines + 1] = language.columns .. "\n|---|---|---|"
  for _, fact in ipairs(platforms.facts(known, code)) do
    lines[#lines + 1] = ("| %s | %s | %s |"):format(fact.label, value_cell(fact.value), numbers(fact.from))
  end
  lines[#lines + 1] = ""
  for i, page in ipairs(known.pages) do lines[#lines + 1] = language.read:format(i, page[1], page[2]) end
end

local function page(code, language)
  local lines = { (language.head:gsub("\n$", "")) }
  for _, name in ipairs(platforms.names()) do add_platform(lines, platforms.get(name), code, language) end
  return table.concat(lines, "\n") .. "\n"
end

--- The pages, by their paths.
---@return table<string, string>
function M.pages()
  local pages = {}
  for code, language in pairs(LANGUAGES) do pages[language.path] = page(code, language) end
  return pages
end

if arg and arg[0] and arg[0]:find "gen_platforms%.lua$" then
  for path, text in pairs(M.pages()) do
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
end

return M
