-- SPDX-License-Identifier: MIT
-- What the commands below `cme serve` share: they work on the state folder, while a service runs on it or none does.
-- Exit codes as of cme.cli.

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
---@return string? fault nil: it may
function serve_state.name_fault(what, name)
  if #name <= 64 and name:match "^[%w_%-.]+$" then
    return nil
  end
  return ("%s '%s': letters, digits, '_', '-' and '.' only, at most 64"):format(what, name)
end

---Says what is wrong with the command line.
---@param message string
---@return integer exit_code
function serve_state.usage_error(message)
  io.stderr:write("cme serve: ", message, "\n")
  return 2
end

local function open(args)
  local state, message = require "cme.server.state".share(serve_state.folder(args))
  if not state then
    return nil, message
  end
  local store
  store, message = require "cme.server.store".open(state.database, serve_state.now)
  if not store then
    return nil, message
  end
  return store, state
end

---Opens the state folder for one command.
---@param args table
---@param perform fun(store: cme.server.Store, state: cme.server.State): true?, string? nil, message when it failed
---@return integer exit_code
function serve_state.with(args, perform)
  local store, state = open(args)
  local ok, message = nil, state
  if store then
    ok, message = perform(store, state)
    store:close()
  end
  if not ok then
    io.stderr:write("cme serve: ", message, "\n")
    return 1
  end
  return 0
end

---Writes to stdout, to its end: a secret that is shown once must not be lost in a buffer.
---@param text string
---@return true?, string? message
function serve_state.print(text)
  local ok, message = io.stdout:write(text)
  if ok then
    ok, message = io.stdout:flush()
  end
  if not ok then
    return nil, "standard output: " .. tostring(message)
  end
  return true
end

---Lines of texts in columns as wide as their widest; pure.
---@param rows string[][]
---@return string
function serve_state.columns(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, #cell)
    end
  end
  for n, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      cells[i] = i < #row and cell .. (" "):rep(widths[i] - #cell) or cell
    end
    lines[n] = table.concat(cells, "  ") .. "\n"
  end
  return table.concat(lines)
end

return serve_state
