-- SPDX-License-Identifier: MIT
-- Sentences of the codes credentials.*. See cme.codes.
return {
}
