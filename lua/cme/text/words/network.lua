-- SPDX-License-Identifier: MIT
-- Sentences of the codes network.*. See cme.codes.
return {
}
