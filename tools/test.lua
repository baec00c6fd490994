-- SPDX-License-Identifier: MIT
-- tools/test.lua [SUITE|FILE|FOLDER...]: runs suites side by side (default: the first four; an instrumented build does
-- not change the model, and leaves it out), or these files; the last line is `N passed, N failed`.
--   c            build/spec/*: the C tests
--   unit         spec/unit: no network, clock or disk
--   integration  spec/integration, spec/regress: the service, the engine, nginx and ffmpeg for real
--   model        spec/model: the rules by which nodes share projects, over all interleavings
--   engine       what concerns the engine and the edge alone (for ThreadSanitizer)
--   valgrind     the C modules under valgrind, with a collector that is always at work
-- CME_BUILD names the build to test, CME_JOBS how many files run at a time. Every result is a TAP line; a file that
-- dies, proves nothing, is not done in time or leaves a process running counts as failed.

package.path = "./?.lua;" .. package.path

local pool = require "tools.pool"
local uv = require "luv"

local BUILD = os.getenv "CME_BUILD" or "build"
local JOBS_PER_CORE = 3 -- specs wait most of their time
local SLOWEST = 10 -- files that are named at the end
local VALGRIND_DEADLINE = 3 * 3600 -- seconds a file
local VALGRIND_PATIENCE = "60" -- see spec/support/proc.lua
local DEFAULT = { "c", "unit", "integration", BUILD == "build" and "model" or nil }

-- About how long the long ones take, in seconds: they begin first, so that none is alone at the end.
local SECONDS = {
  ["spec/unit/*_spec.lua"] = 25, ["spec/unit/cli/"] = 15, ["spec/unit/server/"] = 15,
  ["spec/integration/control_room_spec.lua"] = 200,
  ["spec/integration/show_proof_spec.lua"] = 85,
  ["spec/integration/show_spec.lua"] = 85,
  ["spec/integration/show_viewers_spec.lua"] = 55, ["spec/integration/recorded_looks_spec.lua"] = 45,
  ["spec/integration/looks_switch_spec.lua"] = 45,
  ["spec/integration/codecs_spec.lua"] = 30, ["spec/integration/hostile_peers_spec.lua"] = 30,
  ["spec/integration/quirks_pictures_spec.lua"] = 30, ["spec/integration/quirks_streams_spec.lua"] = 25,
  ["spec/integration/media_cast_spec.lua"] = 110,
  ["spec/integration/faults_spec.lua"] = 110,
  ["spec/integration/recording_faults_spec.lua"] = 40,
  ["spec/integration/uplink_service_spec.lua"] = 40,
  ["spec/integration/narrow_uplink_spec.lua"] = 30,
  ["spec/integration/looks_service_spec.lua"] = 60,
  ["spec/integration/service_changes_spec.lua"] = 90,
  ["spec/integration/service_spec.lua"] = 90,
  ["spec/integration/relay_switching_spec.lua"] = 80,
  ["spec/integration/relay_spec.lua"] = 75,
  ["spec/integration/relay_merge_spec.lua"] = 60,
  ["spec/integration/relay_uplink_spec.lua"] = 50,
  ["spec/integration/slate_spec.lua"] = 25, ["spec/integration/slate_file_spec.lua"] = 20,
  ["spec/integration/slate_service_spec.lua"] = 40, ["spec/integration/slate_faults_spec.lua"] = 20,
  ["spec/integration/silence_spec.lua"] = 15, ["spec/integration/slate_made_spec.lua"] = 15,
  ["spec/integration/pull_spec.lua"] = 30,
  ["spec/integration/look_spec.lua"] = 50, ["spec/integration/look_measures_spec.lua"] = 40,
  ["spec/integration/look_source_spec.lua"] = 40, ["spec/integration/look_inputs_spec.lua"] = 40,
  ["spec/integration/look_screen_spec.lua"] = 40,
  ["spec/integration/relay_destinations_spec.lua"] = 40,
  ["spec/integration/retry_spec.lua"] = 80,
  ["spec/integration/edge_spec.lua"] = 70, ["spec/integration/fleet_push_spec.lua"] = 60,
  ["spec/integration/edge_ingest_spec.lua"] = 45, ["spec/integration/edge_hostile_spec.lua"] = 40,
  ["spec/integration/obs_spec.lua"] = 20, ["spec/integration/edge_srt_spec.lua"] = 60,
  ["spec/integration/edge_enhanced_spec.lua"] = 20, ["spec/integration/edge_killed_spec.lua"] = 40,
  ["spec/integration/edge_srt_service_spec.lua"] = 30, ["spec/integration/edge_srt_hostile_spec.lua"] = 20,
  ["spec/integration/httpd_tls_spec.lua"] = 40, ["spec/integration/httpd_hostile_spec.lua"] = 40,
  ["spec/integration/broadcast_spec.lua"] = 60,
  ["spec/integration/examples_spec.lua"] = 60,
  ["spec/integration/etcd_service_spec.lua"] = 45,
  ["spec/integration/fleet_faults_spec.lua"] = 210, ["spec/integration/fleet_standby_spec.lua"] = 50,
  ["spec/integration/fleet_init_spec.lua"] = 25,
  ["spec/integration/fleet_sdk_spec.lua"] = 80,
  ["spec/integration/fleet_quorum_spec.lua"] = 40,
  ["spec/integration/play_spec.lua"] = 50,
  ["spec/integration/scheduled_spec.lua"] = 50,
  ["spec/integration/soak_spec.lua"] = 50,
  ["spec/integration/cli_spec.lua"] = 40,
  ["spec/integration/sdk_node_spec.lua"] = 40,
  ["spec/integration/resty_spec.lua"] = 40,
  ["spec/integration/crash_spec.lua"] = 40,
  ["spec/integration/garbage_spec.lua"] = 30,
  ["spec/integration/events_spec.lua"] = 30,
  ["spec/regress/27-luarocks_install_spec.lua"] = 90,
  ["spec/regress/15-start_in_part_spec.lua"] = 60,
  ["spec/regress/34-stopped_processes_spec.lua"] = 45,
  ["spec/regress/36-edge_metadata_spec.lua"] = 30,
  ["spec/regress/23-login_page_spec.lua"] = 30,
  ["spec/integration/disk_spec.lua"] = 30,
  ["spec/integration/etcd_spec.lua"] = 30,
  ["spec/integration/etcd_cluster_spec.lua"] = 20,
  ["spec/integration/watch_command_spec.lua"] = 30,
  ["spec/integration/task_spec.lua"] = 25,
  ["spec/integration/carry_spec.lua"] = 25,
  ["spec/integration/tls_spec.lua"] = 20,
  ["spec/integration/keys_spec.lua"] = 20,
  ["spec/integration/transport_curl_spec.lua"] = 20,
}

local ENGINE_SPECS = { "relay", "fence", "relay_switching", "relay_destinations", "play", "carry", "faults", "soak",
  "edge_ingest", "edge_play", "edge_srt", "edge_srt_hostile" }
-- Not integration/child with cme.pidfd: valgrind 3.19 does not know pidfd_open.
local VALGRIND_SPECS = { "unit/sign", "unit/json", "unit/text/json_walk", "unit/http", "integration/http",
  "integration/http_connections", "integration/httpd", "integration/httpd_tls", "integration/httpd_hostile" }

local function usage(message)
  io.stderr:write("tools/test.sh: ", message, "\n")
  os.exit(2)
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- A list of files to run names none that is gone: its suite would fail, or its long file would begin last.
local function check_names()
  local paths = {}
  for path in pairs(SECONDS) do paths[#paths + 1] = path end
  for _, name in ipairs(ENGINE_SPECS) do paths[#paths + 1] = ("spec/integration/%s_spec.lua"):format(name) end
  for _, name in ipairs(VALGRIND_SPECS) do paths[#paths + 1] = ("spec/%s_spec.lua"):format(name) end
  for _, path in ipairs(paths) do
    if not path:find("*", 1, true) and not uv.fs_stat(path) then
      usage(("'%s' does not exist, and tools/test.lua names it"):format(path))
    end
  end
end

local function files(...)
  local list = {}
  for path in output_of("ls -d " .. table.concat({ ... }, " ") .. " 2>/dev/null"):gmatch "[^\n]+" do
    list[#list + 1] = path
  end
  return list
end

-- ---- what there is to run

-- What every job's environment has more, and what an instrumented module needs loaded before Lua.
local function instruments()
  local env = { CMOCKA_MESSAGE_OUTPUT = "TAP", CME_BUILD = BUILD }
  if BUILD:find "asan" then
    -- Off: GCC 12 guesses the block of a library's thread-local memory, and crashes where it guesses wrong.
    env.LSAN_OPTIONS = ("suppressions=%s/spec/support/lsan.supp:print_suppressions=0:intercept_tls_get_addr=0")
      :format(uv.cwd())
    return env, { "env", "LD_PRELOAD=" .. output_of "gcc -print-file-name=libasan.so":match "%S+" }
  elseif BUILD:find "tsan" then
    -- No leaks of threads: an engine that is told to end leaves behind what has not ended in time, and says so.
    env.TSAN_OPTIONS = ("suppressions=%s/spec/support/tsan.supp:report_thread_leaks=0"):format(uv.cwd())
  end
  return env, {}
end

local ENV, PRELOAD = instruments()

local function add(jobs, name, argv, deadline)
  jobs[#jobs + 1] = { name = name, argv = argv, env = ENV, seconds = SECONDS[name], deadline = deadline }
end

local function add_busted(jobs, name, paths)
  local argv = { table.unpack(PRELOAD) }
  table.move({ "lua5.4", "/usr/bin/busted", "-o", "TAP" }, 1, 4, #argv + 1, argv)
  table.move(paths or { name }, 1, paths and #paths or 1, #argv + 1, argv)
  add(jobs, name, argv)
end

local function add_c_tests(jobs, folder)
  local list = output_of(("find %s/spec/%s -name '*_test' -type f | sort"):format(BUILD, folder))
  for program in list:gmatch "[^\n]+" do
    add(jobs, program:sub(#BUILD + 2), { program })
  end
end

local function add_memcheck(jobs, path)
  add(jobs, path, { "env", "CME_VALGRIND=1", "CME_PATIENCE=" .. VALGRIND_PATIENCE, "valgrind", "-q",
    "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite", "lua5.4",
    "-e", "collectgarbage('incremental', 100, 400)", "/usr/bin/busted", "-o", "TAP", path }, VALGRIND_DEADLINE)
end

local SUITES = {
  c = function(jobs) add_c_tests(jobs, "") end,
  unit = function(jobs)
    add_busted(jobs, "spec/unit/*_spec.lua", files "spec/unit/*_spec.lua")
    for _, folder in ipairs(files "spec/unit/*/") do add_busted(jobs, folder) end
  end,
  integration = function(jobs)
    for _, path in ipairs(files("spec/integration/*_spec.lua", "spec/regress/*_spec.lua")) do
      add_busted(jobs, path)
    end
  end,
  model = function(jobs) add(jobs, "spec/model/check.sh", { "spec/model/check.sh" }) end,
  engine = function(jobs)
    local folders = { "stream", "rtmp", "relay", "edge", "control", "child", "regress" }
    for _, folder in ipairs(folders) do add_c_tests(jobs, folder) end
    for _, name in ipairs(ENGINE_SPECS) do add_busted(jobs, ("spec/integration/%s_spec.lua"):format(name)) end
  end,
  valgrind = function(jobs)
    for _, name in ipairs(VALGRIND_SPECS) do add_memcheck(jobs, ("spec/%s_spec.lua"):format(name)) end
  end,
}

