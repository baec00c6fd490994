-- SPDX-License-Identifier: MIT
-- The few file operations of the service, over luv's synchronous calls, with messages a person can act on, and how to
-- wait for a file, of which the kernel tells. Everything it makes is for the owner alone: folders 0700, files 0600.

local uv = require "luv"

local reach = require "cme.system.reach"

local files = {}

files.OWNER_ONLY = 384 -- 0600, of every file that the service makes
local OWNER_ONLY_FOLDER = 448 -- 0700
local MODE_BITS = 511 -- 0777
local OTHERS_BITS = 63 -- 0077

local OTHER_FOLDER = "use a folder that this user may write, by --state"
local REMEDIES = { ENOSPC = "free space there", EDQUOT = "free space there", EROFS = OTHER_FOLDER,
  EACCES = OTHER_FOLDER, EPERM = OTHER_FOLDER }

--- What failed, with the remedy where there is one; pure.
---@param operation string
---@param path string
---@param message string luv's: "ENOENT: no such file or directory: /path"
---@return string
function files.explain(operation, path, message)
  local name, reason = message:match "^(%u+): ([^:]+)"
  local remedy = REMEDIES[name]
  return ("%s '%s': %s%s"):format(operation, path, reason or message, remedy and ": " .. remedy or "")
end

---@param path string
---@return table|nil stat, string|nil message
function files.stat(path)
  local stat, message = uv.fs_stat(path)
  if not stat then return nil, files.explain("read", path, message) end
  return stat
end

---@param path string
---@return boolean
function files.exists(path)
  return uv.fs_stat(path) ~= nil
end

--- Whether there is certainly no such file: a look that fails for another reason shows nothing.
---@param path string
---@return boolean
function files.absent(path)
  local stat, message = uv.fs_stat(path)
  return not stat and reach.meaning(message) == "absent"
end

--- Makes a folder and those above it; one that is there already is fine.
---@param path string
---@return true|nil, string|nil message
function files.make_folder(path)
  local stat = uv.fs_stat(path)
  if stat then
    if stat.type ~= "directory" then return nil, ("make folder '%s': there is a file of that name"):format(path) end
    return true
  end
  local parent = path:match "^(.+)/[^/]+/*$"
  if parent then
    local ok, message = files.make_folder(parent)
    if not ok then return nil, message end
  end
  local ok, message, name = uv.fs_mkdir(path, OWNER_ONLY_FOLDER)
  if not ok and name ~= "EEXIST" then return nil, files.explain("make folder", path, message) end
  return true
end

--- Makes an empty file unless it is there.
---@param path string
---@return true|nil, string|nil message
function files.touch(path)
  local fd, message = uv.fs_open(path, "a", files.OWNER_ONLY)
  if not fd then return nil, files.explain("open", path, message) end
  uv.fs_close(fd)
  return true
end

---@param path string
---@return string|nil text, string|nil message
---@return boolean|nil absent there is no such file
function files.read(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, ("read '%s': %s"):format(path, (message:gsub("^.*: ", ""))), files.absent(path) end
  local text = file:read "a"
  file:close()
  if not text then return nil, ("read '%s': it cannot be read"):format(path) end
  return text
end

--- Reads a file that holds a secret. One that others may read is refused, never repaired: it may be known by now.
---@param path string
---@param what string for messages: "credentials"
---@param way_out string what else to do than chmod: "delete it"; "" for none
---@return string|nil text, string|nil message
function files.read_secret(path, what, way_out)
  local stat, message = files.stat(path)
  if not stat then return nil, message end
  if stat.type ~= "file" then return nil, ("%s '%s': it is not a file (%s)"):format(what, path, stat.type) end
  if stat.mode & OTHERS_BITS ~= 0 then
    return nil, ("%s '%s': other users may read it (mode %04o): run chmod 600 on it%s"):format(what, path,
      stat.mode & MODE_BITS, way_out ~= "" and ", or " .. way_out or "")
  end
  return files.read(path)
end

--- The last `size` bytes of a file; "" where there is none.
---@param path string
---@param size integer
---@return string|nil text, string|nil message it could not be looked at
function files.tail(path, size)
  local file, message = io.open(path, "rb")
  if not file then
    if files.absent(path) then return "" end
    return nil, ("read '%s': %s"):format(path, (message:gsub("^.*: ", "")))
  end
  local length = file:seek "end"
  file:seek("set", math.max(0, length - size))
  local text = file:read "a" or ""
  file:close()
  return text
end

local function write_new(path, text)
  local fd, message = uv.fs_open(path, "wx", files.OWNER_ONLY)
  if not fd then return nil, message end
  local written
  written, message = uv.fs_write(fd, text, 0)
  local ok = written == #text
  if ok then
    ok, message = uv.fs_fsync(fd)
  end
  uv.fs_close(fd)
  return ok, message
end

local function sync_folder(path)
  local fd = uv.fs_open(path, "r", 0)
  if fd then
    uv.fs_fsync(fd)
    uv.fs_close(fd)
  end
end

--- Makes a file whole or not at all; it has reached the disk when this returns true.
---@param path string
---@param text string
---@return true|nil, string|nil message
function files.write_atomically(path, text)
  local draft = ("%s.new-%d"):format(path, uv.os_getpid())
  uv.fs_unlink(draft) -- a crash of a process of the same id may have left one
  local ok, message = write_new(draft, text)
  if ok then
    ok, message = uv.fs_rename(draft, path)
  end
  if not ok then
    uv.fs_unlink(draft)
    return nil, files.explain("write", path, message or "ENOSPC: no space left on device")
  end
  sync_folder(path:match "^(.*)/[^/]*$" or ".")
  return true
end

--- The names in a folder; none where there is no such folder.
---@param path string
---@return string[]|nil names, string|nil message it could not be looked into
function files.names(path)
  local names, scan, message = {}, uv.fs_scandir(path)
  if not scan and reach.meaning(message) ~= "absent" then return nil, files.explain("list", path, message) end
  while scan do
    local name = uv.fs_scandir_next(scan)
    if not name then break end
    names[#names + 1] = name
  end
  return names
end

---@param path string
function files.remove(path)
  uv.fs_unlink(path)
end

--- Calls fn whenever something in a folder comes, goes or changes. Where the kernel has no more watches, it never does.
---@param folder string
---@param fn fun() in a callback of libuv: must not wait
---@return fun() forget fn is not called any more
function files.on_change(folder, fn)
  local watch = uv.new_fs_event()
  watch:start(folder, {}, fn)
  return function()
    if not watch:is_closing() then watch:close() end
  end
end

-- The lowest folder above a path that is there.
local function lowest_folder(path)
  local folder = path
  repeat folder = folder:match "^(.+)/[^/]*$" or "/" until folder == "/" or files.exists(folder)
  return folder
end

--- Calls fn once a file is there; at once when it is. Folders above it may come first.
---@param path string
---@param fn fun() in a callback of libuv, at times: must not wait
---@return fun() forget fn is not called any more
function files.on_arrival(path, fn)
  local forget = function() end
  local function look()
    forget()
    if files.exists(path) then return fn() end
    local folder = lowest_folder(path)
    forget = files.on_change(folder, look)
    if files.exists(path) or lowest_folder(path) ~= folder then look() end -- it came before the watch
  end
  look()
  return function() forget() end
end

return files
