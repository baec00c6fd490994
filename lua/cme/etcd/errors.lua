-- SPDX-License-Identifier: MIT
-- What etcd says went wrong, as failures of the catalogue. etcd tells its errors apart by their text alone (its gRPC
-- codes stand for many each), and the texts are part of its interface (etcd's rpctypes/error.go). Pure.

local codes = require "cme.codes"

local errors = {}

local NO_QUORUM = "etcd.no_quorum"

-- By the whole text, without "etcdserver: ".
local BY_TEXT = {
  ["mvcc: required revision has been compacted"] = "etcd.compacted",
  ["mvcc: required revision is a future revision"] = "etcd.future_revision",
  ["mvcc: database space exceeded"] = "etcd.no_space",
  ["requested lease not found"] = "etcd.lease_gone",
  ["lease already exists"] = "etcd.lease_exists",
  ["permission denied"] = "etcd.denied",
  ["authentication failed, invalid user ID or password"] = "etcd.login",
  ["invalid auth token"] = "etcd.token",
  ["user name is empty"] = "etcd.token",
  ["revision of auth store is old"] = "etcd.token",
  ["authentication is not enabled"] = "etcd.no_login",
  ["too many requests"] = "etcd.busy",
  ["request is too large"] = "etcd.too_large",
  ["corrupt cluster"] = "etcd.corrupt",
  ["no leader"] = NO_QUORUM,
  ["not leader"] = NO_QUORUM,
  ["leader changed"] = NO_QUORUM,
  ["server stopped"] = NO_QUORUM,
  ["request timed out"] = NO_QUORUM,
  ["request timed out, possibly due to previous leader failure"] = NO_QUORUM,
  ["request timed out, possibly due to connection lost"] = NO_QUORUM,
}

-- gRPC's codes, for texts that are not there.
local UNAVAILABLE, DEADLINE, CANCELLED = 14, 4, 1

-- Refused before anything was proposed to the members.
local NOT_DONE = { ["etcd.token"] = true, ["etcd.busy"] = true, ["etcd.denied"] = true, ["etcd.no_space"] = true,
  ["etcd.too_large"] = true, ["etcd.lease_gone"] = true, ["etcd.lease_exists"] = true, ["etcd.compacted"] = true,
  ["etcd.future_revision"] = true, ["etcd.login"] = true, ["etcd.no_login"] = true, ["etcd.corrupt"] = true,
  ["etcd.refused"] = true }

-- Another member, or the same one later, may answer.
local PASSING = { [NO_QUORUM] = true, ["etcd.busy"] = true }

--- The code of an error of etcd's.
---@param text string
---@param grpc integer|nil its gRPC code
---@return string code
function errors.code(text, grpc)
  local known = BY_TEXT[(text:gsub("^etcdserver: ", ""))]
  if known then return known end
  if grpc == UNAVAILABLE or grpc == DEADLINE or grpc == CANCELLED then return NO_QUORUM end
  return "etcd.refused"
end

--- Fails with an error of etcd's.
---@param text string
---@param grpc integer|nil its gRPC code
---@return nil
---@return string message
---@return cme.detail detail with `sent`
function errors.fail(text, grpc)
  return codes.fail(errors.code(text, grpc), { reason = text }, { sent = true })
end

--- Whether nothing of a failed request was done, whatever it was.
---@param detail cme.detail
---@return boolean
function errors.undone(detail)
  return detail.sent == false or NOT_DONE[detail.code] == true
end

--- Whether it is worth asking another member, or again.
---@param detail cme.detail
---@return boolean
function errors.passing(detail)
  return PASSING[detail.code] == true or detail.code:find "^network%." ~= nil
end

return errors
