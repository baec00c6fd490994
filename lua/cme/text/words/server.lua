-- SPDX-License-Identifier: MIT
-- Sentences of the codes server.*. See cme.codes.
return {
  ["server.database_lost"] = {
    "database '{path}': it was deleted or replaced under the running service, so nothing that happens from now on "
      .. "outlives it: put a good copy in its place and restart, or restart with --adopt (what is on the air goes on)",
    "数据库“{path}”在服务运行时被删除或替换，此后的变更都无法保留："
      .. "请放回一份完好的副本后重启服务，或用 --adopt 重启（正在直播的不受影响）" },
  -- keys
  ["server.master_key"] = { "master key '{path}': {cause}: put the right file back",
    "主密钥“{path}”：{cause}：请放回正确的文件" },
  ["server.master_key:missing"] = {
    "master key '{path}': it is missing, though keys were sealed with it: put it back, or revoke them all",
    "主密钥“{path}”：文件不存在，但已有密钥用它加密：请放回该文件，或撤销全部密钥" },
  ["server.sealed_key"] = { "key '{id}': {cause}: put the right master.key back, or revoke the key and add another",
    "密钥“{id}”：{cause}：请放回正确的 master.key，或撤销此密钥并另加一个" },
  -- processes
  ["server.stopped_meanwhile"] = { "it was stopped meanwhile", "期间已被停止" },
  ["server.unknown"] = { "{reason}", "{reason}" },
  ["server.run_over"] = { "the run is over", "本次转推已结束" },
  ["server.failed"] = { "the service failed on it: its log says why", "服务处理时出错，原因见服务日志" },
  ["server.engine_ended"] = { "start {program}: it ended ({why})", "启动 {program}：它已退出（{why}）" },
  ["server.engine_ended:said"] = { "start {program}: it ended ({why}): {said}", "启动 {program}：它已退出（{why}）：{said}" },
  ["server.no_program:engine"] = { "engine 'cme-relay': not found: run make build, or name it with cme serve --relay",
    "找不到引擎“cme-relay”：请运行 make build，或用 cme serve --relay 指定" },
  ["server.no_program:playout"] = { "playout: not found: install ffmpeg", "找不到播出程序：请安装 ffmpeg" },
  ["server.no_program:library"] = { "playout: not found: run make build", "找不到播出程序：请运行 make build" },
}
