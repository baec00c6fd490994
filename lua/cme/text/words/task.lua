-- SPDX-License-Identifier: MIT
-- Sentences of the codes task.*. See cme.codes.
return {
}
