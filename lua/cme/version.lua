-- SPDX-License-Identifier: MIT
-- What runs here: MAJOR.MINOR.PATCH, with -dev between two releases. The service and the engine have the same.
-- The one place of the version: the engine is compiled with it, CHANGELOG and README are checked against it.
return "0.2.0"
