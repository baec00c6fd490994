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
  ["(default: %s)"] = "（默认：%s）",
  ["unknown option '%s'"] = "未知选项“%s”",
  ["unknown command '%s'"] = "未知命令“%s”",
  ["argument '%s' is missing"] = "缺少参数“%s”",
  ["option '%s' is missing"] = "缺少选项“%s”",
  ["option '%s' needs a value"] = "选项“%s”需要一个值",
  ["option '%s' takes no value"] = "选项“%s”不带值",
  ["option '%s' must be one of %s"] = "选项“%s”只能是%s之一",
  ["argument '%s' must be one of %s"] = "参数“%s”只能是%s之一",
  ["options '%s' and '%s' exclude each other"] = "选项“%s”和“%s”不能同时使用",
  ["'%s' is not what is needed here"] = "“%s”不是这里需要的值",
  ["'%s'"] = "“%s”",
  ["%s, '%s'"] = "%s、“%s”",
  ["'%s' is not a number"] = "“%s”不是数字",
  ["option '%s': 0.001 to 2000000 seconds are needed"] = "选项“%s”：应为 0.001 至 2000000 秒",
  ["option '%s': a whole number from 0 to 100 is needed"] = "选项“%s”：应为 0 至 100 的整数",
  ["option '%s': missing"] = "选项“%s”：缺失",
  ["option '%s': unknown (did you mean '%s'?)"] = "选项“%s”：未知（是否想写“%s”？）",
  ["option '%s': unknown (there are %s)"] = "选项“%s”：未知（可用的有 %s）",
  ["switch: 'main' or 'backup' is needed, got '%s'"] = "switch：只能是“main”或“backup”，收到的是“%s”",
  ["switch: 'main' or 'backup' is needed, got '%s' (did you mean '%s'?)"]
    = "switch：只能是“main”或“backup”，收到的是“%s”（是否想写“%s”？）",
  ["too many arguments"] = "参数太多",
  ["a command is needed"] = "需要一个命令",
  ["field '%s' has no value"] = "字段“%s”没有值",
  ["%s (did you mean '%s'?)"] = "%s（是否想写“%s”？）",
  ["%s (see %s --help)"] = "%s（见 %s --help）",
  ["not installed (it comes with %s)"] = "未安装（它属于 %s）",
  ["internal error"] = "内部错误",
  ["interrupted"] = "已中断",
  ["interrupted: '%s' may be on the air: 'cme status %s' shows its state, 'cme stop %s' stops it"]
    = "已中断：“%s”可能已经开播：可用“cme status %s”查看状态，用“cme stop %s”停止",
  ["stdout: %s"] = "标准输出：%s",
  ["file '%s': %s"] = "文件“%s”：%s",

  -- the program and the options of every command
  ["Send one live source to many platforms, with Tencent Cloud CME or cme serve."]
    = "把一路直播源推到多个平台，使用腾讯云 CME 或本机的 cme serve。",
  ["Options of every command that calls the service"] = "所有调用服务的命令共有的选项",
  ["Write the result as one line of JSON."] = "以一行 JSON 输出结果。",
  ["Show calls that would change something, without sending them."]
    = "只显示会产生改动的调用，一个也不发送。",
  ["Show stream keys and signatures in URLs (otherwise ***)."]
    = "显示 URL 中的推流码和签名，否则显示为 ***。",
  ["Address of the service: a host, or a URL such as http://127.0.0.1:8156. Default: $CME_ENDPOINT, or the cloud."]
    = "服务地址：主机名，或 http://127.0.0.1:8156 这样的 URL。默认：$CME_ENDPOINT，否则为腾讯"
    .. "云。",
  ["The platform that Tencent assigned to you. Default: $CME_PLATFORM."]
    = "腾讯云分配的平台。默认：$CME_PLATFORM。",
  ["Section of the credentials file to use."] = "使用凭证文件中的哪一节。",
  ["Region; CME does not need one."] = "地域；CME 不需要。",
  ["Language of messages. Default: from the locale."] = "消息的语言。默认：按系统区域设置。",
  ["Time limit of one attempt, in seconds. Default: 60."] = "每次尝试的时限，单位为秒。默认：60。",
  ["Number of retries after a failed attempt. Default: 3."] = "失败后最多再试几次。默认：3。",
  ["File of CA certificates to trust in addition to the system's. Default: $CME_CA_FILE."]
    = "除系统证书外还信任的 CA 证书文件。默认：$CME_CA_FILE。",
  ["URL of a proxy."] = "代理的 URL。",
  ["Hosts to reach without the proxy, separated by commas."] = "不经代理访问的主机，以逗号分隔。",
  ["Show the version and exit."] = "显示版本并退出。",
  ["Show this help and exit."] = "显示本帮助并退出。",

  -- which project
  ["a project's id or name is needed, got an empty text"] = "需要项目的 ID 或名称，得到的是空文本",
  ["%d projects are named '%s': give the id of one (%s)"] = "有 %d 个项目名为“%s”：请给出其中一个的 ID（%s）",
  ["%s old"] = "创建于 %s前",
  ["%dd"] = "%d 天",
  ["%dh"] = "%d 小时",
  ["%dm"] = "%d 分钟",
  ["%ds"] = "%d 秒",
  [", "] = "，",
  ["; "] = "；",
  ["project '%s': not found"] = "项目“%s”：未找到",
  ["project '%s': not found (the name of a file with a spec ends in .lua or .json)"]
    = "项目“%s”：未找到（描述文件的文件名以 .lua 或 .json 结尾）",
  ["project '%s': not found (did you mean '%s'?)"] = "项目“%s”：未找到（是否想写“%s”？）",

  -- states
  idle = "未开播",
  working = "转推中",
  stopped = "已停止",
  failed = "失败",
  live = "正常",
  ["being made"] = "制作中",
  ["no lease"] = "无租约",
  ready = "就绪",
  ["on the air"] = "播出中",
  waiting = "等待中",
  connecting = "连接中",
  reconnecting = "重连中",
  refused = "被拒绝",
  stalled = "停滞",
  down = "中断",

  -- list
  ["List projects, newest first."] = "列出项目，最新的在前。",
  ["Only projects of this owner."] = "只列出此所有者的。",
  ["Only projects of this category."] = "只列出此类别的。",
  ["Only projects in this state."] = "只列出处于此状态的。",
  ["no projects"] = "没有项目",
  ["the service's etcd does not answer: this may be out of date by %s"] = "服务的 etcd 无响应：这些内容可能已过时 %s",
  ["waiting for the service"] = "正在等待服务响应",
  NAME = "名称",
  ID = "ID",
  STATE = "状态",
  INPUT = "输入",
  OUTPUTS = "推流目标",
  STOPS = "停止时间",
  OWNER = "所有者",

  -- serve
  ["Run the service: the cloud's API on this machine."] = "运行服务：在本机提供与云端相同的 API。",
  ["Address and port to listen on (default 127.0.0.1:8156); repeat for more. Port 0: any free port. With http:// in "
    .. "front: without TLS."]
    = "监听的地址和端口（默认 127.0.0.1:8156），可重复。端口 0：任选空闲端口；前面写 "
    .. "http://：不用 TLS。",
  ["TLS certificate followed by its intermediate certificates, in PEM form; read again on SIGHUP."]
    = "PEM 格式的 TLS 证书及其中间证书；收到 SIGHUP 时重新读取。",
  ["Private key of the certificate, without a passphrase."] = "证书的私钥，不带口令。",
  ["Maximum number of connections of all clients together."] = "所有客户端同时连接的总数上限。",
  ["Maximum number of connections from one other machine (0: no limit)."]
    = "每台其他机器同时连接数的上限（0 表示不限）。",
  ["--listen '%s': HOST:PORT is needed, such as %s"] = "--listen “%s”：应为 HOST:PORT，例如 %s",
  ["--listen '%s': TLS needs --cert and --key"] = "--listen “%s”：TLS 需要 --cert 和 --key",
  ["--cert and --key belong together: give both"] = "--cert 和 --key 必须同时给出",
  ["Folder for projects, keys and engines (default: $XDG_STATE_HOME/cme or ~/.local/state/cme)."]
    = "存放项目、密钥和引擎的目录（默认 $XDG_STATE_HOME/cme 或 ~/.local/state/cme）。",
  ["Keep the state in this etcd instead of the state folder: URLs of its members, separated by commas."]
    = "把状态保存在这个 etcd 中，而不是状态目录：各成员的 URL，用逗号分隔。",
  ["With --etcd: file with the key that seals stream keys and URLs there (see cme serve seal-key)."]
    = "配合 --etcd：密钥文件，用来加密其中的推流码和 URL（见 cme serve seal-key）。",
  ["With --etcd: what all keys begin with (default /cme)."] = "配合 --etcd：所有键的前缀（默认 /cme）。",
  ["With --etcd: file with USER:PASSWORD, readable by you alone (default: $CME_ETCD_LOGIN)."]
    = "配合 --etcd：写有“用户:密码”的文件，只有你可读（默认取 $CME_ETCD_LOGIN）。",
  ["With --etcd: file of CAs to trust for etcd, in addition to the system's."]
    = "配合 --etcd：除系统 CA 外，信任用于 etcd 的 CA 文件。",
  ["With --etcd: client certificate, in PEM form."] = "配合 --etcd：PEM 格式的客户端证书。",
  ["With --etcd: private key of that certificate."] = "配合 --etcd：该证书的私钥。",
  ["With --etcd: start even if the state belongs to another cme serve, which has ended for good."]
    = "配合 --etcd：即使状态属于另一个 cme serve（已确认不再运行），也照样启动。",
  ["With --etcd: share the state and its projects with other nodes, under this name."]
    = "配合 --etcd：以此名称作为节点，与其他节点共用状态和其中的项目。",
  ["With --node: how many projects this node runs at most (default 100)."]
    = "配合 --node：本节点最多运行多少个项目（默认 100）。",
  ["With --node: what this node has, such as media_cast=yes; repeat for more."]
    = "配合 --node：本节点具备的条件，例如 media_cast=yes；可重复。",
  ["With --node: URL of this node's API for the other nodes."] = "配合 --node：供其他节点访问的本节点 API 的 URL。",
  ["With --node: rtmp:// or rtmps:// URL of this node's edge for the other nodes, which read there what encoders push "
    .. "(default: the host of --advertise, when the edge listens there)."]
    = "配合 --node：本节点推流接入的 rtmp:// 或 rtmps:// URL，供其他节点读取编码器推来的流（默认：--advertise 的主机，前提是推流接入在其上监听）。",
  ["With --node: how long other nodes wait before they take over from a node that is silent, 3s to 60s (default 6s)."]
    = "配合 --node：节点失去响应多久后由其他节点接手，3s 到 60s（默认 6s）。",
  ["With --node: what becomes of its broadcasts while etcd does not answer: 'stop' (default): they stop at the end of "
    .. "the lease, and nothing is published twice; 'keep': they go on."]
    = "配合 --node：etcd 无响应期间本节点的直播如何处理：stop（默认）在租约到期时停止，绝不重复推流；keep 继续推流。",
  ["--label goes with --node"] = "--label 须与 --node 一起使用",
  ["--%s goes with --node"] = "--%s 须与 --node 一起使用",
  ["--node goes with --etcd"] = "--node 须与 --etcd 一起使用",
  ["--capacity '%s': a whole number from 1 to %d"] = "--capacity “%s”：应为 1 到 %d 的整数",
  ["--lease '%s': a duration from 3s to 60s is needed"] = "--lease “%s”：应为 3s 到 60s 的时长",
  ["--label '%s': KEY=VALUE is needed, such as media_cast=yes"] = "--label “%s”：应为 KEY=VALUE，例如 media_cast=yes",
  ["--advertise '%s': a URL is needed, such as %s"] = "--advertise “%s”：应为 URL，例如 %s",
  ["--advertise-edge '%s': a URL is needed, such as %s"] = "--advertise-edge “%s”：应为 URL，例如 %s",
  ["See what the nodes of a fleet run, and move it."] = "查看集群各节点运行的项目，并调整所在节点。",
  ["URLs of the fleet's etcd, separated by commas (default: $CME_ETCD)."]
    = "集群所用 etcd 的 URL，用逗号分隔（默认取 $CME_ETCD）。",
  ["List the nodes that live, and how full they are."] = "列出在线节点及其负载。",
  ["Show which node runs a project, which one stands by, and where its encoders push to."]
    = "显示项目由哪个节点运行、哪个节点作热备，以及其编码器推流到哪些节点。",
  ["no node of '%s' lives (see --etcd-prefix)"] = "“%s”没有在线节点（见 --etcd-prefix）",
  ["%s is pushed to %s"] = "%s 输入推流到 %s",
  ["Id of the project."] = "项目 ID。",
  ["Name of the node."] = "节点名称。",
  ["Have a node give up what it runs, and take nothing more."] = "让节点移交正在运行的项目，且不再接手新项目。",
  ["Let the node take projects again."] = "让节点恢复接手项目。",
  ["Have a project go on at another node."] = "让项目改由另一个节点继续运行。",
  ["Write systemd units, settings and certificates for the hosts of a new fleet."]
    = "为新集群的各主机写出 systemd 单元、设置和证书。",
  ["The hosts, three or more: a name and an address each, such as h1=10.0.0.1; with ports of etcd's clients, etcd's "
    .. "members, the API, encoders and playback: h1=10.0.0.1:2379,2380,8156,1935,8157."]
    = "主机，三台或更多：各给出名称和地址，例如 h1=10.0.0.1；也可指定 etcd 客户端、etcd 成员、API、编码器推流和播放的端口："
    .. "h1=10.0.0.1:2379,2380,8156,1935,8157。",
  ["Folder to write, which is not there yet."] = "写到哪个目录（必须尚不存在）。",
  ["How long other nodes wait before they take over from a node that is silent, 3s to 60s."]
    = "节点失去响应多久后由其他节点接手，3s 到 60s。",
  ["Where cme is on the hosts."] = "主机上 cme 的路径。",
  ["Where etcd is on the hosts."] = "主机上 etcd 的路径。",
  ["'%s': NAME=ADDRESS is needed, such as h1=10.0.0.1"] = "“%s”：应为 NAME=ADDRESS，例如 h1=10.0.0.1",
  ["'%s': a name has letters, digits, '_', '-' and '.' only, begins with a letter or digit, and has at most 64 "
    .. "characters"] = "“%s”：名称只能含字母、数字、“_”、“-”和“.”，以字母或数字开头，最多 64 个字符",
  ["'%s': a file of the fleet has this name: choose another one"] = "“%s”：此名称已用于集群的文件，请另选一个",
  ["'%s': each host needs a name of its own"] = "“%s”：主机名称不可重复",
  ["'%s': '%s' is not an address: give an IPv4 address, an IPv6 address in brackets, or a host name"]
    = "“%s”：“%s”不是有效地址：请给出 IPv4 地址、方括号中的 IPv6 地址或主机名",
  ["'%s': '%s' is not the address of one host: give one at which the other hosts reach it"]
    = "“%s”：“%s”不是单台主机的地址：请给出其他主机能访问到的地址",
  ["'%s': other hosts do not reach a loopback address: it is for trials with all hosts on one machine"]
    = "“%s”：其他主机无法访问回环地址：它只用于所有主机都在同一台机器上的试验",
  ["'%s': three to five ports are needed, from 1 to 65535 and each another one: of etcd's clients, etcd's members, "
    .. "the API, encoders and playback"]
    = "“%s”：应给出三到五个互不相同的端口（1 到 65535）：etcd 客户端、etcd 成员、API、编码器推流和播放",
  ["'%s': port %s of this address belongs to host '%s'"] = "“%s”：此地址的端口 %s 已属于主机“%s”",
  ["%s '%s': an absolute path without spaces is needed, such as /usr/bin/cme"]
    = "%s “%s”：应为不含空格的绝对路径，例如 /usr/bin/cme",
  ["cme fleet init needs %d hosts or more"] = "cme fleet init 至少需要 %d 台主机",
  ["%s has a folder for each host: %s. On each host, as root:"] = "%s 中有每台主机的目录：%s。在每台主机上以 root 执行：",
  ["  cp -r FOLDER/. /     # the host's own folder, copied there"] = "  cp -r 目录/. /     # 先把该主机的目录复制过去",
  ["Keep %s/ca.key off the hosts: it makes further certificates."] = "%s/ca.key 用于签发更多证书，请不要放在主机上。",
  ["cme fleet needs --etcd, or $CME_ETCD"] = "cme fleet 需要 --etcd 或 $CME_ETCD",
  ["'%s': a project's id is needed, as `cme list` shows it"] = "“%s”：应为项目 ID，可用 `cme list` 查看",
  ["no node runs it"] = "没有节点在运行它",
  ["NODE"] = "节点",
  ["RUNS"] = "运行中",
  ["CAPACITY"] = "容量",
  ["LABELS"] = "标签",
  ["API"] = "API",
  ["draining"] = "移交中",
  ["open"] = "可用",
  ["--etcd needs --seal-key: cme serve seal-key FILE makes one"]
    = "--etcd 需要 --seal-key：可用 cme serve seal-key FILE 生成",
  ["--etcd-cert and --etcd-key belong together: give both"] = "--etcd-cert 和 --etcd-key 必须同时给出",
  ["--etcd-prefix '%s': a name such as %s is needed"] = "--etcd-prefix “%s”：应为 %s 这样的名称",
  ["--etcd '%s': URLs of etcd are needed, such as %s"] = "--etcd “%s”：应为 etcd 的 URL，例如 %s",
  ["--%s goes with --etcd"] = "--%s 须与 --etcd 一起使用",
  ["%s: USER:PASSWORD is needed"] = "%s：应为“用户:密码”",
  ["Make the key file for --seal-key."] = "生成 --seal-key 所用的密钥文件。",
  ["The file to make; one that is there stays as it is."] = "要生成的文件；已有的文件不会改动。",
  ["Move the state between SQLite and etcd."] = "在 SQLite 与 etcd 之间迁移状态。",
  ["Write the whole state into a file, which holds stream keys. Stop the service first."]
    = "把全部状态写入文件（其中含推流码）。请先停止服务。",
  ["File to make, readable by you alone."] = "要生成的文件，只有你可读。",
  ["Read an exported state into a service that has none."] = "把导出的状态读入还没有状态的服务。",
  ["File that export made."] = "由 export 生成的文件。",
  ["Ingest and playback: what encoders push, and pictures to look at."] = "推流接入和播放：编码器推上来的流，以及供查看的画面。",
  ["IPv4 address and port that encoders push to; port 0: the last one used, or a free one."]
    = "编码器推流到的 IPv4 地址和端口；端口 0 表示沿用原端口或任选一个空闲端口。",
  ["The same with TLS (default: none)."] = "同上，使用 TLS（RTMPS；默认：不监听）。",
  ["TLS certificate of --edge-rtmps followed by its intermediate certificates, in PEM form (default: that of --cert)."]
    = "--edge-rtmps 的 TLS 证书，其后接中间证书，PEM 格式（默认：--cert 的证书）。",
  ["Private key of that certificate, without a passphrase (default: that of --key)."]
    = "该证书的私钥，不带密码（默认：--key 的私钥）。",
  ["The same by SRT, a UDP port (default: none)."] = "同上，使用 SRT，即 UDP 端口（默认：不监听）。",
  ["Whether SRT addresses have a passphrase; off: encoders must not encrypt."]
    = "SRT 地址是否带密码；off 表示编码器不得加密。",
  ["Let another encoder take over from one that has sent nothing for this long; off: refuse it."]
    = "编码器超过这一时长没有送来数据时，允许另一路编码器接管；off 表示拒绝接管。",
  ["--edge-cert and --edge-key belong together: give both"] = "--edge-cert 和 --edge-key 必须同时给出",
  ["--edge-rtmps '%s': TLS needs --edge-cert and --edge-key"] = "--edge-rtmps “%s”：使用 TLS 需要 --edge-cert 和 --edge-key",
  ["--dry-run is not supported here"] = "此命令不支持 --dry-run",
  ["%s does not go with --edge off"] = "%s 不能与 --edge off 同时使用",
  ["--edge-rtmps '%s': --edge-rtmp has this address: give another port"]
    = "--edge-rtmps “%s”：该地址已用于 --edge-rtmp：请换一个端口",
  ["--edge-takeover '%s': a duration of at most 60s is needed, such as 3s, or off"]
    = "--edge-takeover “%s”：需要不超过 60s 的时长，例如 3s，或 off",
  ["Address and port of playback (HLS)."] = "播放（HLS）的地址和端口，写法相同。",
  ["Host name in the addresses of the edge (default: the host of --edge-rtmp, or this machine's name)."]
    = "推流和播放地址中的主机名（默认：--edge-rtmp 的主机，或本机名）。",
  ["%s '%s': a host name is needed"] = "%s “%s”：需要主机名",
  ["%s '%s': HOST:PORT with an IPv4 address is needed, such as %s"] = "%s “%s”：需要 HOST:PORT，主机为 IPv4 地址，例如 %s",
  ["Also create this platform."] = "另外创建这个平台。",
  ["Stop a broadcast after this long when no stop time was set; none: run until Stop."]
    = "未设置停止时间的直播过这么久自动停止；none：一直到 Stop。",
  ["Switch to the other input automatically when this one stalls."]
    = "当前输入停滞时自动切换到另一路。",
  ["Which addresses sources are read from; public: those of the public internet alone, not "
    .. "of this machine and its networks."]
    = "从哪些地址读取源；public：只从公网地址读取，不访问本机和内网。",
  ["After a failover, switch back automatically once the selected input has worked for this long; off: never."]
    = "自动切换之后，选定的输入恢复正常达到这么久就自动切回；off：不自动切回。",
  ["Calls per second of one action with one key; off: no limit."]
    = "每个密钥每秒可调用同一接口的次数；off：不限。",
  ["Whether ModifyInput may change the input that is on the air (keep: refuse)."]
    = "ModifyInput 能否修改正在播出的输入（keep：拒绝）。",
  ["The engine program (default: the cme-relay installed with this cme)."]
    = "引擎程序（默认：随本 cme 安装的 cme-relay）。",
  ["Bits a second that this machine's uplink carries, such as 20M: a start that needs more says so (default: not "
    .. "known)."]
    = "本机上行带宽（每秒比特数），例如 20M：开播所需超过它时会提示（默认：未知）。",
  ["Bits a second that the uplink carries, such as 20M (default: what the service says)."]
    = "上行带宽（每秒比特数），例如 20M（默认：以服务给出的为准）。",
  ["option '%s': a rate is needed, such as 20M"] = "选项“%s”：需要一个速率，例如 20M",
  uplink = "上行带宽",
  merge = "合并",
  ["main and backup are not merged yet"] = "主、备输入尚未合并",
  ["main and backup are not merged: only one of them sends"] = "主、备输入未合并：只有一路有数据",
  ["main and backup are compared, to be merged"] = "正在比对主、备输入，准备合并",
  ["main and backup are merged"] = "主、备输入已合并",
  ["main and backup are not merged: picture and sound repeat, so nothing tells which packets are the same"]
    = "主、备输入未合并：画面和声音都在重复，无法判断哪些数据包相同",
  ["main and backup are not merged: they are too far apart in time"] = "主、备输入未合并：两路相差太久",
  ["main and backup are not merged: they do not carry the same packets"] = "主、备输入未合并：两路的数据包不相同",
  ["main and backup are to be merged"] = "主、备输入设为合并",
  ["main and backup are not to be merged any more"] = "主、备输入不再设为合并",
  ["main and backup are not merged any more"] = "主、备输入不再合并",
  ["no other node stands by"] = "没有热备节点",
  ["no node stands by"] = "没有节点作热备",
  ["another node is to stand by"] = "设为由另一个节点作热备",
  ["no node is to stand by any more"] = "不再设热备",
  ["node %s stands by, and has no picture yet"] = "节点 %s 作热备，尚无画面",
  ["node %s stands by"] = "节点 %s 作热备",
  ["A fleet of cme serve: have another node read the inputs, to go on at once."]
    = "cme serve 集群：由另一节点同时读取输入，以便立即接替。",
  STANDBYS = "热备",
  ["%s stands by"] = "%s 作热备",
  ["%s stands by, and has no picture yet"] = "%s 作热备，尚无画面",
  ["%.0f kbit/s are needed, and the uplink carries %.0f"] = "需要 %.0f kbit/s，上行带宽为 %.0f kbit/s",
  ["%.0f kbit/s are needed beside %.0f for what is on the air, and the uplink carries %.0f"]
    = "除正在播出的外还需要 %.0f kbit/s，正在播出的需要 %.0f kbit/s，上行带宽为 %.0f kbit/s",
  ["all destinations fall behind together"] = "所有推流目标会同时滞后",
  ["send less, or to fewer"] = "请降低码率，或减少推流目标",
  ["Folder that recordings go to (default: nothing is recorded)."] = "录制文件所在的文件夹（默认：不录制）。",
  ["Bytes that all recordings may have together, with K, M, G or T; none: any."]
    = "所有录制文件合计的最大字节数，可带 K、M、G 或 T；none：不限。",
  ["Command that sh runs for each finished recording; CME_FILE is its path."]
    = "每录完一个文件就由 sh 运行的命令；CME_FILE 是文件路径。",
  ["--recordings-limit '%s': a size is needed, such as 500G, or none"]
    = "--recordings-limit“%s”：需要一个大小，例如 500G，或 none",
  ["--recorded goes with --recordings"] = "--recorded 须与 --recordings 一起使用",
  ["Folder with the files that FileId and MaterialId of media casts refer to."]
    = "媒体转推的 FileId 和 MaterialId 所指文件的目录。",
  ["x264 preset for media casts; faster ones need less processor time."]
    = "媒体转推使用的 x264 预设：越快的预设占用的处理器时间越少。",
  ["Address and port of /metrics, for Prometheus (default: none)."] = "供 Prometheus 抓取的 /metrics 的地址和端口（默认：无）。",
  ["--metrics '%s': HOST:PORT is needed, such as %s"] = "--metrics “%s”：需要 HOST:PORT，如 %s",
  ["Post signed events to this URL; repeat for more."] = "向此 URL 推送带签名的事件；可重复。",
  ["File with further webhook URLs, one a line, readable by you alone: for URLs that contain a secret."]
    = "另含若干 webhook URL 的文件，每行一个，只有您可以读取：用于含有密钥的 URL。",
  ["--webhook-file '%s': no URL is in it"] = "--webhook-file “%s”：其中没有 URL",
  ["--default-stop '%s': a duration of at most 30 days is needed, such as 2h, or none"]
    = "--default-stop “%s”：需要不超过 30 天的时长，如 2h，或 none",
  ["--failback '%s': a duration of at most 1 day is needed, such as 30s, or off"]
    = "--failback “%s”：需要不超过 1 天的时长，如 30s，或 off",
  ["--rate-limit '%s': a whole number from 1 to %d, or off"] = "--rate-limit “%s”：需要 1 到 %d 的整数，或 off",
  ["File of CAs to trust for webhooks, in addition to the system's."]
    = "除系统 CA 外，webhook 还信任的 CA 文件。",
  ["--webhook: %d given, at most %d"] = "--webhook：给出了 %d 个，最多 %d 个",
  ["--webhook: %s"] = "--webhook：%s",
  ["--webhook '%s': given twice"] = "--webhook “%s”：重复给出",
  ["state folder: neither HOME nor the password database names a home: give a folder with --state"]
    = "状态目录：HOME 和用户数据库都没有给出主目录：请用 --state 指定一个目录",
  ["Lowest level to log."] = "日志记录的最低级别。",
  ["Start even if broadcasts are running that the database does not know: keep them running, as projects that can "
    .. "be stopped."]
    = "即使有数据库中没有的直播正在进行也启动：让它们继续，并可以停止。",
  ["Start even if broadcasts are running that the database does not know: end them."]
    = "即使有数据库中没有的直播正在进行也启动：结束它们。",

  -- a command's own texts
  ["--json, --dry-run, --endpoint and the other options of every command: cme --help"]
    = "--json、--dry-run、--endpoint 等所有命令共有的选项：cme --help",
  ["Id, name or file (SHOW.lua, SPEC.json)."] = "ID、名称或文件（SHOW.lua、SPEC.json）。",
  ["an object is needed"] = "需要一个对象",
  ["project '%s': not found: create it first"] = "项目“%s”：未找到：请先创建",
  ["option '%s': the file says it already"] = "选项“%s”：文件中已有说明",
  ["option '%s'"] = "选项“%s”",
  ["argument '%s'"] = "参数“%s”",
  ["%s: '%s' is no duration: write it with its unit, such as 90s, 30m or 2h"]
    = "%s：“%s”不是时长：请带上单位，例如 90s、30m 或 2h",
  ["%s: '%s' is too short: a duration above 0 is needed, such as 30m"]
    = "%s：“%s”太短：时长必须大于 0，例如 30m",
  ["%s: %s; or a time of day here, such as 22:00"] = "%s：%s；也可以写本地时刻，例如 22:00",
  ["option '%s': %s"] = "选项“%s”：%s",
  ["argument '%s': a file is needed: SHOW.lua or SPEC.json"] = "参数“%s”：需要一个文件：SHOW.lua 或 SPEC.json",
  ["When to stop automatically: 22:00 (the next one), or 2026-11-22T22:00:00+08:00."]
    = "何时自动停止：22:00（下一个该时刻），或 2026-11-22T22:00:00+08:00。",
  ["Stop automatically after this long, such as 2h30m."] = "多久后自动停止，例如 2h30m。",

  -- create
  ["Create a project without starting it."] = "创建项目，不启动。",
  ["The new project's name, or a file with its spec (SHOW.lua, SPEC.json)."]
    = "新项目的名称，或写有其配置的文件（SHOW.lua、SPEC.json）。",
  ["URLs contain keys: write @FILE to read a URL from a file, - to read it from stdin."]
    = "URL 中含有密钥：可改写 @FILE 从文件读取，或 - 从标准输入读取。",
  ["Owner of the project: your own id of the user."] = "项目的所有者：该用户在您系统中的 ID。",
  ["The live stream to relay; push:SECONDS makes a push address that is valid this long."]
    = "要转推的直播流；push:SECONDS 则生成一个有效期为这么多秒的推流地址。",
  ["cme serve: a video or picture of its media folder, or black, to send when no input works."]
    = "cme serve：所有输入都失效时播出的垫片：媒体目录中的视频或图片，或 black（黑屏和静音）。",
  ["cme serve: add a silent track to inputs without sound."] = "cme serve：为没有声音的输入补一路静音。",
  ["cme serve: main and backup carry the packets of one encoder; take each from whichever has it."]
    = "cme serve：主、备两路送来同一编码器的数据包，每个包取自先到的一路。",
  ["cme serve --recordings: record it into files whose names begin so."]
    = "cme serve --recordings：录制到以此为文件名开头的文件。",
  ["black and silence"] = "黑屏和静音",
  ["The backup stream; written as --input."] = "备用的流；写法同 --input。",
  ["A destination, optionally with its name in front; repeat for more. Instead of the URL you may write PLATFORM:KEY "
    .. "or 'SERVER KEY'; cme platforms lists the platforms."]
    = "一个推流目标，前面可写名称；可重复。除 URL 外，也可写成 PLATFORM:KEY 或 'SERVER KEY'；平台见 cme platforms。",
  ["MEDIA_CAST: a source to play; repeat for more, in their order."]
    = "MEDIA_CAST：要播放的源；可重复，按顺序播放。",
  ["STREAM_CONNECT relays a stream; MEDIA_CAST plays sources and encodes them again."]
    = "STREAM_CONNECT 为云转推；MEDIA_CAST 依次播放各个源并重新编码。",
  ["A description of the project."] = "项目的描述。",
  ["created '%s': %s"] = "已创建“%s”：%s",
  ["warning: there is another project named '%s' (%s): commands need an id now"]
    = "警告：已有另一个项目也叫“%s”（%s）：之后的命令需要用 ID 指定",

  -- start, stop, switch, rename, delete, ensure, push-url
  ["Start a broadcast; a project given as a file is created first if needed."]
    = "启动直播转推；由文件给出的项目必要时先创建。",
  ["started '%s'"] = "已启动“%s”",
  ["started '%s', until %s"] = "已启动“%s”，到 %s 停止",
  ["%s; it is on the air: 'cme extend %s 30m' or 'cme stop-at %s 22:30' moves its planned stop"]
    = "%s；它正在转推：可用“cme extend %s 30m”或“cme stop-at %s 22:30”调整计划停止时间",
  ["Move the planned stop of a running broadcast to a later time."]
    = "推迟正在进行的转推的计划停止时间。",
  ["How much later, such as 30m."] = "推迟多久，例如 30m。",
  ["Set the planned stop of a running broadcast."] = "设定正在进行的转推的计划停止时间。",
  ["When to stop: 22:30 (the next one), or 2026-11-22T22:30:00+08:00."]
    = "何时：22:30（下一个该时刻），或 2026-11-22T22:30:00+08:00。",
  ["'%s' now stops at %s"] = "“%s”将在 %s 停止",
  ["Stop a broadcast; the project stays and can be started again."] = "停止转推；项目保留，可再次启动。",
  ["stopped '%s'"] = "已停止“%s”",
  ["Switch to another input; destinations stay connected."]
    = "切换到另一路输入；推流目标保持连接。",
  ["main or backup; MEDIA_CAST: the id of the source to play."] = "main 或 backup；MEDIA_CAST：要播放的源的 ID。",
  ["'%s' switched to %s"] = "“%s”已切到 %s",
  ["Record a project into files of cme serve --recordings, or end that."]
    = "把项目录制到 cme serve --recordings 的文件中，或结束录制。",
  ["What the names of the files begin with; no path."] = "文件名的开头；不能是路径。",
  ["What to record: what destinations get (the default), or one input."]
    = "录制什么：推流目标收到的内容（默认），或某一路输入。",
  ["Begin another file after this long, such as 1h."] = "每隔这么久换一个新文件，例如 1h。",
  ["Begin another file after so many bytes, such as 2G."] = "文件达到这么大时换新文件，例如 2G。",
  ["Record it no more."] = "不再录制。",
  ["option '%s': a size is needed, such as 2G"] = "选项“%s”：需要一个大小，例如 2G",
  ["option '%s': whole seconds are needed, such as 90s"] = "选项“%s”：需要整数秒，例如 90s",
  ["--off goes with the project alone"] = "--off 只能与项目一起使用",
  ["give a name for the files, or --off"] = "请给出文件名的开头，或 --off",
  ["'%s' is recorded as '%s' while it is on the air"] = "“%s”播出期间录制为“%s”",
  ["'%s' is not recorded any more"] = "“%s”不再录制",
  ["Rename a project."] = "给项目改名。",
  ["The new name, at most 30 characters."] = "新名称，最多 30 个字符。",
  ["'%s' is now called '%s'"] = "“%s”已改名为“%s”",
  ["Delete a project that is not on the air."] = "删除未开播的项目。",
  ["deleted '%s'"] = "已删除“%s”",
  ["Make the service match a file with as few calls as possible."]
    = "用尽量少的调用使服务与文件一致。",
  ["SHOW.lua or SPEC.json."] = "SHOW.lua 或 SPEC.json。",
  ["Also start or stop the project."] = "同时启动或停止。",
  ["'%s' is up to date"] = "“%s”已经一致",
  ["Show a push address, including its key."] = "显示推流地址；其中含有密钥。",
  ["main or backup."] = "main 或 backup。",

  -- output
  ["Add, change and remove destinations, also while on the air."]
    = "添加、修改、移除推流目标，转推中也可以。",
  ["Id or name of the output."] = "推流目标的 ID 或名称。",
  ["Add a destination."] = "添加一个推流目标。",
  ["URL to push to, PLATFORM:KEY or 'SERVER KEY'; @FILE or -."]
    = "推流到哪里：URL、PLATFORM:KEY 或 'SERVER KEY'；@FILE 或 -。",
  ["Name of the destination."] = "它的名称。",
  ["Where viewers watch it; cme look and cme run look there."] = "观众观看它的地址；cme look 和 cme run 会查看。",
  ["Where viewers watch it; '' for nowhere."] = "观众观看它的地址；'' 表示没有。",
  ["Codecs it takes by RTMP."] = "它通过 RTMP 接受的编码。",
  ["Id of the destination; generated if omitted."] = "它的 ID；不给则自动生成。",
  ["Change a destination; only what you give is changed."] = "修改一个推流目标；未给出的不变。",
  ["New name."] = "新的名称。",
  ["New URL, PLATFORM:KEY or 'SERVER KEY'; @FILE or -."]
    = "新的 URL、PLATFORM:KEY 或 'SERVER KEY'；@FILE 或 -。",
  ["Remove a destination."] = "移除一个推流目标。",
  ["Resume pushing to a destination."] = "恢复向一个目标推流。",
  ["Stop pushing to a destination, but keep its URL."] = "停止向一个目标推流，保留其地址。",
  ["project '%s': two outputs are named '%s': give the id"] = "项目“%s”：有两个推流目标名为“%s”：请给出 ID",
  ["project '%s': output '%s': not found"] = "项目“%s”：推流目标“%s”：未找到",
  ["nothing to change: give --name, --url, --codecs or --watch"]
    = "没有要改的：请给出 --name、--url、--codecs 或 --watch",
  ["'%s': output '%s' added"] = "“%s”：已添加推流目标“%s”",
  ["'%s': output '%s' changed"] = "“%s”：已修改推流目标“%s”",
  ["'%s': output '%s' removed"] = "“%s”：已移除推流目标“%s”",
  ["'%s': output '%s' resumed"] = "“%s”：已恢复向推流目标“%s”推流",
  ["'%s': output '%s' paused"] = "“%s”：已停止向推流目标“%s”推流",

  -- input
  ["Add, change and remove inputs (in a MEDIA_CAST project: sources)."]
    = "添加、修改、移除输入；MEDIA_CAST 项目则为其源。",
  ["main or backup; MEDIA_CAST: the URL of a source."] = "main 或 backup；MEDIA_CAST：源的 URL。",
  ["URL of the live stream to pull, @FILE or -; push:SECONDS is as --push."]
    = "要拉取的直播流：URL、@FILE 或 -；push:SECONDS 与 --push 相同。",
  ["Make a push address that is valid for this many seconds."] = "生成一个推流地址，有效这么多秒。",
  ["Play a file; repeat for more, in their order."] = "播放一个文件；可重复，按顺序播放。",
  ["How many more times to play the files; -1: until the stop."]
    = "文件重复播放的次数；-1 表示一直到停止。",
  ["Add an input."] = "添加一路输入。",
  ["a MEDIA_CAST project has sources: give the URL of one"] = "MEDIA_CAST 项目使用源：请给出源的 URL",
  ["a source of a MEDIA_CAST project cannot be changed: add the new one, then remove the old one"]
    = "MEDIA_CAST 项目的源不能修改：请先添加新源，再移除旧源",
  ["a MEDIA_CAST project has sources, and no address to push to"] = "MEDIA_CAST 项目使用源，没有推流地址",
  ["rtmp, rtmps or srt; the last two on cme serve that offers them."]
    = "rtmp、rtmps 或 srt；后两者只有提供相应推流地址的 cme serve 才有。",
  ["input '%s' is none to push to"] = "输入“%s”不是推流输入",
  ["MEDIA_CAST: position in the list of sources; 1 is the first."]
    = "MEDIA_CAST：在源列表中的位置；1 为最前。",
  ["Change an input; STREAM_CONNECT only."] = "修改一路输入；仅 STREAM_CONNECT。",
  ["Remove an input."] = "移除一路输入。",
  ["main or backup; MEDIA_CAST: the source's id."] = "main 或 backup；MEDIA_CAST：源的 ID。",
  ["give one of: a URL, --push SECONDS, --vod URL"] = "请给出其中之一：URL、--push SECONDS、--vod URL",
  ["'%s': input '%s' added"] = "“%s”：已添加输入“%s”",
  ["'%s': input '%s' changed"] = "“%s”：已修改输入“%s”",
  ["'%s': input '%s' removed"] = "“%s”：已移除输入“%s”",

  -- status
  ["Show a project: its state, inputs and outputs, with figures if the service reports them."]
    = "显示项目：状态、输入和推流目标，以及（服务提供时）各自的运行情况。",
  ["since %s (%s)"] = "自 %s 起（%s）",
  ["since %s"] = "自 %s 起",
  ["until %s (in %s)"] = "到 %s 停止（还有 %s）",
  ["This service does not report individual inputs and outputs."]
    = "该服务不提供各路输入和推流目标的运行情况。",
  RATE = "码率",
  PICTURE = "画面",
  SOURCE = "来源",
  RECORDING = "录制",
  OF = "内容",
  FILE = "文件",
  ["LAST ERROR"] = "最近的错误",
  OUTPUT = "推流目标",
  DROPPED = "丢包",
  DELAY = "延迟",

  -- call, sign
  ["Call any action of the service; --help after an action lists its fields."]
    = "执行服务的任一接口；在接口名后加 --help 列出其字段。",
  ["An action of the service, such as DescribeProjects."] = "服务的一个接口，例如 DescribeProjects。",
  ["Parameters as JSON: text, @FILE, or - for stdin."]
    = "JSON 形式的参数：文本、@FILE，或 - 表示标准输入。",
  ["Fields may be given as options: --Owner.Id me --ProjectIds.0 5fae2b35d84b53000142d8a3"]
    = "字段也可写成选项：--Owner.Id me --ProjectIds.0 5fae2b35d84b53000142d8a3",
  ["Fields of %s (N counts from 0):"] = "%s 的字段（N 从 0 数起）：",
  ["Its answer: %s"] = "返回：%s",
  ["Actions:"] = "接口：",
  required = "必填",
  ["action '%s': unknown"] = "接口“%s”：不存在",
  ["field '%s': write %s VALUE, or all fields as JSON"] = "字段“%s”：请写成 %s VALUE，或用 JSON 写出全部字段",
  ["field '%s': given twice"] = "字段“%s”：给了两次",
  ["the parameters must be a JSON object"] = "参数必须是 JSON 对象",
  ["Show the signed request of an action without sending it."]
    = "显示某接口签名后的请求，但不发送。",
  ["Show the canonical request, the string to sign and the signature."] = "显示规范请求串、待签名字符串和签名。",
  ["Time of the signature: unix seconds, or 2026-11-22T22:00:00+08:00. Default: now."]
    = "按此时刻签名：Unix 秒，或 2026-11-22T22:00:00+08:00。默认：现在。",
  ["canonical request (SHA-256 %s)"] = "规范请求串（SHA-256 %s）",
  ["string to sign"] = "待签名字符串",
  signature = "签名",
  ["body (hashed byte by byte as shown)"] = "请求体（按原始字节计算哈希）",

  -- url
  ["Make and check push and play URLs with txSecret and txTime."] = "生成和检查带 txSecret 和 txTime 的推流、播放地址。",
  ["Make a URL to push to."] = "生成推流地址。",
  ["Make a URL to play from."] = "生成播放地址。",
  ["Check the signature of a URL and show when it expires."]
    = "检查地址：签名是否正确，有效到何时。",
  ["Domain, with its port if it has one."] = "域名，如有端口则带上端口。",
  ["AppName."] = "AppName。",
  ["StreamName."] = "StreamName。",
  ["Hash algorithm, as configured for the domain."] = "与域名的设置一致。",
  ["Accept connections until this time, such as 2026-11-22T22:00:00+08:00."]
    = "到何时为止可以建立连接，例如 2026-11-22T22:00:00+08:00。",
  ["Accept connections for this long, such as 24h."] = "多长时间内可以建立连接，例如 24h。",
  ["Key of the push domain; @FILE or - keeps it out of the process list."]
    = "推流域名的密钥；写 @FILE 或 - 可避免出现在进程列表中。",
  ["Key of the play domain, if it needs one; @FILE or -."] = "播放域名的密钥（如需要）；@FILE 或 -。",
  ["Protocol."] = "协议。",
  ["Protocol. Default: https, or rtmp with --form rtmp."] = "协议；默认 https，rtmp 形式为 rtmp。",
  ["Form of playback."] = "播放形式。",
  ["The URL, @FILE or -."] = "URL、@FILE 或 -。",
  ["Key of the domain, @FILE or -."] = "域名的密钥、@FILE 或 -。",
  ["Second key of the domain."] = "域名的另一个密钥。",
  ["give --expires or --for"] = "请给出 --expires 或 --for",
  ["valid until %s, signed with the %s key"] = "有效至 %s，使用 %s 密钥",

  -- completion
  ["Write a completion script for a shell."] = "输出某个 shell 的补全脚本。",
  ["Name of the shell."] = "哪个 shell。",
  ["bash: eval \"$(cme completion bash)\" in ~/.bashrc\nzsh: cme completion zsh >~/.zfunc/_cme\n"
    .. "fish: cme completion fish >~/.config/fish/completions/cme.fish"]
    = "bash：在 ~/.bashrc 中写 eval \"$(cme completion bash)\"\nzsh：cme completion zsh >~/.zfunc/_cme\n"
    .. "fish：cme completion fish >~/.config/fish/completions/cme.fish",
  ["%s '%s': letters, digits, '_', '-' and '.' only, at most 64"] = "%s “%s”：只能含字母、数字、“_”“-”和“.”，最多 64 个",

  -- serve keys, serve platforms
  ["state folder '%s': it belongs to user %s: run this as that user (sudo -u '%s')"]
    = "状态目录“%s”属于用户 %s：请以该用户身份运行（sudo -u '%s'）",
  ["state folder '%s': no service has used it: give the service's folder with --state"]
    = "状态目录“%s”：没有服务用过它：请用 --state 指定服务的目录",
  ["Add, list and revoke keys that sign requests."] = "添加、列出和吊销可以签名请求的密钥。",
  ["Make a key and show its secret, this one time."] = "生成一个密钥并显示其内容，仅此一次。",
  ["Restrict the key to this platform; repeat for more. Default: all platforms."]
    = "密钥只能用于这个平台；可重复。默认：所有平台。",
  ["Make a temporary key with a session token that lasts 90s, 30m, 2h, 7d ..."]
    = "生成带会话令牌的临时密钥，有效期如 90s、30m、2h、7d……",
  ["Name of the key: its section in the INI text."] = "密钥的名称，即它在 INI 文本中的节名。",
  ["List the keys, without secrets."] = "列出密钥，不显示其内容。",
  ["Revoke a key: later requests with it are refused."]
    = "吊销一个密钥：此后用它签名的请求都被拒绝。",
  ["Id of the key."] = "密钥的 ID。",
  ["unknown platform '%s': run cme serve platforms add %s first"]
    = "未知的平台“%s”：请先运行 cme serve platforms add %s",
  ["--expires '%s': a time such as 90s, 30m, 2h or 7d, at most 366d"]
    = "--expires “%s”：应为 90s、30m、2h、7d 这样的时长，最长 366d",
  PLATFORMS = "平台",
  CREATED = "创建时间",
  EXPIRES = "到期时间",
  ["key '%s': this is the development key: to replace it, delete '%s' and restart the service"]
    = "密钥“%s”：这是开发密钥：删除“%s”并重启服务即可换一个",
  ["key '%s': unknown id: see cme serve keys list"] = "密钥“%s”：未知的 ID：见 cme serve keys list",
  ["Add and list platforms."] = "添加和列出平台。",
  ["Add a platform; adding it again has no effect."] = "添加平台；重复添加没有影响。",
  ["Name of the platform."] = "平台的名称。",
  ["List platforms, one a line."] = "列出平台，每行一个。",

  -- relay
  ["Run the engine by hand: cme relay -i URL [-b URL] -o URL ...; @FILE reads a URL."]
    = "手动运行引擎：cme relay -i URL [-b URL] -o URL ...；@FILE 从文件读取 URL。",
  ["an input and a destination are needed: cme relay -i URL -o URL (see cme relay --help)"]
    = "需要一路输入和一个推流目标：cme relay -i URL -o URL（见 cme relay --help）",
  ["Arguments of cme-relay; cme relay --help lists them."] = "cme-relay 的参数，用 cme relay --help 查看。",

  -- doctor
  ["Check the key, the service, the clock, and each source and destination of a project, with advice; and whether the "
    .. "sources suit the platforms of the destinations."]
    = "检查密钥、服务和时钟，以及项目的各个源和推流目标，并说明该怎么办；还检查源是否符合目标平台的要求。",
  ["A source to check, @FILE or -; repeat for more."] = "要检查的源、@FILE 或 -；可重复。",
  ["A destination to check: URL, PLATFORM:KEY or 'SERVER KEY'; @FILE or -; repeat for more."]
    = "要检查的推流目标：URL、PLATFORM:KEY 或 'SERVER KEY'；@FILE 或 -；可重复。",
  ["How long to check each source."] = "每个源检查多久。",
  ["Checks sources and destinations from this machine, without publishing anything. Exit code 6: the service works, "
    .. "but a source or destination does not."]
    = "源和推流目标都从本机检查，不会真正推流。退出码 6：服务正常，但有源或推流"
    .. "目标不正常。",
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
  ["send H.264 and AAC by rtmp, http-flv, hls, srt or rtsp"] = "请以 rtmp、http-flv、hls、srt 或 rtsp 发送 H.264 和 AAC",
  ["check the encoder's camera or scene"] = "请检查编码器的摄像头或场景",
  ["check the encoder's sound"] = "请检查编码器的声音",
  ["set the encoder's keyframe interval to 1 to 4 s"] = "请把编码器的关键帧间隔设为 1 至 4 秒",
  ["check what the source sends: it broke the program that read it"] = "请检查源发送的内容：它使读取它的程序出错",
  ["send smaller pictures and playlists"] = "请发送更小的画面和播放列表",
  ["install openssl"] = "安装 openssl",
  ["this machine is %.0f s ahead of the service"] = "本机比服务快 %.0f 秒",
  ["this machine is %.0f s behind the service"] = "本机比服务慢 %.0f 秒",
  ["this machine's clock agrees with the service's"] = "本机时钟与服务一致",
  ["set the clock: other tools are refused, and planned times are wrong"]
    = "请校准：其他工具会被拒绝，计划时间也会不准",
  ["set the clock: planned times are wrong"] = "请校准：计划时间会不准",
  ["%s answers, its certificate is valid"] = "%s 有应答，证书有效",
  ["%s answers"] = "%s 有应答",
  ["%s answers, without TLS"] = "%s 有应答，但未加密",
  ["use https: stream keys travel in the calls"] = "请使用 https：调用中带有推流码",
  ["%s, from %s"] = "%s，来源：%s",
  environment = "环境变量",
  ["cvm role"] = "CVM 角色",
  ["assume role"] = "扮演角色",
  ["file '%s'"] = "文件“%s”",
  ["tccli '%s'"] = "tccli“%s”",
  ["no picture"] = "没有画面",
  ["send H.264 video"] = "请发送 H.264 视频",
  ["of %s"] = "所有者 %s",
  ["this video codec cannot be relayed"] = "这种视频编码无法转推",
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
  ["platforms get nothing from it: the broadcast switches to the backup, or has no picture"]
    = "平台收不到它的内容：直播会切到备用输入，或没有画面",
  ["few platforms take this sound codec"] = "很少有平台接受这种音频编码",
  ["send AAC"] = "请发送 AAC",
  ["fewer than two keyframes arrived during the check"] = "检查期间没有收到两个关键帧",
  ["set the encoder's keyframe interval to 2 s"] = "把编码器的关键帧间隔设为 2 秒",
  ["keyframes are far apart"] = "关键帧间隔太长",
  ["its timestamps jump"] = "时间戳有跳变",
  ["check the encoder and its network"] = "请检查编码器及其网络",
  ["platform"] = "平台",
  ["%s: input %s is within its known limits"] = "%s：输入 %s 符合已知的限制",
  ["%s, input %s: %s"] = "%s，输入 %s：%s",
  ["see cme platforms %s"] = "见 cme platforms %s",
  ["output '%s': %s (see cme platforms %s)"] = "推流目标“%s”：%s（见 cme platforms %s）",
  -- platforms
  ["List streaming platforms, or show one: where to find server and stream key, limits, and what refusals mean."]
    = "列出直播平台，或显示其中一个：在哪里找到服务器和推流码、有哪些限制、被拒绝意味着什么。",
  ["Name of a platform."] = "平台的名称。",
  ["Every value comes from a public page, shown with the day it was read. Platforms change without notice; "
    .. "trust what the platform's own page shows you."]
    = "每个数值都出自公开网页，并注明查阅日期。平台可能随时变更，请以平台自己的页面为准。",
  ["PLATFORM"] = "平台",
  ["SERVER"] = "服务器",
  ["shown beside the key"] = "与推流码一起显示",
  ["Source"] = "来源",
  ["%s (read on %s)"] = "%s（查阅于 %s）",
  ["none: no public page could be read"] = "无：没有可查阅的公开网页",
  ["this is a push address: start your encoder"] = "这是推流地址：请启动您的编码器",
  ["answers within %.0f ms"] = "%.0f 毫秒内应答",
  ["not checked: this needs %s"] = "未检查：这需要 %s",

  -- cme run
  ["Carry out a show file: check, start on time, watch, switch, alert, stop on time, report."]
    = "执行节目文件：检查、准时开始、监看、切换、告警、准时停止、报告。",
  ["Show files (SHOW.lua)."] = "节目文件（SHOW.lua）。",
  ["Folder for the progress of shows. Default: $STATE_DIRECTORY, or the folder of the file."]
    = "保存节目进度的目录。默认：$STATE_DIRECTORY，否则与文件同目录。",
  ["How often to look at a show on the air."] = "直播中两次查看之间的间隔。",
  ["If it is killed, run it again: it continues with the broadcast. Meanwhile the service keeps the stop time. "
    .. "SIGTERM, Ctrl-C and a closed terminal leave the broadcast on the air or stop it, as on_sigterm in the show "
    .. "file says."]
    = "中途被杀掉时，再次运行即可接着管理正在进行的直播，其间由服务保证按时停播"
    .. "。收到 SIGTERM、Ctrl-C 或终端关闭时，按节目文件的 on_sigterm 让直播继续或停播。",
  ["%d alerts not sent yet (run it again)"] = "还有 %d 条告警未送达（请再次运行）",
  ["nothing to do"] = "无需任何调用",
  ["it gave no answer in time"] = "没有及时回答",
  ["show '%s': no output ever had a picture"] = "节目“%s”：没有任何推流目标有过画面",
  ["show '%s': the stop time passed before it was on the air"] = "节目“%s”：还未开播，时间已过",
  ["%s input"] = "输入 %s",
  ["output '%s'"] = "推流目标“%s”",
  ["broadcast"] = "直播",
  slate = "垫片",
  ["slate on the air from %s for %s"] = "垫片从 %s 开始播出，历时 %s",
  ["RECOVERED %s, after %s"] = "恢复：%s，历时 %s",
  ["ALERT %s: %s (%s)"] = "告警：%s：%s（%s）",
  ["viewers of '%s'"] = "“%s”的观众",
  ["viewers of '%s': nothing is known"] = "“%s”的观众：情况未知",
  ["viewers of '%s' had picture and sound %.1f %% of the time"] = "“%s”的观众在 %.1f %% 的时间里有画面和声音",
  ["viewers of '%s' had picture and sound %.1f %% of the time, delay %.1f s"]
    = "“%s”的观众在 %.1f %% 的时间里有画面和声音，延迟 %.1f 秒",
  ["The program that looks at what viewers see (default: the cme-look installed with this cme)."]
    = "查看观众所见的程序（默认：与本 cme 一同安装的 cme-look）。",
  ["output '%s': reconnected"] = "推流目标“%s”：已重新连接",
  ["ALERT %s: %s"] = "告警：%s：%s",
  ["check %s: %s"] = "检查 %s：%s",
  ["check %s: warning: %s"] = "检查 %s：注意：%s",
  ["all %d checks passed"] = "%d 项检查全部通过",
  ["  gap from %s for %s%s"] = "  %s 起中断 %s%s",
  ["output '%s': on the air %s (%.2f %%), unknown %s"] = "推流目标“%s”：在播 %s（%.2f %%），未知 %s",
  ["output '%s': on the air %s (%.2f %%)"] = "推流目标“%s”：在播 %s（%.2f %%）",
  ["never on the air"] = "从未开播",
  ["on the air from %s to %s, %s"] = "直播时间 %s 至 %s，共 %s",
  ["switched from %s to %s at %s%s"] = "从 %s 切换到 %s，时间 %s%s",
  ["on the air since %s"] = "自 %s 起已在直播",
  ["waiting until %s"] = "等待到 %s",
  ["prepared: %s"] = "已准备：%s",
  ["prepared: nothing to change"] = "已准备：无需更改",
  ["started, not all of it works yet: %s"] = "已开始，部分尚未正常：%s",
  ["started"] = "已开始",
  ["the service stops it at %s"] = "服务将于 %s 停止它",
  ["switched from %s to %s%s"] = "从 %s 切换到 %s%s",
  ["%s: %s (again in %s)"] = "%s：%s（%s 后重试）",
  ["%s: %s"] = "%s：%s",
  ["progress not saved: %s"] = "未能记录：%s",
  ["ending: the broadcast continues, the service stops it at %s"] = "退出：直播继续，服务将于 %s 停播",
  ["ending: nothing is on the air"] = "退出：没有正在进行的直播",

  -- cme watch
  ["Watch projects live: state, inputs and outputs, time left, changes."]
    = "实时查看项目：状态、输入和推流目标、剩余时间、变化。",
  ["Ids, names or files (SHOW.lua, SPEC.json). Default: all projects."] =
    "ID、名称或文件（SHOW.lua、SPEC.json）。默认：所有项目。",
  ["How often to look."] = "两次查看之间的间隔。",
  ["On a terminal: a full screen; j, k, arrows, PgUp and PgDn scroll, q quits. Elsewhere, with --json and with "
    .. "TERM=dumb: one line per change, until you end it or none of the projects exists any more."]
    = "在终端里全屏显示，j、k、方向键、PgUp、PgDn 滚动，q 退出。不在终端里、使用 "
    .. "--json 或 TERM=dumb 时：每个变化一行，直到您结束它，或所有项目都已不存在。",
  ["the Lua module '%s' is not installed"] = "未安装 Lua 模块“%s”",
  ["KBIT/S"] = "KBIT/S",
  ["FPS"] = "帧率",
  ["%s ago: %s"] = "%s前：%s",
  ["works again (%s)"] = "已恢复（%s）",
  ["%s elapsed, %s left"] = "已播 %s，剩余 %s",
  ["until %s"] = "至 %s",
  ["%s (for %s)"] = "%s（已 %s）",
  ["projects: %d, working: %d"] = "项目：%d，转推中：%d",
  ["lines %d to %d of %d"] = "第 %d 至 %d 行，共 %d 行",
  ["q: quit  j k PgUp PgDn: scroll"] = "q：退出  j k PgUp PgDn：滚动",
  ["%s: %s, was %s"] = "%s：%s，此前为 %s",
  ["%s: added"] = "%s：已添加",
  ["%s: removed"] = "%s：已删除",
  ["%s: changed"] = "%s：已更改",
  ["no longer exists"] = "已不存在",
  ["%s, outputs: %d"] = "%s，推流目标：%d",
  ["%s, was %s"] = "%s，此前为 %s",
  ["no input has a picture: the slate is on the air"] = "所有输入都没有画面：正在播出垫片",
  ["the slate is no longer on the air"] = "垫片已停止播出",
  ["no input on the air, was %s"] = "没有正在播出的输入，此前为 %s",
  ["input on the air: %s"] = "正在播出的输入：%s",
  ["input on the air: %s, was %s"] = "正在播出的输入：%s，此前为 %s",
  ["stops at %s"] = "将于 %s 停止",
  ["no planned stop"] = "没有计划停止时间",
  ["renamed from '%s' to '%s'"] = "由“%s”改名为“%s”",
  ["source '%s'"] = "播放源“%s”",
  ["recording '%s'"] = "录制“%s”",
  ["%s: goes on in %s"] = "%s：继续录到 %s",
  ["can be read again"] = "恢复可读",

  -- cme look
  ["Say what viewers see and hear: connect to play addresses, decode, and name what is wrong."]
    = "看观众看到和听到什么：连接播放地址，解码，指出问题。",
  ["Play addresses (rtmp, rtmps, http, https, srt, rtsp, udp, rtp), media files, or projects "
    .. "and show files, whose outputs' watch addresses are taken; @FILE or - keeps an address secret."]
    = "播放地址（rtmp、rtmps、http、https、srt、rtsp、udp、rtp）、媒体文件，或项目和节目文件（取其推流目标的 watch 地址）；"
    .. "用 @FILE 或 - 避免地址外露。",
  ["An address of the source to compare with: frozen, late, slow and wrong need it."]
    = "用于对比的源地址：判断画面卡住、延迟过大、帧率不足和画面不符需要它。",
  ["How long to look. Default: until you end it."] = "看多久。默认：直到您结束它。",
  ["How often to look closely and to write a line."] = "每隔多久仔细查看一次并输出一行。",
  ["From which delay behind the source an address is late. Default: 2.5s, of HLS 25s."]
    = "比源晚多少算延迟过大。默认：2.5s，HLS 为 25s。",
  ["Write JPEGs of what viewers see into this folder."] = "把观众看到的画面以 JPEG 写入该文件夹。",
  ["Decode all pictures, not only keyframes and a stretch of each look."]
    = "解码全部画面，而不只是关键帧和每次查看中的一小段。",
  ["The program (default: the cme-look installed with this cme)."] = "程序（默认：随本 cme 安装的 cme-look）。",
  ["On a terminal: a live table, q quits. Exit code 0: nothing wrong was seen; 6: something was; 4: no address could "
    .. "be read."] = "在终端里显示实时表格，按 q 退出。退出码 0：没有发现问题；6：发现了问题；4：没有一个地址能读取。",
  ["at most %d addresses are possible"] = "最多 %d 个地址",
  ["cme-look ended: %s"] = "cme-look 已退出：%s",
  ["ADDRESS"] = "地址",
  ["SHOWS"] = "画面",
  ["%s, %.1f s late"] = "%s，延迟 %.1f 秒",
  ["cme serve: look at what the inputs show."] = "cme serve：查看各路输入的画面。",
  ["With --look-inputs: switch to the backup when main shows this; repeat for more."]
    = "与 --look-inputs 一起使用：主输入出现该情况时切到备用输入，可重复。",
  ["VIEWERS"] = "观众看到",
  ["LUFS"] = "LUFS",
  ["PEAK DB"] = "峰值 dB",
  ["SEEN"] = "出现过",
  ["REASON"] = "原因",
  ["fine"] = "正常",
  ["gone"] = "无法播放",
  ["black"] = "黑屏",
  ["one colour"] = "纯色画面",
  ["frozen"] = "画面卡住",
  ["wrong picture"] = "画面不符",
  ["silent"] = "静音",
  ["one ear only"] = "单边声道",
  ["clipped"] = "爆音",
  ["stuttering"] = "卡顿",
  ["too few pictures"] = "帧率不足",
  ["late"] = "延迟过大",
  ["still picture"] = "静止画面",
  [" (%s)"] = "（%s）",
  ["source %s"] = "源 %s",
  ["%s  %s: %s%s"] = "%s  %s：%s%s",
  ["%s  %s: %s, was %s%s"] = "%s  %s：%s，此前为%s%s",
  ["%s  %s: %s; %s, %s fps, %s kbit/s, %s LUFS, peak %s dB, delay %s"]
    = "%s  %s：%s；%s，%s fps，%s kbit/s，%s LUFS，峰值 %s dB，延迟 %s",
}
