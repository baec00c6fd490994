-- SPDX-License-Identifier: MIT
-- What became of a broadcast: sentences of the codes project.*. See cme.codes.
return {
  ["project.confirm_too_late"] = {
    "the service stopped it again: Confirm came too late, {seconds} s after Start, where it waits {limit} s "
      .. "(start it again): {cause}",
    "服务已把它停止：Confirm 在启动后 {seconds} 秒才到，服务只等 {limit} "
      .. "秒（请重新启动）：{cause}" },
  ["project.unconfirmed"] = { "started, but not confirmed: the service stops it {limit} s after Start: {cause}",
    "已启动，但没有确认：服务会在启动 {limit} 秒后停止它：{cause}" },
  ["project.stop_at_passed"] = { "stop_at {stop_at} passed before the service could be told, so it was stopped",
    "还没能告知服务，stop_at {stop_at} 就已到达，所以已停止" },
  ["project.stop_at_passed:not_stopped"] = {
    "stop_at {stop_at} passed before the service could be told, and it could not be stopped: {cause}",
    "还没能告知服务，stop_at {stop_at} 就已到达，而且没能停止它：{cause}" },
  ["project.no_stop_at"] = { "it runs without its stop time: {cause}", "没能设定停止时间：{cause}" },
  ["project.stop_at_unknown"] = { "whether it has its stop time is not known: {cause}",
    "不知道停止时间是否已设定：{cause}" },
}
