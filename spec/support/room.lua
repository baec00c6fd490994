-- SPDX-License-Identifier: MIT
-- Lets specs require the control room's modules as nginx does.

require "spec.support.paths"
package.path = "./examples/openresty/lua/?.lua;" .. package.path
