-- SPDX-License-Identifier: MIT
-- Sentences of the codes server.*. See cme.codes.
return {
  ["server.database_lost"] = {
    "database '{path}': it was deleted or replaced under the running service, so nothing that happens from now on "
      .. "outlives it: put a good copy in its place and restart, or restart with --adopt (what is on the air goes on)",
    "数据库“{path}”在服务运行时被删除或替换，此后的变更都无法保留："
      .. "请放回一份完好的副本后重启服务，或用 --adopt 重启（正在直播的不受影响）" },
  -- several nodes
  ["server.fleet.held"] = { "project '{project}': node '{node}' runs it", "项目“{project}”：正由节点“{node}”运行" },
  ["server.fleet.no_room"] = { "project '{project}': no node of the fleet can take it: {nodes}",
    "项目“{project}”：集群中没有节点能运行它：{nodes}" },
  ["server.fleet.full"] = { "project '{project}': node '{node}' runs as many as its --capacity",
    "项目“{project}”：节点“{node}”运行的项目数已达 --capacity" },
  ["server.fleet.full:draining"] = { "project '{project}': node '{node}' is drained", "项目“{project}”：节点“{node}”已排空" },
  ["server.fleet.full:labels"] = { "project '{project}': node '{node}' lacks the label that its category needs",
    "项目“{project}”：节点“{node}”没有该类项目所需的标签" },
  ["server.fleet.between"] = { "no node that runs it can be asked right now", "目前没有可询问的节点在运行它" },
  ["server.fleet.no_lease"] = { "this node has no lease: etcd does not answer", "本节点没有租约：etcd 没有应答" },
  ["server.fleet.raced"] = { "project '{project}': another node was taking it at the same time: try again",
    "项目“{project}”：另一个节点正在同时接手：请重试" },
  ["server.engine_kind:unleased"] = { "the engine that runs was started without --leased, as a service that is no node "
    .. "has it: it is ended, and another one started",
    "正在运行的引擎启动时没有 --leased（由非节点的服务启动）：将结束它并启动新的引擎" },
  ["server.engine_kind:leased"] = { "the engine that runs was started by a node of a fleet and publishes by lease "
    .. "alone: it is ended, and another one started", "正在运行的引擎由集群节点启动，只凭租约推流：将结束它并启动新的引擎" },
  ["server.fleet.name"] = { "another cme serve of this fleet has the name '{node}': give another one with --node",
    "集群中另一个 cme serve 已使用名称“{node}”：请用 --node 指定其他名称" },
  ["server.fleet.copy"] = { "the state folder is that of node '{node}', which lives, or a copy of it: start this node "
    .. "with a new one. A node that was given another name starts when the lease of its old name is over",
    "此状态目录属于在线节点“{node}”，或是其副本：请为本节点指定新的状态目录。"
      .. "若是改了名称的同一节点，旧名称的租约到期后即可启动" },
  ["server.fleet.name:raced"] = { "the entry of node '{node}' was changed at the same time: it is written again in a "
    .. "moment", "节点“{node}”的条目同时被修改：稍后会自动重写" },
  ["server.fleet.answer"] = { "the answer is no node's of this fleet (status {status}): see that all nodes have the "
    .. "same --seal-key, and --advertise URLs of their own",
    "应答不是来自本集群的节点（状态 {status}）：请确认所有节点的 --seal-key 相同，且 --advertise 各自正确" },
  ["server.fleet.gone"] = { "node '{node}' is lost", "节点“{node}”已失联" },
  ["server.fleet.secret"] = { "'{path}' is not what the other nodes have: move it away, or start this node with a "
    .. "state folder of its own", "“{path}”与其他节点的不同：请移走该文件，或为本节点指定单独的状态目录" },
  ["server.fleet.unknown"] = { "no node '{node}' lives: cme fleet nodes lists those that do",
    "没有名为“{node}”的在线节点：可用 cme fleet nodes 查看" },
  ["server.fleet.nowhere"] = { "project '{project}': no node runs it: start it first",
    "项目“{project}”：没有节点在运行它：请先开播" },
  ["server.fleet.lost"] = { "project '{project}': this node does not run it any more", "项目“{project}”：本节点已不再运行它" },
  -- the database
  ["server.database"] = { "{reason}", "{reason}" },
  ["server.database:newer"] = { "its format {format} is newer than this cme knows ({known}): use the newer cme",
    "它的格式 {format} 比本版 cme 所知的（{known}）新：请使用较新的 cme" },
  ["server.database:is_read"] = { "another program is reading the database", "另一个程序正在读取数据库" },
  ["server.database.full"] = { "database or disk is full: free space in '{folder}'",
    "数据库或磁盘已满：请在“{folder}”中腾出空间" },
  ["server.database.io"] = { "disk I/O error: see to the disk of '{folder}', or free space there",
    "磁盘读写错误：请检查“{folder}”所在的磁盘，或腾出空间" },
  ["server.database.read_only"] = {
    "attempt to write a readonly database: make '{folder}' writable for this user, or give another folder with --state",
    "数据库只读：请让此用户可写“{folder}”，或用 --state 指定另一个目录" },
  ["server.database.unopened"] = { "unable to open database file: see that this user may write in '{folder}'",
    "无法打开数据库文件：请确认此用户可写“{folder}”" },
  ["server.database.foreign"] = { "file is not a database: put a good copy back in '{folder}', or move the file away "
    .. "to begin without projects", "文件不是数据库：请把完好的副本放回“{folder}”，或移走该文件，从没有项目的状态开始" },
  ["server.database.malformed"] = { "database disk image is malformed: put a good copy back in '{folder}', or move the "
    .. "file away to begin without projects",
    "数据库文件已损坏：请把完好的副本放回“{folder}”，或移走该文件，从没有项目的状态开始" },
  ["server.database.locked"] = { "database is locked", "数据库被锁定" },
  ["server.database.etcd"] = { "{cause}", "{cause}" },
  ["server.database.etcd:many"] = { "this changes more at once than etcd takes: change less at a time",
    "一次变更的内容超过 etcd 的上限：请分多次进行" },
  ["server.database:exists"] = { "there is a project '{id}' already", "项目“{id}”已存在" },
  ["server.database.taken_over"] = { "this state is gone, or another cme serve has taken it over: stop this one, or "
    .. "start it again with --take-over when the other one has ended",
    "此状态已不存在，或已被另一个 cme serve 接管：请停止本服务，或在另一个结束后用 --take-over 重新启动" },
  ["server.seal_key:other"] = { "another key file sealed this state: give the right one with --seal-key",
    "此状态由另一个密钥文件加密：请用 --seal-key 指定正确的文件" },
  ["server.seal_key:bad"] = { "it needs 1 to 8 lines, each 64 hex digits or the base64 of 32 bytes, and each key once: "
    .. "cme serve seal-key makes one",
    "文件应有 1 到 8 行，每行为 64 位十六进制数或 32 字节的 base64，且密钥不重复：可用 cme serve seal-key 生成" },
  ["server.seal_key:there"] = { "the file is there already: give another name", "文件已存在：请换一个文件名" },
  ["server.state_file:foreign"] = { "it was not made by cme serve state export",
    "它不是由 cme serve state export 生成的" },
  ["server.state_file:newer"] = { "its format {version} is newer than this cme knows ({known}): use the newer cme",
    "它的格式 {version} 比本版 cme 所知的（{known}）新：请使用较新的 cme" },
  ["server.state_file:line"] = { "line {line} is damaged: export it again", "第 {line} 行已损坏：请重新导出" },
  ["server.state_file:end"] = { "it is not whole (line {line}): export it again", "文件不完整（第 {line} 行）：请重新导出" },
  ["server.state_file:broken_off"] = { "an import into it was broken off: delete all keys that begin with "
    .. "the prefix, and import again", "导入中途中断：请删除以此前缀开头的所有键，然后重新导入" },
  ["server.node:other"] = { "it belongs to the cme serve on host '{host}' with the state folder '{folder}', and one "
    .. "service at a time may use it: when that one has ended for good, start once with --take-over",
    "它属于主机“{host}”上状态目录为“{folder}”的 cme serve，同一时间只能由一个服务使用："
      .. "确认它不再运行后，请加上 --take-over 启动一次" },
  ["server.node:fleet"] = { "it belongs to a fleet: give this service a name with --node, or start once with "
    .. "--take-over when all of the fleet's services have ended for good",
    "它属于一个集群：请用 --node 为本服务命名；确认集群的所有服务不再运行后，也可加上 --take-over 启动一次" },
  -- the state folder
  ["server.state:long_name"] = { "its name is too long for the engines' sockets ({bytes} bytes, at most {limit}): give "
    .. "a shorter one with --state", "名称太长，容不下引擎的套接字（{bytes} 字节，最多 {limit} 字节）：请用 --state 指定较短的目录" },
  ["server.state:in_use"] = { "another cme serve is using it: stop that one, or give this one its own folder with "
    .. "--state", "另一个 cme serve 正在使用它：请停止那一个，或用 --state 为本服务指定单独的目录" },
  ["server.state:foreign_lock"] = { "file is not a database: delete it", "文件不是数据库：请删除它" },
  ["server.state:stranger"] = { "1 broadcast runs that its database does not know: {list}: put the right cme.db back, "
    .. "or start once with --adopt (they go on, and can be stopped) or --end-running (they end now)",
    "有 1 场直播正在运行，但数据库中没有它：{list}：请放回正确的 cme.db，或启动一次并加上 --adopt（它继续，可以停止）"
      .. "或 --end-running（立即结束）" },
  ["server.state:strangers"] = { "{count} broadcasts run that its database does not know: {list}: put the right cme.db "
    .. "back, or start once with --adopt (they go on, and can be stopped) or --end-running (they end now)",
    "有 {count} 场直播正在运行，但数据库中没有它们：{list}：请放回正确的 cme.db，或启动一次并加上 --adopt（它们继续，可以停止）"
      .. "或 --end-running（立即结束）" },
  ["server.media_folder"] = { "media folder '{folder}': there is no such folder", "媒体目录“{folder}”：没有这个目录" },
  ["server.tls"] = { "TLS with '{cert}' and '{key}': {cause}", "使用“{cert}”和“{key}”的 TLS：{cause}" },
  -- keys
  ["server.master_key"] = { "master key '{path}': {cause}: put the right file back",
    "主密钥“{path}”：{cause}：请放回正确的文件" },
  ["server.master_key:missing"] = {
    "master key '{path}': it is missing, though keys were sealed with it: put it back, or revoke them all",
    "主密钥“{path}”：文件不存在，但已有密钥用它加密：请放回该文件，或吊销全部密钥" },
  ["server.sealed_key"] = { "key '{id}': {cause}: put the right master.key back, or revoke the key and add another",
    "密钥“{id}”：{cause}：请放回正确的 master.key，或吊销此密钥并另加一个" },
  -- processes
  ["server.stopped_meanwhile"] = { "it was stopped meanwhile", "期间已被停止" },
  ["server.unknown"] = { "{reason}", "{reason}" },
  ["server.run_over"] = { "the run is over", "本次转推已结束" },
  ["server.failed"] = { "the service failed on it: its log says why", "服务处理时出错，原因见服务日志" },
  ["server.engine_ended"] = { "start {program}: it ended ({why})", "启动 {program}：它已退出（{why}）" },
  ["server.engine_ended:said"] = { "start {program}: it ended ({why}): {said}", "启动 {program}：它已退出（{why}）：{said}" },
  ["server.no_program:engine"] = { "engine 'cme-relay': not found: run make build, or name it with cme serve --relay",
    "找不到引擎“cme-relay”：请运行 make build，或用 cme serve --relay 指定" },
  ["server.no_program:edge"] = { "edge 'cme-edge': not found: run make build", "找不到推流接入“cme-edge”：请运行 make build" },
  ["server.no_program:playout"] = { "playout: not found: install ffmpeg", "找不到播出进程的程序：请安装 ffmpeg" },
  ["server.recordings_folder"] = { "--recordings '{folder}': not a folder that can be written to",
    "--recordings“{folder}”：不是可以写入的文件夹" },
  -- slates
  ["server.slate.unsupported"] = { "a slate cannot be made for {codec} (h264 and hevc with aac, mp3 or opus can)",
    "无法为 {codec} 制作垫片（支持 h264、hevc，配 aac、mp3 或 opus）" },
  ["server.slate.unsupported:unknown"] = {
    "a slate cannot be made: the size of the picture or the rate of the sound is not known",
    "无法制作垫片：画面大小或声音采样率未知" },
  ["server.slate:no_ffmpeg"] = { "slates are made by ffmpeg, which was not found: install ffmpeg",
    "制作垫片需要 ffmpeg，但没有找到：请安装 ffmpeg" },
  ["server.slate:ffmpeg"] = { "ffmpeg: {reason}", "ffmpeg：{reason}" },
  ["server.slate:not_matroska"] = { "what ffmpeg wrote cannot be read", "无法读取 ffmpeg 的输出" },
  ["server.slate:nothing"] = { "there is no picture in it", "其中没有画面" },
  ["server.slate:large"] = { "it would have more than {limit} MiB", "它将超过 {limit} MiB" },
  ["server.slate:stopped"] = { "another one is wanted meanwhile", "已改为制作另一个垫片" },
  ["server.slate:slow"] = { "not made within {seconds} s", "{seconds} 秒内没有完成" },
  ["server.slate:file"] = { "slate '{name}': {reason}", "垫片“{name}”：{reason}" },
  ["server.slate:broken"] = { "the engine cannot play it: {reason}", "引擎无法播放它：{reason}" },
  ["server.no_program:library"] = { "playout: not found: run make build", "找不到播出进程的程序：请运行 make build" },
}
