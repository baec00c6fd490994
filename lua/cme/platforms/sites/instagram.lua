-- SPDX-License-Identifier: MIT
-- Instagram. No public page with its values could be read: server and key are taken as given.
return { title = { "Instagram", "Instagram" }, pages = {}, choose = true }
