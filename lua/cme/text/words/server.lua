-- SPDX-License-Identifier: MIT
-- Sentences of the codes server.*. See cme.codes.
return {
  ["server.database_lost"] = {
    "database '{path}': it was deleted or replaced under the running service, so nothing that happens from now on "
      .. "outlives it: put a good copy in its place and restart, or restart with --adopt (what is on the air goes on)",
    "数据库“{path}”在服务运行时被删除或替换，此后的变更都无法保留："
      .. "请放回一份完好的副本后重启服务，或用 --adopt 重启（正在直播的不受影响）" },
  -- processes
  ["server.stopped_meanwhile"] = { "it was stopped meanwhile", "期间已被停止" },
  ["server.unknown"] = { "{reason}", "{reason}" },
  ["server.run_over"] = { "the run is over", "本次转推已结束" },
  ["server.failed"] = { "the service failed on it: its log says why", "服务处理时出错，原因见服务日志" },
  ["server.engine_ended"] = { "start {program}: it ended ({why})", "启动 {program}：它已退出（{why}）" },
  ["server.engine_ended:said"] = { "start {program}: it ended ({why}): {said}", "启动 {program}：它已退出（{why}）：{said}" },
  ["server.no_program"] = { "{program}: not found: {hint}", "找不到 {program}：{hint}" },
}
