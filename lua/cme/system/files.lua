-- SPDX-License-Identifier: MIT
-- The few file operations of the service, over luv's synchronous calls, with messages a person can act on, and how to
-- wait for a file, of which the kernel tells. Everything it makes is for the owner alone: folders 0700, files 0600.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local uv = require "luv"

local reach = require "cme.system.reach"

local files = {}

files.OWNER_ONLY = 384 -- 0600, of every file that the service makes
local OWNER_ONLY_FOLDER = 448 -- 0700
local MODE_BITS = 511 -- 0777
local OTHERS_BITS = 63 -- 0077
local READ_SIZE = 65536 -- bytes asked for at once
local LOOK_MS = 1000 -- between looks at a folder that the kernel does not watch

-- By libuv's name of a failure: the sentence with the remedy, where there is one.
local SENTENCES = { ENOSPC = "local.file.space", EDQUOT = "local.file.space", EROFS = "local.file.right",
  EACCES = "local.file.right", EPERM = "local.file.right", ENOENT = "local.file.absent", ENOTDIR = "local.file.absent" }

--- Fails for the system's reason, with the remedy where there is one. Pure.
---@param frame string the sentence of what was being done, "in.open_file"
---@param path string
---@param message string|nil libuv's
---@param name string|nil libuv's third value: "ENOENT"
---@return nil
---@return string message
---@return cme.detail detail code local.file; local.file.absent: there is no such file
function files.fail(frame, path, message, name)
  return codes.within(frame, { path = path },
    select(2, codes.fail(SENTENCES[name] or "local.file", { reason = errno.reason(name, message) })))
end

---@param path string
---@return table|nil stat
---@return string|nil message
---@return cme.detail|nil detail
function files.stat(path)
  local stat, message, name = uv.fs_stat(path)
  if not stat then return files.fail("in.read_file", path, message, name) end
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
  local stat, _, name = uv.fs_stat(path)
  return not stat and reach.meaning(name) == "absent"
end

--- Makes a folder and those above it; one that is there already is fine.
---@param path string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function files.make_folder(path)
  local stat = uv.fs_stat(path)
  if stat and stat.type == "directory" then return true end
  if stat then return codes.within("in.make_folder", { path = path }, select(2, codes.fail "local.file:taken")) end
  local parent = path:match "^(.+)/[^/]+/*$"
  if parent then
    local made, fault, detail = files.make_folder(parent)
    if not made then return nil, fault, detail end
  end
  local ok, message, name = uv.fs_mkdir(path, OWNER_ONLY_FOLDER)
  if not ok and name ~= "EEXIST" then return files.fail("in.make_folder", path, message, name) end
  return true
end

--- Makes an empty file unless it is there.
---@param path string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function files.touch(path)
  local fd, message, name = uv.fs_open(path, "a", files.OWNER_ONLY)
  if not fd then return files.fail("in.open_file", path, message, name) end
  uv.fs_close(fd)
  return true
end

-- All there is from a place on; from the start when nil, as pipes need it. Files of the kernel's tell no size.
local function read_from(path, place)
  local fd, message, name = uv.fs_open(path, "r", 0)
  if not fd then return files.fail("in.read_file", path, message, name) end
  local parts = {}
  local chunk
  repeat
    chunk, message, name = uv.fs_read(fd, READ_SIZE, place)
    parts[#parts + 1], place = chunk, place and place + #(chunk or "")
  until not chunk or chunk == ""
  uv.fs_close(fd)
  if not chunk then return files.fail("in.read_file", path, message, name) end
  return table.concat(parts)
end

---@param path string
---@return string|nil text
---@return string|nil message
---@return cme.detail|nil detail code local.file.absent: there is no such file
function files.read(path)
  return read_from(path)
end

--- Reads a file that holds a secret. One that others may read is refused, never repaired: it may be known by now.
---@param path string
---@param frame string the sentence that names it, "in.credentials"
---@param way_out string|nil the sentence of what else to do than chmod
---@return string|nil text
---@return string|nil message
---@return cme.detail|nil detail
function files.read_secret(path, frame, way_out)
  local stat, message, detail = files.stat(path)
  if not stat then return nil, message, detail end
  local sentence, values
  if stat.type ~= "file" then
    sentence, values = "local.secret:no_file", { type = stat.type }
  elseif stat.mode & OTHERS_BITS ~= 0 then
    sentence = way_out and "local.secret:open_or_delete" or "local.secret:open"
    values = { mode = ("%04o"):format(stat.mode & MODE_BITS), way_out = way_out and codes.reason(way_out) }
  end
  if not sentence then return files.read(path) end
  return codes.within(frame, { path = path }, select(2, codes.fail(sentence, values)))
end

--- The last `size` bytes of a file; "" where there is none.
---@param path string
---@param size integer
---@return string|nil text
---@return string|nil message it could not be looked at
---@return cme.detail|nil detail
function files.tail(path, size)
  local stat = uv.fs_stat(path)
  local text, message, detail = read_from(path, math.max(0, (stat and stat.size or 0) - size))
  if not text and detail.code == "local.file.absent" then return "" end
  return text, message, detail
end

local function write_new(path, text)
  local fd, message, name = uv.fs_open(path, "wx", files.OWNER_ONLY)
  if not fd then return nil, message, name end
  local written, ok
  written, message, name = uv.fs_write(fd, text, 0)
  if written == #text then
    ok, message, name = uv.fs_fsync(fd)
  elseif written then -- what is left of the disk was less
    name = "ENOSPC"
  end
  uv.fs_close(fd)
  return ok, message, name
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
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function files.write_atomically(path, text)
  local draft = ("%s.new-%d"):format(path, uv.os_getpid())
  uv.fs_unlink(draft) -- a crash of a process of the same id may have left one
  local ok, message, name = write_new(draft, text)
  if ok then
    ok, message, name = uv.fs_rename(draft, path)
  end
  if not ok then
    uv.fs_unlink(draft)
    return files.fail("in.write_file", path, message, name)
  end
  sync_folder(path:match "^(.*)/[^/]*$" or ".")
  return true
end

--- The names in a folder; none where there is no such folder.
---@param path string
---@return string[]|nil names
---@return string|nil message it could not be looked into
---@return cme.detail|nil detail
function files.names(path)
  local names, scan, message, errname = {}, uv.fs_scandir(path)
  if not scan and reach.meaning(errname) ~= "absent" then
    return files.fail("in.list_folder", path, message, errname)
  end
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

--- Calls fn whenever something in a folder comes, goes or changes. Where the kernel has no more watches, it does so
--- once a second, whatever happens.
---@param folder string
---@param fn fun() in a callback of libuv: must not wait
---@return fun() forget fn is not called any more
function files.on_change(folder, fn)
  local watch = uv.new_fs_event()
  if not watch:start(folder, {}, fn) then
    watch:close()
    watch = uv.new_timer()
    watch:start(LOOK_MS, LOOK_MS, fn)
  end
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
