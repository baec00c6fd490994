-- SPDX-License-Identifier: MIT
-- What the commands below `cme serve` share: they work on the state folder, while a service runs on it or none does.

local serve_state = {}

---@return number unix seconds
function serve_state.now()
  local seconds, microseconds = require "luv".gettimeofday()
  return seconds + microseconds / 1e6
end

---@param args table
---@return string folder
function serve_state.folder(args)
  return args.state or require "cme.server.state".default_folder(os.getenv)
end

---Why a text may not name a platform or a key; pure.
---@param what string the option that it was given for
---@param name string
---@param t cme.cli.translate
---@return string? fault nil: it may
function serve_state.name_fault(what, name, t)
  if #name <= 64 and name:match "^[%w_%-.]+$" then
    return nil
  end
  return t("%s '%s': letters, digits, '_', '-' and '.' only, at most 64", what, name)
end

---Opens the state folder for one command.
---@param context cme.cli.context
---@param perform fun(store: cme.server.Store, state: cme.server.State): integer exit code
---@return integer exit_code
function serve_state.with(context, perform)
  local state, message = require "cme.server.state".share(serve_state.folder(context.args))
  if not state then
    return context:fail(message)
  end
  local store
  store, message = require "cme.server.store".open(state.database, serve_state.now)
  if not store then
    return context:fail(message)
  end
  local ok, result = pcall(perform, store, state)
  store:close()
  if not ok then
    error(result, 0)
  end
  return result
end

return serve_state
