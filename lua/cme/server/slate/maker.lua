-- SPDX-License-Identifier: MIT
-- Makes one slate: ffmpeg writes Matroska to a pipe, and what arrives becomes an FLV file, whole or not at all. ffmpeg
-- is held in bounds of memory and processor time, ends when this process does (its pipe breaks), and is killed when it
-- takes too long or writes too much. Tasks only.

local codes = require "cme.codes"
local child = require "cme.system.child"
local files = require "cme.system.files"
local form = require "cme.server.slate.form"
local luv = require "cme.net.loop.luv"
local matroska = require "cme.server.slate.matroska"
local tags = require "cme.server.slate.tags"
local uv = require "luv"

---@class cme.server.slate.maker
local maker = {}

local MAX_BYTES = 128 * 1024 * 1024 -- of a slate
local MEMORY = 2 * 1024 * 1024 * 1024 -- bytes of data that ffmpeg may have
local CPU_SECONDS = 1200
local BLACK_SECONDS = 60 -- for black and silence; it takes a fraction of one
local FILE_SECONDS = 1800 -- for a file, at nice 19 beside whatever else runs
local PROBE_SECONDS = 30
local BLACK_PRESET = "ultrafast"
local ENVIRONMENT = { "PATH" } -- no secret of the service's, and no library that is loaded into the service
local STILLS = { png = true, jpg = true, jpeg = true, webp = true, bmp = true, tif = true, tiff = true }

---@class cme.server.slate.tools
---@field ffmpeg string|nil path; nil: there is none
---@field ffprobe string|nil
---@field preset string of the encoder, for files

---@class cme.server.slate.job one ffmpeg
---@field programme cme.server.slate.programme
---@field fd integer of the file
---@field parser cme.server.slate.matroska
---@field bytes integer written
---@field pictures boolean a keyframe, or sound where there are no pictures, was written
---@field fault cme.detail|nil why it is given up
---@field process cme.system.child|nil

---@class cme.server.slate.hold on a making; one that is stopped fails
---@field stop fun()|nil nil: it does not run

local function give_up(job, _, _, detail)
  job.fault = job.fault or detail
  if job.process then job.process:kill "sigkill" end
end

local function write(job, bytes)
  if bytes == "" or job.fault then return end
  job.bytes = job.bytes + #bytes
  if job.bytes > MAX_BYTES then return give_up(job, codes.fail("server.slate:large", { limit = MAX_BYTES >> 20 })) end
  local written, message, name = uv.fs_write(job.fd, bytes)
  if written ~= #bytes then
    give_up(job, files.fail("in.write_file", job.path, message or "no space left on device", name or "ENOSPC"))
  end
end

-- The configurations of all tracks, before the first frame.
local function begin(job)
  write(job, tags.head(job.programme))
  for _, track in pairs(job.parser.tracks) do
    local bytes = tags.configuration(track)
    if not bytes then return give_up(job, codes.fail "server.slate:not_matroska") end
    write(job, bytes)
  end
end

local function take(job, chunk)
  if job.fault then return end
  local frames, message, detail = job.parser:feed(chunk)
  if not frames then return give_up(job, nil, message, detail) end
  for _, frame in ipairs(frames) do
    if job.bytes == 0 then begin(job) end
    if job.fault then return end
    write(job, tags.frame(frame))
    job.pictures = job.pictures or (frame.key and (frame.track.kind == "video" or not job.programme.video))
  end
end

-- The end of what ffmpeg said, as one line.
local function last_line(words)
  local last
  for line in words:gmatch "[^\r\n]+" do last = line:find "%S" and line or last end
  return last and { text = last:gsub("[\128-\255%c]", "?"):sub(1, 300) }
end

local function failure(exit, words)
  local said = exit.signal == 0 and last_line(words)
  return codes.fail("server.slate:ffmpeg", { reason = said or exit.reason })
end

