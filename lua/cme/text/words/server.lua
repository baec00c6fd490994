-- SPDX-License-Identifier: MIT
-- Sentences of the codes server.*. See cme.codes.
return {
}
