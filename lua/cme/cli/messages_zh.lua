-- SPDX-License-Identifier: MIT
-- What `cme` says, in Chinese, by the English text; %s and %d stand for the same things in the same order.
return {
  -- the command line
  ["Usage:"] = "用法：",
  ["Options:"] = "选项：",
  ["Other options:"] = "其他选项：",
  ["Arguments:"] = "参数：",
  ["Commands:"] = "命令：",
  ["(default: "] = "（默认：",
  ["unknown option '%s'"] = "未知选项“%s”",
  ["unknown command '%s'"] = "未知命令“%s”",
  ["argument '%s' is missing"] = "缺少参数“%s”",
  ["option '%s' is missing"] = "缺少选项“%s”",
  ["option '%s' needs a value"] = "选项“%s”需要一个值",
  ["option '%s' takes no value"] = "选项“%s”不带值",
  ["option '%s' must be one of %s"] = "选项“%s”只能是 %s 之一",
  ["argument '%s' must be one of %s"] = "参数“%s”只能是 %s 之一",
  ["options '%s' and '%s' exclude each other"] = "选项“%s”和“%s”不能同时使用",
  ["too many arguments"] = "参数太多",
  ["a command is needed"] = "需要一个命令",
  ["field '%s' has no value"] = "字段“%s”没有值",
  ["%s (did you mean '%s'?)"] = "%s（是否想写“%s”？）",
  ["%s (see %s --help)"] = "%s（见 %s --help）",
  ["not installed (it comes with %s)"] = "未安装（它属于 %s）",
  ["internal error"] = "内部错误",
  ["stdout: %s"] = "标准输出：%s",
  ["file '%s': %s"] = "文件“%s”：%s",

  -- the program and the options of every command
  ["Live events from one source to many platforms, on Tencent Cloud CME or cme serve."]
    = "把一路直播源推到多个平台，使用腾讯云 CME 或本机的 cme serve。",
  ["Options of every command that calls the service"] = "所有调用服务的命令共有的选项",
  ["Write the result as one line of JSON."] = "以一行 JSON 输出结果。",
  ["Show the calls that would change something, and send none of them."] = "只显示会产生改动的调用，一个也不发送。",
  ["Show stream keys and signatures in URLs, which are *** else."] = "显示 URL 中的推流密钥和签名，否则显示为 ***。",
  ["The service: a host, or a URL as http://127.0.0.1:8156. Default: $CME_ENDPOINT, or the cloud."]
    = "服务地址：主机名，或 http://127.0.0.1:8156 这样的 URL。默认：$CME_ENDPOINT，否则为腾讯云。",
  ["The platform that Tencent gave you. Default: $CME_PLATFORM."] = "腾讯云分配的平台。默认：$CME_PLATFORM。",
  ["Section of the credentials file to take the key from."] = "使用凭证文件中的哪一节。",
  ["Region; CME needs none."] = "地域；CME 不需要。",
  ["Language of messages. Default: by the locale."] = "消息的语言。默认：按系统区域设置。",
  ["Seconds that one attempt may take. Default: 60."] = "每次尝试最多用多少秒。默认：60。",
  ["Attempts that may follow a failed one. Default: 3."] = "失败后最多再试几次。默认：3。",
  ["Certificates to trust beside the system's."] = "除系统证书外还信任的证书。",
  ["URL of a proxy."] = "代理的 URL。",
  ["Hosts that are reached without the proxy, separated by commas."] = "不经代理访问的主机，以逗号分隔。",
  ["Show the version and exit."] = "显示版本并退出。",
  ["Show this help and exit."] = "显示本帮助并退出。",

  -- which project
  ["a project's id or name is needed, got an empty text"] = "需要项目的 ID 或名称，得到的是空文本",
  ["%d projects are named '%s': give the id of one (%s%s)"] = "有 %d 个项目名为“%s”：请给出其中一个的 ID（%s%s）",
  ["project '%s': not found"] = "项目“%s”：未找到",
  ["project '%s': not found (did you mean '%s'?)"] = "项目“%s”：未找到（是否想写“%s”？）",

  -- states
  idle = "空闲",
  working = "转推中",
  stopped = "已停止",
  failed = "失败",
  live = "正常",
  waiting = "等待中",
  connecting = "连接中",
  reconnecting = "重连中",
  refused = "被拒绝",
  stalled = "停滞",
  down = "中断",

  -- list
  ["List the projects, newest first."] = "列出项目，最新的在前。",
  ["Only those of this owner."] = "只列出此归属者的。",
  ["Only those of this category."] = "只列出此类别的。",
  ["Only those in this state."] = "只列出处于此状态的。",
  ["no projects"] = "没有项目",
  NAME = "名称",
  ID = "ID",
  STATE = "状态",
  INPUT = "输入",
  OUTPUTS = "输出",
  STOPS = "停止时间",
  OWNER = "归属者",

  -- serve
  ["Run the service: the same API on this machine."] = "运行服务：在本机提供同样的 API。",
  ["Address and port, 127.0.0.1:8156 if none is given; port 0 picks a free one. May be given again. With http:// before it, it is plain though there is a certificate."]
    = "地址和端口，未给出时为 127.0.0.1:8156；端口 0 表示任选一个空闲端口。可以多次给出。前面写 http:// 则即使有证书也用明文。",
  ["TLS certificate with those that signed it, in PEM form; read again on SIGHUP."]
    = "PEM 格式的 TLS 证书及其签发链；收到 SIGHUP 时重新读取。",
  ["Its key, without a passphrase."] = "证书的私钥，不带口令。",
  ["Connections at once, of all clients together."] = "所有客户端同时连接的总数上限。",
  ["Connections at once of one other machine (0: no such limit)."] = "每台其他机器同时连接数的上限（0 表示不限）。",
  ["--listen '%s': HOST:PORT is needed, such as %s"] = "--listen “%s”：应为 HOST:PORT，例如 %s",
  ["--listen '%s': TLS needs --cert and --key"] = "--listen “%s”：TLS 需要 --cert 和 --key",
  ["--cert and --key belong together: give both"] = "--cert 和 --key 必须同时给出",
  ["Folder for projects, keys and engines (default $XDG_STATE_HOME/cme or ~/.local/state/cme)."]
    = "存放项目、密钥和引擎的目录（默认 $XDG_STATE_HOME/cme 或 ~/.local/state/cme）。",
  ["Own ingest and playback: off is the only choice."] = "自带的推流接入和播放：目前只能是 off。",
  ["A platform to have beside 'test'."] = "除 'test' 外再有的一个平台。",
  ["Whether ModifyInput may change the input that is on air (keep: it is refused)."]
    = "ModifyInput 能否修改正在播出的输入（keep：拒绝）。",
  ["The engine program (default: the cme-relay installed with this cme)."]
    = "引擎程序（默认：随本 cme 安装的 cme-relay）。",
  ["Least urgent level to log."] = "日志记录的最低级别。",
  ["%s '%s': letters, digits, '_', '-' and '.' only, at most 64"] = "%s “%s”：只能含字母、数字、“_”“-”和“.”，最多 64 个",

  -- serve keys, serve platforms
  ["Add, list and revoke the keys that may sign requests."] = "添加、列出和吊销可以签名请求的密钥。",
  ["Make a key and show its secret, this once."] = "生成一个密钥并显示其内容，仅此一次。",
  ["A platform it may be used for (all, if none is named); may be given again."]
    = "密钥可用于的平台（不指定则为全部）；可以多次给出。",
  ["Make a temporary key with a session token, for 90s, 30m, 2h, 7d ..."]
    = "生成带会话令牌的临时密钥，有效期如 90s、30m、2h、7d……",
  ["What to call it: its section in the INI text."] = "密钥的名称，即它在 INI 文本中的节名。",
  ["List the keys, without secrets."] = "列出密钥，不显示其内容。",
  ["Forget a key: the next request with it is refused."] = "吊销一个密钥：此后用它签名的请求都被拒绝。",
  ["Its id."] = "密钥的 ID。",
  ["platform '%s': there is none of this name: run cme serve platforms add %s first"]
    = "平台“%s”：没有这个平台：请先运行 cme serve platforms add %s",
  ["add key: %s"] = "添加密钥：%s",
  ["--expires '%s': a time such as 90s, 30m, 2h or 7d, at most 366d"]
    = "--expires “%s”：应为 90s、30m、2h、7d 这样的时长，最长 366d",
  ["list keys: %s"] = "列出密钥：%s",
  PLATFORMS = "平台",
  CREATED = "创建时间",
  EXPIRES = "到期时间",
  ["key '%s': it is the development key: delete '%s' and restart the service to get another"]
    = "密钥“%s”：这是开发密钥：删除“%s”并重启服务即可换一个",
  ["key '%s': there is none of this id: see cme serve keys list"] = "密钥“%s”：没有这个 ID：见 cme serve keys list",
  ["revoke key: %s"] = "吊销密钥：%s",
  ["Add and list the platforms of projects."] = "添加和列出项目所属的平台。",
  ["Have one more; one that is there is fine."] = "添加一个平台；已有则不变。",
  ["Its name."] = "平台的名称。",
  ["List them, one a line."] = "列出平台，每行一个。",
  ["add platform '%s': %s"] = "添加平台“%s”：%s",
  ["list platforms: %s"] = "列出平台：%s",
}
