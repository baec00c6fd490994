-- SPDX-License-Identifier: MIT
-- Instagram. No page of its values could be read, so there are none: server and key are taken as they are given.
return { title = { "Instagram", "Instagram" }, pages = {}, choose = true }
