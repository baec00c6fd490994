-- SPDX-License-Identifier: MIT
-- Sentences of the codes show.*. See cme.codes.
return {
}
