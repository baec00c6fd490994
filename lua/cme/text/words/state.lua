-- SPDX-License-Identifier: MIT
-- How a broadcast is, where that is no failure: sentences of the codes state.*. See cme.codes.
return {
  ["state.partly"] = { "started, but not all of it works yet: {faults}",
    "已开播，但还不是全部正常：{faults}" },
  ["state.faulty"] = { "{part}: {reason}: {advice}", "{part}：{reason}：{advice}" },
  ["state.faulty:code"] = { "{part}: {reason} ({code}): {advice}", "{part}：{reason}（{code}）：{advice}" },
  ["state.nobody_pushes"] = { "{input} input: nobody pushes to its address: start the encoder",
    "{input}输入：没有人向它的地址推流：请启动编码器" },
}
