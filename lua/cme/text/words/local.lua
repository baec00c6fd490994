-- SPDX-License-Identifier: MIT
-- Sentences of the codes local.*. See cme.codes.
return {
  ["local.program"] = { "start {program}: {reason}", "启动 {program} 失败：{reason}" },
}
