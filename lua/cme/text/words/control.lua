-- SPDX-License-Identifier: MIT
-- Sentences of the codes control.*: what befalls a connection to an engine, a playout or the edge. See cme.codes.
return {
  ["control.absent"] = { "connect to engine '{path}': {reason}", "连接引擎“{path}”：{reason}" },
  ["control.silent"] = { "connect to engine '{path}': {reason}", "连接引擎“{path}”：{reason}" },
  ["control.unknown"] = { "connect to engine '{path}': {reason}", "连接引擎“{path}”：{reason}" },
  ["control.absent:edge"] = { "connect to the edge '{path}': {reason}", "连接推流接入“{path}”：{reason}" },
  ["control.silent:edge"] = { "connect to the edge '{path}': {reason}", "连接推流接入“{path}”：{reason}" },
  ["control.unknown:edge"] = { "connect to the edge '{path}': {reason}", "连接推流接入“{path}”：{reason}" },
  ["control.lost"] = { "the engine is gone", "引擎已不在" },
  ["control.lost:edge"] = { "the edge is gone", "推流接入已不在" },
  ["control.lost:not_up"] = { "its engine is not up: the service keeps trying to start it, its log says why",
    "引擎未能运行：服务会一直尝试启动它，原因见服务日志" },
  ["control.unended"] = { "it does not end", "它没有结束" },
  ["control.timeout:edge"] = { "the edge did not answer within {seconds} s", "推流接入在 {seconds} 秒内没有应答" },
  ["control.timeout"] = { "the engine did not answer within {seconds} s", "引擎在 {seconds} 秒内没有应答" },
}
