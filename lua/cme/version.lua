-- SPDX-License-Identifier: MIT
-- The one place of the version: the engine is compiled with it, CHANGELOG and README are checked against it.
return "0.1.0"
