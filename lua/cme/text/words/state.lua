-- SPDX-License-Identifier: MIT
-- How a broadcast is, where that is no failure: sentences of the codes state.*. See cme.codes.
return {
  ["state.partly"] = { "started, but not all of it works yet: {faults}",
    "已开播，但还不是全部正常：{faults}" },
}
