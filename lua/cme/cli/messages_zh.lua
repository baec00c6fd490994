-- SPDX-License-Identifier: MIT
-- What `cme` says, in Chinese, by the English text; %s and %d stand for the same things in the same order.
return {
  ["waits for %s"] = "等待%s",
  ["%s"] = "%s", -- a message of the library: cme.cli.messages translates what is put into a text

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
  ["'%s' is not what is needed here"] = "“%s”不是这里需要的值",
  ["'%s' is not a number"] = "“%s”不是数字",
  ["too many arguments"] = "参数太多",
  ["a command is needed"] = "需要一个命令",
  ["field '%s' has no value"] = "字段“%s”没有值",
  ["%s (did you mean '%s'?)"] = "%s（是否想写“%s”？）",
  ["%s (see %s --help)"] = "%s（见 %s --help）",
  ["not installed (it comes with %s)"] = "未安装（它属于 %s）",
  ["internal error"] = "内部错误",
  ["interrupted"] = "已中断",
  ["stdout: %s"] = "标准输出：%s",
  ["file '%s': %s"] = "文件“%s”：%s",

  -- the program and the options of every command
  ["Live events from one source to many platforms, on Tencent Cloud CME or cme serve."]
    = "把一路直播源推到多个平台，使用腾讯云 CME 或本机的 cme serve。",
  ["Options of every command that calls the service"] = "所有调用服务的命令共有的选项",
  ["Write the result as one line of JSON."] = "以一行 JSON 输出结果。",
  ["Show the calls that would change something, and send none of them."] = "只显示会产生改动的调用，一个也不发送。",
  ["Show stream keys and signatures in URLs, which are *** else."] = "显示 URL 中的推流码和签名，否则显示为 ***。",
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
  ["%d projects are named '%s': give the id of one (%s)"] = "有 %d 个项目名为“%s”：请给出其中一个的 ID（%s）",
  ["%s old"] = "创建于 %s前",
  ["project '%s': not found"] = "项目“%s”：未找到",
  ["project '%s': not found (did you mean '%s'?)"] = "项目“%s”：未找到（是否想写“%s”？）",

  -- states
  idle = "未开播",
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
  ["Only those of this owner."] = "只列出此所有者的。",
  ["Only those of this category."] = "只列出此类别的。",
  ["Only those in this state."] = "只列出处于此状态的。",
  ["no projects"] = "没有项目",
  NAME = "名称",
  ID = "ID",
  STATE = "状态",
  INPUT = "输入",
  OUTPUTS = "推流目标",
  STOPS = "停止时间",
  OWNER = "所有者",

  -- serve
  ["Run the service: the same API on this machine."] = "运行服务：在本机提供同样的 API。",
  ["Address and port (127.0.0.1:8156), again for more; port 0: a free one; http:// before it: no TLS."]
    = "地址和端口（默认 127.0.0.1:8156），可多次给出；端口 0：任选空闲端口；前面写 http://：不用 TLS。",
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
  ["Ingest and playback by an nginx of the service's own; auto: when it is installed."]
    = "由服务自带的 nginx 接入推流并提供播放；auto：已安装 nginx 时启用。",
  ["IPv4 address and port that encoders push to; port 0 keeps or picks a free one."]
    = "编码器推流到的 IPv4 地址和端口；端口 0 表示沿用原端口或任选一个空闲端口。",
  ["The same for playback (HLS)."] = "播放（HLS）的地址和端口，写法相同。",
  ["Host name in the addresses of the edge (default: the host of --edge-rtmp, or this machine's name)."]
    = "推流和播放地址中的主机名（默认：--edge-rtmp 的主机，或本机名）。",
  ["%s '%s': a host name is needed"] = "%s “%s”：需要主机名",
  ["%s '%s': HOST:PORT with an IPv4 address is needed, such as %s"] = "%s “%s”：需要 HOST:PORT，主机为 IPv4 地址，例如 %s",
  ["A platform to have beside 'test'."] = "除 'test' 外再有的一个平台。",
  ["How long a run may last that is not told when to end; none: until Stop."]
    = "未指定结束时间的转推最多持续多久；none：直到停止。",
  ["Whether a broadcast leaves an input that is silent for the other one by itself."]
    = "输入无信号时是否自动切换到另一路输入。",
  ["How long the input that was asked for must work until a broadcast goes back to it by itself; off: it does not."]
    = "原定输入恢复正常多久后自动切回；off：不自动切回。",
  ["Calls of an action in a second, for each key; off: as many as come."]
    = "每个密钥每秒可调用同一接口的次数；off：不限。",
  ["Whether ModifyInput may change the input that is on air (keep: it is refused)."]
    = "ModifyInput 能否修改正在播出的输入（keep：拒绝）。",
  ["The engine program (default: the cme-relay installed with this cme)."]
    = "引擎程序（默认：随本 cme 安装的 cme-relay）。",
  ["Folder of the files that FileId and MaterialId of media casts name."]
    = "媒体转推的 FileId 和 MaterialId 所指文件的文件夹。",
  ["x264's preset for media casts: faster ones need less processor time."]
    = "媒体转推使用的 x264 预设：越快的预设占用的处理器时间越少。",
  ["Address and port of /metrics, for Prometheus (default: none)."] = "供 Prometheus 抓取的 /metrics 的地址和端口（默认：无）。",
  ["--metrics '%s': HOST:PORT is needed, such as %s"] = "--metrics “%s”：需要 HOST:PORT，如 %s",
  ["A URL that events are posted to, signed; may be given several times."] = "接收事件的 URL（POST，带签名）；可以多次给出。",
  ["A file with more of them, one a line, that others may not read: for URLs that hold a secret."]
    = "另含若干 URL 的文件，每行一个，其他用户不可读：用于带有密钥的 URL。",
  ["--webhook-file '%s': no URL is in it"] = "--webhook-file “%s”：其中没有 URL",
  ["--default-stop '%s': a duration of at most 30 days is needed, such as 2h, or none"]
    = "--default-stop “%s”：需要不超过 30 天的时长，如 2h，或 none",
  ["--failback '%s': a duration of at most 1 day is needed, such as 30s, or off"]
    = "--failback “%s”：需要不超过 1 天的时长，如 30s，或 off",
  ["--rate-limit '%s': a whole number from 1 to %d, or off"] = "--rate-limit “%s”：需要 1 到 %d 的整数，或 off",
  ["A file of CAs that the webhooks' certificates may have, besides the system's."]
    = "除系统 CA 外，接收方证书可用的 CA 文件。",
  ["--webhook: %d given, at most %d"] = "--webhook：给出了 %d 个，最多 %d 个",
  ["--webhook: %s"] = "--webhook：%s",
  ["--webhook '%s': given twice"] = "--webhook “%s”：重复给出",
  ["state folder: neither HOME nor the password database names a home: give a folder with --state"]
    = "状态目录：HOME 和用户数据库都没有给出主目录：请用 --state 指定一个目录",
  ["Least urgent level to log."] = "日志记录的最低级别。",
  ["Start though broadcasts run that the database does not know: they go on, and can be stopped."]
    = "即使有数据库不认识的转推正在播出也启动服务：它们继续播出，并且可以停止。",
  ["Start though broadcasts run that the database does not know: they end."]
    = "即使有数据库不认识的转推正在播出也启动服务：它们立即结束。",

  -- a command's own texts
  ["--json, --dry-run, --endpoint and the other options of every command: cme --help"]
    = "--json、--dry-run、--endpoint 等所有命令共有的选项：cme --help",
  ["Id, name or file (SHOW.lua, SPEC.json)."] = "ID、名称或文件（SHOW.lua、SPEC.json）。",
  ["an object is needed"] = "需要一个对象",
  ["project '%s': not found: create it first"] = "项目“%s”：未找到：请先创建",
  ["option '%s': the file says it already"] = "选项“%s”：文件中已有说明",
  ["option '%s': '%s' is no duration: write it with its unit, such as 90s, 30m or 2h"]
    = "选项“%s”：“%s”不是时长：请带上单位，例如 90s、30m 或 2h",
  ["option '%s': %s; or a time of day here, such as 22:00"] = "选项“%s”：%s；也可以写本地时刻，例如 22:00",
  ["option '%s': %s"] = "选项“%s”：%s",
  ["argument '%s': a file is needed: SHOW.lua or SPEC.json"] = "参数“%s”：需要一个文件：SHOW.lua 或 SPEC.json",
  ["When to stop by itself: 22:00 (the next one), or 2026-11-22T22:00:00+08:00."]
    = "何时自动停止：22:00（下一个该时刻），或 2026-11-22T22:00:00+08:00。",
  ["How long until it stops by itself, such as 2h30m."] = "多久后自动停止，例如 2h30m。",

  -- create
  ["Create a project; it does not start."] = "创建项目；不会启动。",
  ["The new project's name, or a file with its spec (SHOW.lua, SPEC.json)."]
    = "新项目的名称，或写有其配置的文件（SHOW.lua、SPEC.json）。",
  ["URLs hold keys: @FILE in their place reads one from a file, - from stdin."]
    = "URL 中含有密钥：可改写 @FILE 从文件读取，或 - 从标准输入读取。",
  ["Your own id of the user it belongs to."] = "项目归属的用户在您系统中的 ID。",
  ["The live stream to relay; push:SECONDS makes an address to push to."]
    = "要转推的直播流；push:SECONDS 则生成一个推流地址。",
  ["The stream to go over to; as --input."] = "备用的流；写法同 --input。",
  ["A destination, its name before it if it has one; again for each."] = "一个推流目标，名称（若有）写在前面；可重复。",
  ["MEDIA_CAST: what to play, one after the other; again for each."] = "MEDIA_CAST：依次播放的内容；可重复。",
  ["STREAM_CONNECT relays, MEDIA_CAST plays sources and encodes anew."]
    = "STREAM_CONNECT 为云转推，MEDIA_CAST 为播放内容并重新编码。",
  ["A description."] = "描述。",
  ["created '%s': %s"] = "已创建“%s”：%s",
  ["warning: there is another project named '%s' (%s): commands need an id now"]
    = "警告：已有另一个项目也叫“%s”（%s）：之后的命令需要用 ID 指定",

  -- start, stop, switch, rename, delete, ensure, push-url
  ["Start a broadcast; one of a file is created first if need be."] = "启动直播转推；由文件给出的项目必要时先创建。",
  ["started '%s'"] = "已启动“%s”",
  ["started '%s', until %s"] = "已启动“%s”，到 %s 停止",
  ["%s; it is on the air: 'cme extend %s 30m' or 'cme stop-at %s 22:30' moves its planned stop"]
    = "%s；它正在转推：可用“cme extend %s 30m”或“cme stop-at %s 22:30”调整计划停止时间",
  ["Move the planned stop of a broadcast that is on the air to a later time."] = "推迟正在进行的转推的计划停止时间。",
  ["By how much, such as 30m."] = "推迟多久，例如 30m。",
  ["Set the planned stop of a broadcast that is on the air."] = "设定正在进行的转推的计划停止时间。",
  ["When: 22:30 (the next one), or 2026-11-22T22:30:00+08:00."]
    = "何时：22:30（下一个该时刻），或 2026-11-22T22:30:00+08:00。",
  ["'%s' goes on until %s"] = "“%s”将转推到 %s",
  ["Stop a broadcast; the project stays and can be started again."] = "停止转推；项目保留，可再次启动。",
  ["stopped '%s'"] = "已停止“%s”",
  ["Go on from another input; destinations stay connected."] = "切换到另一路输入；推流目标保持连接。",
  ["main or backup; MEDIA_CAST: the id of the source to play."] = "main 或 backup；MEDIA_CAST：要播放的源的 ID。",
  ["'%s' goes on from %s"] = "“%s”改用输入 %s",
  ["Give a project another name."] = "给项目改名。",
  ["The new name, at most 30 characters."] = "新名称，最多 30 个字符。",
  ["'%s' is now called '%s'"] = "“%s”已改名为“%s”",
  ["Delete a project; one on the air is refused."] = "删除项目；正在转推的会被拒绝。",
  ["deleted '%s'"] = "已删除“%s”",
  ["Make the service match a file with the fewest calls; what is well stays untouched."]
    = "以最少的调用使服务与文件一致；已经一致的不动。",
  ["SHOW.lua or SPEC.json."] = "SHOW.lua 或 SPEC.json。",
  ["Also start or stop it."] = "同时启动或停止。",
  ["'%s' is as it should be"] = "“%s”已经符合要求",
  ["Show the address to push to; it holds a key."] = "显示推流地址；其中含有密钥。",
  ["main or backup."] = "main 或 backup。",

  -- output
  ["Add, change and remove destinations, also on the air."] = "添加、修改、移除推流目标，转推中也可以。",
  ["The output: its id or its name."] = "推流目标的 ID 或名称。",
  ["Add a destination."] = "添加一个推流目标。",
  ["Where to push: a URL, @FILE or -."] = "推流到哪里：URL、@FILE 或 -。",
  ["What to call it."] = "它的名称。",
  ["Its id; made when not given."] = "它的 ID；不给则自动生成。",
  ["Change a destination; what is not given stays."] = "修改一个推流目标；未给出的不变。",
  ["Another name."] = "新的名称。",
  ["Another URL, @FILE or -."] = "新的 URL、@FILE 或 -。",
  ["Remove a destination."] = "移除一个推流目标。",
  ["Push to a destination again."] = "恢复向一个目标推流。",
  ["Stop pushing to a destination and keep its URL."] = "停止向一个目标推流，保留其地址。",
  ["project '%s': two outputs are named '%s': give the id"] = "项目“%s”：有两个推流目标名为“%s”：请给出 ID",
  ["project '%s': output '%s': not found"] = "项目“%s”：推流目标“%s”：未找到",
  ["nothing to change: give --name or --url"] = "没有要改的：请给出 --name 或 --url",
  ["'%s': output '%s' added"] = "“%s”：已添加推流目标“%s”",
  ["'%s': output '%s' changed"] = "“%s”：已修改推流目标“%s”",
  ["'%s': output '%s' removed"] = "“%s”：已移除推流目标“%s”",
  ["'%s': output '%s' is pushed to again"] = "“%s”：已恢复向推流目标“%s”推流",
  ["'%s': output '%s' is no longer pushed to"] = "“%s”：已停止向推流目标“%s”推流",

  -- input
  ["Add, change and remove inputs; of a MEDIA_CAST project its sources."] = "添加、修改、移除输入；MEDIA_CAST 项目则为其源。",
  ["main or backup; MEDIA_CAST: the URL of a source."] = "main 或 backup；MEDIA_CAST：源的 URL。",
  ["The live stream to pull: a URL, @FILE or -."] = "要拉取的直播流：URL、@FILE 或 -。",
  ["Make an address to push to, valid for so many seconds."] = "生成一个推流地址，有效这么多秒。",
  ["Play a file; again for each, in their order."] = "播放一个文件；可重复，按顺序播放。",
  ["How often files are played again; -1 until the stop."] = "文件重复播放的次数；-1 表示一直到停止。",
  ["Add an input."] = "添加一路输入。",
  ["a MEDIA_CAST project has sources: give the URL of one"] = "MEDIA_CAST 项目使用源：请给出源的 URL",
  ["a source of a MEDIA_CAST project cannot be changed: add the new one, then remove the old one"]
    = "MEDIA_CAST 项目的源不能修改：请先添加新源，再移除旧源",
  ["a MEDIA_CAST project has sources, and no address to push to"] = "MEDIA_CAST 项目使用源，没有推流地址",
  ["input '%s' is none to push to"] = "输入“%s”不是推流输入",
  ["MEDIA_CAST: the place among the sources; 1 is the first."] = "MEDIA_CAST：在源列表中的位置；1 为最前。",
  ["Change an input; STREAM_CONNECT only."] = "修改一路输入；仅 STREAM_CONNECT。",
  ["Remove an input."] = "移除一路输入。",
  ["main or backup; MEDIA_CAST: the source's id."] = "main 或 backup；MEDIA_CAST：源的 ID。",
  ["give one of: a URL, --push SECONDS, --vod URL"] = "请给出其中之一：URL、--push SECONDS、--vod URL",
  ["'%s': input '%s' added"] = "“%s”：已添加输入“%s”",
  ["'%s': input '%s' changed"] = "“%s”：已修改输入“%s”",
  ["'%s': input '%s' removed"] = "“%s”：已移除输入“%s”",

  -- status
  ["Show a project: its state, inputs and outputs, and how each does where the service tells."]
    = "显示项目：状态、输入和推流目标，以及（服务提供时）各自的运行情况。",
  ["since %s (%s)"] = "自 %s 起（%s）",
  ["since %s"] = "自 %s 起",
  ["until %s (in %s)"] = "到 %s 停止（还有 %s）",
  ["This service does not tell how single inputs and outputs do."] = "该服务不提供各路输入和推流目标的运行情况。",
  RATE = "码率",
  PICTURE = "画面",
  SOURCE = "来源",
  ["LAST ERROR"] = "最近的错误",
  OUTPUT = "推流目标",
  DROPPED = "丢包",
  DELAY = "延迟",

  -- call, sign
  ["Do any of the service's actions; --help after an action lists its fields."]
    = "执行服务的任一接口；在接口名后加 --help 列出其字段。",
  ["One of the service's actions, such as DescribeProjects."] = "服务的一个接口，例如 DescribeProjects。",
  ["Its parameters as JSON: a text, @FILE, or - for stdin."] = "JSON 形式的参数：文本、@FILE，或 - 表示标准输入。",
  ["Fields are options too: --Owner.Id me --ProjectIds.0 5fae2b35d84b53000142d8a3"]
    = "字段也可写成选项：--Owner.Id me --ProjectIds.0 5fae2b35d84b53000142d8a3",
  ["Fields of %s (N counts from 0):"] = "%s 的字段（N 从 0 数起）：",
  ["Its answer: %s"] = "返回：%s",
  ["Actions:"] = "接口：",
  required = "必填",
  ["action '%s': unknown"] = "接口“%s”：不存在",
  ["field '%s': given twice"] = "字段“%s”：给了两次",
  ["the parameters must be a JSON object"] = "参数必须是 JSON 对象",
  ["Show the signed request of an action, without sending it."] = "显示某接口签名后的请求，但不发送。",
  ["Show the canonical request, the string to sign and the signature."] = "显示规范请求串、待签名字符串和签名。",
  ["Sign as of then: unix seconds, or 2026-11-22T22:00:00+08:00. Default: now."]
    = "按此时刻签名：Unix 秒，或 2026-11-22T22:00:00+08:00。默认：现在。",
  ["canonical request (SHA-256 %s)"] = "规范请求串（SHA-256 %s）",
  ["string to sign"] = "待签名字符串",
  signature = "签名",
  ["body (its bytes are hashed as they are)"] = "请求体（按原始字节计算哈希）",

  -- url
  ["Make and check push and play URLs with txSecret and txTime."] = "生成和检查带 txSecret 和 txTime 的推流、播放地址。",
  ["Make a URL to push to."] = "生成推流地址。",
  ["Make a URL to play from."] = "生成播放地址。",
  ["Check a URL: whether its signature is right, and until when it is good."] = "检查地址：签名是否正确，有效到何时。",
  ["The domain, with a port if it has one."] = "域名，如有端口则带上端口。",
  ["AppName."] = "AppName。",
  ["StreamName."] = "StreamName。",
  ["As the domain is set up."] = "与域名的设置一致。",
  ["Until when a connection may be made, such as 2026-11-22T22:00:00+08:00."]
    = "到何时为止可以建立连接，例如 2026-11-22T22:00:00+08:00。",
  ["For how long a connection may be made, such as 24h."] = "多长时间内可以建立连接，例如 24h。",
  ["The push domain's key; @FILE or - keeps it out of the process list."]
    = "推流域名的密钥；写 @FILE 或 - 可避免出现在进程列表中。",
  ["The play domain's key, where playing needs one; @FILE or -."] = "播放域名的密钥（如需要）；@FILE 或 -。",
  ["Protocol."] = "协议。",
  ["Protocol; https, for rtmp rtmp."] = "协议；默认 https，rtmp 形式为 rtmp。",
  ["What to play by."] = "播放形式。",
  ["The URL, @FILE or -."] = "URL、@FILE 或 -。",
  ["The domain's key, @FILE or -."] = "域名的密钥、@FILE 或 -。",
  ["The domain's other key."] = "域名的另一个密钥。",
  ["give --expires or --for"] = "请给出 --expires 或 --for",
  ["good until %s, by the %s key"] = "有效至 %s，使用 %s 密钥",

  -- completion
  ["Write a completion script for a shell."] = "输出某个 shell 的补全脚本。",
  ["Which shell."] = "哪个 shell。",
  ["bash: eval \"$(cme completion bash)\" in ~/.bashrc\nzsh: cme completion zsh >~/.zfunc/_cme\n"
    .. "fish: cme completion fish >~/.config/fish/completions/cme.fish"]
    = "bash：在 ~/.bashrc 中写 eval \"$(cme completion bash)\"\nzsh：cme completion zsh >~/.zfunc/_cme\n"
    .. "fish：cme completion fish >~/.config/fish/completions/cme.fish",
  ["%s '%s': letters, digits, '_', '-' and '.' only, at most 64"] = "%s “%s”：只能含字母、数字、“_”“-”和“.”，最多 64 个",

  -- serve keys, serve platforms
  ["state folder '%s': it belongs to user %s: run this as that user (sudo -u '%s')"]
    = "状态目录“%s”属于用户 %s：请以该用户身份运行（sudo -u '%s'）",
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
  ["unknown platform '%s': run cme serve platforms add %s first"]
    = "未知的平台“%s”：请先运行 cme serve platforms add %s",
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

  -- relay
  ["Run the engine by hand: cme relay -i URL [-b URL] -o URL ...; @FILE reads a URL."]
    = "手动运行引擎：cme relay -i URL [-b URL] -o URL ...；@FILE 从文件读取 URL。",
  ["The arguments of cme-relay, which tells them by cme relay --help."]
    = "cme-relay 的参数，用 cme relay --help 查看。",
  ["start '%s': %s"] = "启动“%s”：%s",

  -- doctor
  ["Check the key, the service and the clock; of a project each source and destination; and say what to do."]
    = "检查密钥、服务和时钟，以及项目的各个源和推流目标，并说明该怎么办。",
  ["A source to look at, @FILE or -; again for each."] = "要检查的源、@FILE 或 -；可重复。",
  ["A destination to knock at, @FILE or -; again for each."] = "要检查的推流目标、@FILE 或 -；可重复。",
  ["How long a source may be looked at."] = "每个源最多检查多久。",
  ["Sources and destinations are looked at from this machine. Nothing is published. Exit code 6: the "
    .. "service is well, a source or destination is not."]
    = "源和推流目标都从本机检查，不会真正推流。退出码 6：服务正常，但有源或推流目标不正常。",
  ok = "正常",
  warning = "注意",
  skipped = "跳过",
  key = "密钥",
  service = "服务",
  clock = "时钟",
  project = "项目",
  input = "输入",
  output = "推流目标",
  CHECK = "检查项",
  FINDING = "结果",
  ["check the host's name, and this machine's DNS"] = "检查主机名和本机的 DNS",
  ["check the address, and that the other side is up"] = "检查地址，并确认对方已启动",
  ["check the address and the firewalls in between, and that the other side is up"]
    = "检查地址和中间的防火墙，并确认对方已启动",
  ["check the certificate's name and end; a private CA is named by --ca-file"]
    = "检查证书的名称和有效期；私有 CA 用 --ca-file 指定",
  ["check the proxy"] = "检查代理",
  ["ask the other side why it hangs up: a wrong port, or a full server"] = "向对方查明断开的原因：端口不对，或服务器已满",
  ["check the port: something else answers there"] = "检查端口：应答的是别的程序",
  ["check the path: the server has no such stream now, or does not give it to this machine"]
    = "检查路径：服务器现在没有这路流，或不允许本机拉取",
  ["start the source: it ends at once"] = "启动源：它一打开就结束",
  ["start the encoder: the server is there, but sends nothing"] = "启动编码器：服务器在，但没有发送数据",
  ["send H.264 and AAC by rtmp, http-flv, hls or srt"] = "请以 rtmp、http-flv、hls 或 srt 发送 H.264 和 AAC",
  ["check the encoder's camera or scene"] = "请检查编码器的摄像头或场景",
  ["check the encoder's sound"] = "请检查编码器的声音",
  ["set the encoder's keyframe interval to 1 to 4 s"] = "请把编码器的关键帧间隔设为 1 至 4 秒",
  ["send smaller pictures and playlists"] = "请发送更小的画面和播放列表",
  ["install openssl"] = "安装 openssl",
  ["this machine is %.0f s ahead of the service"] = "本机比服务快 %.0f 秒",
  ["this machine is %.0f s behind the service"] = "本机比服务慢 %.0f 秒",
  ["this machine's clock agrees with the service's"] = "本机时钟与服务一致",
  ["set it: other tools are refused, and planned times are off"] = "请校准：其他工具会被拒绝，计划时间也会不准",
  ["set it: planned times are off"] = "请校准：计划时间会不准",
  ["%s answers, its certificate is good"] = "%s 有应答，证书有效",
  ["%s answers"] = "%s 有应答",
  ["%s answers, without TLS"] = "%s 有应答，但未加密",
  ["use https: stream keys travel in the calls"] = "请使用 https：调用中带有推流码",
  ["%s, from %s"] = "%s，来自 %s",
  ["no picture"] = "没有画面",
  ["send H.264 video"] = "请发送 H.264 视频",
  ["of %s"] = "所有者 %s",
  ["this video codec is not sent on"] = "这种视频编码无法转推",
  ["destinations get no picture"] = "推流目标收不到画面",
  ["few platforms take this video codec"] = "很少有平台接受这种视频编码",
  ["send H.264"] = "请发送 H.264",
  ["no sound"] = "没有声音",
  ["%s; %s"] = "%s；%s",
  ["platforms show black, or end the broadcast"] = "平台会显示黑屏，或结束直播",
  ["the others refuse it, or show no picture"] = "其余平台会拒绝，或没有画面",
  ["many platforms warn about a broadcast without sound, some refuse it"] = "许多平台会对无声直播告警，有的会拒绝",
  ["send AAC sound, silent if need be"] = "请发送 AAC 音频，必要时发静音",
  ["on the others the broadcast is silent"] = "在其余平台上直播没有声音",
  ["viewers wait that long for a picture, and platforms that cut at keyframes stall or refuse it"]
    = "观众要等这么久才有画面，按关键帧切片的平台会卡顿或拒绝",
  ["players stall at each jump"] = "每次跳变都会让播放卡住",
  ["platforms get nothing from it: the broadcast goes over to the backup, or has no picture"]
    = "平台收不到它的内容：直播会切到备用输入，或没有画面",
  ["few platforms take this sound codec"] = "很少有平台接受这种音频编码",
  ["send AAC"] = "请发送 AAC",
  ["no two keyframes came while it was looked at"] = "检查期间没有收到两个关键帧",
  ["set the encoder's keyframe interval to 2 s"] = "把编码器的关键帧间隔设为 2 秒",
  ["keyframes are far apart"] = "关键帧间隔太长",
  ["its timestamps jump"] = "时间戳有跳变",
  ["look at the encoder and its network"] = "请检查编码器及其网络",
  ["an address to push to: start your encoder"] = "这是推流地址：请启动您的编码器",
  ["answers within %.0f ms"] = "%.0f 毫秒内应答",
  ["not looked at: that takes %s"] = "未检查：这需要 %s",

  -- cme run
  ["Do the evening of a show file: check, start on time, watch, switch, alert, stop on time, report."] =
    "执行节目文件：检查、准时开始、监看、切换、告警、准时停止、报告。",
  ["SHOW.lua files."] = "SHOW.lua 文件。",
  ["Folder for what a show remembers. Default: $STATE_DIRECTORY, or beside the file."] =
    "保存节目进度的目录。默认：$STATE_DIRECTORY，否则与文件同目录。",
  ["How long between two looks at a show on the air."] = "直播中两次查看之间的间隔。",
  ["Killed and run again it goes on where the broadcast is. The service holds the stop time meanwhile. "
    .. "SIGTERM, Ctrl-C and a terminal that goes away leave the broadcast on the air, or stop it, as the show says "
    .. "(on_sigterm)."] =
    "被杀死后重新运行会从直播当前处继续，其间停止时间由服务保证。"
    .. "收到 SIGTERM、Ctrl-C 或终端断开时，按节目文件的 on_sigterm 保留或停止直播。",
  ["another cme run is doing it"] = "另一个 cme run 正在执行它",
  ["show '%s': %s"] = "节目“%s”：%s",
  ["%s (--state names another folder)"] = "%s（可用 --state 指定其他目录）",
  ["%d are not told yet (run it again)"] = "还有 %d 条告警未送达（请再次运行）",
  ["nothing is to be done"] = "无需任何调用",
  ["it gave no answer in time"] = "没有及时回答",
  ["show '%s': no output ever had a picture"] = "节目“%s”：没有任何推流目标有过画面",
  ["show '%s': its time was over before it was on the air"] = "节目“%s”：还未开播，时间已过",
  ["%s input"] = "输入 %s",
  ["output '%s'"] = "推流目标“%s”",
  ["broadcast"] = "直播",
  ["RECOVERED %s, after %s"] = "恢复：%s，历时 %s",
  ["ALERT %s: %s"] = "告警：%s：%s",
  ["check %s: %s"] = "检查 %s：%s",
  ["all %d checks are well"] = "%d 项检查全部正常",
  ["  gap from %s for %s%s"] = "  %s 起中断 %s%s",
  ["output '%s': on the air %s (%.2f %%), unknown %s"] = "推流目标“%s”：在播 %s（%.2f %%），未知 %s",
  ["output '%s': on the air %s (%.2f %%)"] = "推流目标“%s”：在播 %s（%.2f %%）",
  ["never on the air"] = "从未开播",
  ["on the air from %s to %s, %s"] = "直播时间 %s 至 %s，共 %s",
  ["switched from %s to %s at %s%s"] = "从 %s 切换到 %s，时间 %s%s",
  ["on the air since %s"] = "自 %s 起已在直播",
  ["waiting until %s"] = "等待到 %s",
  ["prepared: %s"] = "已准备：%s",
  ["prepared: all is there"] = "已准备：无需更改",
  ["started, not all of it works yet: %s"] = "已开始，部分尚未正常：%s",
  ["started"] = "已开始",
  ["the service stops it at %s"] = "服务将于 %s 停止它",
  ["switched from %s to %s%s"] = "从 %s 切换到 %s%s",
  ["%s: %s (again in %s)"] = "%s：%s（%s 后重试）",
  ["%s: %s"] = "%s：%s",
  ["not remembered: %s"] = "未能记录：%s",
  ["told to end: the broadcast goes on, the service stops it at %s"] = "被要求退出：直播继续，服务将于 %s 停止它",
  ["told to end: nothing is on the air"] = "被要求退出：没有直播",

  -- cme watch
  ["Watch projects live: state, inputs and outputs, time left, what changes."] =
    "实时查看项目：状态、输入和推流目标、剩余时间、变化。",
  ["Ids, names or files (SHOW.lua, SPEC.json). Default: all projects."] =
    "ID、名称或文件（SHOW.lua、SPEC.json）。默认：所有项目。",
  ["How long between two looks."] = "两次查看之间的间隔。",
  ["At a terminal: a screen that j, k, arrows, PgUp and PgDn scroll, and q ends. Elsewhere, with --json "
    .. "and with TERM=dumb: changes, one a line, until it is told to end or none of the projects is there any more."] =
    "在终端上：全屏显示，用 j、k、方向键、PgUp、PgDn 滚动，q 退出。其他情况下，以及使用 --json 或 TERM=dumb 时："
    .. "每行输出一个变化，直到被要求退出或所有项目都已不存在。",
  ["the Lua module '%s' is not installed"] = "未安装 Lua 模块“%s”",
  ["KBIT/S"] = "KBIT/S",
  ["FPS"] = "帧率",
  ["%s ago: %s"] = "%s前：%s",
  ["%s gone, %s left"] = "已播 %s，剩余 %s",
  ["until %s"] = "至 %s",
  ["%s (for %s)"] = "%s（已 %s）",
  ["projects: %d, working: %d"] = "项目：%d，转推中：%d",
  ["lines %d to %d of %d"] = "第 %d 至 %d 行，共 %d 行",
  ["q: quit  j k PgUp PgDn: scroll"] = "q：退出  j k PgUp PgDn：滚动",
  ["%s: %s, was %s"] = "%s：%s，此前为 %s",
  ["%s: added"] = "%s：已添加",
  ["%s: removed"] = "%s：已删除",
  ["%s: changed"] = "%s：已更改",
  ["no longer there"] = "已不存在",
  ["%s, outputs: %d"] = "%s，推流目标：%d",
  ["%s, was %s"] = "%s，此前为 %s",
  ["no input on the air, was %s"] = "没有正在播出的输入，此前为 %s",
  ["input on the air: %s"] = "正在播出的输入：%s",
  ["input on the air: %s, was %s"] = "正在播出的输入：%s，此前为 %s",
  ["stops at %s"] = "将于 %s 停止",
  ["no planned stop"] = "没有计划停止时间",
  ["renamed from '%s' to '%s'"] = "由“%s”改名为“%s”",
  ["source '%s'"] = "播放源“%s”",
  ["can be read again"] = "恢复可读",
}
