-- SPDX-License-Identifier: MIT
-- Sentences of the codes event.*. See cme.codes.
return {
}
