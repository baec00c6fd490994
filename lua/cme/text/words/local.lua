-- SPDX-License-Identifier: MIT
-- Sentences of the codes local.*. See cme.codes.
return {
}
