-- SPDX-License-Identifier: MIT
-- Sentences of the codes word.*. See cme.codes.
return {
}
