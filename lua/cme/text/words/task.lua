-- SPDX-License-Identifier: MIT
-- Sentences of the codes task.*. See cme.codes.
return {
  ["task.cancelled"] = { "task: cancelled", "任务：已取消" },
  ["task.timer"] = { "cme.run: a timer cannot be started: {reason}", "cme.run：无法启动定时器：{reason}" },
}
