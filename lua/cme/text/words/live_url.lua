-- SPDX-License-Identifier: MIT
-- URLs that live streams are pushed to and played from: sentences of the codes live_url.*. See cme.codes.
return {
  ["live_url.unsigned"] = { "txSecret and txTime are missing", "缺少 txSecret 和 txTime" },
  ["live_url.bad_signature"] = { "txSecret is not that of this stream and txTime",
    "txSecret 与这个流和 txTime 不符" },
  ["live_url.bad_signature:time"] = { "txTime is not eight hex digits", "txTime 不是八位十六进制数字" },
  ["live_url.expired"] = { "it was good until {at}", "有效期到 {at} 为止" },
}