-- The program as it is run: bounded, and the last to get the processor where `nice`.
local function command(program, arguments, nice)
  local argv = { ("--data=%d"):format(MEMORY), ("--cpu=%d"):format(CPU_SECONDS), "--core=0" }
  if nice then table.move({ "nice", "-n", "19" }, 1, 3, #argv + 1, argv) end
  argv[#argv + 1] = program
  return "prlimit", table.move(arguments, 1, #arguments, #argv + 1, argv)
end

-- Runs a program to its end: its exit and the end of its stderr.
local function run(program, arguments, options)
  local exit, process, detail = child.run({ program = program, args = arguments, what = codes.reason "word:ffmpeg",
    cwd = "/", env = child.environment(uv.os_environ(), ENVIRONMENT), stdout = "pipe", stderr = "tail",
    on_output = luv.callback(options.take) }, options.seconds, options.began)
  if exit then return exit, process.words end
  if exit == nil then return nil, process, detail end
  return codes.fail("server.slate:slow", { seconds = options.seconds })
end

local function encode(job, tools, source)
  local program, arguments = command(tools.ffmpeg,
    form.arguments(job.programme, source, source and tools.preset or BLACK_PRESET), source ~= nil)
  local exit, words, detail = run(program, arguments, { seconds = source and FILE_SECONDS or BLACK_SECONDS,
    take = function(chunk) take(job, chunk) end, began = function(process) job.process = process end })
  if job.fault then return nil, codes.say(job.fault), job.fault end
  if not exit then return nil, words, detail end
  if not exit.ok then return failure(exit, words) end
  if not job.pictures then return codes.fail "server.slate:nothing" end
  return true
end

--- Makes a slate.
---@param path string of the file, in a folder that is there
---@param programme cme.server.slate.programme
---@param source cme.server.slate.source|nil nil: black and silence
---@param tools cme.server.slate.tools
---@param hold cme.server.slate.hold|nil gets `stop` while it runs
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function maker.make(path, programme, source, tools, hold)
  if not tools.ffmpeg then return codes.fail "server.slate:no_ffmpeg" end
  local part = path .. ".part"
  local fd, message, name = uv.fs_open(part, "w", files.OWNER_ONLY)
  if not fd then return files.fail("in.write_file", path, message, name) end
  local job = { programme = programme, path = path, fd = fd, parser = matroska.parser(), bytes = 0, pictures = false }
  if hold then hold.stop = function() give_up(job, codes.fail "server.slate:stopped") end end
  local ok, why, detail = encode(job, tools, source)
  if hold then hold.stop = nil end
  uv.fs_close(fd)
  if ok then
    ok, message, name = uv.fs_rename(part, path)
    if not ok then why, detail = select(2, files.fail("in.write_file", path, message, name)) end
  end
  if ok then return true end
  files.remove(part)
  return nil, why, detail
end

--- A file as what a slate is made from; its name tells whether it is a picture.
---@param path string
---@return cme.server.slate.source|nil source nil: there is no such file
function maker.source(path)
  local stat = files.stat(path)
  return stat and { path = path, size = stat.size, changed = stat.mtime.sec,
    still = STILLS[(path:match "%.([^.]+)$" or ""):lower()] or false }
end

--- Looks whether a file of the library has a picture, and sound.
---@param source cme.server.slate.source gets `sound`
---@param tools cme.server.slate.tools
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function maker.look(source, tools)
  if source.still then
    source.sound = false
    return true
  end
  if not tools.ffprobe then return codes.fail "server.slate:no_ffmpeg" end
  local text = ""
  local program, arguments = command(tools.ffprobe, form.probe(source), true)
  local exit, words, detail = run(program, arguments, { seconds = PROBE_SECONDS,
    take = function(chunk) text = (text .. chunk):sub(1, 4096) end })
  if not exit then return nil, words, detail end
  if not exit.ok then return failure(exit, words) end
  if not text:find "video" then return codes.fail "server.slate:nothing" end
  source.sound = text:find "audio" ~= nil
  return true
end

return maker
