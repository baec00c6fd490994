-- SPDX-License-Identifier: MIT
-- The one place of the version: rockspecs, engine and docs are checked against it.
return "0.1.0"
