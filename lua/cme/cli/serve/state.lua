-- SPDX-License-Identifier: MIT
-- `cme serve state`: writes the whole state into a file, and reads it into a service that has none: the way from SQLite
-- to etcd and back. The file holds stream keys.

local codes = require "cme.codes"
local serve_store = require "cme.cli.serve.store"

local serve_state = {}

---@param serve table argparse's command `cme serve`
function serve_state.add_to_parser(serve)
  local command = serve:command("state", "Move the state between SQLite and etcd.")
  command:target "state_verb" -- `state` is --state
  command:command_target "state_command"
  command:command("export", "Write the whole state into a file, which holds stream keys. Stop the service first.")
    :argument("state_file", "File to make, readable by you alone.")
  command:command("import", "Read an exported state into a service that has none.")
    :argument("state_file", "File that export made.")
end

local function done(context, counts)
  local lines = {}
  for i, kind in ipairs(require "cme.server.store.transfer".KINDS) do
    lines[i] = ("%s %d"):format(kind.name, counts[kind.name])
  end
  return context:done(counts, table.unpack(lines))
end

local function fail(context, path, message, detail)
  return context:fail(select(2, codes.within("in.state_file", { path = path }, message, detail)))
end

-- ---- export

-- The file that is written, under another name until it is whole.
local function draft(path)
  local files, uv = require "cme.system.files", require "luv"
  local name = ("%s.new-%d"):format(path, uv.os_getpid())
  uv.fs_unlink(name)
  local fd, message, errname = uv.fs_open(name, "wx", files.OWNER_ONLY)
  if not fd then return files.fail("in.write_file", path, message, errname) end
  local self = {}
  function self.write(line)
    local written, why, reason = uv.fs_write(fd, line .. "\n", -1)
    if written == #line + 1 then return true end
    return files.fail("in.write_file", path, why, written and "ENOSPC" or reason)
  end
  function self.close(whole)
    local ok, why, reason = uv.fs_fsync(fd)
    uv.fs_close(fd)
    if whole and ok then
      ok, why, reason = uv.fs_rename(name, path)
      if ok then return true end
    end
    uv.fs_unlink(name)
    if whole then return files.fail("in.write_file", path, why, reason) end
  end
  return self
end

local function run_export(args, context)
  return serve_store.with_existing(context, function(store)
    local file, message, detail = draft(args.state_file)
    if not file then return context:fail(message, detail) end
    local counts
    counts, message, detail = require "cme.server.store.transfer".export(store, file.write)
    local ok, why, fault = file.close(counts ~= nil)
    if not counts then return fail(context, args.state_file, message, detail) end
    if not ok then return context:fail(why, fault) end
    return done(context, counts)
  end)
end

-- ---- import

local function run_import(args, context)
  local file, message = io.open(args.state_file, "rb")
  if not file then return context:fail(message) end
  local code = serve_store.with(context, function(store)
    local counts, why, detail = require "cme.server.store.transfer".import(store, file:lines "l")
    if not counts then return fail(context, args.state_file, why, detail) end
    return done(context, counts)
  end)
  file:close()
  return code
end

local COMMANDS = { export = run_export, import = run_import }

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function serve_state.run(args, context)
  return COMMANDS[args.state_command](args, context)
end

return serve_state
