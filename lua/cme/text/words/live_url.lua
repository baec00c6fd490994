-- SPDX-License-Identifier: MIT
-- Sentences of the codes live_url.*. See cme.codes.
return {
}
