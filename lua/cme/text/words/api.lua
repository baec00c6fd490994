-- SPDX-License-Identifier: MIT
-- Refusals of the service, by the cloud's codes with "api." before them. See cme.codes.
return {
  -- A refusal at the client: the code, what the service said, what to do about it.
  ["api:refused"] = { "{code}", "{code}" },
  ["api:refused_saying"] = { "{code}: {said}", "{code}：{said}" },
  ["api:refused_with_advice"] = { "{code}: {said} ({advice})", "{code}：{said}（{advice}）" },
}
