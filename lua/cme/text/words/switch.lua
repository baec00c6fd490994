-- SPDX-License-Identifier: MIT
-- Why a playout did not switch to a source: sentences of the codes switch.*. The engine's are in C. See cme.codes.
return {
  ["switch.failed:over"] = { "playback has ended", "播放已结束" },
  ["switch.no_input:source"] = { "there is no such source", "没有这个源" },
  ["switch.superseded:source"] = { "another switch was asked for meanwhile", "期间又有人请求了另一次切换" },
}
