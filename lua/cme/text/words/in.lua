-- SPDX-License-Identifier: MIT
-- Where a failure happened: what outer layers put before a sentence. See cme.codes.
return {
  ["in.project"] = { "project '{name}'", "项目“{name}”" },
  ["in.method"] = { "project '{name}': {op}", "项目“{name}”：{op}" },
  ["in.action"] = { "{action}", "{action}" },
  ["in.file"] = { "file '{path}'", "文件“{path}”" },
  ["in.field"] = { "field '{field}'", "字段“{field}”" },
  ["in.variable"] = { "{variable}", "{variable}" },
  ["in.output"] = { "output '{id}'", "推流目标“{id}”" },
  ["in.time"] = { "time '{time}'", "时间“{time}”" },
  ["in.tccli"] = { "tccli '{path}'", "tccli“{path}”" },
  ["in.nth_source"] = { "source {index}", "源 {index}" },
  ["in.step"] = { "{step}", "{step}" },
  ["in.unknown_outcome"] = { "{cause}; whether the service did it is not known", "{cause}；不知道服务是否已执行" },
  ["in.unknown_outcome_since"] = { "{cause}; whether the service did it is not known ({why})",
    "{cause}；不知道服务是否已执行（{why}）" },
  ["in.show"] = { "show '{name}'", "节目“{name}”" },
  ["in.live_url"] = { "live url", "直播 URL" },
  ["in.event"] = { "event", "事件" },
}