-- A suite by its name, or a spec, a folder of specs, or a C test by its source or its program.
local function add_named(jobs, name)
  local program = name:match "^spec/c/(.+_test)%.c$" or name:match "^spec/(regress/.+_test)%.c$"
  program = program and ("%s/spec/%s"):format(BUILD, program) or name
  if SUITES[name] then
    SUITES[name](jobs)
  elseif not uv.fs_stat(program) then
    usage(("'%s' is neither a suite nor a file that exists (a C test: make spec)"):format(name))
  elseif program:find "_test$" then
    add(jobs, name, { program })
  else
    add_busted(jobs, program)
  end
end

-- ---- running it

local function width()
  local text = os.getenv "CME_JOBS" or ""
  if text == "" then return JOBS_PER_CORE * uv.available_parallelism() end
  local number = math.tointeger(tonumber(text))
  if not number or number < 1 then usage(("CME_JOBS '%s' is no number of jobs (1 or more)"):format(text)) end
  return number
end

local failures = {} -- lines: what failed is said once more at the end, where it is looked for
local took = {} -- { name = , seconds = , processor = , kernel = } of all that ran; the last two in seconds, too

-- Runs jobs in a new folder of this name and shows each; `heard` takes what they said.
local function run(jobs, folder, heard)
  assert(uv.fs_mkdir(folder, 448))
  return pool.run(jobs, { width = width(), folder = folder, ended = function(job, text, one)
    local processor = one.user + one.kernel
    io.write(("# %s (%.0f s, %.1f s of processor)\n"):format(job.name, one.seconds, processor), text)
    io.flush()
    took[#took + 1] = { name = job.name, seconds = one.seconds, processor = processor, kernel = one.kernel }
    for _, line in ipairs(pool.failures(text)) do failures[#failures + 1] = line end
    if heard then heard:write(text) end
  end })
end

-- As comments, those with most of something: how long each took, and how much of the processor.
local function print_most(heading, field)
  table.sort(took, function(a, b) return a[field] > b[field] end)
  print("# " .. heading .. ":")
  for i = 1, math.min(SLOWEST, #took) do
    local one = took[i]
    print(("#   %4.0f s, %4.0f s of processor (kernel %.0f)  %s"):format(one.seconds, one.processor, one.kernel,
      one.name))
  end
end

-- What decides how long a run takes: the longest, on many cores; on few, what takes most of the processor.
local function print_slowest()
  print_most("What took longest", "seconds")
  print_most("What took most of the processor", "processor")
  local processor, kernel = 0, 0
  for _, one in ipairs(took) do processor, kernel = processor + one.processor, kernel + one.kernel end
  print(("# All: %.0f s of processor (kernel %.0f)"):format(processor, kernel))
end

-- The last lines: what took longest, when much was run; what failed, as comments, since it was counted before; and how
-- much it is.
local function conclude(passed, failed)
  if #took > SLOWEST then print_slowest() end
  if #failures > 0 then print "# What failed:" end
  for _, line in ipairs(failures) do print((line:gsub("^#?%s*", "#   ", 1))) end
  print(("%d passed, %d failed"):format(passed, failed))
end

-- What the suites and the programs they start say is kept in a folder, which the last job searches for secrets.
local function run_all(jobs, folder)
  ENV.CME_HEARD = folder .. "/heard"
  assert(uv.fs_mkdir(ENV.CME_HEARD, 448))
  local heard = assert(io.open(ENV.CME_HEARD .. "/heard-suites", "wb"))
  local passed, failed = run(jobs, folder .. "/jobs", heard)
  heard:close()
  if not passed then return nil, failed end
  local last = { { name = "tools/secrets.sh", argv = { "tools/secrets.sh", ENV.CME_HEARD } } }
  local more_passed, more_failed = run(last, folder .. "/last")
  if not more_passed then return nil, more_failed end
  return passed + more_passed, failed + more_failed
end

local function main()
  check_names()
  if not uv.fs_stat(pool.REAPER) then usage(("'%s' does not exist: make spec builds it"):format(pool.REAPER)) end
  local jobs = {}
  for _, name in ipairs(#arg > 0 and arg or DEFAULT) do add_named(jobs, name) end
  local folder = assert(uv.fs_mkdtemp "/tmp/cmt-XXXXXX") -- short: sockets are below it
  local passed, failed = run_all(jobs, folder)
  os.execute(("rm -rf -- '%s'"):format(folder))
  if not passed then
    print("# ended by " .. failed)
    os.exit(128 + uv.constants[failed:upper()])
  end
  conclude(passed, failed)
  os.exit(failed == 0 and 0 or 1)
end

main()
