-- SPDX-License-Identifier: MIT
-- Sentences of the codes state.*. See cme.codes.
return {
}
