-- SPDX-License-Identifier: MIT
-- Lets specs require the control room's modules as nginx does.

require "spec.support.paths"
package.path = "./room/lua/?.lua;" .. package.path
