-- SPDX-License-Identifier: MIT
-- How long etcd has to answer a node about one key: a member that is gone must not hold up a takeover, nor what comes
-- after it in turn.

---@type { timeout: number } seconds
return { timeout = 2 }
