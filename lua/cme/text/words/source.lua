-- SPDX-License-Identifier: MIT
-- What becomes of the sources that a playout plays: sentences of the codes source.*. The engine's are in C. See
-- cme.codes.
return {
  ["source.failed"] = { "{reason}", "{reason}" },
  ["source.not_public"] = { "{address} is no public address, and this service reads from public ones alone",
    "{address} 不是公网地址，本服务只从公网地址读取" },
  ["source.ended:alone"] = { "it ended", "它已结束" },
  ["source.ended:by_us"] = { "it was ended", "它被终止" },
  ["source.stalled:opening"] = { "nothing came within {seconds} s", "{seconds} 秒内没有收到内容" },
  ["source.stalled:silent"] = { "silent for {seconds} s", "已有 {seconds} 秒没有内容" },
}
