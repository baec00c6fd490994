-- SPDX-License-Identifier: MIT
-- Words in sentences that differ by language. See cme.codes.
return {
  ["word:main"] = { "main", "主" },
  ["word:backup"] = { "backup", "备" },
}
