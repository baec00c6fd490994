-- SPDX-License-Identifier: MIT
-- Sentences of the codes project.*. See cme.codes.
return {
}
