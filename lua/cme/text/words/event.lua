-- SPDX-License-Identifier: MIT
-- What the service calls back with: sentences of the codes event.*. See cme.codes.
return {
  ["event.malformed"] = { "the body is not a JSON object", "请求体不是 JSON 对象" },
  ["event.malformed:json"] = { "{cause}", "{cause}" },
  ["event.malformed:type"] = { "the body has no EventType", "请求体中没有 EventType" },
  ["event.malformed:project"] = { "no project and status in a change of a project ({type})",
    "项目变更事件（{type}）中没有项目和状态" },
  ["event.too_large"] = { "a body of {bytes} bytes", "请求体有 {bytes} 字节" },
  ["event.unsigned"] = { "X-CME-Timestamp, X-CME-Event-Id and X-CME-Signature are not there once each",
    "X-CME-Timestamp、X-CME-Event-Id 和 X-CME-Signature 应各出现一次" },
  ["event.unsigned:timestamp"] = { "X-CME-Timestamp is no number of seconds", "X-CME-Timestamp 不是秒数" },
  ["event.unsigned:id"] = { "X-CME-Event-Id is no id", "X-CME-Event-Id 不是 ID" },
  ["event.bad_signature"] = { "the signature is not that of this time, id and body",
    "签名与时间、ID 和请求体不符" },
  ["event.stale"] = { "sent {seconds} s ago: a replay, or a clock is wrong",
    "发送于 {seconds} 秒前：可能是重放，或时钟有误" },
  ["event.stale:ahead"] = { "sent {seconds} s ahead: a replay, or a clock is wrong",
    "发送时间超前 {seconds} 秒：可能是重放，或时钟有误" },
}
